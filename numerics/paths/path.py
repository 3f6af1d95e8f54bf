"""Paths of networks: chains of segments of one space, each of a kind whose loss is known throughout."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import TypeAlias

from numerics.networks.base import Network
from numerics.networks.silence import moves_silently
from numerics.paths.chain import Arc, Chain, Kind, Straight, control_of, is_hidden

__all__ = ["Arc", "Kind", "Path", "Segment", "arc", "control_of", "kind_of", "locate", "mixed", "network_at", "polygon"]


Segment: TypeAlias = Straight[Network]
"""The straight line between two networks of one space, or an `Arc`."""
Path: TypeAlias = Chain[Network]
"""Segments whose corners, networks of floats, meet bit for bit; without segments, the constant path at `start`."""


def kind_of(start: Network, end: Network) -> Kind:
    """The sharpest kind that what moves between two networks of one space allows, whatever their values."""
    moved = set(start.changed(end))
    if not start.has_first_layer and not moved & set(start.readout) and moves_silently(start, end):
        return Kind.SILENT
    if moved <= set(start.readout):
        return Kind.READOUT
    return Kind.HIDDEN if is_hidden(start, moved) else Kind.GENERAL


def polygon(corners: Sequence[Network]) -> Path:
    """The polygonal path through these networks of one space, at least two; each segment of the sharpest kind seen."""
    return Path(corners[0], tuple(Segment(kind_of(start, end), start, end) for start, end in pairwise(corners)))


def arc(start: Network, control: Network, end: Network) -> Segment:
    """The quadratic Bezier arc from start to end with this control network, all of one space."""
    return Arc(Kind.CURVE, start, end, control)


def locate(time: Fraction, segments: int) -> tuple[int, Fraction]:
    """`(k, t)`: path time in [0, 1] as segment and local time; segments share [0, 1] equally."""
    if not 0 <= time <= 1:
        raise ValueError(f"path time {time} is outside [0, 1]")
    k = min(int(time * segments), segments - 1)
    return k, time * segments - k


def mixed(start: Network, end: Network, t: float) -> Network:
    """`(1-t) start + t end` in plain float64: for searching and drawing, never for proving."""
    theirs = end.parameters()
    return start.replace({name: (1.0 - t) * array + t * theirs[name] for name, array in start.parameters().items()})


def network_at(segment: Segment, t: float) -> Network:
    """The network at a local time of a segment in plain float64, as `mixed`; on an arc by three such mixtures."""
    if (control := control_of(segment)) is None:
        return mixed(segment.start, segment.end, t)
    return mixed(mixed(segment.start, control, t), mixed(control, segment.end, t), t)
