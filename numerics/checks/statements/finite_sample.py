"""T4, T4+, T4b: paths that never rise, built from features that span all outputs or leave neurons free."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

from numerics.arithmetic.bases import ColumnBasis, exact_basis
from numerics.checks.check import Outcome, Witness, about, bounded
from numerics.checks.climb import Climb, arrived, facts, highest, references_of, retargeted
from numerics.checks.problems import FLAT, references, states
from numerics.checks.states import State
from numerics.common.shown import Shown
from numerics.moves.merging import pruned
from numerics.moves.rank import reduced
from numerics.moves.transfer import handed_over
from numerics.networks.readers import AnyArray, exact_array, exact_weights
from numerics.networks.two_layer import TwoLayer
from numerics.testing import times
from theory.catalogue import STATEMENTS
from theory.statements import finite_sample


@dataclass(frozen=True, eq=False)
class Asked(Shown):
    """From `start` to a two-layer reference; every segment is looked at at `times`."""

    start: State
    reference: TwoLayer
    times: tuple[Fraction, ...]


def roomy(statement: str) -> st.SearchStrategy[Asked]:
    """Networks of exactly the width that the statement needs, for one to three points."""
    return _roomy(statement)


@st.composite
def _roomy(draw: st.DrawFn, statement: str) -> Asked:
    N, few = draw(st.integers(1, 3)), draw(st.integers(2 if statement == "T4+" else 1, 3))
    width = finite_sample.width_for(statement, points=N, neurons=few)
    start = draw(states(FLAT, width=(width, width), points=(N, N)))
    reference = draw(references(start.network(), few, few))
    if few <= width and draw(st.booleans()):
        reference = draw(references_of(start, few).filter(lambda found: found.width == few))
    return Asked(draw(retargeted(start, reference)), reference, (draw(times()),))


def never_rises(problem: Asked) -> Outcome:
    """The path to g* stays at or below the larger of its ends; two such paths are joined at g* (C2's check)."""
    start, reference = problem.start, problem.reference
    corners = route(start, reference)
    goal = State.of(reference, start.data).loss
    witness = Witness({"network": start.network(), "reference": reference}, start.data, {"t": problem.times[0]})
    return bounded(
        highest(corners, problem.times),
        max(start.loss, goal),
        facts(start, corners[-1], level=max(start.loss, goal), reference_loss=goal),
        besides=corners[-1].loss == goal,
        witness=witness,
    )


def route(start: State, reference: TwoLayer) -> tuple[State, ...]:
    """R5, load, readout. Where R5 leaves one slot too few the features span all outputs, and T4+'s exchange is made."""
    basis, few = exact_basis(start.features), reference.width
    freed = start.then(reduced(start.kind, start.weights, basis, basis.rest))
    if len(basis.rest) >= few:
        return start, freed, *arrived(freed, on_slots(freed, reference, basis.rest[:few]))
    return start, freed, *exchanged(freed, reference, basis)


def exchanged(freed: State, reference: TwoLayer, basis: ColumnBasis) -> tuple[State, ...]:
    """T4+: outputs to those of g*, all but one of its neurons loaded, one of these takes over from a basis feature."""
    goal = State.of(reference, freed.data)
    V = freed.weights["V"] * 0
    useful = [j for j in range(reference.width) if (goal.features[:, j] != 0).any()]
    if useful:  # features that are all 0 are fitted by a readout of 0, which frees every slot
        inverse = exact_basis(np.hstack([freed.features[:, basis.basis], linear(goal)]))
        V[:, basis.basis] = inverse.coefficients.T
    fitted = silenced(freed, V, reference)
    if not useful:
        return fitted, *arrived(fitted, on_slots(fitted, reference, np.arange(reference.width)))
    first = [useful[0], *(j for j in range(reference.width) if j != useful[0])]
    slots, rows = basis.rest[: reference.width - 1], exact_weights(reference)["W"]
    W = fitted.weights["W"].copy()
    W[slots] = rows[first[:-1]]
    loaded = fitted.then({"W": W})
    lead = slots[:1]
    share = exact_basis(loaded.features, [*basis.basis, *slots]).of(lead)[:, 0]  # z* = sum_b share_b z_b
    place = next(k for k, c in enumerate(share.tolist()) if c != 0)
    others = np.delete(np.arange(len(share)), place)
    C = np.concatenate([-share[others], [Fraction(1)]]) / share[place]
    centres = np.concatenate([basis.basis[others], lead])
    gone = basis.basis[[place]]
    changes = handed_over(loaded.kind, loaded.weights, gone, centres, C.reshape(-1, 1))
    swapped = loaded.then(changes)
    order = np.empty(reference.width, dtype=np.int64)
    order[first] = [*slots, *gone]
    return fitted, loaded, swapped, *arrived(swapped, on_slots(swapped, reference, order))


def linear(goal: State) -> AnyArray:
    """`V z` of a two-layer network, without its output bias."""
    product_: AnyArray = goal.features @ goal.weights["V"].T
    return product_


def silenced(state: State, V: AnyArray, reference: TwoLayer) -> State:
    """The readout V with the reference's output bias, and the branch silent."""
    changes = {"V": V}
    if state.kind == "parallel":
        changes["U"] = state.weights["U"] * 0
    if "c" in state.weights:
        changes["c"] = state.weights["c"] * 0 if reference.c is None else exact_array(reference.c)
    return state.then(changes)


def on_slots(state: State, reference: TwoLayer, slots: AnyArray) -> Climb:
    """What `arrived` is told: which slots the reference's neurons take, in their order."""
    return Climb(state, reference, pruned(state.weights["W"], slots), ())


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
    "T4": "PARALLEL, TWO-LAYER, N points, m = N + l: a path leads from any parameter to any two-layer g* with l "
    "neurons, on which the loss never exceeds the larger of L(theta) and L(g*).",
    "T4+": "PARALLEL, TWO-LAYER, N points, m = N + l - 1, l >= 2: a path leads from any parameter to any two-layer g* "
    "with l neurons, on which the loss never exceeds the larger of L(theta) and L(g*).",
}

CHECKS = (
    *(about(STATEMENTS[name], roomy(name), never_rises, claim=claim) for name, claim in CLAIMS.items()),
    about(STATEMENTS["T4b"], wide(), descends),
)
