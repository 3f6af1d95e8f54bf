"""Paths whose corners may be rationals: what L4, R5 and the eliminations of T2 and T3 are before any rounding."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import TypeAlias

import numpy as np

from numerics.networks.base import Network
from numerics.networks.rational import Corner, floated
from numerics.networks.readers import AnyArray
from numerics.paths import Path, Segment, kind_of
from numerics.paths.chain import Chain, Kind, P, Straight

ExactSegment: TypeAlias = Straight[Corner]
"""The straight line between two corners of one space."""
ExactPath: TypeAlias = Chain[Corner]
"""Segments whose corners meet, between two networks of floats; corners on the way may be rationals."""


def with_corners(path: Chain[P]) -> ExactPath:
    """A path of networks as one of corners; a path of corners as it is."""
    corners = [point if isinstance(point, Corner) else Corner.of(point.like) for point in path.corners]
    segments = (ExactSegment(segment.kind, corners[k], corners[k + 1]) for k, segment in enumerate(path.segments))
    return ExactPath(corners[0], tuple(segments))


def moved(path: ExactPath, kind: Kind, changes: Mapping[str, AnyArray]) -> ExactPath:
    """The path prolonged by one segment; unchanged if nothing moves on it."""
    return path.then(ExactSegment(kind, path.end, path.end.moved(changes)))


def nearest(path: ExactPath) -> Path:
    """The path of floats nearest to it, segment by segment: for searching and drawing. Raises OverflowError.

    Where an exact segment had to be rounded it is of the kind that its moves allow.
    """
    networks = [corner.nearest() for corner in path.corners]
    segments = []
    for k, segment in enumerate(path.segments):
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
