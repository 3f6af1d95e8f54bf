"""The rigorous maximum of the loss over a path, all weights moving, and what samples see of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import partial

from numerics.arithmetic.levels import Level
from numerics.arithmetic.rationals import decimal
from numerics.common import interrupts
from numerics.errors import InputError
from numerics.losses.problem import Problem
from numerics.maxima.pieces import Stop
from numerics.maxima.search import TOLERANCE
from numerics.networks.base import Network
from numerics.networks.spaces import all_in_one_space
from numerics.networks.units import Order
from numerics.paths import Path
from numerics.paths.question import Question
from numerics.questions import enclose, sentences
from numerics.questions.checking import Draft, drafting, not_checked
from numerics.questions.enclose import Certified
from numerics.questions.finish import ended
from numerics.questions.notes import loss_notes
from numerics.questions.request import Request
from numerics.questions.requirements import require_fits
from numerics.questions.result import Attained, Enclosing, Result
from numerics.routes.matching import matched


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
    modulo_permutation: bool = False,
) -> Result:
    """The maximum over the path from start through `between` to end. PROVED only after the checker's word.

    `curve`: straight lines, or the Bezier arc whose control network lies `between`. `path`: these networks joined by
    segments of known kinds, which need no looking at what moves.
    `samples`: also what 61 float64 losses on each segment see. `wanted`: a certificate, also where the level is
    refuted. `modulo_permutation`: every network after the first may have its hidden units renamed, the same function,
    where that lies nearer to the one before. Raises InputError.
    """
    if modulo_permutation and path is not None:
        raise InputError("the corners of a certificate's path are what they are: leave out --modulo-permutation")
    if modulo_permutation and curve != enclose.POLYGON:
        raise InputError(f"a {curve} curve was trained with its units in one order: leave out --modulo-permutation")
    corners = (request.start, *between, request.second)
    with request.named():
        orders = None
        if modulo_permutation:
            corners, orders = _renamed(corners, request.problem)
        whole = enclose.path_through(corners, curve) if path is None else path
        found = enclose.certify_path(
            whole, request.problem, tolerance=tolerance, level=level, error_rate=request.error_rate
        )
        found = replace(found, renamed=orders)
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
        notes=(*loss_notes(request.problem, *corners), *_renaming(orders)),
        missed=level is not None and (maximum.upper is None or maximum.upper > level),
    )
    return ended(result)


def _renamed(corners: Sequence[Network], problem: Problem) -> tuple[tuple[Network, ...], Mapping[str, Order] | None]:
    """Each network matched to the one before it, and how the last one was renamed."""
    first, *others = all_in_one_space(corners)
    require_fits(first, problem)
    found, orders = [first], None
    for network in others:
        match = matched(found[-1], network, problem)
        found.append(match.network)
        orders = match.orders
    return tuple(found), orders


def _renaming(orders: Mapping[str, Order] | None) -> tuple[str, ...]:
    if orders is None:
        return ()
    return (
        f"the path ends at the last network with the units of {', '.join(orders)} renamed, which changes no output",
    )


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
