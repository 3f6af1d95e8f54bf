"""Cases 3, 5 and 7 of the blueprint's section 5, number by number, with the errors that they warn of beside them."""

from fractions import Fraction

import mpmath
import numpy as np
import pytest

from numerics.data import Data
from numerics.losses import exact_losses
from numerics.losses.problem import Problem
from numerics.moves.deviation import displacement
from numerics.moves.load import load
from numerics.moves.mass import masses_of, sigma_squared
from numerics.moves.merge import fused, merge
from numerics.moves.merging import projected
from numerics.moves.perturb import perturbed
from numerics.moves.readout import two_layer_readout
from numerics.moves.transfer import transfer, transferred
from numerics.moves.write_to_basis import write_to_basis
from numerics.networks import Branch, Layer, Parallel, Residual
from numerics.networks.readers import exact_weights
from numerics.paths import Kind
from support.move_checks import Exact, total_mass, witness

TIMES = (Fraction(0), Fraction(1, 2), Fraction(1))


def case_3() -> tuple[Parallel, Data]:
    network = Parallel(
        W=np.array([[1.0, 0.0], [3.0, 4.0]]),
        V=np.ones((1, 2)),
        branch=Branch((Layer(np.zeros((1, 2))),)),
        U=np.zeros((1, 1)),
    )
    return network, Data(np.eye(2), np.array([[4.0], [4.0]]))


def residual(w: tuple[int, int], V: tuple[int, int], A: tuple[int, int], U: tuple[int, int]) -> Residual:
    return Residual(
        W=np.array([w], dtype=float).T,
        V=np.array([V], dtype=float),
        branch=Branch((Layer(np.array([A], dtype=float)),)),
        U=np.array([U], dtype=float).T,
    )


def test_case_3_every_number_of_the_merge() -> None:
    """sigma^2 = 1/2, c = 3, s_2 = 5, sine 4/5, D^2 = 8; f = (4, 4), (4, 2), (4, 0) at t = 0, 1/2, 1, loss up to 8."""
    network, data = case_3()
    start = Exact.of(network, data)
    merging = projected(start.weights["W"], {1: 0})
    mass = masses_of("parallel", start.weights)
    size = displacement(start.weights["W"], merging, mass)
    sigma2 = sigma_squared(data, bias=False)
    assert (sigma2.lower, sigma2.upper) == (Fraction(1, 2), Fraction(1, 2))
    assert merging.scales.tolist() == [3]
    assert mass.each.tolist() == [1, 5]
    assert size / mass.each[1] == Fraction(4, 5)
    assert sigma2.upper * size**2 == 8
    for end in (perturbed(start.weights, merging), fused("parallel", start.weights, merging)):
        outputs = [start.toward(start.then(end), t).outputs() for t in TIMES]
        assert outputs == [[[4], [4]], [[4], [2]], [[4], [0]]]


def test_case_3_the_maximum_over_the_whole_path_is_exactly_eight() -> None:
    """Merge, load w* = (1, 1), rise to V* = 4: every segment silent or readout, so the corners decide."""
    network, data = case_3()
    path = merge(network, projected(network.W, {1: 0}))
    path = path.then(load(path.end, [1], np.ones((1, 2))))
    path = path.then(two_layer_readout(path.end, np.array([[0.0, 4.0]]), None))
    assert [segment.kind for segment in path.segments] == [Kind.READOUT, Kind.SILENT, Kind.READOUT]
    assert exact_losses(path.corners, Problem(data)) == [0, 8, 8, 0]


def test_case_5_the_transfer_of_a_residual_network() -> None:
    """f = 21 throughout: half-way w_2 = 1, V = A = (2, 1), U = (1, 4); at the end w_2 = 0, (3, 1), (1, 3)."""
    network = residual((1, 2), (1, 1), (1, 1), (1, 5))
    data = Data(np.ones((1, 1)), np.zeros((1, 1)))
    start = Exact.of(network, data)
    merging = projected(start.weights["W"], {1: 0})
    end = start.then(transferred("residual", start.weights, merging))
    expected = (((1, 2), (1, 1), (1, 5)), ((1, 1), (2, 1), (1, 4)), ((1, 0), (3, 1), (1, 3)))
    for t, (w, readers, U) in zip(TIMES, expected, strict=True):
        there = start.toward(end, t)
        assert there.outputs() == [[21]]
        found = [there.weights[name].ravel().tolist() for name in ("W", "V", "A", "U")]
        assert found == [list(w), list(readers), list(readers), list(U)]
    floats = transfer(network, projected(network.W, {1: 0})).end
    assert floats.identical(residual((1, 0), (3, 1), (3, 1), (1, 3)))


def test_case_5_the_parallel_move_is_wrong_in_a_residual_network() -> None:
    """It gives 12, and the fused merge is therefore refused there."""
    network = residual((1, 2), (1, 1), (1, 1), (1, 5))
    start = Exact.of(network, Data(np.ones((1, 1)), np.zeros((1, 1))))
    merging = projected(start.weights["W"], {1: 0})
    assert start.then(transferred("parallel", start.weights, merging)).outputs() == [[12]]
    with pytest.raises(ValueError, match="wrong in a residual network"):
        fused("residual", start.weights, merging)


def test_case_7_mass_falls_with_the_norm_of_the_product_alone() -> None:
    """S = 13, 10, 7 at t = 0, 1/2, 1; with ||V|| ||U|| it would be 7 + 6 sqrt 65, 7 + 15 sqrt 41 (more!), 7."""
    network = residual((1, 3), (1, 2), (-3, 1), (3, -2))
    start = Exact.of(network, Data(np.ones((1, 1)), np.zeros((1, 1))))
    merging = projected(start.weights["W"], {1: 0})
    assert merging.scales.tolist() == [3]
    end = start.then(transferred("residual", start.weights, merging))
    there = [start.toward(end, t) for t in TIMES]
    assert [masses_of("residual", one.weights).total for one in there] == [13, 10, 7]
    with mpmath.workdps(50):
        wrong = [total_mass(one, product=False) for one in there]
        claimed = [7 + 6 * mpmath.sqrt(65), 7 + 15 * mpmath.sqrt(41), mpmath.mpf(7)]
        assert all(abs(a - b) < mpmath.mpf(10) ** -40 for a, b in zip(wrong, claimed, strict=True))
    assert wrong[0] < wrong[1]
    assert witness(exact_weights(network)["V"]) > 2


def test_case_5_the_block_first() -> None:
    """T2 by hand: V = (1, 1) has the basis {first}, U = (1, 5) becomes (6, 0), and 3 + 6 3 = 21 throughout."""
    start = residual((1, 2), (1, 1), (1, 1), (1, 5))
    path, outside = write_to_basis(start)
    (segment,) = path.segments
    assert (segment.kind, segment.moves()) == (Kind.HIDDEN, ("U",))
    assert path.end.parameters()["U"].tolist() == [[6.0], [0.0]]
    assert outside.tolist() == [1]
    ends = (Exact.of(network, Data(np.ones((1, 1)), np.zeros((1, 1)))) for network in (start, path.end))
    before, after = ends
    assert [before.toward(after, t).outputs() for t in TIMES] == [[[21]]] * 3
