"""The answer as one json object, whose keys other programs rely on."""

from dataclasses import dataclass
from typing import Any

from flint import fmpq

from . import rationals, wording
from .claims import Document
from .intervals import Interval, largest
from .levels import Level
from .shown import shown
from .speech import printable_json
from .verdict import Judgement

_MAX_REASON = 400
_MAX_EXACT = 2000  # characters of a segment's maximum: that at a breakpoint may have hundreds of thousands


@dataclass(frozen=True)
class Report:
    """What a check found. `verdict`: PROVED, REFUTED, UNDECIDED; `refused`: why the certificate was, or None.

    Without a judgement (UNDECIDED) nothing was established, and every value is None. UNDECIDED with one: the
    user's level lies within the enclosure.
    """

    claim: str
    verdict: str
    refused: str | None
    ends_given: tuple[bool, bool]
    document: Document | None = None
    judgement: Judgement | None = None

    __repr__ = shown

    @property
    def exit_status(self) -> int:
        """0 if proved, else 1."""
        return 0 if self.verdict == "PROVED" else 1

    def to_json(self) -> dict[str, Any]:
        """The object that the command prints."""
        start_given, end_given = self.ends_given
        answer = {
            "claim": self.claim,
            "verdict": self.verdict,
            "arithmetic": "ball" if self.document is not None and self.document.is_enclosed else "exact",
            **_values(self.document, self.judgement),
            "refused": self.refused,
            "ends_given": {"start": start_given, "end": end_given},
        }
        escaped: dict[str, Any] = printable_json(answer)
        return escaped


def refused_report(reason: str, ends_given: tuple[bool, bool]) -> Report:
    """The report on a certificate that establishes nothing."""
    line = reason[:_MAX_REASON]
    return Report(f"nothing is established: the certificate is refused: {line}", "UNDECIDED", line, ends_given)


def judged_report(
    document: Document, judgement: Judgement, given: tuple[Level | None, Level | None], ends_given: tuple[bool, bool]
) -> Report:
    """The report on a certificate whose form, data, ends and kinds are in order; `given`: the user's bounds of the loss
    and of the error rate.
    """
    own = tuple(None if value is None else Level(value) for value in (document.level, document.error_rate))
    level, rate = (user or stated for user, stated in zip(given, own, strict=True))
    about = (document, judgement)
    if judgement.refuted is not None or judgement.wrong_refuted is not None:
        what = "the loss" if judgement.refuted is not None else "the error rate"
        reason = f"the certificate states a bound on {what} that its own path exceeds" if judgement.forged else None
        if judgement.refuted is not None:
            claim = wording.refuted(*about, _whose(judgement, given[0], judgement.refuted))
        else:
            assert judgement.wrong_refuted is not None
            claim = wording.wrong_refuted(judgement, _whose(judgement, given[1], judgement.wrong_refuted))
        return Report(claim, "REFUTED", reason, ends_given, *about)
    if judgement.open is not None:
        claim = wording.undecided(*about, level or Level(judgement.open))
        return Report(claim, "UNDECIDED", None, ends_given, *about)
    if judgement.wrong_open is not None:
        claim = wording.wrong_undecided(judgement, rate or Level(judgement.wrong_open))
        return Report(claim, "UNDECIDED", None, ends_given, *about)
    return Report(wording.proved(*about, level, rate, ends_given), "PROVED", None, ends_given, *about)


def _whose(judgement: Judgement, given: Level | None, bound: fmpq) -> Level:
    """The bound as its user wrote it, unless it is the certificate's own."""
    return given if given is not None and not judgement.forged else Level(bound)


def enclosure(lower: fmpq, upper: fmpq | None) -> dict[str, Any]:
    """A value known to lie between two bounds, as decimals rounded outwards; exact if they are the same."""
    return {
        "lower": rationals.decimal(lower, up=False),
        "upper": None if upper is None else rationals.decimal(upper, up=True),
        "exact": rationals.text(lower) if lower == upper else None,
    }


def _enclosed(value: Interval) -> dict[str, Any]:
    return enclosure(value.low, value.high)


def _values(document: Document | None, judgement: Judgement | None) -> dict[str, Any]:
    if document is None or judgement is None:
        names = (
            "question",
            "loss",
            "start",
            "end",
            "maximum",
            "barrier",
            "barrier_chord",
            "error_rate",
            "renamed",
            "route",
        )
        return {**dict.fromkeys(names), "segments": []}
    errors = judgement.errors
    place = {"segment": judgement.segment, "t": rationals.text(judgement.t)}
    values: dict[str, Any] = {
        "question": document.question,
        "loss": document.loss.name,
        "start": _enclosed(judgement.start),
        "end": _enclosed(judgement.end),
        "maximum": {**enclosure(judgement.lower.low, judgement.upper), "at": place},
        "barrier": enclosure(*judgement.barrier),
        "barrier_chord": enclosure(*judgement.chord),
        "error_rate": None if errors is None else enclosure(errors.low, errors.high),
        "renamed": None if document.renamed is None else list(document.renamed),
    }
    if document.is_about_depth:
        # The path bounds the depth from above; without a valley's argument nothing but 0 is known from below.
        lowest, bound = judgement.depth
        known = bound == 0 or judgement.valley is not None
        least = fmpq(0) if judgement.floor is None else judgement.floor.level - judgement.start.low
        known = known or (judgement.floor is not None and least == bound)
        values["depth"] = {
            "lower": rationals.decimal(bound if known and bound is not None else least, up=False),
            "upper": None if bound is None else rationals.decimal(bound, up=True),
            "exact": rationals.text(bound) if known and bound is not None else None,
        }
        # What this path does: how far it climbs above its start, and how far below it ends.
        values["climb"] = enclosure(lowest, bound)
        values["gain"] = _enclosed(judgement.start.minus(judgement.end))
        if document.question != "valley":
            values["floor"] = _floor(judgement, least)
    return {**values, "segments": _segments(document, judgement), "route": document.route}


def _floor(judgement: Judgement, least: fmpq) -> dict[str, Any] | None:
    """What the depth is at least, and the statement that says so."""
    if judgement.floor is None:
        return None
    lower = rationals.decimal(least, up=False)
    return {"statement": judgement.floor.statement, "lower": lower, "exact": _short(least)}


def _segments(document: Document, judgement: Judgement) -> list[dict[str, Any]]:
    losses = judgement.losses
    summits = {found.segment: Interval.of(found.loss) for found in judgement.summits}
    tops = [
        summits.get(k, largest([losses[k], losses[k + 1]])) if segment.cuts is None else None
        for k, segment in enumerate(document.segments)
    ]
    uppers = [judgement.upper if top is None else top.high for top in tops]
    return [
        {
            "kind": segment.kind,
            "statement": segment.statement,
            "moves": wording.moves(segment),
            "upper": None if upper is None else rationals.decimal(upper, up=True),
            "exact": _short(top.low) if top is not None and top.is_exact else None,
            "end": _enclosed(losses[k + 1]),
        }
        for k, (segment, top, upper) in enumerate(zip(document.segments, tops, uppers, strict=True))
    ]


def _short(value: fmpq) -> str | None:
    exact = rationals.text(value)
    return exact if len(exact) <= _MAX_EXACT else None
