"""T2: T1's path in a residual block, with a column basis of the readout kept out of the merging."""

from __future__ import annotations

from numerics.checks.check import Check, Outcome
from numerics.checks.climb import Climb, climbs
from numerics.checks.states import change
from theory import connectivity
from theory.catalogue import STATEMENTS


def level(problem: Climb) -> Outcome:
    """The level, after the perturbation no change of the outputs up to the readout line, and `V U = 0` at the end."""
    limit = connectivity.level_upper(
        loss=problem.loss, deviation=problem.deviation, reference_loss=problem.reference_loss
    )
    outcome = problem.against(limit)
    _, moved, *exact, end = problem.corners
    constant = all(change(moved, corner) == 0 for corner in exact)
    end_of = end.weights
    silent = all(not (end_of["V"] @ U != 0).any() for name, U in end_of.items() if name.rpartition(".")[2] == "U")
    if constant and silent:
        return outcome
    return Outcome(outcome.measured, outcome.bound, False, outcome.ratio, outcome.facts, outcome.witness)


CHECKS = (Check("T2", STATEMENTS["T2"].claim, STATEMENTS["T2"].kind, climbs(("residual",)), level),)
