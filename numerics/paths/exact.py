"""Paths whose corners may be rationals: what L4, R5 and the eliminations of T2 and T3 are before any rounding."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from numerics.networks.base import Network
from numerics.networks.rational import Corner, floated
from numerics.networks.readers import AnyArray
from numerics.paths import Path, Segment, kind_of
from numerics.paths.chain import Chain, Kind, Straight


@dataclass(frozen=True, eq=False)
class ExactSegment(Straight[Corner]):
    """The straight line between two corners of one space. Raises ValueError where the kind cannot hold.

    Between rationals it is exact, readout or silent: nothing else is known of it (certificate.md, section 2).
    """

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.kind in (Kind.HIDDEN, Kind.GENERAL) and not (self.start.is_float and self.end.is_float):
            raise ValueError(f"a {self.kind} segment between weights that are no floats")


@dataclass(frozen=True, eq=False)
class ExactPath(Chain[Corner]):
    """Segments whose corners meet, between two networks of floats. Raises ValueError."""

    segments: tuple[ExactSegment, ...] = ()

    @classmethod
    def of(cls, path: Path) -> ExactPath:
        """A path of networks."""
        corners = [Corner.of(network) for network in path.corners]
        segments = (ExactSegment(segment.kind, corners[k], corners[k + 1]) for k, segment in enumerate(path.segments))
        return cls(corners[0], tuple(segments))

    def moved(self, kind: Kind, changes: dict[str, AnyArray]) -> ExactPath:
        """The path prolonged by one segment; unchanged if nothing moves on it."""
        return self.then(ExactSegment(kind, self.end, self.end.moved(changes)))

    def unless_constant(self) -> ExactPath | None:
        """The path, or None if nothing moves on it."""
        return self if self.segments else None

    def nearest(self) -> Path:
        """The path of floats nearest to it, segment by segment: for searching and drawing. Raises OverflowError.

        Where an exact segment had to be rounded it is of the kind that its moves allow.
        """
        networks = [corner.nearest() for corner in self.corners]
        segments = []
        for k, segment in enumerate(self.segments):
            rounded = not (segment.start.is_float and segment.end.is_float)
            here, there = networks[k], networks[k + 1]
            kind = kind_of(here, there) if rounded and segment.kind is Kind.EXACT else segment.kind
            segments.append(Segment(kind, here, there))
        return Path(networks[0], tuple(segments))


def between(start: Corner, end: Corner, t: Fraction) -> tuple[Network, bool]:
    """`(1-t) start + t end` rounded to float64, and whether that is exact; at t = 0 and 1 the corner itself."""
    pairs = {name: _nearest(array, end.weights[name], t) for name, array in start.weights.items()}
    return start.like.replace({name: here for name, (here, _) in pairs.items()}), all(ok for _, ok in pairs.values())


def _nearest(here: AnyArray, there: AnyArray, t: Fraction) -> tuple[AnyArray, bool]:
    if t in (0, 1):
        mixed = there if t else here
    else:
        mixed = here.copy()
        for index in np.argwhere(np.asarray(here != there, dtype=np.bool_)):
            where = tuple(index)
            value = (1 - t) * Fraction(here[where]) + t * Fraction(there[where])
            if mixed.dtype != np.object_:
                mixed = mixed.astype(object)
            mixed[where] = value
    exact = floated(mixed)
    if exact.dtype != np.object_:
        return exact, True
    return mixed.astype(np.float64), False
