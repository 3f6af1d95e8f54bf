"""The whole check, in order: form, data, ends, kinds, exact losses, claims, enclosures."""

import os
from collections.abc import Sequence
from fractions import Fraction
from itertools import islice, pairwise

from flint import fmpq

from . import rationals
from .effort import DEFAULT_EFFORT, Budget, Effort
from .ends import check_ends
from .errors import Refused, Unusable
from .files import DEFAULT_BUDGET, read_bytes
from .forward import corner_losses
from .general import establish
from .hidden import Summit, summit
from .identities import check_identities, has_rationals, rational_loss
from .inputs import Data, read_data
from .levels import Level
from .networks import Network, read_network
from .reader import Certificate, parse_certificate
from .report import Report, judged_report, refused_report
from .segments import check_kinds, corners, require_room
from .single import exact_loss
from .valley import Valley, floor, pass_between, valley
from .verdict import Judgement, judge

FilePath = str | os.PathLike[str]


def check(
    cert_path: FilePath,
    data: str,
    start: FilePath | None = None,
    end: FilePath | None = None,
    level: str | Fraction | None = None,
    memory: int = DEFAULT_BUDGET,
    effort: int = DEFAULT_EFFORT,
) -> Report:
    """Check a certificate against data, and against the networks it should join if they are given.

    `data`: a built-in name or a path; `end`: for a depth certificate the two-layer reference; `level`: a
    bound the loss should keep to, exactly ("0.05", "1/20"); `memory`: bytes; `effort`: word operations.
    A bad certificate is a report, whatever its bytes. Raises Unusable for other unusable input and for a certificate
    that takes more memory or effort than that.
    """
    bound = None if level is None else _level(level)
    blob = read_bytes(cert_path, memory, "a certificate")
    dataset = read_data(data, memory)
    given_start = None if start is None else read_network(start, memory)
    given_end = None if end is None else read_network(end, memory)
    ends_given = (start is not None, end is not None)
    try:
        certificate = parse_certificate(blob, memory)
        budget, asked = Budget(memory, Effort(effort)), bound.value if bound else None
        judgement = _judge(certificate, dataset, given_start, given_end, asked, budget)
    except Refused as refusal:
        return refused_report(str(refusal), ends_given)
    return judged_report(certificate.document, judgement, bound, ends_given)


def _judge(
    certificate: Certificate,
    data: Data,
    start: Network | None,
    end: Network | None,
    level: fmpq | None,
    budget: Budget,
) -> Judgement:
    """Everything between form and report. Raises Refused, Unusable."""
    _check_data(certificate, data)
    require_room(certificate, budget)
    check_ends(certificate, start, end)
    check_kinds(certificate)
    check_identities(certificate, data, budget)
    document = certificate.document
    losses = _losses(certificate, data, budget)
    summits = _summits(certificate, data, budget)
    stated_loss = _loss_at(certificate, losses, summits, data, budget)
    return judge(
        document,
        losses,
        summits,
        stated_loss,
        lambda: establish(certificate, data, budget),
        level,
        (lambda: _unavoidable(certificate, losses, data, budget)) if document.question in ("valley", "pass") else None,
        (lambda: floor(document.space, certificate.start, losses[0], data, budget))
        if document.question in ("depth", "escape")
        else None,
    )


def _losses(certificate: Certificate, data: Data, budget: Budget) -> list[fmpq]:
    """The exact losses of all corners. Raises Unusable."""
    space = certificate.document.space
    rational: dict[int, fmpq] = {}
    for k, weights in enumerate(corners(certificate) if certificate.document.rationals else ()):
        if has_rationals(weights):
            rational[k] = rational_loss(space, weights, data, budget)
    floats = (weights for weights in corners(certificate) if not has_rationals(weights))
    others = iter(corner_losses(space, floats, data, budget))
    count = len(certificate.document.segments) + 1
    return [rational[k] if k in rational else next(others) for k in range(count)]


def _unavoidable(certificate: Certificate, losses: Sequence[fmpq], data: Data, budget: Budget) -> Valley:
    """What no path as the certificate's question has it can avoid. Raises Refused, Unusable."""
    space, start = certificate.document.space, certificate.start
    if certificate.document.question == "valley":
        return valley(space, start, losses[0], data, budget)
    *_, end = corners(certificate)
    return pass_between(space, start, end, max(losses[0], losses[-1]), data)


def _summits(certificate: Certificate, data: Data, budget: Budget) -> tuple[Summit, ...]:
    """The exact maxima over the hidden segments. Raises Unusable."""
    document, found = certificate.document, []
    for k, (before, after) in enumerate(pairwise(corners(certificate))):
        if document.segments[k].kind == "hidden":
            at = document.maximum.t if document.maximum.segment == k else None
            found.append(summit(document.space, before, after, data, budget, segment=k, at=at))
    return tuple(found)


def _loss_at(
    certificate: Certificate, losses: Sequence[fmpq], summits: Sequence[Summit], data: Data, budget: Budget
) -> fmpq:
    """The exact loss at the place that the certificate states. Raises Unusable."""
    place, space = certificate.document.maximum, certificate.document.space
    if place.t in (0, 1):
        return losses[place.segment + int(place.t)]
    for found in summits:
        if found.segment == place.segment and found.asked is not None:
            return found.asked
    before, after = islice(corners(certificate), place.segment, place.segment + 2)
    if has_rationals(before) or has_rationals(after):
        raise Refused("maximum.t must be 0/1 or 1/1 on a segment with weights that are no floats")
    return exact_loss(space, before, after, place.t, data, budget)


def _check_data(certificate: Certificate, data: Data) -> None:
    claim = certificate.document.data
    shape = (len(data.x), data.x.shape[1], data.y.shape[1])
    if shape != (claim.samples, claim.inputs, claim.outputs):
        raise Refused(
            "the certificate is about other data: N, n, p are "
            f"{claim.samples}, {claim.inputs}, {claim.outputs} there and {', '.join(map(str, shape))} here"
        )
    if data.digest != claim.digest:
        raise Refused("the certificate is about other data: the digest differs")


def _level(written: str | Fraction) -> Level:
    try:
        return Level(rationals.parse_level(written), written.strip() if isinstance(written, str) else None)
    except ValueError as error:
        raise Unusable(f"--level {str(written)[:40]!r} is unusable: {error}") from None
