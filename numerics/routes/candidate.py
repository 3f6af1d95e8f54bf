"""What a route returns: a path to be certified, with the search's own estimate of its maximum."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from numerics.common.shown import Shown
from numerics.errors import InputError
from numerics.maxima.search import TOLERANCE
from numerics.moves.merging import Merging
from numerics.paths import Kind, Path, Segment
from numerics.paths.exact import ExactPath

NEAR = 1e-9  # estimates that differ by less, relatively, are equal to search accuracy


@dataclass(frozen=True, eq=False)
class Candidate(Shown):
    """`estimate` (float64, a search result) orders candidates; `slots` is `J`, where a reference's neurons were put.

    `merging`: how neurons left `J` on the first segment, where they merged into centres; L3 then bounds the path.
    `exact`: the path before its corners were rounded, where no output changes on the way out; it is what is certified.
    `tolerance`: of the enclosure of its maximum, where one is needed.
    """

    route: str
    path: Path
    estimate: float
    slots: tuple[int, ...] | None = None
    merging: Merging | None = None
    exact: ExactPath | None = None
    tolerance: Fraction = TOLERANCE

    def certifiable(self) -> Path:
        """The path, with at least one segment: the constant path is one on which nothing moves."""
        if self.path.segments:
            return self.path
        return Path(self.path.start, (Segment(Kind.SILENT, self.path.start, self.path.start),))


@dataclass(frozen=True, eq=False)
class Candidates(Shown):
    """What a search has found, and of its parts that do not apply, by name, why. Raises ValueError if both are empty.

    Which candidate is lowest is known once their maxima are.
    """

    found: tuple[Candidate, ...]
    reasons: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.found and not self.reasons:
            raise ValueError("a search that finds no path says why")

    def at_least_one(self) -> tuple[Candidate, ...]:
        """The candidates. Raises InputError with the first reason where there are none."""
        if not self.found:
            raise InputError(next(iter(self.reasons.values())))
        return self.found


def best(candidates: Sequence[Candidate]) -> Candidate:
    """The smallest estimate; among equals (to search accuracy) the shortest path."""
    least = min(candidate.estimate for candidate in candidates)
    near = [candidate for candidate in candidates if candidate.estimate <= least * (1 + NEAR)]
    return min(near, key=lambda candidate: len(candidate.path.segments))
