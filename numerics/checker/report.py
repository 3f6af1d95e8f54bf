"""The answer as one json object, whose keys other programs rely on."""

from dataclasses import dataclass
from typing import Any

from flint import fmpq

from . import rationals, wording
from .claims import Document
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
            "arithmetic": "ball" if self.document is not None and self.document.has_general else "exact",
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
    document: Document, judgement: Judgement, level: Level | None, ends_given: tuple[bool, bool]
) -> Report:
    """The report on a certificate whose form, data, ends and kinds are in order; `level`: the user's."""
    stated = None if document.level is None else Level(document.level)
    if judgement.refuted is not None:
        given = None if judgement.forged else level
        claim = wording.refuted(judgement, given or Level(judgement.refuted))
        reason = "the certificate states a bound on the loss that its own path exceeds" if judgement.forged else None
        return Report(claim, "REFUTED", reason, ends_given, document, judgement)
    if judgement.open is not None:
        claim = wording.undecided(document, judgement, level or Level(judgement.open))
        return Report(claim, "UNDECIDED", None, ends_given, document, judgement)
    claim = wording.proved(document, judgement, level or stated, ends_given)
    return Report(claim, "PROVED", None, ends_given, document, judgement)


def enclosure(lower: fmpq, upper: fmpq | None) -> dict[str, Any]:
    """A value known to lie between two bounds, as decimals rounded outwards; exact if they are the same."""
    return {
        "lower": rationals.decimal(lower, up=False),
        "upper": None if upper is None else rationals.decimal(upper, up=True),
        "exact": rationals.text(lower) if lower == upper else None,
    }


def _values(document: Document | None, judgement: Judgement | None) -> dict[str, Any]:
    if document is None or judgement is None:
        names = ("question", "start", "end", "maximum", "barrier", "route")
        return {**dict.fromkeys(names), "segments": []}
    lower, upper, ends = judgement.lower, judgement.upper, judgement.ends
    place = {"segment": judgement.segment, "t": rationals.text(judgement.t)}
    values: dict[str, Any] = {
        "question": document.question,
        "start": enclosure(judgement.start, judgement.start),
        "end": enclosure(judgement.end, judgement.end),
        "maximum": {**enclosure(lower, upper), "at": place},
        "barrier": enclosure(lower - ends, None if upper is None else upper - ends),
    }
    if document.is_about_depth:
        # The path bounds the depth from above; without a valley's argument nothing but 0 is known from below.
        bound = None if upper is None else upper - judgement.start
        known = bound == 0 or judgement.valley is not None
        least = fmpq(0) if judgement.floor is None else judgement.floor.level - judgement.start
        known = known or (judgement.floor is not None and least == bound)
        values["depth"] = {
            "lower": rationals.decimal(bound if known and bound is not None else least, up=False),
            "upper": None if bound is None else rationals.decimal(bound, up=True),
            "exact": rationals.text(bound) if known and bound is not None else None,
        }
        # What this path does: how far it climbs above its start, and how far below it ends.
        values["climb"] = enclosure(lower - judgement.start, bound)
        fall = judgement.start - judgement.end
        values["gain"] = enclosure(fall, fall)
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
    summits = {found.segment: found.loss for found in judgement.summits}
    uppers = [
        summits.get(k, max(losses[k], losses[k + 1])) if segment.cuts is None else judgement.upper
        for k, segment in enumerate(document.segments)
    ]
    return [
        {
            "kind": segment.kind,
            "statement": segment.statement,
            "moves": wording.moves(segment),
            "upper": None if upper is None else rationals.decimal(upper, up=True),
            "exact": None if upper is None or segment.cuts is not None else _short(upper),
            "end": enclosure(losses[k + 1], losses[k + 1]),
        }
        for k, (segment, upper) in enumerate(zip(document.segments, uppers, strict=True))
    ]


def _short(value: fmpq) -> str | None:
    exact = rationals.text(value)
    return exact if len(exact) <= _MAX_EXACT else None
