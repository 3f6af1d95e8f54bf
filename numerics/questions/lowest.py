"""Which of several candidates has the lowest path: by certified maxima, not by the search's estimates."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from numerics.common.interrupts import first_only, received
from numerics.errors import InputError
from numerics.losses.problem import Problem
from numerics.maxima.corners import CornerMaximum, corner_maximum, exact_corner_maximum
from numerics.maxima.kinds import for_loss
from numerics.maxima.pieces import PathMaximum, Stop
from numerics.maxima.search import path_maximum
from numerics.networks.two_layer import TwoLayer
from numerics.paths.certificate import Reference
from numerics.questions.found import Found
from numerics.routes.candidate import NEAR, Candidate, best

GENERAL_LIMIT = 1000  # pieces spent on the segments of a route on which anything moves


def lowest(found: Sequence[Candidate], problem: Problem, reference: TwoLayer | None) -> Found:
    """The lowest of the candidates' paths, to search accuracy.

    Estimates decide which to look at: they miss what hidden and general segments hide. A first interrupt ends this
    with the best that has a certified maximum. Raises InputError where nothing bounds the losses.
    """
    first = best(found)
    answer = answered(first, problem, reference)
    try:
        for other in sorted((one for one in found if one is not first), key=lambda one: one.estimate):
            if answer.corners.upper is not None and answer.corners.upper <= other.estimate * (1 + NEAR):  # exactly
                break
            if received():
                break
            rival = answered(other, problem, reference)
            if _height(rival) < _height(answer):
                answer = rival
    except KeyboardInterrupt:
        if answer.corners.upper is None:
            raise
        first_only()
    if answer.corners.upper is None and _stopped(answer):
        raise KeyboardInterrupt
    if answer.corners.upper is None:
        raise InputError(f"the losses on route {answer.candidate.route} overflow: nothing bounds them")
    return answer


def _stopped(answer: Found) -> bool:
    """Whether an interrupt ended the search for its maximum."""
    return isinstance(answer.corners, PathMaximum) and answer.corners.stop is Stop.INTERRUPTED


def _height(answer: Found) -> tuple[bool, Fraction]:
    """What orders answers: their upper bounds, those without one last."""
    upper = answer.corners.upper
    return upper is None, upper or Fraction(0)


def answered(candidate: Candidate, problem: Problem, reference: TwoLayer | None) -> Found:
    """The candidate with the maximum over its path; `reference`: what a `depth` leads to."""
    path = for_loss(candidate.certifiable(), problem)
    corners: CornerMaximum | PathMaximum
    if candidate.exact is not None:
        corners = exact_corner_maximum(candidate.exact, problem)
    elif any(segment.kind.is_searched for segment in path.segments):
        problem.progress("breakpoints and enclosures of the segments that are neither silent nor a readout line", 0.0)

        def watch(attained: float, upper: float | None, pieces: int) -> None:
            bound = "not bounded yet" if upper is None else f"{upper:.6g}"
            problem.progress(f"maximum of route {candidate.route} in [{attained:.6g}, {bound}], {pieces} pieces", 0.0)

        corners = path_maximum(path, problem, tolerance=candidate.tolerance, limit=GENERAL_LIMIT, watch=watch)
    else:
        corners = corner_maximum(
            path, problem, progress=lambda share: problem.progress("exact losses of all corners", share)
        )
    carried = None
    if reference is not None and candidate.slots is not None:
        carried = Reference(reference, candidate.slots)
    return Found(candidate, path, corners, problem, carried)
