"""Planted errors in the moves and their bounds: each is caught by the check that its true twin passes.

The checks are those of the property tests (`move_checks`); every case is one that a person can follow.
"""

from fractions import Fraction

import numpy as np
import pytest

from numerics.arithmetic.bases import ColumnBasis, exact_basis
from numerics.arithmetic.norms import operator_norm
from numerics.data import Data
from numerics.moves.clear_rows import rows_cleared, stacked_readers
from numerics.moves.deviation import displacement
from numerics.moves.mass import Masses, masses_of, sigma_squared
from numerics.moves.merging import Merging, projected
from numerics.moves.pairing import factors, paired
from numerics.moves.perturb import perturbed
from numerics.moves.transfer import handed_over, transferred
from numerics.networks import Block, Branch, Layer, Network, Parallel, Residual, Stream, TwoLayer
from numerics.networks.readers import exact_array
from support.move_checks import (
    Exact,
    bounded,
    deviation_squared,
    keeps_outputs,
    mass_does_not_rise,
    mass_stays,
    nothing_reads,
)

ONE = Data(np.ones((1, 1)), np.zeros((1, 1)))
HALF, END = Fraction(1, 2), Fraction(1)


def deep(V: list[float], A: list[float], U: list[float], W: list[float] | None = None) -> Residual:
    return Residual(
        W=np.ones((len(V), 1)) if W is None else np.array([W]).T,
        V=np.array([V]),
        branch=Branch((Layer(np.array([A])),)),
        U=np.array([U]).T,
    )


def two_points() -> tuple[Network, Data]:
    """RESIDUAL on (1, 0) and (0, 1); neurons (1, 0) and (3, 4)."""
    network = Residual(
        W=np.array([[1.0, 0.0], [3.0, 4.0]]),
        V=np.array([[1.0, 1.0]]),
        branch=Branch((Layer(np.array([[1.0, 2.0]])), Layer(np.array([[2.0]])))),
        U=np.array([[1.0], [1.0]]),
    )
    return network, Data(np.eye(2), np.zeros((2, 1)))


@pytest.mark.parametrize(
    "network", [TwoLayer(W=np.array([[1.0], [2.0]]), V=np.ones((1, 2))), deep([1, 1], [1, 1], [1, 5], [1, 2])]
)
def test_a_wrong_sign_of_c(network: Network) -> None:
    """L4: the centre must gain what the leaving neuron gives up. Signs are refused by `Merging`, planted past it."""
    start = Exact.of(network, ONE)
    merging = projected(start.weights["W"], {1: 0})
    centres, C = merging.coefficients()
    true, false = (start.then(handed_over(network.kind, start.weights, merging.leaving, centres, c)) for c in (C, -C))
    assert keeps_outputs(start, true, HALF)
    assert not keeps_outputs(start, false, HALF)
    with pytest.raises(ValueError, match="negative"):
        Merging(merging.leaving, merging.centres, -merging.scales)


def test_the_parallel_transfer_in_a_residual_network() -> None:
    """Case 5: 12 instead of 21."""
    start = Exact.of(deep([1, 1], [1, 1], [1, 5], [1, 2]), ONE)
    merging = projected(start.weights["W"], {1: 0})
    true, false = (start.then(transferred(kind, start.weights, merging)) for kind in ("residual", "parallel"))
    assert keeps_outputs(start, true, END)
    assert not keeps_outputs(start, false, END)


def test_the_residual_transfer_that_forgets_a_row_of_u() -> None:
    """Without `U_j - t c U_i` the new readers see the block twice."""
    start = Exact.of(deep([1, 1], [1, 1], [1, 5], [1, 2]), ONE)
    moved = transferred("residual", start.weights, projected(start.weights["W"], {1: 0}))
    assert keeps_outputs(start, start.then(moved), END)
    assert not keeps_outputs(start, start.then({**moved, "U": start.weights["U"]}), END)


def test_a_stream_transfer_that_forgets_a_later_block() -> None:
    """Every A reads coordinate j, not only the first; every U writes to it, not only the last."""
    block = Block(Branch((Layer(np.array([[1.0, 2.0]])),)), np.array([[1.0], [5.0]]))
    network = Stream(W=np.array([[1.0], [2.0]]), V=np.ones((1, 2)), blocks=(block, block))
    start = Exact.of(network, ONE)
    moved = transferred("stream", start.weights, projected(start.weights["W"], {1: 0}))
    assert keeps_outputs(start, start.then(moved), HALF)
    for name in ("blocks.0.A", "blocks.1.A", "blocks.0.U", "blocks.1.U"):
        assert not keeps_outputs(start, start.then({**moved, name: start.weights[name]}), HALF)


