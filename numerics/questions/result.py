"""What comes back from a question: a verdict and the claim it belongs to, every number enclosed, and the path behind.

`Result.to_json` is the JSON of the commands (`proofs_notes/usage.md`); `Result.read` takes the checker's report.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path as FilePath
from typing import Any

from numerics.arithmetic.rationals import Enclosure, decimal, read_decimal, text
from numerics.common.shown import Shown
from numerics.files import write_atomically
from numerics.paths.certificate import Maximum
from numerics.paths.question import Question
from numerics.questions.enclose import Certified, Samples
from numerics.questions.found import Found

Json = dict[str, Any]


@dataclass(frozen=True)
class Attained(Enclosure):
    """A maximum over a path, and where its lower end is attained: local time `t` in [0, 1] of a segment.

    `sharp`: that loss exactly, where the decimals of `lower` are not all that is known.
    """

    segment: int = 0
    t: Fraction = Fraction(0)
    sharp: Fraction | None = None

    @classmethod
    def found(cls, maximum: Maximum, upper: Fraction | None, *, sharp: bool = False) -> Attained:
        """What the finder knows of a path."""
        return cls(maximum.attained, upper, *maximum.at, maximum.attained if sharp else None)

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> Attained:
        """What `to_json` wrote. Raises ValueError, KeyError."""
        ends, at = Enclosure.read(given), given["at"]
        return cls(ends.lower, ends.upper, at["segment"], read_decimal(at["t"]))

    def to_json(self) -> Json:
        """The enclosure's JSON, and the place."""
        exactly = {} if self.sharp is None else {"lower_exact": text(self.sharp)}
        return {**super().to_json(), "at": {"segment": self.segment, "t": text(self.t)}, **exactly}


@dataclass(frozen=True)
class Bound(Shown):
    """What a statement says beside what was certified; `exact` is False for a closed form, whose roots are rounded up.

    `kind`: `level` or `depth`. Informative if it stays below R0, the zero path's. `rate`: what alone makes
    it a rate; `under`: a condition of the statement that nobody has shown here, None if it holds.
    """

    value: Fraction
    informative: bool
    kind: str
    exact: bool = True
    rate: str | None = None
    under: str | None = None

    def to_json(self) -> Json:
        """The value rounded up to 17 digits."""
        return {
            "value": decimal(self.value, up=True),
            "exact": text(self.value) if self.exact else None,
            "informative": self.informative,
            "kind": self.kind,
            **{name: words for name in ("rate", "under") if (words := getattr(self, name)) is not None},
        }


@dataclass(frozen=True)
class SegmentClaim(Shown):
    """A segment as its certificate has it: kind, statement, what moves, and an upper bound of the loss on it.

    `exact`: whether `upper` is the maximum itself, unrounded; `end`: the exact loss at the segment's end.
    """

    kind: str
    statement: str
    moves: str
    upper: Fraction | None
    exact: bool
    end: Fraction

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> SegmentClaim:
        """What `to_json` wrote. Raises ValueError, KeyError."""
        sharp = given["exact"]
        upper = given["upper"] if sharp is None else sharp
        bound = None if upper is None else read_decimal(upper)
        end = read_decimal(given["end"]["exact"])
        return cls(given["kind"], given["statement"], given["moves"], bound, sharp is not None, end)

    def to_json(self) -> Json:
        """The bound rounded up, and the maximum itself where it is known and short."""
        upper = None if self.upper is None else decimal(self.upper, up=True)
        exact = text(self.upper) if self.exact and self.upper is not None else None
        names = {"kind": self.kind, "statement": self.statement, "moves": self.moves}
        return {**names, "upper": upper, "exact": exact, "end": Enclosure.of(self.end).to_json()}


