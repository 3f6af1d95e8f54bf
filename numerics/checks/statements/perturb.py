"""L3: how far the outputs go while neurons leave into their centres, against D(J)."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from hypothesis import strategies as st

from numerics.arithmetic.positive import root_up
from numerics.checks.check import Outcome, Witness, about, bounded
from numerics.checks.climb import deviation, facts
from numerics.checks.problems import states
from numerics.checks.states import State, change
from numerics.common.shown import Shown
from numerics.moves.deviation import displacement
from numerics.moves.merge import fused
from numerics.moves.merging import Merging, projected
from numerics.moves.perturb import perturbed
from numerics.networks.readers import has_stream
from numerics.testing import mergings, times
from theory.catalogue import STATEMENTS


@dataclass(frozen=True, eq=False)
class Leaving(Shown):
    """Neurons of `start` leave as `merging` says; `t` is where the outputs are measured."""

    start: State
    merging: Merging
    t: Fraction

    @property
    def moved(self) -> State:
        """Their rows at `c_j w_i`."""
        return self.start.then(perturbed(self.start.weights, self.merging))

    def witness(self, there: State) -> Witness:
        pairs = zip(self.merging.leaving.tolist(), self.merging.centres.tolist(), self.merging.scales, strict=True)
        numbers = {"t": self.t}
        for j, i, c in pairs:
            numbers |= {f"neuron {j} leaves into": Fraction(i), f"c of neuron {j}": Fraction(c)}
        return Witness({"network": self.start.network(), "there": there.network()}, self.start.data, numbers)


@st.composite
def leavings(draw: st.DrawFn) -> Leaving:
    """Any class with a readout, projections or any scales `c >= 0`."""
    start = draw(states())
    return Leaving(start, draw(mergings(start.weights["W"])), draw(times()))


def largest(problem: Leaving) -> tuple[Fraction, State]:
    """`||f_t - f_0||^2`, and where; outside a stream the larger one of both forms of L3."""
    ends = [problem.moved]
    if not has_stream(problem.start.kind):
        ends.append(problem.start.then(fused(problem.start.kind, problem.start.weights, problem.merging)))
    found = [(change(problem.start, problem.start.toward(end, problem.t)), end) for end in ends]
    return max(found, key=lambda pair: pair[0])


def bound(problem: Leaving) -> Fraction:
    """`D(J)`: theory's by masses and sines for the projection, else by the distances themselves."""
    start, merging = problem.start, problem.merging
    W = start.weights["W"]
    best = projected(W, dict(zip(merging.leaving.tolist(), merging.centres.tolist(), strict=True)))
    if (best.scales == merging.scales).all():
        return deviation(start, merging)
    return root_up(start.sigma.upper) * displacement(W, merging, start.masses)


def within(problem: Leaving, share: Fraction = Fraction(1)) -> Outcome:
    """`||f_t - f_0||^2 <= (share t D(J))^2`; L3 says it for share 1."""
    measured, end = largest(problem)
    limit = (share * problem.t * bound(problem)) ** 2
    kind = facts(problem.start, problem.start.toward(end, problem.t))
    return bounded(measured, limit, kind, squares=True, witness=problem.witness(end))


CHECKS = (about(STATEMENTS["L3"], leavings(), within, tight=True),)
