"""The true twin of `half_deviation`: T1 itself."""

from numerics.checks import Check, Outcome
from numerics.checks.climb import Climb, climbs
from theory.statement import Kind
from theory.statements import connectivity


def within(problem: Climb) -> Outcome:
    """The highest loss seen on T1's path, in fractions, against the level that is claimed."""
    level = connectivity.level_upper(
        loss=problem.loss, deviation=problem.deviation, reference_loss=problem.reference_loss
    )
    return problem.against(level)


CHECKS = (
    Check(
        id="whole-T1",
        claim="T1's path keeps to sqrt L <= max(sqrt L(theta) + D(J), sqrt L(g*)).",
        kind=Kind.UPPER_BOUND,
        problems=climbs(),
        run=within,
    ),
)