def test_the_parallel_merge_in_a_stream_whose_blocks_write_there() -> None:
    """Outside the basis PARALLEL's form is right once the blocks write to the basis alone, and wrong before."""
    network = deep([1, 2, 4], [1, 1, 1], [1, 5, 3], [1, 2, 6])
    start = Exact.of(network, ONE)
    basis = exact_basis(stacked_readers("residual", start.weights))
    settled = start.then(rows_cleared("residual", start.weights, basis, basis.rest))
    assert basis.basis.tolist() == [0]
    merging = projected(start.weights["W"], {2: 1})  # w_2 = 3 w_1: nothing is to be perturbed
    centres, C = merging.coefficients()
    for before, right in ((settled, True), (start, False)):
        merged = before.then(handed_over("parallel", before.weights, merging.leaving, centres, C))
        assert keeps_outputs(start, merged, END) is right


def test_a_rank_that_is_missed() -> None:
    """Two readers of rank two with a basis of one column: the blocks' output is lost to one of them."""
    start = Exact.of(deep([1, 2, 4], [1, 1, 1], [1, 5, 3]).replace({"V": np.array([[1.0, 2, 4], [0, 1, 0]])}), ONE)
    readers = stacked_readers("residual", start.weights)
    whole = exact_basis(readers)
    short = exact_basis(readers[:1])
    assert (len(whole.basis), len(short.basis)) == (2, 1)
    for basis, right in ((whole, True), (short, False)):
        cleared = start.then(rows_cleared("residual", start.weights, basis, basis.rest))
        assert keeps_outputs(start, cleared, END) is right


def ready_for_scratch() -> tuple[Exact, ColumnBasis]:
    """V = (1, 2, 4): L4 has been through with neuron 2, whose coordinate only the block still uses."""
    start = Exact.of(deep([1, 2, 4], [1, 1, 0], [1, 5, 3], [1, 2, 0]), ONE)
    return start, exact_basis(stacked_readers("residual", start.weights))


def test_a_basis_that_meets_j() -> None:
    """T2: V_J expressed by itself loses what the block writes there; a basis that meets J is refused."""
    start, basis = ready_for_scratch()
    assert basis.basis.tolist() == [0]
    true = start.then(rows_cleared("residual", start.weights, basis, [2]))
    assert keeps_outputs(start, true, HALF)
    assert (true.weights["U"][2] == 0).all()
    with pytest.raises(ValueError, match="in the basis"):
        rows_cleared("residual", start.weights, exact_basis(stacked_readers("residual", start.weights), [2, 1, 0]), [2])
    # Past the refusal: V = V_2 (1/4, 1/2, 1), with neuron 2 in the basis and outside it; its row of U is lost.
    own = ColumnBasis(np.array([2]), np.arange(3), exact_array(np.array([[0.25, 0.5, 1.0]])))
    assert not keeps_outputs(start, start.then(rows_cleared("residual", start.weights, own, [2])), END)


def test_a_centre_inside_the_basis() -> None:
    """T2: L4 changes the centres' columns of V, so a basis chosen before them must not contain one.

    V = ((1, 0, 0, 1), (0, 1, 1, 1)), basis (0, 1); neuron 3 goes to centre 0 or 2 with c = 1. Afterwards the stale
    coefficients of V_3 still hold if the centre is 2, and do not if it is 0.
    """
    network = Residual(
        W=np.ones((4, 1)),
        V=np.array([[1.0, 0.0, 0.0, 1.0], [0.0, 1.0, 1.0, 1.0]]),
        branch=Branch((Layer(np.array([[1.0, 1.0, 1.0, 1.0]])),)),
        U=np.array([[1.0], [2.0], [3.0], [4.0]]),
    )
    start = Exact.of(network, Data(np.ones((1, 1)), np.zeros((1, 2))))
    basis = exact_basis(stacked_readers("residual", start.weights))
    assert basis.basis.tolist() == [0, 1]
    kept = []
    for centre in (2, 0):
        merging = projected(start.weights["W"], {3: centre})
        moved = start.then(transferred("residual", start.weights, merging))
        assert keeps_outputs(start, moved, END)
        kept.append(keeps_outputs(moved, moved.then(rows_cleared("residual", moved.weights, basis, [3])), END))
    assert kept == [True, False]


def test_a_dropped_lambda() -> None:
    """L3: without the branch's share the bound is exceeded."""
    network, data = two_points()
    start = Exact.of(network, data)
    merging = projected(start.weights["W"], {1: 0})
    end = start.then(perturbed(start.weights, merging))
    sigma2 = sigma_squared(data, bias=False).upper
    actual = deviation_squared(start, end, END)
    true = masses_of(network.kind, start.weights)
    dropped = masses_of(network.kind, start.weights, tuple(0 * one for one in true.lambdas))
    within = [actual <= sigma2 * displacement(start.weights["W"], merging, mass) ** 2 for mass in (true, dropped)]
    assert within == [True, False]


def test_a_lambda_without_the_inner_layers() -> None:
    """`Lip(q)` is not 1: B_1 = 2 here, and half of Lambda is not enough (the true one is attained)."""
    network, data = two_points()
    start = Exact.of(network, data)
    merging = projected(start.weights["W"], {1: 0})
    end = start.then(perturbed(start.weights, merging))
    sigma2 = sigma_squared(data, bias=False).upper
    halved = masses_of(
        network.kind, start.weights, tuple(one / 2 for one in masses_of(network.kind, start.weights).lambdas)
    )
    actual, true = deviation_squared(start, end, END), masses_of(network.kind, start.weights)
    assert actual == sigma2 * displacement(start.weights["W"], merging, true) ** 2
    assert actual > sigma2 * displacement(start.weights["W"], merging, halved) ** 2


