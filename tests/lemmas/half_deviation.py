"""A lemma of one's own, and a false one: T1 with half the deviation."""

from numerics.checks import Check, Outcome
from numerics.checks.climb import Climb, climbs
from theory.statement import Kind
from theory.statements import connectivity


def within(problem: Climb) -> Outcome:
    """The highest loss seen on T1's path, in fractions, against the level that is claimed."""
    level = connectivity.level_upper(
        loss=problem.loss, deviation=problem.deviation / 2, reference_loss=problem.reference_loss
    )
    return problem.against(level)


CHECKS = (
    Check(
        id="half-T1",
        claim="T1's path keeps to sqrt L <= max(sqrt L(theta) + D(J)/2, sqrt L(g*)).",
        kind=Kind.UPPER_BOUND,
        problems=climbs(),
        run=within,
    ),
)
