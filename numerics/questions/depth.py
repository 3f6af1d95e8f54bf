"""C1's question: how deep can the valley be that a parameter sits in, against a two-layer reference?"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from numerics.arithmetic.rationals import Enclosure
from numerics.maxima.search import TOLERANCE
from numerics.paths.question import Question
from numerics.questions import search, sentences
from numerics.questions.bounds import depth_bounds
from numerics.questions.checking import drafting, not_checked
from numerics.questions.finish import beside, ended
from numerics.questions.found import Found
from numerics.questions.notes import depth_notes
from numerics.questions.request import Request
from numerics.questions.result import Result

UNKNOWN = Enclosure(Fraction(0), None)  # a depth of which nothing is established


def depth(request: Request, *, route: str = "auto") -> Result:
    """A path from the start to the reference (`request.end`), put on some of its slots.

    PROVED only after the checker's word. UNDECIDED, with no certificate, if the start is no worse than the reference.
    Raises InputError.
    """
    with request.named():
        found = search.depth(request.start, request.end, request.problem, route=route)
    if found.corners.end < found.corners.start:
        document = found.certificate(None)
        with drafting() as draft:
            result = draft.verdict(document, request, None, found.corners.attained)
        result = result or not_checked(Question.DEPTH, found.corners, found.corners.claim(TOLERANCE), document)
        result = replace(result, depth=result.depth or UNKNOWN)
    else:
        result = _says_nothing(found)
    return ended(beside(result, found, depth_bounds, depth_notes))


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
