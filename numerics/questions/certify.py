"""The rigorous maximum of the loss over a path, all weights moving, and what samples see of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from functools import partial

from numerics.arithmetic.levels import Level
from numerics.arithmetic.rationals import decimal
from numerics.common import interrupts
from numerics.maxima.pieces import Stop
from numerics.maxima.search import TOLERANCE
from numerics.networks.base import Network
from numerics.paths import Path
from numerics.paths.question import Question
from numerics.questions import enclose, sentences
from numerics.questions.checking import Draft, drafting, not_checked
from numerics.questions.enclose import Certified
from numerics.questions.finish import ended
from numerics.questions.notes import loss_notes
from numerics.questions.request import Request
from numerics.questions.result import Attained, Enclosing, Result


def certify(
    request: Request,
    between: Sequence[Network] = (),
    *,
    path: Path | None = None,
    curve: str = enclose.POLYGON,
    level: Level | None = None,
    tolerance: Fraction = TOLERANCE,
    samples: bool = False,
    wanted: bool = True,
) -> Result:
    """The maximum over the path from start through `between` to end. PROVED only after the checker's word.

    `curve`: straight lines, or the Bezier arc whose control network lies `between`. `path`: these networks joined by
    segments of known kinds, which need no looking at what moves.
    `samples`: also what 61 float64 losses on each segment see. `wanted`: a certificate, also where the level is
    refuted. Raises InputError.
    """
    corners = (request.start, *between, request.second)
    labelled = True if request.error_rate is not None else None
    with request.named():
        whole = enclose.path_through(corners, curve) if path is None else path
        found = enclose.certify_path(whole, request.problem, tolerance=tolerance, level=level, labelled=labelled)
    seen = None
    try:
        seen = enclose.sampled(found, request.problem) if samples and not interrupts.received() else None
    except KeyboardInterrupt:
        interrupts.first_only()
    with drafting() as draft:
        result = _certified(found, draft, request, level, wanted=wanted)
    maximum = found.maximum
    result = replace(
        result,
        found=found,
        samples=seen,
        notes=tuple(loss_notes(request.problem, *corners)),
        missed=level is not None and (maximum.upper is None or maximum.upper > level),
    )
    return ended(result)


def _certified(found: Certified, draft: Draft, request: Request, level: Level | None, *, wanted: bool) -> Result:
    """The verdict on the claim asked for: the level's if there is one, else the certified upper end's.

    Where a time is above the level that is all that is to be said; only where a certificate is wanted the bound that
    there may be is checked too, and written.
    """
    maximum = found.maximum
    above = level is not None and maximum.attained > level
    if maximum.upper is None or (above and not wanted):
        return _unchecked(found, level)
    kept = level if level is not None and maximum.upper <= level else None
    for claimed in found.claims[-1:] if interrupts.received() else found.claims:
        document = found.certificate(kept, claimed)
        said = draft.verdict(partial(found.certificate, kept, claimed), request, kept, maximum.attained)
        if said is None:  # interrupted: the last is the one that the checker is most likely to follow
            claimed = found.claims[-1]
            document = found.certificate(kept, claimed)
        result = said or not_checked(Question.CERTIFY, request.loss, maximum, claimed, document)
        if result.claimed is not None:
            break
    if above:
        known = None if result.claimed is None else claimed
        said = _unchecked(found, level, known)
        return replace(said, claimed=result.claimed, document=result.document, check_seconds=result.check_seconds)
    result = replace(result, enclosing=_enclosing(found, found.stopped(claimed)))
    if level is not None and kept is None and result.proved:
        claim = sentences.between_level(request.loss, maximum.attained, claimed, level)
        return replace(result, verdict="UNDECIDED", claim=claim)
    return result


def _enclosing(found: Certified, stop: Stop) -> Enclosing:
    breakpoints = sum(one.breakpoints for _, one in found.maximum.hidden)
    return Enclosing(str(stop), found.tolerance, len(found.maximum.pieces), breakpoints)


def _unchecked(found: Certified, level: Level | None, upper: Fraction | None = None) -> Result:
    """The answer where there is nothing to check: a time above the level, or no upper bound at all.

    `upper`: what a certificate claims all the same.
    """
    maximum = found.maximum
    if level is not None and maximum.attained > level:
        loss, segments = found.problem.loss.name, len(found.path.segments)
        verdict = "REFUTED"
        claim = sentences.above_level(loss, maximum.attained_at, level, maximum.at, segments)
    else:
        why = "it was interrupted before" if maximum.stop is Stop.INTERRUPTED else "overflow"
        lowest = decimal(maximum.attained, up=False)
        verdict, claim = "UNDECIDED", f"no upper bound was found ({why}); the loss reaches {lowest}"
    return Result(
        question=Question.CERTIFY,
        loss=found.problem.loss.name,
        verdict=verdict,
        claim=claim,
        arithmetic="exact" if verdict == "REFUTED" else "ball",
        start=maximum.start,
        end=maximum.end,
        maximum=Attained.found(maximum, upper, sharp=True),
        barrier=maximum.barrier_below(upper),
        route=found.route,
        enclosing=_enclosing(found, maximum.stop),
    )
