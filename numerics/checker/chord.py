"""How far the loss rises above the straight line between the losses of both ends, in path time.

Segments share [0, 1] equally. A convex function less a straight line is convex, so what holds of the maximum of the
loss between two corners, or two breakpoints, holds of this excess too.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from flint import fmpq

from .intervals import Interval


@dataclass(frozen=True)
class Chord:
    """Between the losses of the ends of a path of so many segments."""

    start: Interval
    end: Interval
    segments: int

    def at(self, segment: int, t: fmpq) -> Interval:
        """Its height at a time of a segment."""
        time = (segment + t) / self.segments
        return self.start.times(1 - time).plus(self.end.times(time))

    def least(self, segment: int, first: fmpq, last: fmpq) -> fmpq:
        """At most its height between two times of a segment."""
        return min(self.at(segment, first).low, self.at(segment, last).low)

    def local(self, segment: int) -> tuple[fmpq, fmpq]:
        """(a, b): its height is a + b t on this segment, where both ends are known exactly."""
        first, last = self.at(segment, fmpq(0)).low, self.at(segment, fmpq(1)).low
        return first, last - first

    def above(self, losses: Sequence[Interval], alike: Sequence[int]) -> list[Interval]:
        """The excess at every corner; `alike`: for each the first corner that has the same loss."""
        last = len(losses) - 1
        flat = alike[0] == alike[last]
        found = []
        for k, loss in enumerate(losses):
            if k in (0, last) or (flat and alike[k] == alike[0]):
                found.append(Interval.of(0))
            else:
                found.append(loss.minus(self.at(k, fmpq(0))))
        return found
