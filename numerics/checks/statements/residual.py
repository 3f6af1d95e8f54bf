"""T2: T1's path in a residual block, with a column basis of the readout kept out of the merging."""

from __future__ import annotations

from dataclasses import replace

from numerics.checks.check import Outcome, about
from numerics.checks.climb import Climb, climbs
from numerics.checks.states import change
from numerics.networks.readers import returns
from theory.catalogue import STATEMENTS
from theory.statements import connectivity


def level(problem: Climb) -> Outcome:
    """The level, after the perturbation no change of the outputs up to the readout line, and `V U = 0` at the end."""
    limit = connectivity.level_upper(
        loss=problem.loss, deviation=problem.deviation, reference_loss=problem.reference_loss
    )
    _, moved, *exact, end = problem.corners
    constant = all(change(moved, corner) == 0 for corner in exact)
    silent = all(not (end.weights["V"] @ end.weights[name] != 0).any() for name in returns(end.kind, end.weights))
    outcome = problem.against(limit)
    return replace(outcome, holds=outcome.holds and constant and silent)


CHECKS = (about(STATEMENTS["T2"], climbs(("residual",)), level),)
