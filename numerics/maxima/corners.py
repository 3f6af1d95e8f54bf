"""The maximum over a path of silent and readout segments is the maximum over its corners: finite, and exact."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from numerics.common.shown import Shown
from numerics.losses import Progress, exact_losses
from numerics.losses.problem import Problem
from numerics.losses.rational import rational_loss
from numerics.paths import Path
from numerics.paths.exact import ExactPath


@dataclass(frozen=True)
class CornerMaximum(Shown):
    """Exact losses at the `len(segments) + 1` corners; L7, L9 and the identities of exact segments bound every point
    between by the larger neighbour.
    """

    losses: tuple[Fraction, ...]

    @property
    def start(self) -> Fraction:
        return self.losses[0]

    @property
    def end(self) -> Fraction:
        return self.losses[-1]

    @property
    def maximum(self) -> Fraction:
        return max(self.losses)

    @property
    def barrier(self) -> Fraction:
        """Maximum minus the larger of the two ends; never negative."""
        return self.maximum - max(self.start, self.end)

    @property
    def attained(self) -> Fraction:
        """The largest loss known to be attained; here the maximum itself."""
        return self.maximum

    @property
    def upper(self) -> Fraction:
        """An upper bound over the whole path; here the maximum itself."""
        return self.maximum

    @property
    def at(self) -> tuple[int, Fraction]:
        """`(segment, t)` with t 0 or 1, of the first corner that attains the maximum."""
        return corner_place(self.losses.index(self.maximum), len(self.losses) - 1)

    def claim(self, tolerance: Fraction) -> Fraction:
        """The upper bound that is claimed: the maximum, whatever the tolerance."""
        return self.maximum

    def cuts(self, segment: int) -> tuple[Fraction, ...]:
        """Where the segment is cut into pieces; here nowhere."""
        return ()


def corner_place(corner: int, segments: int) -> tuple[int, Fraction]:
    """A corner as `(segment, t)`: the start of the segment after it, for the last one the end of the last segment."""
    return (corner, Fraction(0)) if corner < segments else (corner - 1, Fraction(1))


def corner_maximum(path: Path, problem: Problem, *, progress: Progress | None = None) -> CornerMaximum:
    """Exact, in the finder's arithmetic. Raises ValueError without a segment, InputError over the memory budget."""
    if not path.segments:
        raise ValueError("a path of no segments has no maximum to certify")
    return CornerMaximum(tuple(exact_losses(path.corners, problem, progress=progress)))


def exact_corner_maximum(path: ExactPath, problem: Problem) -> CornerMaximum:
    """The same for a path of silent, readout and exact segments whose corners may be rationals."""
    if not path.segments:
        raise ValueError("a path of no segments has no maximum to certify")
    floats = [corner.nearest() for corner in path.corners if corner.is_float]
    known = iter(exact_losses(floats, problem))
    losses = [next(known) if corner.is_float else rational_loss(corner, problem) for corner in path.corners]
    return CornerMaximum(tuple(losses))
