"""L10: the mass S along L3 and L4, between bounds."""

from __future__ import annotations

from hypothesis import strategies as st

from numerics.checks.check import Outcome, about, bounded
from numerics.checks.climb import facts
from numerics.checks.problems import states
from numerics.checks.statements.perturb import Leaving
from numerics.moves.merge import fused
from numerics.moves.merging import projected
from numerics.moves.transfer import transferred
from numerics.networks.readers import has_stream
from numerics.testing import assignments, times
from theory.catalogue import STATEMENTS


@st.composite
def projections(draw: st.DrawFn) -> Leaving:
    """L3 with the projection, in any class with a readout."""
    start = draw(states())
    return Leaving(start, projected(start.weights["W"], draw(assignments(range(start.width)))), draw(times()))


def falls(problem: Leaving) -> Outcome:
    """The lower bound of `S` at `t` on both segments (and on the fused one) against the upper bound of `S(0)`."""
    start, ready = problem.start, problem.moved
    end = ready.then(transferred(ready.kind, ready.weights, problem.merging))
    there = [start.toward(ready, problem.t), ready.toward(end, problem.t), end]
    if not has_stream(start.kind):
        there.append(start.toward(start.then(fused(start.kind, start.weights, problem.merging)), problem.t))
    highest = max(there, key=lambda state: state.mass.lower)
    later = max(state.mass.lower for state in there[1:3]) <= ready.mass.upper
    witness = problem.witness(highest)
    return bounded(highest.mass.lower, start.mass.upper, facts(start, end), besides=later, witness=witness)


CLAIM = (
    "PARALLEL, TWO-LAYER and, with ||V U|| in Lambda, RESIDUAL and STREAM: S(t) <= S(0) along L3 (c_j the projection), "
    "along L4, and along both fused."
)

CHECKS = (about(STATEMENTS["L10"], projections(), falls, claim=CLAIM),)
