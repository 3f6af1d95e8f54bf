"""The oracles against hand-computed answers, and the two ways of computing against each other."""

import random
from fractions import Fraction
from itertools import pairwise

import mpmath
import numpy as np
import pytest

from support.oracles import exact_loss, interpolate, outputs, rational, witness_loss

F = Fraction
POINTS, TARGETS = [[1.0, 0.0], [0.0, 1.0]], [[4.0], [4.0]]  # blueprint, known answer 3
MERGED = {"W": [[1, 0], [3, 0]], "V": [[1, 1]]}
CASE_3 = {"W": [[1.0, 0.0], [3.0, 4.0]], "V": [[1.0, 1.0]]}

DEEP = {  # x = 3: z = (2, 0), h1 = (1, 0), h2 = (3, 0); x = -1: z = (0, 3), h1 = (2, 6), h2 = (0, 7)
    "W": [[1.0, -1.0], [-2.0, 1.0]],
    "V": [[0.5, -1.0]],
    "A": [[1.0, 1.0], [-1.0, 2.0]],
    "a": [-1.0, 0.0],
    "B1": [[2.0, -1.0], [1.0, 1.0]],
    "b1": [1.0, -1.0],
    "U": [[2.0, 1.0]],
    "c": [-0.5],
}


def test_case_3_outputs_are_four_and_four():
    """Known answer 3: w = (1,0), (3,4), V = (1,1) give f = (4, 4) at the points (1,0), (0,1), loss 0."""
    assert outputs(CASE_3, "two-layer", 0, POINTS) == [[4], [4]]
    assert exact_loss(CASE_3, "two-layer", 0, POINTS, TARGETS) == 0


@pytest.mark.parametrize(("t", "f", "loss"), [(F(0), (4, 4), 0), (F(1, 2), (4, 2), 2), (F(1), (4, 0), 8)])
def test_case_3_along_its_merge(t, f, loss):
    """Known answer 3: while w_2 goes to 3 w_1, f is (4, 4), (4, 2), (4, 0); the last loss is D^2 = 8."""
    network = interpolate(CASE_3, MERGED, t)
    assert outputs(network, "two-layer", 0, POINTS) == [[f[0]], [f[1]]]
    assert exact_loss(network, "two-layer", 0, POINTS, TARGETS) == loss


def test_case_13_leaves_the_valley_through_the_skip():
    """Known answer 13: on the valley's branch, V from (0,0) to (0,-2) gives L = 2 (1-t)^2."""
    valley = {"W": [[1.0], [-1.0]], "V": [[0.0, 0.0]], "A": [[1.0, 0.0]], "U": [[1.0]]}
    foot = valley | {"V": [[0.0, -2.0]]}
    for t in (F(0), F(1, 3), F(1, 2), F(1)):
        network = interpolate(valley, foot, t)
        assert exact_loss(network, "parallel", 0, [[1.0], [-1.0]], [[1.0], [-2.0]]) == 2 * (1 - t) ** 2


def test_case_14_peaks_at_one_seventh():
    """Known answer 14: the maximum is 1 at t = 1/7, and the best of 61 grid points sees 14161/14400."""
    start = {"W": [[1]], "V": [[0]], "A": [[-1]], "U": [[F(-7, 6)]]}
    end = start | {"V": [[7]], "A": [[6]]}

    def loss(t):
        return exact_loss(interpolate(start, end, t), "parallel", 0, [[1.0]], [[0.0]])

    assert loss(F(1, 7)) == 1
    assert (loss(F(0)), loss(F(1))) == (0, 0)
    assert max(loss(F(k, 60)) for k in range(61)) == F(14161, 14400)


@pytest.mark.parametrize(("w", "v", "loss"), [(1.0, 1.0, F(2)), (-1.0, -2.0, F(1, 2)), (0.0, 1.0, F(5, 2))])
def test_case_16_valley_shallows_and_pass(w, v, loss):
    """Known answer 16: one neuron reaches loss 2 for w > 0, 1/2 for w < 0, and has 5/2 at w = 0."""
    network = {"W": [[w]], "V": [[v]]}
    assert exact_loss(network, "two-layer", 0, [[1.0], [-1.0]], [[1.0], [-2.0]]) == loss


def test_deep_branch_with_every_bias():
    """By hand: f(3) = 1 + 6 - 1/2 = 13/2, f(-1) = -3 + 7 - 1/2 = 7/2; targets (6, 1): (1/4 + 25/4)/2."""
    assert outputs(DEEP, "parallel", 1, [[3.0], [-1.0]]) == [[F(13, 2)], [F(7, 2)]]
    assert exact_loss(DEEP, "parallel", 1, [[3.0], [-1.0]], [[6.0], [1.0]]) == F(13, 4)


def test_deep_branch_without_its_optional_biases():
    """By hand: h1 = (2,0), (3,6); h2 = (4,2), (0,9); f = 1 + 10 = 11, -3 + 9 = 6; against (6, 1): loss 25."""
    bare = {name: array for name, array in DEEP.items() if name not in ("a", "b1", "c")}
    assert outputs(bare, "parallel", 1, [[3.0], [-1.0]]) == [[11], [6]]
    assert exact_loss(bare, "parallel", 1, [[3.0], [-1.0]], [[6.0], [1.0]]) == 25


