"""T4, T4+, T4b: paths that never rise, built from features of which one depends on the others, or that span."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

from numerics.arithmetic.bases import exact_basis
from numerics.checks.check import Outcome, Witness, about, bounded
from numerics.checks.climb import facts, highest, retargeted
from numerics.checks.problems import FLAT, cut, references, states
from numerics.checks.states import State
from numerics.common.shown import Shown
from numerics.data import Data
from numerics.moves.rank import reduced
from numerics.networks.readers import AnyArray, exact_array
from numerics.networks.two_layer import TwoLayer
from numerics.testing import partners, times
from theory.catalogue import STATEMENTS
from theory.statements import finite_sample


@dataclass(frozen=True, eq=False)
class Two(Shown):
    """Two parameters of one space and a two-layer reference of any width; segments are looked at at `times`."""

    start: State
    end: State
    reference: TwoLayer
    times: tuple[Fraction, ...]


def roomy(statement: str) -> st.SearchStrategy[Two]:
    """Networks of exactly the width that the statement needs, for one to three points; inputs may repeat (T4+)."""
    return _roomy(statement)


@st.composite
def _roomy(draw: st.DrawFn, statement: str) -> Two:
    N = draw(st.integers(1, 3))
    start = draw(states(FLAT, width=(N + 1, N + 1), points=(N, N)))
    if statement == "T4+":
        if draw(st.booleans()):  # an input is a multiple of the first
            X = start.data.X.copy()
            X[-1] = X[0] * draw(st.sampled_from([0, 1, -1, 2]))
            start = State.of(start.network(), Data(X, start.data.Y))
        rank = finite_sample.span_of_features(exact_array(start.data.X).tolist(), first_layer_bias=start.bias)
        assume(rank >= 1)
        width = finite_sample.width_for(statement, points=N, rank=rank)
        start = State.of(cut(start.network(), width, start.network().inputs, start.network().outputs), start.data)
    reference = draw(references(start.network(), 1, 4))
    start = draw(retargeted(start, reference))
    return Two(start, State.of(draw(partners(start.network())), start.data), reference, (draw(times()),))


def never_rises(problem: Two) -> Outcome:
    """The path between the two stays at or below the larger of their losses and that of g*."""
    start, end, reference = problem.start, problem.end, problem.reference
    corners = route(start, end, reference)
    goal = State.of(reference, start.data).loss
    level = max(start.loss, end.loss, goal)
    networks = {"network": start.network(), "end": end.network(), "reference": reference}
    return bounded(
        highest(corners, problem.times),
        level,
        facts(start, end, level=level, reference_loss=goal),
        besides=corners[0].same(start) and corners[-1].same(end),
        witness=Witness(networks, start.data, {"t": problem.times[0]}),
    )


def route(start: State, end: State, reference: TwoLayer) -> tuple[State, ...]:
    """From both ends to g* with independent features only; L9 changes its slots; then what nothing reads."""
    goal = State.of(reference, start.data)
    basis = exact_basis(goal.features)
    kept = basis.basis
    V = reduced(goal.kind, goal.weights, basis, basis.rest)["V"][:, kept]
    rows, c = goal.weights["W"][kept], goal.weights.get("c")
    there, slots = placed(start, rows, V, c)
    back, others = placed(end, rows, V, c)
    if len(slots) < len(rows) or len(others) < len(rows):
        return there
    moved = permuted(there[-1], slots, others)
    return *there, *moved, *reversed(back)


def placed(state: State, rows: AnyArray, V: AnyArray, c: AnyArray | None) -> tuple[tuple[State, ...], list[int]]:
    """Row by row: of more features than their rank one that no placed row needs is handed over and takes the row."""
    corners, slots = [state], list[int]()
    for row in rows:
        here = corners[-1]
        basis = exact_basis(here.features, [*slots, *(j for j in range(here.width) if j not in slots)])
        slot = basis.rest[:1]
        if not len(slot):  # the claim is false here
            break
        freed = here.then(reduced(here.kind, here.weights, basis, slot))
        W = freed.weights["W"].copy()
        W[slot] = row
        corners += [freed, freed.then({"W": W})]
        slots.append(int(slot[0]))
    read = corners[-1].weights["V"] * 0
    read[:, slots] = V[:, : len(slots)]
    corners.append(silenced(corners[-1], read, c))
    return tuple(corners), slots


def permuted(state: State, slots: list[int], others: list[int]) -> tuple[State, ...]:
    """L9: neurons from `slots` to `others`, one at a time through slots that nothing reads; one is always free."""
    corners, at = list[State](), list(slots)
    while at != others:
        q = next((q for q in range(len(at)) if at[q] != others[q] and others[q] not in at), None)
        there = others[q] if q is not None else next(j for j in range(state.width) if j not in at)
        q = next(q for q in range(len(at)) if at[q] != others[q]) if q is None else q
        W, V = state.weights["W"].copy(), state.weights["V"].copy()
        W[there] = W[at[q]]
        loaded = state.then({"W": W})
        V[:, there], V[:, at[q]] = V[:, at[q]], V[:, at[q]] * 0
        state = loaded.then({"V": V})
        corners += [loaded, state]
        at[q] = there
    return tuple(corners)


def silenced(state: State, V: AnyArray, c: AnyArray | None) -> State:
    """The readout V with this output bias, and the branch silent."""
    changes = {"V": V}
    if state.kind == "parallel":
        changes["U"] = state.weights["U"] * 0
    if "c" in state.weights:
        changes["c"] = state.weights["c"] * 0 if c is None else c
    return state.then(changes)


@st.composite
def wide(draw: st.DrawFn) -> State:
    """T4b: m >= N, inputs in general position."""
    N = draw(st.integers(1, 3))
    start = draw(states(FLAT, width=(N, N + 1), points=(N, N)))
    bias = start.bias
    assume(finite_sample.in_general_position(exact_array(start.data.X).tolist(), first_layer_bias=bias))
    return start


def descends(start: State) -> Outcome:
    """A path that never rises ends strictly lower, unless the loss is 0 (the global minimum, as m >= N)."""
    if not start.loss:
        return bounded(Fraction(0), Fraction(0), witness=Witness({"network": start.network()}, start.data))
    corners = downhill(start)
    witness = Witness({"network": start.network(), "end": corners[-1].network()}, start.data)
    lower = corners[-1].loss < start.loss
    kind = facts(start, corners[-1], level=start.loss, reference_loss=corners[-1].loss)
    halves = (Fraction(1, 4), Fraction(1, 2), Fraction(3, 4))
    return bounded(highest(corners, halves), start.loss, kind, besides=lower, witness=witness)


def downhill(start: State) -> tuple[State, ...]:
    """Features that span: the readout goes to the targets. Else R5 frees a neuron, and a row that helps is loaded."""
    residual = start.outputs - start.targets
    slopes = residual.T @ start.features  # the derivative in V, up to 2/N
    if (slopes != 0).any():
        return start, stepped(start, slopes, start.features)
    basis = exact_basis(start.features)
    freed = start.then(reduced(start.kind, start.weights, basis, basis.rest))
    slot = basis.rest[:1]
    for row in rows(start.seen):
        W = freed.weights["W"].copy()
        W[slot] = row
        loaded = freed.then({"W": W})
        slopes = residual.T @ loaded.features
        if (slopes[:, slot] != 0).any():
            return start, freed, loaded, stepped(loaded, slopes, loaded.features)
    raise ArithmeticError("no row was found that lowers the loss: the search is too small, or T4b is wrong")


def stepped(state: State, slopes: AnyArray, Z: AnyArray) -> State:
    """The best step of V against its gradient: `L` along `V - s G` is `L - 2 s |G|^2 + s^2 |Z G^T|^2`, up to 1/N."""
    moved = Z @ slopes.T
    step = sum((g * g for g in slopes.ravel().tolist()), Fraction(0)) / sum(
        (x * x for x in moved.ravel().tolist()), Fraction(0)
    )
    return state.then({"V": state.weights["V"] - step * slopes})


def rows(seen: AnyArray) -> Sequence[AnyArray]:
    """Directions: small combinations of the inputs, then a grid."""
    combinations = [np.array(c, dtype=object) @ seen for c in product((0, 1, -1, 2, -2), repeat=len(seen))]
    grid = product(range(-4, 5), repeat=seen.shape[1])
    return [*combinations, *(exact_array(np.array(point, dtype=float)) for point in grid)]


CLAIMS = {
    "T4": "PARALLEL, TWO-LAYER, N points, m = N + 1: a path joins any two parameters, on which the loss never exceeds "
    "the largest of their losses and L(g*), g* any two-layer network.",
    "T4+": "PARALLEL, TWO-LAYER, m = rho + 1, rho the rank of all features on the data (r - k + s of the rays of the "
    "inputs): a path joins any two parameters, on which the loss never exceeds the largest of their losses and L(g*), "
    "g* any two-layer network.",
}

CHECKS = (
    *(about(STATEMENTS[name], roomy(name), never_rises, claim=claim) for name, claim in CLAIMS.items()),
    about(STATEMENTS["T4b"], wide(), descends),
)
