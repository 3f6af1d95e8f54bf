"""How deep can the valley be that a parameter sits in: against a two-layer reference (C1), or without one (T7, R9)?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from numerics.arithmetic.rationals import Enclosure
from numerics.maxima.search import TOLERANCE
from numerics.paths.question import Question
from numerics.questions import search, sentences
from numerics.questions.bounds import depth_bounds, way_down_bounds
from numerics.questions.checking import drafting, not_checked
from numerics.questions.finish import beside, ended
from numerics.questions.floor import floor
from numerics.questions.found import Found
from numerics.questions.notes import depth_notes, floor_notes, way_down_notes
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
    if found.corners.end < found.corners.start:
        document = found.certificate(None)
        with drafting() as draft:
            result = draft.verdict(document, request, None, found.corners.attained)
        result = result or not_checked(Question.DEPTH, found.corners, found.corners.claim(TOLERANCE), document)
        result = replace(result, depth=result.depth or UNKNOWN)
    else:
        result = _says_nothing(found)
    return ended(beside(result, found, depth_bounds, depth_notes))


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
        document = found.certificate(None)
        with drafting() as draft:
            result = draft.verdict(document, request, None, found.corners.attained)
        result = result or not_checked(Question.ESCAPE, found.corners, found.corners.claim(TOLERANCE), document)
        result = replace(result, depth=result.depth or UNKNOWN, profile=stairs(result, found))
        if result.proved:
            result = replace(result, claim=result.claim + sentences.after_refit(result))
    else:
        start = Enclosure.of(found.corners.start)
        claim = sentences.nothing_lower(found.stopped)
        result = Result(
            question=Question.ESCAPE, verdict="UNDECIDED", claim=claim, arithmetic="exact", start=start, depth=UNKNOWN
        )

    def advice(_: Found) -> Sequence[str]:
        notes = way_down_notes(found, steps)
        return notes if found.stairs else [*floor_notes(floor(found.path.start, found.data)), *notes]

    return ended(beside(result, found, way_down_bounds, advice, line=False))


def _says_nothing(found: Found) -> Result:
    start, end = found.corners.start, found.corners.end
    return Result(
        question=Question.DEPTH,
        verdict="UNDECIDED",
        claim=sentences.says_nothing(start, end),
        arithmetic="exact",
        start=Enclosure.of(start),
        end=Enclosure.of(end),
        depth=UNKNOWN,
        route=found.candidate.route,
    )
