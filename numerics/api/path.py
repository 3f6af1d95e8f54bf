"""A certified path as a function of time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from numerics.arithmetic.given import Number, number
from numerics.common.shown import Shown
from numerics.errors import InputError
from numerics.losses.registry import SQUARED
from numerics.networks.base import Network
from numerics.paths import Path, locate
from numerics.paths.exact import ExactPath, network_between


@dataclass(frozen=True, eq=False)
class TimedPath(Shown):
    """A certified path as a function of time in [0, 1], which its `len(path)` segments share equally.

    `path(t)` is the network at that time, of the shapes of its ends; at 0 and 1 it is the caller's own, bit for bit.
    `exact` is the path as it was certified, whose corners may be fractions; `loss` what it was about.
    Errors are InputError.

    >>> a = sk.Network.from_arrays("two-layer", {"W": [[1.0]], "V": [[1.0]]})
    >>> b = sk.Network.from_arrays("two-layer", {"W": [[1.0]], "V": [[2.0]]})
    >>> path = sk.certify([a, b], sk.Data([[1.0]], [[2.0]])).path
    >>> path
    TimedPath(floats=Chain(start=TwoLayer, segments=1 x Straight))
    >>> path("1/4").V
    array([[1.25]])
    """

    exact: ExactPath = field(repr=False)
    floats: Path
    loss: str = field(default=SQUARED.name, repr=False)

    def __call__(self, t: Number) -> Network:
        """The network at a time; a weight that is no float64 is rounded to the nearest one.

        Raises InputError unless the time is a number in [0, 1].
        """
        time = number(t, "t")
        if time > 1:
            raise InputError(f"t = {str(t)[:40]} is outside [0, 1]: path times run from 0 to 1")
        if not self.exact.segments:
            return self.floats.start
        k, local = locate(time, len(self.exact.segments))
        network, _ = network_between(self.exact.segments[k], local)
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
