"""How deep can the valley be that a parameter sits in: against a two-layer reference (C1), or without one (T7, R9)?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from functools import partial

from numerics.arithmetic.rationals import Enclosure
from numerics.losses.registry import SQUARED
from numerics.maxima.search import TOLERANCE
from numerics.paths.question import Question
from numerics.questions import search, sentences
from numerics.questions.bounds import depth_bounds, way_down_bounds
from numerics.questions.checking import drafting, not_checked
from numerics.questions.finish import beside, ended
from numerics.questions.floor import floor
from numerics.questions.found import Found
from numerics.questions.notes import depth_notes, floor_notes, loss_notes, way_down_notes
from numerics.questions.profile import stairs
from numerics.questions.request import Request
from numerics.questions.result import Result
from numerics.questions.staircase import descend

UNKNOWN = Enclosure(Fraction(0), None)  # a depth of which nothing is established


def depth(request: Request, *, route: str = "auto") -> Result:
    """A path from the start to the reference (`request.end`), put on some of its slots.

    PROVED only after the checker's word. UNDECIDED, with no certificate, if the start is no worse than the reference.
    Raises InputError.
    """
    with request.named():
        found = search.depth(request.start, request.second, request.problem, route=route)
    if found.corners.end.below(found.corners.start):
        result = _checked(found, request)
        result = replace(result, depth=result.depth or UNKNOWN)
    else:
        result = _says_nothing(found)

    def advice(found: Found) -> Sequence[str]:
        return [*loss_notes(request.problem, request.start), *depth_notes(found)]

    return ended(beside(result, found, depth_bounds, advice))


def way_down(request: Request, *, steps: int = 1, block: int = 1) -> Result:
    """Without a reference: so many steps down, each through `block` emptied slots, after the first refit.

    The result's `climb` and `gain` are those of the whole path from the start, its `profile` has them stair by stair,
    its `floor` what the checker proves the depth to be at least (T10, T8a), if it does.
    PROVED only after the checker's word. UNDECIDED, with no certificate, where nothing lower was found. Raises
    InputError.
    """
    with request.named():
        found = descend(request.start, request.problem, steps=steps, block=block)
    if found.stairs:
        result = _checked(found, request)
        result = replace(result, depth=result.depth or UNKNOWN, profile=stairs(result, found))
        if result.proved:
            result = replace(result, claim=result.claim + sentences.after_refit(result))
    else:
        start = found.corners.start
        claim = sentences.nothing_lower(found.stopped)
        result = Result(
            question=Question.ESCAPE,
            loss=request.loss,
            verdict="UNDECIDED",
            claim=claim,
            arithmetic="exact",
            start=start,
            depth=UNKNOWN,
        )

    def advice(_: Found) -> Sequence[str]:
        notes = [*loss_notes(request.problem, request.start), *way_down_notes(found, steps)]
        if found.stairs or request.problem.loss != SQUARED:  # T10 is about squared error
            return notes
        return [*floor_notes(floor(found.path.start, found.data)), *notes]

    return ended(beside(result, found, way_down_bounds, advice, line=False))


def _checked(found: Found, request: Request) -> Result:
    """The checker's answer on the path, or that there was no time for one."""
    with drafting() as draft:
        result = draft.verdict(partial(found.certificate, None), request, None, found.corners.attained)
    return result or not_checked(
        found.question,
        request.loss,
        found.corners,
        found.corners.claim(TOLERANCE),
        found.certificate(None),
    )


def _says_nothing(found: Found) -> Result:
    start, end = found.corners.start, found.corners.end
    return Result(
        question=Question.DEPTH,
        loss=found.problem.loss.name,
        verdict="UNDECIDED",
        claim=sentences.says_nothing(start, end),
        arithmetic="exact",
        start=start,
        end=end,
        depth=UNKNOWN,
        route=found.candidate.route,
    )