@dataclass(frozen=True)
class Stair(Shown):
    """One stair of a way down: the segments `first` to `last`, numbered from 0, between two corners of the path.

    `begin`, `level`: the exact losses at its two ends; `top`: the largest on it; all of the checker's report. `refit`:
    whether it is the first refit, which costs nothing.
    """

    first: int
    last: int
    refit: bool
    begin: Fraction
    level: Fraction
    top: Enclosure

    @property
    def climb(self) -> Enclosure:
        """How far the loss rises above the beginning."""
        return self.top.above(self.begin)

    @property
    def gain(self) -> Enclosure:
        """By how much it ends lower than it began."""
        return Enclosure.of(self.begin - self.level)

    def to_json(self) -> Json:
        """Enclosures, rounded outwards."""
        numbers = {"climb": self.climb, "gain": self.gain, "level": Enclosure.of(self.level)}
        words = {"stair": "refit" if self.refit else "slot", "segments": [self.first, self.last]}
        return {**words, **{name: number.to_json() for name, number in numbers.items()}}


@dataclass(frozen=True)
class Least(Shown):
    """What the depth is at least, by the checker's own argument: `statement` says why; `lower` is rounded down, if at
    all.
    """

    statement: str
    lower: Fraction
    exact: bool

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> Least:
        """What `to_json` wrote. Raises ValueError, KeyError."""
        sharp = given["exact"]
        return cls(given["statement"], read_decimal(given["lower"] if sharp is None else sharp), sharp is not None)

    def to_json(self) -> Json:
        """The bound rounded down, and itself where it is short."""
        exact = text(self.lower) if self.exact else None
        return {"statement": self.statement, "lower": decimal(self.lower, up=False), "exact": exact}


@dataclass(frozen=True)
class Enclosing(Shown):
    """How the search of `certify` ended: why it stopped, what it followed exactly and how many pieces it looked at."""

    stopped: str
    tolerance: Fraction
    pieces: int
    breakpoints: int


