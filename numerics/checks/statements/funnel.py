"""C2F+: both descents, one slot a round, and the bottom, corner by corner in fractions.

Rows have rational lengths and there is one output, so that every mass is exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

import numpy as np
from hypothesis import strategies as st

from numerics.checks.check import Outcome, Witness, about, bounded
from numerics.checks.climb import facts, risen
from numerics.checks.statements import halves
from numerics.checks.states import State, mean_square
from numerics.common.shown import Shown
from numerics.data import Data
from numerics.networks.readers import AnyArray
from numerics.networks.two_layer import TwoLayer
from numerics.testing import matrices, times
from theory.catalogue import STATEMENTS
from theory.proof import ProofResult, Verdict
from theory.statements.funnel import Funnel, funnel

DIRECTIONS = ((1, 0), (0, 1), (-1, 0), (0, -1), (3, 4), (-4, 3), (4, -3), (-3, -4))
ROUNDS = 4  # after which a descent is looked at as far as it came


@dataclass(frozen=True, eq=False)
class Ends(Shown):
    """Two TWO-LAYER parameters of one space, a reference of any width on the same data, kappa and eps."""

    start: State
    end: State
    reference: State
    penalty: Fraction
    margin: Fraction
    times: tuple[Fraction, ...]

    def objective(self, state: State) -> Fraction:
        """F; the mass is exact."""
        return state.loss + self.penalty * state.mass.upper

    @property
    def level(self) -> Fraction:
        """lambda: the higher end's F."""
        return max(self.objective(self.start), self.objective(self.end))

    @property
    def numbers(self) -> Funnel:
        """C2F+'s, with sigma rounded up."""
        return funnel(
            self.level,
            reference=self.objective(self.reference),
            reference_mass=self.reference.mass.upper,
            sigma=self.start.sigma.root().upper,
            penalty=self.penalty,
            width=self.start.width,
            margin=self.margin,
        )


@st.composite
def networks(draw: st.DrawFn, width: int) -> TwoLayer:
    """Rows of rational length, readouts that are short dyadic numbers."""
    rows = [draw(st.sampled_from(DIRECTIONS)) for _ in range(width)]
    scales = draw(st.lists(st.sampled_from((0.5, 1.0, 2.0)), min_size=width, max_size=width))
    return TwoLayer(W=np.array(rows) * np.array(scales)[:, None], V=draw(matrices(1, width, dense=True)))


@st.composite
def ends(draw: st.DrawFn) -> Ends:
    """Any two, or one and its neurons twice; the targets are the reference's outputs every other time, or opposite."""
    width = draw(st.integers(2, 3))
    one, other, reference = draw(networks(width)), draw(networks(width)), draw(networks(draw(st.integers(1, 2))))
    X = draw(matrices(draw(st.integers(1, 2)), 2, dense=True))
    outputs = State.of(reference, Data(X, np.zeros((len(X), 1)))).outputs.astype(np.float64)
    data = Data(X, outputs * draw(st.sampled_from((1.0, 1.0, -1.0))))
    penalty, margin = Fraction(draw(st.sampled_from((1, 8, 32, 128))), 4), Fraction(draw(st.integers(1, 16)), 8)
    start, end, target = (State.of(network, data) for network in (one, other, reference))
    return Ends(start, end, target, penalty, margin, (draw(times()),))


def lightest(state: State) -> int:
    """The neuron that a round works on."""
    return int(np.argmin(state.masses.each))


def slope(problem: Ends, state: State, j: int) -> tuple[Fraction, AnyArray]:
    """`c_j = 2 <f - y, h_j> + kappa s_j`, and `h_j` (N, 1)."""
    effect = np.multiply.outer(state.features[:, j], state.weights["V"][:, j])
    inner = Fraction(((state.outputs - state.targets) * effect).sum()) / len(effect)
    return 2 * inner + problem.penalty * Fraction(state.masses.each[j]), effect


def rescaled(state: State, j: int, factor: Fraction) -> State:
    """`V_j` times a factor."""
    V = state.weights["V"].copy()
    V[:, j] = factor * V[:, j]
    return state.then({"V": V})


