"""T7F: scaling one neuron under regularisation, and one drawn neuron against the step's value for F = L + kappa S.

Lengths of rows are irrational; every mass is taken at one rational upper bound, which changes nothing in these
identities: they are linear in the masses.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate

from hypothesis import strategies as st

from numerics.checks.check import Outcome, Witness, about, bounded
from numerics.checks.climb import facts
from numerics.checks.draws import SHARES, Draw, draws, emptied, stepped
from numerics.checks.problems import FLAT, states
from numerics.checks.states import State, mean_square
from numerics.common.shown import Shown
from numerics.networks.readers import AnyArray
from numerics.testing import times
from theory.catalogue import STATEMENTS
from theory.statements import one_slot, one_slot_regularised


@dataclass(frozen=True, eq=False)
class Penalised(Shown):
    """A network, a slot, a reference to draw from, how far the step goes, a time, and kappa."""

    start: State
    slot: int
    draw: Draw
    share: Fraction
    time: Fraction
    penalty: Fraction

    @property
    def effect(self) -> AnyArray:
        """`h_j` (N, p)."""
        return self.start.features[:, [self.slot]] @ self.start.weights["V"][:, [self.slot]].T

    @property
    def inner(self) -> Fraction:
        """`<f - y, h_j>`."""
        residual = self.start.outputs - self.start.targets
        return Fraction((residual * self.effect).sum()) / self.start.data.size

    @property
    def mass(self) -> Fraction:
        """`s_j`."""
        return Fraction(self.start.masses.each[self.slot])

    def witness(self) -> Witness:
        networks = {"network": self.start.network(), "reference": self.draw.reference}
        numbers = {"kappa": self.penalty, "slot": Fraction(self.slot), "e": self.share}
        return Witness(networks, self.start.data, numbers)


@st.composite
def penalised(draw: st.DrawFn) -> Penalised:
    """TWO-LAYER and PARALLEL; kappa is any, or that at which scaling the neuron changes F at second order only."""
    start, found = draw(draws(draw(states(FLAT, width=(1, 3))), most=2))
    slot, share, time = draw(st.integers(0, start.width - 1)), draw(st.sampled_from(SHARES)), draw(times())
    problem = Penalised(start, slot, found, share, time, Fraction(draw(st.integers(1, 16)), 4))
    if problem.mass and problem.inner < 0 and draw(st.booleans()):
        problem = Penalised(start, slot, found, share, time, -2 * problem.inner / problem.mass)
    return problem


def lowest(problem: Penalised, free: State, share: Fraction) -> Fraction:
    """The least F less what `(1-e) S'` adds to it, among all draws."""
    found = problem.draw
    if not found.live:
        return stepped(free, [problem.slot], found, (), share).loss
    masses = found.state.masses.each.tolist()
    return min(
        stepped(free, [problem.slot], found, (k,), share).loss
        + problem.penalty * share * found.spread / found.weights[k] * masses[k]
        for k in found.live
    )


def within(problem: Penalised) -> Outcome:
    """Some draw is no worse than the step's value; the masses are what the step says; scaling does what T7F says."""
    start, found, share = problem.start, problem.draw, problem.share
    free = emptied(start, [problem.slot])
    bound = problem.penalty * share * reference_mass(found) + one_slot.step_level(
        share,
        free_loss=free.loss,
        reference_loss=found.state.loss,
        variance=found.variance,
        distance_square=found.distance(free),
    )
    right = all(carried(problem, free, k) for k in found.live) and scaling(problem, free)
    kind = facts(start, free)
    return bounded(lowest(problem, free, share), bound, kind, besides=right, witness=problem.witness())


def reference_mass(found: Draw) -> Fraction:
    """`S*`."""
    return found.state.masses.total


def carried(problem: Penalised, free: State, k: int) -> bool:
    """The mass after the step is `(1-e) S'` and the new neuron's, between bounds."""
    found, share = problem.draw, problem.share
    there = stepped(free, [problem.slot], found, (k,), share).mass
    new = share * found.spread / found.weights[k] * found.state.masses.each[k]
    slack = Fraction(1, 1 << 50) * (1 + free.mass.upper + new)  # of the roots' 64 bits
    low, high = (1 - share) * free.mass.lower + new - slack, (1 - share) * free.mass.upper + new + slack
    return low <= there.upper and there.lower <= high


def scaling(problem: Penalised, free: State) -> bool:
    """Without a branch: F along `(1-t) V_j`, and what follows where its slope is 0 and where it is not."""
    start, penalty, mass = problem.start, problem.penalty, problem.mass
    if any(start.masses.lambdas) or not mass:
        return True
    square = mean_square(problem.effect)
    slope = one_slot_regularised.slope(inner=problem.inner, penalty=penalty, mass=mass)

    def rise(time: Fraction) -> Fraction:
        return start.toward(free, time).loss - start.loss - time * penalty * mass

    exact = rise(problem.time) == -problem.time * slope + problem.time**2 * square
    if slope:
        return exact and rise(min(slope / (2 * square + 1), Fraction(1))) < 0
    return exact and rise(Fraction(1)) == square and leads_down(problem, free, square)


def leads_down(problem: Penalised, free: State, square: Fraction) -> bool:
    """Where F is far enough above F(g*), the best step ends below F(theta)."""
    found, penalty, masses = problem.draw, problem.penalty, problem.start.masses.each.tolist()
    *_, total = accumulate(masses)
    here = problem.start.loss + penalty * total
    goal = found.state.loss + penalty * reference_mass(found)
    if here <= goal or (here - goal) ** 2 <= 4 * found.spread**2 * square:
        return True
    share = one_slot.best_share(
        free_loss=here + square, reference_loss=goal, variance=found.variance, distance_square=found.distance(free)
    )
    left = penalty * (1 - share) * (total - problem.mass)
    return lowest(problem, free, share) + left < here


CLAIM = (
    "TWO-LAYER and PARALLEL, kappa > 0: some neuron drawn from g* leaves no more of F than (1-e) F' + e F* + e^2 v* - "
    "e(1-e) ||f'-g*||^2. TWO-LAYER: F along V_j -> (1-t) V_j is F - t c_j + t^2 ||h_j||^2; where c_j is not 0 it falls "
    "at once, else the slot is emptied at ||h_j||^2, and above the threshold a draw ends below F(theta)."
)

CHECKS = (about(STATEMENTS["T7F"], penalised(), within, claim=CLAIM, tight=True),)
