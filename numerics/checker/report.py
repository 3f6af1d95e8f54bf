"""The answer as one json object, whose keys other programs rely on."""

from dataclasses import dataclass
from typing import Any

from flint import fmpq

from . import rationals, wording
from .document import Document
from .verdict import Judgement

_MAX_REASON = 400


@dataclass(frozen=True)
class Report:
    """What a check found. `verdict`: PROVED, REFUTED, UNDECIDED; `refused`: why the certificate was, or None.

    Without a judgement (UNDECIDED) nothing was established, and every value is None.
    """

    claim: str
    verdict: str
    refused: str | None
    ends_given: tuple[bool, bool]
    document: Document | None = None
    judgement: Judgement | None = None

    @property
    def exit_status(self) -> int:
        """0 if proved, else 1."""
        return 0 if self.verdict == "PROVED" else 1

    def to_json(self) -> dict[str, Any]:
        """The object that the command prints."""
        start_given, end_given = self.ends_given
        return {
            "claim": self.claim,
            "verdict": self.verdict,
            "arithmetic": "exact",
            **_values(self.document, self.judgement, self.verdict == "PROVED"),
            "refused": self.refused,
            "ends_given": {"start": start_given, "end": end_given},
        }


def refused_report(reason: str, ends_given: tuple[bool, bool]) -> Report:
    """The report on a certificate that establishes nothing."""
    line = " ".join(reason.split())[:_MAX_REASON]
    return Report(f"nothing is established: the certificate is refused: {line}", "UNDECIDED", line, ends_given)


def judged_report(
    document: Document, judgement: Judgement, level: fmpq | None, ends_given: tuple[bool, bool]
) -> Report:
    """The report on a certificate whose form, data, ends and kinds are in order."""
    if judgement.refuted is None:
        level = document.level if level is None else level
        claim = wording.proved(document, judgement, level, ends_given)
        return Report(claim, "PROVED", None, ends_given, document, judgement)
    claim = wording.refuted(judgement, judgement.refuted)
    reason = "the certificate states a bound on the loss that its own path exceeds" if judgement.forged else None
    return Report(claim, "REFUTED", reason, ends_given, document, judgement)


def enclosure(value: fmpq) -> dict[str, Any]:
    """An exact value with its decimals rounded down and up."""
    return {
        "lower": rationals.decimal(value, up=False),
        "upper": rationals.decimal(value, up=True),
        "exact": rationals.text(value),
    }


def _values(document: Document | None, judgement: Judgement | None, proved: bool) -> dict[str, Any]:
    if document is None or judgement is None:
        names = ("question", "start", "end", "maximum", "barrier", "route")
        return {**dict.fromkeys(names), "segments": []}
    # A proved certificate's own place is a place of the maximum; otherwise the first one is named.
    segment, t = (document.maximum.segment, document.maximum.t) if proved else judgement.place
    values = {
        "question": document.question,
        "start": enclosure(judgement.start),
        "end": enclosure(judgement.end),
        "maximum": {**enclosure(judgement.maximum), "at": {"segment": segment, "t": f"{t}/1"}},
        "barrier": enclosure(judgement.maximum - max(judgement.start, judgement.end)),
    }
    if document.question == "depth":
        # The path bounds the depth from above; that it is not negative is all that is known from below.
        bound = enclosure(judgement.maximum - judgement.start)
        values["depth"] = {
            "lower": "0",
            "upper": bound["upper"],
            "exact": bound["exact"] if bound["upper"] == "0" else None,
        }
    return {**values, "segments": _segments(document, judgement), "route": document.route}


def _segments(document: Document, judgement: Judgement) -> list[dict[str, str]]:
    losses = judgement.losses
    return [
        {
            "kind": segment.kind,
            "statement": segment.statement,
            "moves": wording.moves(segment),
            "upper": rationals.decimal(max(losses[k], losses[k + 1]), up=True),
        }
        for k, segment in enumerate(document.segments)
    ]