def test_l10_with_the_product_of_norms() -> None:
    """Case 7: with ||V|| ||U|| for ||V U|| the mass rises half-way along L4."""
    start = Exact.of(deep([1, 2], [-3, 1], [3, -2], [1, 3]), ONE)
    end = start.then(transferred("residual", start.weights, projected(start.weights["W"], {1: 0})))
    assert mass_does_not_rise(start, end, HALF)
    assert not mass_does_not_rise(start, end, HALF, product=False)


def test_l10_with_a_scale_that_is_no_projection() -> None:
    """A longer row than the projection's weighs more than the neuron that it replaces."""
    network = TwoLayer(W=np.array([[1.0], [2.0]]), V=np.ones((1, 2)))
    start = Exact.of(network, ONE)
    true = projected(start.weights["W"], {1: 0})
    false = Merging(true.leaving, true.centres, 2 * true.scales)
    ends = [start.then(perturbed(start.weights, merging)) for merging in (true, false)]
    assert [mass_does_not_rise(start, end, HALF) for end in ends] == [True, False]


@pytest.mark.parametrize("kind", ["parallel", "residual"])
def test_a_pairing_that_does_not_conserve_mass(kind: str) -> None:
    """R7: the survivor grows by s_dead / s_alive, not by s_alive / s_dead, nor by masses without Lambda.

    Scaling the columns of V and A in RESIDUAL, as PARALLEL does, changes V U and hence Lambda.
    """
    start = Exact.of(deep([1, 2, 1], [1, 1, 3], [2, 1, 1]), ONE)
    if kind == "parallel":
        network = Parallel(
            W=np.ones((3, 1)),
            V=np.array([[1.0, 2.0, 1.0]]),
            branch=Branch((Layer(np.array([[1.0, 1.0, 3.0]])),)),
            U=np.array([[2.0]]),
        )
        start = Exact.of(network, ONE)
    mass, pairs, signs = masses_of(kind, start.weights), np.array([[0, 1]]), np.array([True])
    scale = factors(mass.each, pairs, signs)
    assert mass_stays(start, start.then(paired(kind, start.weights, scale)))
    inverted = scale.copy()
    inverted[1] = 1 + mass.each[1] / mass.each[0]
    plain = factors(masses_of(kind, start.weights, (Fraction(0),)).each, pairs, signs)
    for wrong in (inverted, plain):
        assert not mass_stays(start, start.then(paired(kind, start.weights, wrong)))
    if kind == "residual":
        assert not mass_stays(start, start.then(paired("parallel", start.weights, scale)))


@pytest.mark.parametrize("seed", range(4))
def test_a_norm_rounded_down(seed: int) -> None:
    """What float64 finds, taken for a bound: too small here or there, and the check sees it on the same matrices."""
    rng = np.random.default_rng(seed)
    matrices = [rng.integers(-9, 10, (3, 3)) / 4.0 for _ in range(8)]
    assert all(bounded(operator_norm(M).upper, M) for M in matrices)
    assert not all(bounded(Fraction(float(np.linalg.norm(M, 2))), M) for M in matrices)
    assert not any(bounded(operator_norm(M).lower * (1 - Fraction(1, 2**50)), M) for M in matrices if M.any())


def test_a_sigma_without_the_ones() -> None:
    """L3 with a bias: sigma of x alone is too small for what sees (x, 1)."""
    network = TwoLayer(W=np.array([[0.0, 1.0]]), V=np.ones((1, 1)), bias=True)
    data = Data(np.array([[0.0], [0.5]]), np.zeros((2, 1)))
    start = Exact.of(network, data)
    nowhere = Merging(np.array([0]), np.array([-1]), exact_array(np.zeros(1)))
    end = start.then(perturbed(start.weights, nowhere))
    mass: Masses = masses_of("two-layer", start.weights)
    actual, size = deviation_squared(start, end, END), displacement(start.weights["W"], nowhere, mass)
    assert actual <= sigma_squared(data, bias=True).upper * size**2
    assert actual > sigma_squared(data, bias=False).upper * size**2


def test_a_fused_merge_that_leaves_the_branch_alone() -> None:
    """PARALLEL: A moves with V; without it the leaving neuron is still read."""
    network = Parallel(
        W=np.array([[1.0], [2.0]]), V=np.ones((1, 2)), branch=Branch((Layer(np.ones((1, 2))),)), U=np.ones((1, 1))
    )
    start = Exact.of(network, ONE)
    moved = transferred("parallel", start.weights, projected(start.weights["W"], {1: 0}))
    assert nothing_reads(start.then(moved).weights, [1])
    assert not nothing_reads(start.then({"V": moved["V"]}).weights, [1])
