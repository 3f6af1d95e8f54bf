"""RM: deviations measured by exact quadratic forms, against theory's and against the outputs of the oracle."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.data import Data
from numerics.errors import InputError
from numerics.losses.problem import Problem
from numerics.moves.deviation import deviation, measured
from numerics.moves.mass import Masses, masses
from numerics.moves.merge import merge
from numerics.moves.merging import projected, pruned
from numerics.moves.pairing import pair, pairs_of
from numerics.moves.perturb import perturb
from numerics.networks import Network, Residual, TwoLayer
from numerics.routes.measured import best_measured
from numerics.testing import data_for, parallels, times, two_layers
from support.move_checks import Exact, deviation_squared
from support.oracles import rationals, relu
from theory.statements.measured import deviation as theory_deviation

NETWORKS = st.one_of(parallels(width=st.integers(2, 4)), two_layers(width=st.integers(2, 4)))
# `root_up` exceeds a root by at most 2^-62 of it (64 bits), theory's upper ends by far less
ROUNDED = 1 + Fraction(1, 1 << 60)


def free_of_branch(mass: Masses) -> Masses:
    """The planted fault: Lambda is dropped."""
    return Masses(mass.each, mass.outgoing, tuple(Fraction(0) for _ in mass.lambdas), mass.total)


def within(start: Network, end: Network, data: Data, t: Fraction, mass: Masses) -> bool:
    """Whether `||f_t - f_0|| <= t D`, in fractions."""
    bound = t * measured(start, end, Problem(data), mass)
    return deviation_squared(Exact.of(start, data), Exact.of(end, data), t) <= bound * bound


def gram(network: Network, data: Data) -> list[list[Fraction]]:
    """`E[z z^T]` in fractions."""
    W = rationals(network.W)
    features = []
    for x in rationals(data.X):
        seen = [*x, Fraction(1)] if network.bias else x
        features.append(relu([sum((w * s for w, s in zip(row, seen, strict=True)), Fraction(0)) for row in W]))
    m = range(network.width)
    return [[sum((z[i] * z[j] for z in features), Fraction(0)) / len(features) for j in m] for i in m]


@given(st.data())
def test_the_output_stays_within_the_measured_deviation(data: st.DataObject) -> None:
    """At any time of a merge into a centre and of pruning, for networks with and without a live branch."""
    start = data.draw(NETWORKS)
    points = data.draw(data_for(start, points=st.integers(1, 4)))
    into = {0: data.draw(st.integers(1, start.width - 1))}
    for merging in (projected(start.W, into), pruned(start.W, [0])):
        assert within(start, merge(start, merging).end, points, data.draw(times()), masses(start))


def test_a_dropped_lambda_is_seen() -> None:
    """One input, one branch neuron, V = 0: all of the change goes through the branch."""
    start = parallel(V=[[0.0, 0.0]])
    end = merge(start, pruned(start.W, [0])).end
    points = Data([[1.0]], [[0.0]])
    assert within(start, end, points, Fraction(1), masses(start))
    assert not within(start, end, points, Fraction(1), free_of_branch(masses(start)))


@given(st.data())
def test_it_agrees_with_theory(data: st.DataObject) -> None:
    """`theory.statements.measured` on the Gram matrix in fractions: the same number up to the rounding of two roots."""
    start = data.draw(NETWORKS)
    points = data.draw(data_for(start, points=st.integers(1, 3)))
    end = merge(start, projected(start.W, {0: 1})).end
    mass, before, after = masses(start), start.parameters(), end.parameters()
    changes = {name: np.array(rationals(after[name])) - np.array(rationals(before[name])) for name in ("V",)}
    through = None
    if "A" in before:
        through = (np.array(rationals(after["A"])) - np.array(rationals(before["A"]))).tolist()
    expected = theory_deviation(
        readout_change=changes["V"].tolist(),
        gram=gram(start, points),
        branch_change=through,
        slope=sum(mass.lambdas, Fraction(0)),
    )
    found = measured(start, end, Problem(points), mass)
    assert expected <= found * ROUNDED
    assert found <= expected * ROUNDED


@given(st.data())
def test_it_is_at_most_the_bound_of_pruning(data: st.DataObject) -> None:
    """`D <= D(J)`: pruning rounds nothing, so that both are about the same move."""
    start = data.draw(NETWORKS)
    points = data.draw(data_for(start, points=st.integers(1, 4)))
    merging = pruned(start.W, range(start.width - 1))
    found = measured(start, merge(start, merging).end, Problem(points), masses(start))
    assert found <= deviation(start, merging, Problem(points)) * ROUNDED


def test_known_answer_3_is_tight() -> None:
    """Points (1,0), (0,1), rows (1,0), (3,4), V = (1,1): `D^2 = 8`, measured as by L3."""
    start = TwoLayer(W=[[1.0, 0.0], [3.0, 4.0]], V=[[1.0, 1.0]])
    points, merging = (
        Data([[1.0, 0.0], [0.0, 1.0]], [[4.0], [4.0]]),
        projected(np.array([[1.0, 0.0], [3.0, 4.0]]), {1: 0}),
    )
    found = measured(start, merge(start, merging).end, Problem(points), masses(start))
    assert 8 <= found**2 <= 8 * ROUNDED**2
    assert found <= deviation(start, merging, Problem(points)) * ROUNDED


@settings(max_examples=20)
@given(st.data())
def test_pairing_is_measured_too(data: st.DataObject) -> None:
    """R7's segment moves V and A alone; at most `sqrt(1 + K)` times what its choice of signs was bounded by."""
    start = data.draw(NETWORKS)
    points = data.draw(data_for(start, points=st.integers(1, 4)))
    mass = masses(start)
    pairs = pairs_of(mass.lightest(2))
    each = mass.each[pairs[0]]
    if (each == 0).any():
        return
    segment, _ = pair(start, Problem(points), pairs, mass)
    assert within(start, segment.end, points, data.draw(times()), mass)


