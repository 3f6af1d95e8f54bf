"""R5, R7, T2 and T3 in exact arithmetic: what frees neurons without a bound, or at constant mass; and in float64."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given, target
from hypothesis import strategies as st

from numerics.arithmetic.bases import ColumnBasis, exact_basis, float_basis
from numerics.data import Data
from numerics.losses import float_loss
from numerics.losses.problem import Problem
from numerics.moves.clear_rows import EXACT_ROWS, clear_rows, reader_basis, rows_cleared, stacked_readers
from numerics.moves.mass import masses, masses_of, sigma_squared
from numerics.moves.merging import projected
from numerics.moves.pairing import choose, factors, pair, paired, pairs_of
from numerics.moves.perturb import perturbed
from numerics.moves.rank import exact_feature_basis, features, rank, reduced
from numerics.moves.transfer import transferred
from numerics.networks import Branch, Layer, Network, Parallel, Residual, TwoLayer
from numerics.networks.forward import with_ones
from numerics.networks.readers import exact_array, has_stream
from numerics.testing import assignments, data_for, matrices, parallels, plains, residuals, streams, times, two_layers
from support.move_checks import Exact, deviation_squared, keeps_outputs, mass_stays, nothing_reads, problems

WIDE = st.integers(3, 5)
CLASSES = {
    "two-layer": two_layers(width=WIDE, inputs=2, outputs=1),
    "parallel": parallels(width=WIDE, inputs=2, outputs=1),
    "residual": residuals(width=WIDE, inputs=2, outputs=1),
    "stream": streams(width=WIDE, inputs=2, outputs=1),
    "plain": plains(width=WIDE, inputs=2, outputs=1),
}


@pytest.mark.parametrize("name", CLASSES)
@given(data=st.data())
def test_all_but_a_column_basis_of_the_features_is_free(name: str, data: st.DataObject) -> None:
    """R5 in every class, on the whole segment; the basis has as many neurons as the rank."""
    start = data.draw(problems(CLASSES[name], name))
    Z = features(start.weights["W"], exact_array(with_ones(start.data.X, start.bias)))
    basis = exact_basis(Z, data.draw(st.permutations(range(Z.shape[1]))))
    assert (Z[:, basis.rest] == Z[:, basis.basis] @ basis.coefficients).all()
    end = start.then(reduced(start.kind, start.weights, basis, basis.rest))
    for t in (data.draw(times()), Fraction(1)):
        assert keeps_outputs(start, end, t)
    if not has_stream(start.kind):
        assert nothing_reads(end.weights, basis.rest)


@given(st.data())
def test_an_exact_column_basis_spans_is_independent_and_comes_in_order(data: st.DataObject) -> None:
    """Columns outside are combinations of it, the basis reduces to itself, and the first column that is not 0 is in."""
    shape = data.draw(st.integers(1, 4)), data.draw(st.integers(1, 5))
    M = exact_array(data.draw(matrices(*shape)))
    order = data.draw(st.permutations(range(shape[1])))
    found = exact_basis(M, order)
    assert sorted([*found.basis.tolist(), *found.rest.tolist()]) == list(range(shape[1]))
    assert (M[:, found.rest] == M[:, found.basis] @ found.coefficients).all()
    assert len(exact_basis(M[:, found.basis]).rest) == 0
    alive = [column for column in order if (M[:, column] != 0).any()]
    assert found.basis.tolist()[:1] == alive[:1]


@pytest.mark.parametrize("name", ["residual", "stream"])
@given(data=st.data())
def test_scratch_coordinates_are_freed_without_changing_any_output(name: str, data: st.DataObject) -> None:
    """T2, T3: after L4 with J and its centres outside the readers' basis; then V_J and every A_J may be anything."""
    start = data.draw(problems(CLASSES[name], name, 1))
    basis = exact_basis(stacked_readers(start.kind, start.weights))
    assume(len(basis.rest) >= 2)
    merging = projected(start.weights["W"], data.draw(assignments(basis.rest.tolist())))
    ready = start.then(perturbed(start.weights, merging))
    moved = ready.then(transferred(start.kind, ready.weights, merging))
    fresh = exact_basis(stacked_readers(start.kind, moved.weights), [*basis.basis, *basis.rest])
    assert fresh.basis.tolist() == basis.basis.tolist()  # L4 left V_B alone, and its span is as large as before
    end = moved.then(rows_cleared(start.kind, moved.weights, fresh, merging.leaving))
    for t in (data.draw(times()), Fraction(1)):
        assert keeps_outputs(moved, end, t)
    readers = {k: array.copy() for k, array in end.weights.items() if k == "V" or k.endswith("A")}
    for array in readers.values():
        array[:, merging.leaving] = Fraction(data.draw(st.integers(-3, 3)))
    assert keeps_outputs(end, end.then(readers), data.draw(times()))


