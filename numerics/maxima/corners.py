"""The maximum over a path of silent and readout segments is the maximum over its corners: finite, and exact."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from numerics.arithmetic.rationals import Enclosure
from numerics.common.shown import Shown
from numerics.losses import Progress, losses_of
from numerics.losses.problem import Problem
from numerics.losses.rational import rational_loss
from numerics.maxima.precision import corner_losses
from numerics.paths import Path
from numerics.paths.certificate import Ends
from numerics.paths.exact import ExactPath


@dataclass(frozen=True)
class CornerMaximum(Shown):
    """Losses at the `len(segments) + 1` corners; L7, L9 and the identities of exact segments bound every point between
    by the larger neighbour.

    `alike`: for each corner the first one that is known to have its very loss, as they are one network, or one function
    on the data; empty where nothing is known of that.
    """

    losses: tuple[Enclosure, ...]
    alike: tuple[int, ...] = ()

    @property
    def start(self) -> Enclosure:
        return self.losses[0]

    @property
    def end(self) -> Enclosure:
        return self.losses[-1]

    @property
    def maximum(self) -> Fraction:
        """An upper bound over the whole path; the maximum itself where losses are rational."""
        return max(loss.top for loss in self.losses)

    @property
    def upper(self) -> Fraction:
        """The same."""
        return self.maximum

    @property
    def barrier(self) -> Enclosure:
        """The maximum minus the larger of the two ends; never negative, exactly 0 where an end is surely a maximum."""
        others = [loss for k, loss in enumerate(self.losses) if not is_end(k, self.losses, self.alike)]
        return barrier(self.start, self.end, others)

    def barrier_below(self, claimed: Fraction | None) -> Enclosure:
        """The barrier, as far as it follows from a bound of the maximum that is claimed."""
        return self.barrier if claimed == self.upper else barrier_below(self, claimed)

    @property
    def attained(self) -> Fraction:
        """The largest loss known to be attained, rounded down where it is irrational."""
        return max(loss.lower for loss in self.losses)

    @property
    def attained_at(self) -> Enclosure:
        """The loss at `at`."""
        return next(loss for loss in self.losses if loss.lower == self.attained)

    @property
    def at(self) -> tuple[int, Fraction]:
        """`(segment, t)` with t 0 or 1, of the first corner that attains it."""
        return corner_place(self.losses.index(self.attained_at), len(self.losses) - 1)

    def claim(self, tolerance: Fraction) -> Fraction:
        """The upper bound that is claimed: the maximum, whatever the tolerance."""
        return self.maximum

    def cuts(self, segment: int) -> tuple[Fraction, ...]:
        """Where the segment is cut into pieces; here nowhere."""
        return ()


def barrier(start: Enclosure, end: Enclosure, others: Sequence[Enclosure]) -> Enclosure:
    """How far the largest of these numbers exceeds the ends; exactly 0 where none of the others can do so."""
    surely = max(start.lower, end.lower)
    if all(loss.upper is not None and loss.upper <= surely for loss in others):
        return Enclosure.of(Fraction(0))
    lowest = max(loss.lower for loss in others) - max(start.top, end.top)
    above = None if any(loss.upper is None for loss in others) else max(loss.top for loss in others) - surely
    return Enclosure(max(Fraction(0), lowest), above)


def barrier_below(known: Ends, claimed: Fraction | None) -> Enclosure:
    """The barrier under a claimed bound of the maximum; None: there is no such bound."""
    lowest = max(Fraction(0), known.attained - max(known.start.top, known.end.top))
    return Enclosure(lowest, None if claimed is None else claimed - max(known.start.lower, known.end.lower))


def is_end(corner: int, losses: Sequence[Enclosure], alike: Sequence[int]) -> bool:
    """Whether the corner is an end of the path or known to have the loss of one."""
    last = len(losses) - 1
    return corner in (0, last) or (bool(alike) and alike[corner] in (alike[0], alike[last]))


def corner_place(corner: int, segments: int) -> tuple[int, Fraction]:
    """A corner as `(segment, t)`: the start of the segment after it, for the last one the end of the last segment."""
    return (corner, Fraction(0)) if corner < segments else (corner - 1, Fraction(1))


def corner_maximum(path: Path, problem: Problem, *, progress: Progress | None = None) -> CornerMaximum:
    """In the finder's arithmetic. Raises ValueError without a segment, InputError over the memory budget."""
    if not path.segments:
        raise ValueError("a path of no segments has no maximum to certify")
    return CornerMaximum(*corner_losses(path, problem, progress=progress))


def exact_corner_maximum(path: ExactPath, problem: Problem) -> CornerMaximum:
    """The same for a path of silent, readout and exact segments whose corners may be rationals."""
    if not path.segments:
        raise ValueError("a path of no segments has no maximum to certify")
    floats = [corner.nearest() for corner in path.corners if corner.is_float]
    known = iter(losses_of(floats, problem))
    losses = [next(known) if corner.is_float else rational_loss(corner, problem) for corner in path.corners]
    return CornerMaximum(tuple(losses))