def test_loss_sums_outputs_and_averages_points():
    """With f = (x, 2x) at x = 1, 2 and targets 0 the loss is (1 + 4 + 4 + 16)/2."""
    network = {"W": [[1.0]], "V": [[1.0], [2.0]]}
    assert exact_loss(network, "two-layer", 0, [[1.0], [2.0]], [[0.0, 0.0], [0.0, 0.0]]) == F(25, 2)


def test_floats_are_taken_exactly_and_never_rounded():
    """0.1 is the dyadic rational it stores, and a loss of 2^-1200 is not lost to underflow."""
    assert rational(0.1) == F(3602879701896397, 2**55)
    assert rational(np.float32(0.1)) == F(13421773, 2**27)
    tiny = {"W": [[2.0**-600]], "V": [[1.0]]}
    assert exact_loss(tiny, "two-layer", 0, [[1.0]], [[0.0]]) == F(1, 2**1200)


def test_arrays_and_lists_are_the_same_network():
    """Numpy arrays of float64 and nested lists of their entries give the same exact loss."""
    arrays = {name: np.array(array) for name, array in DEEP.items()}
    X, Y = np.array([[3.0], [-1.0]]), np.array([[6.0], [1.0]])
    assert exact_loss(arrays, "parallel", 1, X, Y) == F(13, 4)
    assert witness_loss(arrays, "parallel", 1, X, Y) == mpmath.mpf(13) / 4
    assert interpolate(arrays, arrays, F(1, 3)) == interpolate(DEEP, DEEP, F(0))


def test_misfits_are_refused():
    """Another class, lengths that do not fit, and ends with different names are errors, not numbers."""
    with pytest.raises(ValueError, match="dense"):
        outputs(CASE_3, "dense", 0, POINTS)
    with pytest.raises(ValueError, match="dense"):
        witness_loss(CASE_3, "dense", 0, POINTS, TARGETS)
    with pytest.raises(ValueError, match="zip"):
        exact_loss(CASE_3, "two-layer", 1, POINTS, TARGETS)
    with pytest.raises(ValueError, match="zip"):
        exact_loss(CASE_3, "two-layer", 0, POINTS, TARGETS[:1])
    with pytest.raises(ValueError, match="'c'"):
        interpolate(CASE_3, CASE_3 | {"c": [0.0]}, F(1, 2))


def random_case(seed):
    """A network of either class with float weights, some biases absent, and data for it."""
    draw = random.Random(seed)

    def matrix(rows, columns):
        return [[draw.gauss(0, 1) for _ in range(columns)] for _ in range(rows)]

    n, p, m, bias = (draw.randint(1, 4) for _ in range(4))
    bias %= 2
    network = {"W": matrix(m, n + bias), "V": matrix(p, m)}
    network_class = draw.choice(["two-layer", "parallel"])
    if network_class == "parallel":
        widths = [m] + [draw.randint(1, 4) for _ in range(draw.randint(1, 3))]
        for k, (columns, rows) in enumerate(pairwise(widths)):
            network["A" if k == 0 else f"B{k}"] = matrix(rows, columns)
            network["a" if k == 0 else f"b{k}"] = matrix(1, rows)[0]
        network["U"] = matrix(p, widths[-1])
    network["c"] = matrix(1, p)[0]
    for name in [name for name in network if name[0] in "abc" and draw.random() < 0.5]:
        del network[name]
    N = draw.randint(1, 5)
    return network, network_class, bias, matrix(N, n), matrix(N, p)


@pytest.mark.parametrize("seed", range(60))
def test_the_witness_agrees(seed):
    """At 60 digits the matrix-product witness is within 1e-50 of the exact loss, relatively.

    Each of the few hundred operations rounds by 2^-202 relatively; the loss of these networks is not tiny, so
    1e-60 times their number and the size of the terms (under 1e6) stays below 1e-50.
    """
    case = random_case(seed)
    loss = exact_loss(*case)
    witness = witness_loss(*case)
    with mpmath.workdps(80):
        exact = mpmath.mpf(loss.numerator) / loss.denominator
        assert abs(witness - exact) <= mpmath.mpf(10) ** -50 * exact


def test_the_witness_takes_fractions():
    """On case 14 at t = 1/3, a network of Fractions, the loss is (7/3 - (7/6)(4/3))^2 = 49/81."""
    network = {"W": [[1]], "V": [[F(7, 3)]], "A": [[F(4, 3)]], "U": [[F(-7, 6)]]}
    assert exact_loss(network, "parallel", 0, [[1.0]], [[0.0]]) == F(49, 81)
    with mpmath.workdps(60):
        witness = witness_loss(network, "parallel", 0, [[1.0]], [[0.0]])
        assert abs(witness - mpmath.mpf(49) / 81) < mpmath.mpf(10) ** -50