def refilled(problem: Ends, state: State, j: int, share: Fraction) -> tuple[State, State]:
    """The empty slot loaded with a neuron of g*, and the readout line's end: the draw that leaves least of F."""
    reference = problem.reference
    each: list[Fraction] = reference.masses.each.tolist()
    found: list[tuple[Fraction, int, State, State]] = []
    for k, mass in enumerate(each):
        if not mass:
            continue
        W, V = state.weights["W"].copy(), (1 - share) * state.weights["V"]
        W[j] = reference.weights["W"][k]
        V[:, j] = share * sum(each, Fraction(0)) / mass * reference.weights["V"][:, k]
        loaded = state.then({"W": W})
        end = loaded.then({"V": V})
        found.append((problem.objective(end), k, loaded, end))
    if not found:
        return state, state.then({"V": (1 - share) * state.weights["V"]})
    _, _, loaded, end = min(found, key=lambda one: one[:2])
    return loaded, end


def descent(problem: Ends, start: State) -> tuple[State, ...]:
    """Corners of rounds until F is at most mu, or `ROUNDS` of them."""
    numbers, corners = problem.numbers, [start]
    spread = problem.start.sigma.root().upper * problem.reference.mass.upper
    small = min(Fraction(1), problem.margin / (2 * spread**2)) if spread else Fraction(1)
    share = numbers.rise / (numbers.rise + spread) if numbers.rise else small
    for _ in range(ROUNDS):
        here = corners[-1]
        if problem.objective(here) <= numbers.bottom:
            break
        j = lightest(here)
        rate, effect = slope(problem, here, j)
        if rate < 0:
            corners.append(rescaled(here, j, 1 - rate / (2 * mean_square(effect))))
        else:
            empty = rescaled(here, j, Fraction(0))
            corners += [empty, *refilled(problem, empty, j, share)]
    return tuple(corners)


def highest(problem: Ends, corners: Sequence[State]) -> Fraction:
    """The largest F seen, at corners and at `times` between neighbours."""
    between = (problem.objective(a.toward(b, t)) for a, b in pairwise(corners) for t in problem.times)
    return max([*map(problem.objective, corners), *between])


def stays_below(problem: Ends) -> Outcome:
    """The largest F on both descents, and at the bottom where both have reached it, against C2F+'s level."""
    numbers, descents = problem.numbers, [descent(problem, one) for one in (problem.start, problem.end)]
    last = [corners[-1] for corners in descents]
    seen = [highest(problem, corners) for corners in descents]
    reached = all(problem.objective(one) <= numbers.bottom for one in last)
    if reached:
        seen.append(highest(problem, halves.route(*last)))
    networks = {"network": problem.start.network(), "end": problem.end.network()}
    witness = Witness(networks, problem.start.data, {"kappa": problem.penalty, "eps": problem.margin})
    outcome = bounded(max(seen), numbers.level, facts(problem.start, problem.end), witness=witness)
    return replace(outcome, ratio=risen(max(seen), problem.level, numbers.level))


def one_round() -> ProofResult:
    """x = 1, y = 2, m = 2, kappa = 1, both neurons at 1/2: F = 2; g* = 3/2 has F* = 7/4; emptied at 13/4 - 1/2."""
    network = TwoLayer(W=np.array([[1.0, 0.0], [1.0, 0.0]]), V=np.array([[0.5, 0.5]]))
    data = Data(np.array([[1.0, 0.0]]), np.array([[2.0]]))
    reference = State.of(TwoLayer(W=np.array([[1.0, 0.0]]), V=np.array([[1.5]])), data)
    start = State.of(network, data)
    problem = Ends(start, start, reference, Fraction(1), Fraction(1, 8), (Fraction(1, 2),))
    rate, effect = slope(problem, start, 0)
    held = (
        problem.objective(start) == 2
        and problem.objective(reference) == Fraction(7, 4)
        and (rate, mean_square(effect)) == (Fraction(-1, 2), Fraction(1, 4))
        and problem.objective(rescaled(start, 0, Fraction(0))) == Fraction(11, 4)
        and problem.objective(rescaled(start, 0, Fraction(2))) == Fraction(7, 4)
        and stays_below(problem).holds
    )
    return ProofResult(
        "C2F+",
        "F = 2, c_0 = -1/2, h^2 = 1/4: emptied 11/4, scaled to its least 7/4 = F(g*)",
        "this instance",
        Verdict.PROVED if held else Verdict.REFUTED,
    )


CHECKS = (about(STATEMENTS["C2F+"], ends(), stays_below),)
CONSTRUCTIONS = {"exact.funnel": one_round}
