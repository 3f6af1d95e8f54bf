"""L3: the best multiple, the sine, the deviation of known answer 3, and paths walked in Fractions."""

from fractions import Fraction

import pytest
import z3
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Rational, sqrt

from support.oracles import interpolate, outputs
from theory.algebra import prove_identity
from theory.proof import Verdict
from theory.smt import prove
from theory.statements import moment, perturb
from theory.symbols import V_i, V_j, c, t, z_i, z_j

F = Fraction
modest = settings(max_examples=40, deadline=None)
vectors = st.lists(st.integers(-4, 4), min_size=2, max_size=2)


@pytest.mark.parametrize("proof", perturb.PROOFS, ids=lambda proof: proof.__name__)
def test_proved(proof):
    assert proof().verdict is Verdict.PROVED


def test_known_answer_3():
    """c = 3, sine 4/5, D^2 = 8 with sigma^2 = 1/2 and s_2 = 5."""
    assert perturb.best_multiple((3, 4), (1, 0)) == 3
    assert perturb.sine_square((3, 4), (1, 0)) == F(16, 25)
    exact = perturb.deviation_exact(sqrt(Rational(1, 2)), [(5, F(16, 25))])
    assert exact**2 == 8
    above = perturb.deviation(sigma=F(70710678119, 10**11), moves=[(5, F(16, 25))])
    assert above**2 > 8


def test_a_sigma_rounded_down_gives_a_deviation_that_the_network_exceeds():
    """The planted twin of known answer 3: with sigma one digit too small D^2 < 8, but f moves by sqrt 8."""
    below = perturb.deviation(sigma=F(70710678118, 10**11), moves=[(5, F(16, 25))])
    network = {"W": [[1, 0], [3, 4]], "V": [[1, 1]]}
    before, after = (
        outputs(network | {"W": W}, "two-layer", 0, [[1, 0], [0, 1]]) for W in (network["W"], [[1, 0], [3, 0]])
    )
    moved = sum((x[0] - y[0]) ** 2 for x, y in zip(before, after, strict=True)) / 2
    assert moved == 8 > below**2


def test_a_negative_projection_is_no_best_multiple():
    row, centre, inner, multiple = z3.Reals("w_j w_i p c")
    claim = row * row - 2 * multiple * inner + multiple * multiple * centre * centre >= row * row
    result = prove("L3", claim, assuming=(multiple >= 0,), scope="a planted error: the angle is forgotten")
    assert result.verdict is Verdict.REFUTED
    assert result.witness["p"] > 0


def test_the_one_segment_form_without_taking_V_j_back_is_refuted():
    moved = (V_i + t * c * V_j) * z_i + V_j * z_j - V_i * z_i - V_j * z_j
    result = prove_identity("L3", moved, t * V_j * (c * z_i - z_j), scope="a planted error")
    assert result.verdict is Verdict.REFUTED


@modest
@given(vectors, vectors, st.fractions(0, 3, max_denominator=7))
def test_no_other_multiple_is_closer(row, centre, other):
    def distance(multiple):
        return sum((x - multiple * y) ** 2 for x, y in zip(row, centre, strict=True))

    best = perturb.best_multiple(row, centre)
    assert best >= 0
    assert distance(best) <= distance(other)
    assert distance(best) == perturb.sine_square(row, centre) * sum(x * x for x in row)


@modest
@given(st.lists(vectors, min_size=3, max_size=3), vectors, st.lists(vectors, min_size=1, max_size=3))
def test_the_change_of_f_is_at_most_t_times_the_deviation(W, V_tail, points):
    """One neuron merged into another, PARALLEL form without branch: an upper bound at three times."""
    V = [[1, *V_tail]]
    sigma = next(s for s in range(1, 20) if moment.is_sigma(s, moment.second_moment(points, first_layer_bias=False)))
    square = perturb.sine_square(W[1], W[0])
    multiple = perturb.best_multiple(W[1], W[0])
    mass_square = sum(x * x for x in W[1]) * V[0][1] ** 2
    moved = [W[0], [multiple * x for x in W[0]], W[2]]
    start, end = {"W": W, "V": V}, {"W": moved, "V": V}
    for time in (F(1, 3), F(1)):
        now = outputs(interpolate(start, end, time), "two-layer", 0, points)
        then = outputs(start, "two-layer", 0, points)
        change = sum((x[0] - y[0]) ** 2 for x, y in zip(now, then, strict=True)) / len(points)
        assert change <= time**2 * sigma**2 * mass_square * square


@pytest.mark.parametrize("square", [F(-1, 9), F(10, 9)])
def test_a_sine_beyond_one_is_refused(square):
    with pytest.raises(ValueError, match=r"sin\^2 must be in"):
        perturb.deviation(sigma=1, moves=[(1, square)])


def test_zero_rows_and_centres():
    assert perturb.best_multiple((1, 2), (0, 0)) == 0
    assert perturb.sine_square((1, 2), (0, 0)) == 1
    assert perturb.sine_square((0, 0), (1, 2)) == 0
    assert perturb.deviation(sigma=1, moves=[]) == 0