@dataclass(frozen=True, eq=False)
class Result(Shown):
    """The answer to `connect`, `depth`, `certify` or `check`. Every verdict belongs to the claim beside it.

    Numbers are None where nothing was established. `climb`, `gain`: how far the path of a `depth` rises above its
    start, and how far below it ends; `profile`: the same of each stair, without a reference; `floor`: what the checker
    proved the depth to be at least (T10, T8a), None where it proved nothing. `claimed` is what the
    certificate in `document` claims, and was proved or (after an interrupt) is still to be checked; less than the level
    asked for if that was `missed`. `found` is the finder's path; `routes` says of every route what became of it.
    """

    question: Question | None
    verdict: str
    claim: str
    arithmetic: str
    start: Enclosure | None = None
    end: Enclosure | None = None
    maximum: Attained | None = None
    barrier: Enclosure | None = None
    depth: Enclosure | None = None
    climb: Enclosure | None = None
    gain: Enclosure | None = None
    floor: Least | None = None
    profile: tuple[Stair, ...] = ()
    straight_line: Attained | None = None
    bounds: Mapping[str, Bound] = field(default_factory=dict)
    segments: tuple[SegmentClaim, ...] = ()
    route: str | None = None
    routes: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    enclosing: Enclosing | None = None
    samples: Samples | None = None
    refused: str | None = None
    ends_given: tuple[bool, bool] | None = None
    claimed: str | None = None
    missed: bool = False
    check_seconds: float | None = None
    certificate: FilePath | None = None
    document: bytes | None = field(default=None, repr=False)
    found: Found | Certified | None = field(default=None, repr=False)

    @classmethod
    def read(cls, report: Mapping[str, Any]) -> Result:
        """The independent checker's report. Raises ValueError, KeyError for what is none."""

        def number(name: str) -> Enclosure | None:
            return None if report.get(name) is None else Enclosure.read(report[name])

        given = report["ends_given"]
        return cls(
            question=None if report["question"] is None else Question(report["question"]),
            verdict=report["verdict"],
            claim=report["claim"],
            arithmetic=report["arithmetic"],
            start=number("start"),
            end=number("end"),
            barrier=number("barrier"),
            depth=number("depth"),
            climb=number("climb"),
            gain=number("gain"),
            floor=None if report.get("floor") is None else Least.read(report["floor"]),
            maximum=None if report["maximum"] is None else Attained.read(report["maximum"]),
            segments=tuple(map(SegmentClaim.read, report["segments"])),
            route=report["route"],
            refused=report["refused"],
            ends_given=(given["start"], given["end"]),
        )

    @property
    def after_refit(self) -> tuple[Enclosure, Enclosure] | None:
        """Climb and gain of the profile behind its first refit, which is no news; None where no slot was emptied."""
        stairs = [stair for stair in self.profile if not stair.refit]
        if not stairs:
            return None
        uppers = [stair.top.upper for stair in stairs if stair.top.upper is not None]
        highest = max(uppers) if len(uppers) == len(stairs) else None
        top = Enclosure(max(stair.top.lower for stair in stairs), highest)
        begin = stairs[0].begin
        return top.above(begin), Enclosure.of(begin - stairs[-1].level)

    @property
    def steepest(self) -> Enclosure | None:
        """The largest climb of a single step of the profile, above that step's own beginning; None without a step."""
        climbs = [stair.climb for stair in self.profile if not stair.refit]
        uppers = [climb.upper for climb in climbs if climb.upper is not None]
        if not climbs:
            return None
        return Enclosure(max(one.lower for one in climbs), max(uppers) if len(uppers) == len(climbs) else None)

    @property
    def proved(self) -> bool:
        """Whether the verdict is PROVED."""
        return self.verdict == "PROVED"

    def save(self, path: str | FilePath, *, force: bool = False) -> None:
        """Write the certificate. Raises InputError if there is none or the file exists (without `force`)."""
        from numerics.errors import InputError

        if self.document is None or self.claimed is None:
            raise InputError(f"{path}: no certificate to write, as nothing was proved: {self.claim}")
        write_atomically(FilePath(path), self.document, force=force)

    def to_json(self) -> Json:
        """The object that the command prints with `--json`."""
        answer = {
            "claim": self.claim,
            "verdict": self.verdict,
            "arithmetic": self.arithmetic,
            "question": self.question,
            **{name: _json(getattr(self, name)) for name in ("start", "end", "maximum", "barrier")},
            "segments": [segment.to_json() for segment in self.segments],
            "route": self.route,
            "refused": self.refused,
        }
        if self.depth is not None:
            answer |= {name: _json(getattr(self, name)) for name in ("depth", "climb", "gain")}
        if self.question in (Question.DEPTH, Question.ESCAPE) and self.depth is not None:
            answer["floor"] = None if self.floor is None else self.floor.to_json()
        if self.profile:
            answer["profile"] = [stair.to_json() for stair in self.profile]
        if (after := self.after_refit) is not None:
            numbers = zip(("climb", "gain", "steepest"), (*after, self.steepest), strict=True)
            answer["after_refit"] = {name: _json(number) for name, number in numbers}
        if self.ends_given is not None:
            answer["ends_given"] = dict(zip(("start", "end"), self.ends_given, strict=True))
        return answer | self._beside()

    def _beside(self) -> Json:
        """What a question's answer has besides the checker's report."""
        if self.found is None:
            return {}
        beside: Json = {
            "certificate_claim": self.claimed,
            "certificate": None if self.certificate is None else str(self.certificate),
            "notes": list(self.notes),
        }
        if self.check_seconds is not None:
            beside["check_seconds"] = self.check_seconds
        if isinstance(self.found, Found):
            bounds = {name: bound.to_json() for name, bound in self.bounds.items()}
            return beside | {
                "straight_line": _json(self.straight_line),
                "bounds": bounds,
                "routes": dict(self.routes),
            }
        if self.enclosing is not None:
            beside |= {
                "stopped": self.enclosing.stopped,
                "tolerance": text(self.enclosing.tolerance),
                "pieces": self.enclosing.pieces,
                "breakpoints": self.enclosing.breakpoints,
            }
        return beside | {"samples": None if self.samples is None else self.samples.to_json()}


def _json(number: Enclosure | None) -> Json | None:
    return None if number is None else number.to_json()
