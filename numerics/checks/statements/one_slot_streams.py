"""T7S: a slot of a stream emptied and unwritten, and T7's step in V alone, on whole paths in fractions."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import assume
from hypothesis import strategies as st

from numerics.arithmetic.bases import exact_basis
from numerics.arithmetic.positive import root_up
from numerics.checks.check import Outcome, about, bounded
from numerics.checks.climb import facts, freed, highest, lightened
from numerics.checks.draws import draws, loaded
from numerics.checks.problems import states
from numerics.checks.statements.one_slot import Step, best_draw, certainly_above
from numerics.moves.clear_rows import stacked_readers
from numerics.moves.merging import pruned
from numerics.testing import times
from theory.catalogue import STATEMENTS
from theory.statements import one_slot, one_slot_streams


@st.composite
def steps(draw: st.DrawFn) -> Step:
    """RESIDUAL and STREAM with a neuron outside the readers' basis; every other time all of them are light."""
    start = draw(states(("residual", "stream"), width=(2, 4), outputs=(1, 1)))
    if draw(st.booleans()):
        start = draw(lightened(start, range(start.width)))
    start, found = draw(draws(start, most=2))
    outside = exact_basis(stacked_readers(start.kind, start.weights)).rest.tolist()
    assume(outside)
    slot = min(outside, key=lambda j: start.masses.each[j])
    return Step(start, (slot,), found, Fraction(0), draw(times()))


def leads_down(problem: Step) -> Outcome:
    """Emptying climbs at most delta^2; above the threshold some draw ends lower, within that level."""
    start, (slot,), found = problem.start, problem.slots, problem.draw
    readers = len(exact_basis(stacked_readers(start.kind, start.weights)).basis)
    bound = one_slot_streams.depth_upper(
        loss=root_up(start.loss) ** 2,
        sigma=root_up(start.sigma.upper),
        mass=start.masses.total,
        width=start.width,
        readers=readers,
    )
    corners = list(freed(start, pruned(start.weights["W"], [slot])))
    free, leads = corners[-1], True
    if certainly_above(start.loss, found.state.loss, found.spread, bound):
        share = one_slot.best_share(
            free_loss=free.loss,
            reference_loss=found.state.loss,
            variance=found.variance,
            distance_square=found.distance(free),
        )
        goal = best_draw(Step(start, problem.slots, found, share, problem.time), free)
        corners += [loaded(free, problem.slots, goal.weights["W"][[slot]]), goal]
        leads = goal.loss < start.loss
    climb = highest(corners, (problem.time,)) - start.loss
    kind = facts(start, free, level=start.loss + bound, reference_loss=found.state.loss)
    return bounded(climb, bound, kind, besides=leads, witness=problem.witness())


CHECKS = (about(STATEMENTS["T7S"], steps(), leads_down),)