@pytest.mark.parametrize("name", CLASSES)
@given(data=st.data())
def test_pairing_keeps_the_mass_and_stays_within_its_bounds(name: str, data: st.DataObject) -> None:
    """R7: `||f_t - f_0||^2 <= t^2 (1 + K) measured / N`, `measured <= allowed <= 4 N sigma^2 sum s_j s_i`, and the
    closed form `t 2 c sigma S sqrt(l) / (m - 2l + 1)`, `c^2 = 1 + K`, for the 2l lightest.
    """
    start, t = data.draw(problems(CLASSES[name], name)), data.draw(times())
    m = len(start.weights["W"])
    count = data.draw(st.integers(1, m // 2))
    mass = masses_of(start.kind, start.weights)
    pairs = pairs_of(mass.lightest(2 * count))
    Z = features(start.weights["W"], exact_array(with_ones(start.data.X, start.bias)))
    choice = choose(start.kind, start.weights, mass, pairs, Z)
    scale = factors(mass.each, pairs, choice.first_dies)
    end = start.then(paired(start.kind, start.weights, scale))
    N, branches = start.data.size, sum(factor > 0 for factor in mass.lambdas)
    assert sum((mass.each * scale).tolist()) == mass.total
    assert deviation_squared(start, end, t) <= t**2 * (1 + branches) * choice.measured / N
    assert choice.measured <= choice.allowed
    sigma2 = sigma_squared(start.data, bias=start.bias).upper
    assert choice.allowed <= 4 * N * sigma2 * sum((mass.each[j] * mass.each[i] for j, i in pairs), Fraction(0))
    closed = 4 * (1 + branches) * sigma2 * mass.total**2 * count / Fraction(m - 2 * count + 1) ** 2
    actual = deviation_squared(start, end, Fraction(1))
    assert actual <= closed
    if closed:
        target(float(actual / closed))


@given(st.data())
def test_pairing_conserves_the_true_mass(data: st.DataObject) -> None:
    """Not only the sum of the bounds: the witness's own S, which uses neither (inputs and outputs of length one: every
    norm is rational, so the masses are exact). RESIDUAL included, where W is scaled.
    """
    network = data.draw(
        st.one_of(
            parallels(width=WIDE, inputs=1, outputs=1, bias=False, branch=(1,)),
            residuals(width=WIDE, inputs=1, outputs=1, bias=False, branch=(1,)),
        )
    )
    start = Exact.of(network, data.draw(data_for(network)))
    mass = masses_of(network.kind, start.weights)
    pairs = pairs_of(mass.lightest(2))
    signs = np.array([data.draw(st.booleans())]) if mass.each[pairs].all() else mass.each[pairs[:, 0]] == 0
    end = start.then(paired(network.kind, start.weights, factors(mass.each, pairs, signs)))
    assert mass_stays(start, end)


def test_the_sign_that_cancels_is_chosen() -> None:
    """x = 1: of the pairs (1, 1/2) and (2, 1/2), both ways of the second compared with what the first has left."""
    weights = {"W": exact_array(np.ones((4, 1))), "V": exact_array(np.array([[1.0, -1.0, 1.0, -1.0]]))}
    Z = exact_array(np.ones((1, 4)))
    choice = choose("two-layer", weights, masses_of("two-layer", weights), np.array([[0, 1], [2, 3]]), Z)
    # d = (1)/1 - (-1)/1 = 2 for both; e = -1 first (a tie), so g = -2, and e = +1 brings it back to 0.
    assert choice.first_dies.tolist() == [True, False]
    assert (choice.measured, choice.allowed) == (0, 8)


def test_what_cannot_be_freed_is_refused() -> None:
    """An odd number, a neuron twice, mass put on none, J in the basis, more than the basis leaves, a row not yet 0."""
    each = np.array([1.0, 0.0, 2.0])
    with pytest.raises(ValueError, match="do not make pairs"):
        pairs_of(np.arange(3))
    with pytest.raises(ValueError, match="in two pairs"):
        factors(each, np.array([[0, 2], [2, 1]]), np.array([True, True]))
    with pytest.raises(ValueError, match="cannot carry"):
        factors(each, np.array([[0, 1]]), np.array([True]))
    basis = ColumnBasis(np.array([0]), np.array([1, 2]), np.ones((1, 2)))
    with pytest.raises(ValueError, match="in the basis"):
        basis.of([0, 1])
    network = TwoLayer(W=np.ones((3, 1)), V=np.ones((1, 3)))
    with pytest.raises(ValueError, match="are outside the basis"):
        rank(network, Problem(Data(np.ones((1, 1)), np.ones((1, 1)))), 3, basis)
    with pytest.raises(ValueError, match="has no stream"):
        stacked_readers("two-layer", network.parameters())
    ones = np.ones((1, 3))
    deep = Residual(W=np.ones((3, 1)), V=ones, branch=Branch((Layer(ones),)), U=np.ones((3, 1)))
    with pytest.raises(ValueError, match="transfer it first"):
        clear_rows(deep, [1])
    with pytest.raises(ValueError, match="are wanted but only"):
        masses(network).lightest(3, outside=[1])


def trained_like(kind: str, m: int = 40) -> tuple[Network, Data]:
    """Generic weights of width m, 12 points in 5 dimensions: the features have rank 12."""
    rng = np.random.default_rng(5)
    data = Data(rng.standard_normal((12, 5)), rng.standard_normal((12, 2)))
    layers = (Layer(rng.standard_normal((3, m)), rng.standard_normal(3)), Layer(rng.standard_normal((4, 3))))
    W, V = rng.standard_normal((m, 6)), rng.standard_normal((2, m))
    if kind == "parallel":
        return Parallel(W=W, V=V, branch=Branch(layers), U=rng.standard_normal((2, 4)), bias=True), data
    return Residual(W=W, V=V, branch=Branch(layers), U=rng.standard_normal((m, 4)), bias=True), data


@pytest.mark.parametrize("kind", ["parallel", "residual"])
def test_float_rank_frees_what_the_data_allow(kind: str) -> None:
    """28 of 40 neurons on 12 points: the float search ends within 1e-9 of the loss, its exact twin too; 29 cost more.

    Coefficients are at most a few hundred here and the loss is a sum of 24 squares of order 10: rounding moves it by
    well under 1e-9 of itself, losing an independent feature by much more than 1e-6.
    """
    network, data = trained_like(kind)
    before = float_loss(network, Problem(data))
    for basis in (None, exact_feature_basis(network, Problem(data))):
        segment, freed = rank(network, Problem(data), 28, basis)
        assert len(freed) == 28
        assert abs(float_loss(segment.end, Problem(data)) - before) <= 1e-9 * before
        if kind == "parallel":
            assert nothing_reads(segment.end.parameters(), freed)
    segment, freed = rank(network, Problem(data), 29)
    assert len(freed) == 29
    assert abs(float_loss(segment.end, Problem(data)) - before) > 1e-6 * before


def test_float_scratch_empties_the_rows_of_u() -> None:
    """After the float merge, J being the lightest neurons and the basis away from them: V U at J is gone, the loss kept
    (to 1e-9, two coefficients of order 1 per neuron).
    """
    network, data = trained_like("residual")
    light = masses(network).lightest(10)
    basis = reader_basis(network, last=light)
    assert not set(basis.basis) & set(light)
    W = network.W.copy()
    W[light] = 0.0
    ready = network.replace({"W": W})
    segment = clear_rows(ready, light, basis)
    assert not segment.end.parameters()["U"][light].any()
    assert abs(float_loss(segment.end, Problem(data)) - float_loss(ready, Problem(data))) <= 1e-9 * float_loss(
        ready, Problem(data)
    )


@pytest.mark.parametrize("needed", [False, True])
def test_with_many_readers_the_basis_is_a_float_search(needed: bool) -> None:
    """20 outputs of rank 4: the light neurons stay out, unless the others do not span; the loss is kept to 1e-9."""
    rng = np.random.default_rng(7)
    m, light = 30, [0, 1, 2]
    V = rng.standard_normal((20, 4)) @ rng.standard_normal((4, m))
    if needed:
        V[:, 0] = rng.standard_normal(20)
    W = rng.standard_normal((m, 3))
    W[light] = 0.0
    network = Residual(
        W=W, V=V, branch=Branch((Layer(rng.standard_normal((4, m))),)), U=rng.standard_normal((m, 4)) / 10
    )
    data = Data(rng.standard_normal((9, 3)), rng.standard_normal((9, 20)))
    assert len(stacked_readers("residual", network.parameters())) > EXACT_ROWS
    basis = reader_basis(network, last=light)
    assert len(basis.basis) == 4 + needed
    assert set(basis.basis) & set(light) == ({0} if needed else set())
    segment = clear_rows(network, [1, 2], basis)
    assert not segment.end.parameters()["U"][[1, 2]].any()
    # coefficients of order 1, each combination of 5 columns: 1e-9 is a million roundings
    assert abs(float_loss(segment.end, Problem(data)) - float_loss(network, Problem(data))) <= 1e-9 * float_loss(
        network, Problem(data)
    )
    if needed:
        with pytest.raises(ValueError, match="in the basis"):
            clear_rows(network, light, basis)


def test_a_float_basis_prefers_its_candidates_and_solves_for_the_rest() -> None:
    """Rank 3 of 30 columns, candidates the last ten; what is scaled by 1e-200 counts as much."""
    rng = np.random.default_rng(1)
    M = rng.standard_normal((50, 3)) @ rng.standard_normal((3, 30))
    M[:, 25] *= 1e-200
    found = float_basis(M, candidates=range(20, 30))
    assert len(found.basis) == 3
    assert found.basis.min() >= 20
    # condition numbers of a few, products of 3 terms: 1e-12 is thousands of roundings
    gap = np.abs(M[:, found.rest] - M[:, found.basis] @ found.coefficients).max(axis=0)
    assert (gap <= 1e-12 * np.abs(M[:, found.rest]).max(axis=0)).all()
    assert len(float_basis(np.zeros((2, 3))).basis) == 0


@pytest.mark.parametrize("kind", ["parallel", "residual"])
def test_float_pairing_follows_the_exact_one(kind: str) -> None:
    """The dead are one of each pair; the weights are those of the exact algebra with the same factors, rounded once."""
    network, data = trained_like(kind)
    mass = masses(network)
    pairs = pairs_of(mass.lightest(20))
    segment, dead = pair(network, Problem(data), pairs, mass)
    assert all(len(set(two) & set(dead.tolist())) == 1 for two in pairs.tolist())
    end = masses(segment.end)
    # each factor and each product rounds by 2^-53, masses are right to 2^-30
    assert abs(end.total - mass.total) <= mass.total / 2**30
    moved = {"parallel": ("V", "A"), "residual": ("W",)}[kind]
    assert set(segment.moves()) == set(moved)
    if kind == "parallel":
        assert nothing_reads(segment.end.parameters(), dead)
    else:
        assert not segment.end.W[dead].any()
