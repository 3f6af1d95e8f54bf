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
from numerics.paths.chain import Arc, Chain, Kind, P, Straight, control_of

ExactSegment: TypeAlias = Straight[Corner]
"""The straight line between two corners of one space, or an arc."""
ExactPath: TypeAlias = Chain[Corner]
"""Segments whose corners meet, between two networks of floats; corners on the way may be rationals."""


def with_corners(path: Chain[P]) -> ExactPath:
    """A path of networks as one of corners; a path of corners as it is."""
    corners = [point if isinstance(point, Corner) else Corner.of(point.like) for point in path.corners]
    segments = list[ExactSegment]()
    for k, segment in enumerate(path.segments):
        here, there, control = corners[k], corners[k + 1], control_of(segment)
        if control is None:
            segments.append(ExactSegment(segment.kind, here, there))
        else:
            segments.append(Arc(segment.kind, here, there, Corner.of(control.like)))
    return ExactPath(corners[0], tuple(segments))


def moved(path: ExactPath, kind: Kind, changes: Mapping[str, AnyArray]) -> ExactPath:
    """The path prolonged by one segment; unchanged if nothing moves on it."""
    return path.then(ExactSegment(kind, path.end, path.end.moved(changes)))


def nearest(path: ExactPath) -> Path:
    """The path of floats nearest to it, segment by segment: for searching and drawing. Raises OverflowError.

    Where an exact segment had to be rounded it is of the kind that its moves allow.
    """
    networks = [corner.nearest() for corner in path.corners]
    segments = list[Segment]()
    for k, segment in enumerate(path.segments):
        if isinstance(segment, Arc):
            segments.append(Arc(segment.kind, networks[k], networks[k + 1], segment.control.nearest()))
            continue
        rounded = not (segment.start.is_float and segment.end.is_float)
        here, there = networks[k], networks[k + 1]
        kind = kind_of(here, there) if rounded and segment.kind is Kind.EXACT else segment.kind
        segments.append(Segment(kind, here, there))
    return Path(networks[0], tuple(segments))


def between(start: Corner, end: Corner, t: Fraction, control: Corner | None = None) -> tuple[Network, bool]:
    """`(1-t) start + t end`, or the arc's network, rounded to float64, and whether that is exact; at t = 0 and 1 the
    corner itself.
    """
    found = {
        name: _nearest(array, end.weights[name], t, None if control is None else control.weights[name])
        for name, array in start.weights.items()
    }
    return start.like.replace({name: here for name, (here, _) in found.items()}), all(ok for _, ok in found.values())


def network_between(segment: ExactSegment, t: Fraction) -> tuple[Network, bool]:
    """`between` on a segment, straight or an arc."""
    return between(segment.start, segment.end, t, control_of(segment))


def _nearest(here: AnyArray, there: AnyArray, t: Fraction, control: AnyArray | None) -> tuple[AnyArray, bool]:
    if t in (0, 1):
        mixed = there if t else here
    else:
        mixed, moving = here.copy(), here != there
        if control is not None:
            moving = moving | (here != control)
        for index in np.argwhere(np.asarray(moving, dtype=np.bool_)):
            where = tuple(index)
            first, last = Fraction(here[where]), Fraction(there[where])
            if control is None:
                value = (1 - t) * first + t * last
            else:
                value = (1 - t) ** 2 * first + 2 * t * (1 - t) * Fraction(control[where]) + t**2 * last
            if mixed.dtype != np.object_:
                mixed = mixed.astype(object)
            mixed[where] = value
    exact = floated(mixed)
    if exact.dtype != np.object_:
        return exact, True
    return mixed.astype(np.float64), False
