"""The whole check, in order: form, data, ends, kinds, exact losses, claims, enclosures."""

import os
from dataclasses import replace
from fractions import Fraction

from . import rationals
from .effort import DEFAULT_EFFORT, Budget, Effort
from .ends import check_ends
from .error_rate import errors_of
from .errors import Refused, Unusable
from .facts import Facts, facts_of
from .files import DEFAULT_BUDGET, read_bytes
from .general import establish
from .identities import check_identities
from .inputs import Data, read_data
from .levels import Level
from .losses import SQUARED
from .measure import Measure, measure_of
from .networks import Network, read_network
from .pages import keep_freed
from .reader import Certificate, parse_certificate
from .report import Report, judged_report, refused_report
from .segments import check_kinds, corners, require_room
from .valley import Valley, floor, pass_between, valley
from .verdict import Asked, Judgement, Unsettled, judge

FilePath = str | os.PathLike[str]
# Bits of an irrational loss beyond which nothing is tried.
_MOST_PRECISE = 3072


def check(
    cert_path: FilePath,
    data: str,
    start: FilePath | None = None,
    end: FilePath | None = None,
    level: str | Fraction | None = None,
    memory: int = DEFAULT_BUDGET,
    effort: int = DEFAULT_EFFORT,
    error_rate: str | Fraction | None = None,
) -> Report:
    """Check a certificate against data, and against the networks it should join if they are given.

    `data`: a built-in name or a path; `end`: for a depth certificate the two-layer reference; `level`: a
    bound the loss should keep to, exactly ("0.05", "1/20"); `error_rate`: one for the share of samples that are wrong;
    `memory`: bytes; `effort`: word operations.
    A bad certificate is a report, whatever its bytes. Raises Unusable for other unusable input and for a certificate
    that takes more memory or effort than that.
    """
    keep_freed()
    bound = None if level is None else _level("--level", level)
    rate = None if error_rate is None else _level("--error-rate", error_rate)
    blob = read_bytes(cert_path, memory, "a certificate")
    dataset = read_data(data, memory)
    if rate is not None and not dataset.labelled:
        raise Unusable(f"{data}: --error-rate is about labels, and these targets are not one-hot: leave it away")
    given_start = None if start is None else read_network(start, memory)
    given_end = None if end is None else read_network(end, memory)
    ends_given = (start is not None, end is not None)
    try:
        certificate = parse_certificate(blob, memory)
        budget = Budget(memory, Effort(effort))
        asked = Asked(bound.value if bound else None, rate.value if rate else None)
        judgement = _judge(certificate, dataset, given_start, given_end, asked, budget)
    except Refused as refusal:
        return refused_report(str(refusal), ends_given)
    return judged_report(certificate.document, judgement, (bound, rate), ends_given)


def _judge(
    certificate: Certificate,
    data: Data,
    start: Network | None,
    end: Network | None,
    asked: Asked,
    budget: Budget,
) -> Judgement:
    """Everything between form and report. Raises Refused, Unusable."""
    _check_data(certificate, data)
    require_room(certificate, budget)
    check_ends(certificate, start, end)
    check_kinds(certificate)
    check_identities(certificate, data, budget)
    measure = measure_of(certificate.document.loss, data)
    while True:
        try:
            return _at_precision(certificate, data, asked, budget, measure)
        except Unsettled:
            if measure.precision >= _MOST_PRECISE:
                raise
            measure = replace(measure, precision=4 * measure.precision)


def _at_precision(certificate: Certificate, data: Data, asked: Asked, budget: Budget, measure: Measure) -> Judgement:
    """What irrational losses of so many bits show. Raises Refused (Unsettled where more bits may help), Unusable."""
    document = certificate.document
    facts = facts_of(certificate, data, budget, measure)
    rates = [rate for rate in (document.error_rate, asked.error_rate) if rate is not None]
    goal = int((min(rates) * len(data.x)).floor()) if rates and data.labelled else None
    return judge(
        document,
        facts,
        lambda: establish(certificate, data, budget, measure, facts.losses, goal),
        lambda covers: errors_of(certificate, facts, covers, data, budget),
        asked,
        (lambda: _unavoidable(certificate, facts, data, budget)) if document.question in ("valley", "pass") else None,
        (lambda: floor(document.space, certificate.start, facts.losses[0].low, data, budget))
        if document.question in ("depth", "escape") and document.loss is SQUARED
        else None,
    )


def _unavoidable(certificate: Certificate, facts: Facts, data: Data, budget: Budget) -> Valley:
    """What no path as the certificate's question has it can avoid. Raises Refused, Unusable."""
    space, start = certificate.document.space, certificate.start
    first, last = facts.losses[0].low, facts.losses[-1].low
    if certificate.document.question == "valley":
        return valley(space, start, first, data, budget)
    *_, end = corners(certificate)
    return pass_between(space, start, end, max(first, last), data)


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
    fault = certificate.document.loss.fault(data.y)
    if fault is not None:
        raise Refused(f"{fault}, which these data do not have")


def _level(option: str, written: str | Fraction) -> Level:
    try:
        return Level(rationals.parse_level(written), written.strip() if isinstance(written, str) else None)
    except ValueError as error:
        raise Unusable(f"{option} {str(written)[:40]!r} is unusable: {error}") from None
