"""A certified path as a function of time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from numerics.common.shown import Shown
from numerics.errors import InputError
from numerics.networks.base import Network
from numerics.paths import Path, locate
from numerics.paths.exact import ExactPath, between


@dataclass(frozen=True, eq=False)
class TimedPath(Shown):
    """From times in [0, 1], which the segments share equally, to networks. `exact`: as certified, fractions too."""

    exact: ExactPath
    floats: Path

    def __call__(self, t: float | Fraction | str) -> Network:
        """The network at a time; a weight that is no float64 is rounded to the nearest one.

        Raises InputError unless the time is a number in [0, 1].
        """
        try:
            time = Fraction(t)
        except (ValueError, OverflowError, TypeError, ZeroDivisionError):
            raise InputError(f"t = {str(t)[:40]!r} is no number: path times run from 0 to 1") from None
        if not 0 <= time <= 1:
            raise InputError(f"t = {float(time)} is outside [0, 1]: path times run from 0 to 1")
        if not self.exact.segments:
            return self.floats.start
        k, local = locate(time, len(self.exact.segments))
        segment = self.exact.segments[k]
        network, _ = between(segment.start, segment.end, local)
        return network

    def __len__(self) -> int:
        """How many segments there are."""
        return len(self.floats.segments)

    @property
    def corners(self) -> Sequence[Network]:
        """The networks between segments, start and end included; fractions rounded to the nearest float64."""
        return self.floats.corners

    @property
    def is_float(self) -> bool:
        """Whether every certified corner is a network of float64, so that `corners` is the path itself."""
        return all(corner.is_float for corner in self.exact.corners)
