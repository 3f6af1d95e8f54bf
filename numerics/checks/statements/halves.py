"""C2T: the whole path between two networks, half of the own neurons at a time, drawn by conditional expectations."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from hypothesis import strategies as st

from numerics.checks.check import Outcome, Witness, about, bounded
from numerics.checks.climb import facts, highest, risen
from numerics.checks.problems import states
from numerics.checks.statements.finite_sample import permuted
from numerics.checks.states import State, mean_square
from numerics.common.shown import Shown
from numerics.data import Data
from numerics.networks.readers import AnyArray
from numerics.networks.two_layer import TwoLayer
from numerics.testing import matrices, partners, times, weights
from theory.catalogue import STATEMENTS
from theory.proof import ProofResult, Verdict
from theory.statements import halves


@dataclass(frozen=True, eq=False)
class Ends(Shown):
    """Two TWO-LAYER parameters of one space on one data set; segments are looked at at `times`."""

    start: State
    end: State
    times: tuple[Fraction, ...]


@st.composite
def ends(draw: st.DrawFn) -> Ends:
    """Any two; every other time copies of one neuron, on data that they fit."""
    start = draw(copied() if draw(st.booleans()) else states(("two-layer",), width=(2, 6)))
    network = start.network() if draw(st.booleans()) else draw(partners(start.network()))
    return Ends(start, State.of(network, start.data), (draw(times()),))


@st.composite
def copied(draw: st.DrawFn) -> State:
    """Two neurons of one row that oppose each other (one of them alone, twice, misses by twice its size), or four that
    add up; the targets are their outputs.
    """
    row, X = draw(matrices(1, 1, dense=True)), draw(matrices(draw(st.integers(1, 2)), 1, dense=True))
    signs = np.array(draw(st.sampled_from(((1.0, -1.0), (1.0, 1.0, 1.0, 1.0)))))
    network = TwoLayer(W=np.repeat(row, len(signs), axis=0), V=draw(weights(dense=True)) * signs[None, :])
    return State.of(network, Data(X, State.of(network, Data(X, 0 * X)).outputs.astype(np.float64)))


def half(state: State) -> AnyArray:
    """Another readout with at most floor(m/2) live neurons: each draw makes the mean of the loss least, given those
    before. Neuron j has weight q_j >= s_j, and a draw of it counts Q/(h q_j).
    """
    draws, weights = state.width // 2, state.masses.each
    total = sum(weights.tolist(), Fraction(0))
    V = state.weights["V"] * 0
    linear = state.features @ state.weights["V"].T
    offset = state.outputs - linear - state.targets  # an output bias counts with the targets
    done = linear * 0
    for k in range(draws):
        rest = linear * Fraction(draws - k - 1, draws)
        found = []
        for j in np.flatnonzero(weights != 0).tolist():
            factor = total / (draws * weights[j])
            effect = factor * np.multiply.outer(state.features[:, j], state.weights["V"][:, j])
            found.append((mean_square(done + effect + rest + offset), j, factor, effect))
        if not found:
            break
        _, j, factor, effect = min(found, key=lambda one: one[:2])
        done = done + effect
        V[:, j] = V[:, j] + factor * state.weights["V"][:, j]
    return V


def route(start: State, end: State) -> tuple[State, ...]:
    """Half of the own neurons; the other's half into slots that nothing reads; across; to its own slots; back out."""
    here, there = start.then({"V": half(start)}), end.then({"V": half(end)})
    live = np.flatnonzero((there.weights["V"] != 0).any(axis=0)).tolist()
    empty = np.flatnonzero((here.weights["V"] == 0).all(axis=0)).tolist()[: len(live)]
    W, V = here.weights["W"].copy(), here.weights["V"] * 0
    W[empty], V[:, empty] = there.weights["W"][live], there.weights["V"][:, live]
    loaded = here.then({"W": W})
    changes = {"V": V} | ({"c": there.weights["c"]} if "c" in there.weights else {})
    across = loaded.then(changes)
    return start, here, loaded, across, *permuted(across, empty, live), there, end


def stays_below(problem: Ends) -> Outcome:
    """The largest loss seen on the path against C2T's level."""
    start, end = problem.start, problem.end
    given, corners = max(start.loss, end.loss), route(start, end)
    mass = max(start.masses.total, end.masses.total)
    limit = halves.level(given, sigma_square=start.sigma.upper, mass=mass, width=start.width)
    seen = highest(corners, problem.times)
    witness = Witness({"network": start.network(), "end": end.network()}, start.data, {"lambda": given, "S": mass})
    kind = facts(start, end, level=limit, reference_loss=given)
    outcome = bounded(seen, limit, kind, besides=corners[-1].same(end), witness=witness)
    return replace(outcome, ratio=risen(seen, given, limit))


def case_25() -> ProofResult:
    """Case 25: x = 1, two neurons with outputs 1 and -1, target 0: any one of them, twice, has loss 4; attained."""
    network = TwoLayer(W=np.array([[1.0], [1.0]]), V=np.array([[1.0, -1.0]]))
    start = State.of(network, Data(np.array([[1.0]]), np.array([[0.0]])))
    found = stays_below(Ends(start, start, (Fraction(1, 2),)))
    held = found.holds and found.measured == found.bound == 4
    return ProofResult("C2T", "loss 4 = 0 + 1 * 2^2/1", "this instance", Verdict.PROVED if held else Verdict.REFUTED)


CHECKS = (about(STATEMENTS["C2T"], ends(), stays_below, tight=True),)
CONSTRUCTIONS = {"case.25": case_25}