def test_other_moves_and_classes_are_refused() -> None:
    """Rows that move, and RESIDUAL, where V reads more than `z`."""
    start = TwoLayer(W=[[1.0], [2.0]], V=[[1.0, 1.0]])
    points = Data([[1.0]], [[0.0]])
    moved = perturb(start, pruned(start.W, [0])).end
    with pytest.raises(ValueError, match="W move"):
        measured(start, moved, Problem(points), masses(start))
    residual = Residual.of({**parallel().parameters(), "U": np.ones((2, 1))}, bias=False)
    with pytest.raises(ValueError, match="residual"):
        measured(residual, residual, Problem(points), masses(residual))


@given(st.data())
def test_the_best_of_all_choices_is_a_number_or_one_line(data: st.DataObject) -> None:
    """Weights of any size: a choice that overflows is left out; what is found holds for the change it measured."""
    start = data.draw(st.one_of(parallels(width=st.integers(2, 4), wide=True), two_layers(width=st.just(3), wide=True)))
    points = data.draw(data_for(start, points=st.integers(1, 3)))
    try:
        found = best_measured(start, 1, Problem(points))
    except InputError:
        return
    assert found >= 0


def test_choices_that_overflow_are_left_out() -> None:
    """1e160 merged into a parallel 1e-160 would have the scale 1e320; what is left is measured."""
    start = TwoLayer(W=[[1e160], [1e-160]], V=[[1.0, 1.0]])
    points = Data([[1.0]], [[0.0]])
    with np.errstate(all="ignore"), pytest.raises(ValueError, match="finite"):
        projected(start.W, {0: 1})
    pruned_ones = [
        measured(start, merge(start, pruned(start.W, [j])).end, Problem(points), masses(start)) for j in (0, 1)
    ]
    assert best_measured(start, 1, Problem(points)) <= max(pruned_ones)
    with pytest.raises(ValueError, match="residual"):
        best_measured(Residual.of({**parallel().parameters(), "U": np.ones((2, 1))}, bias=False), 1, Problem(points))


def test_too_small_a_budget_is_refused() -> None:
    """Before anything is computed."""
    start = parallel()
    end = merge(start, pruned(start.W, [0])).end
    with pytest.raises(InputError):
        measured(start, end, Problem(Data([[1.0]], [[0.0]]), budget=1), masses(start))


def parallel(V: list[list[float]] | None = None) -> Network:
    """Two neurons, one input, a branch of one."""
    from numerics.networks import Parallel

    weights = {"W": [[1.0], [2.0]], "V": V or [[1.0, 1.0]], "A": [[1.0, 1.0]], "U": [[3.0]]}
    return Parallel.of({name: np.array(value) for name, value in weights.items()}, bias=False)
