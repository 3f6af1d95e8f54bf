"""Paths: chains of straight segments in one parameter space, each of a kind for which the loss is known throughout."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise

import numpy as np

from numerics.networks.arrays import Array
from numerics.networks.base import Network
from numerics.networks.degrees import degree
from numerics.networks.readers import Weights, readers, returns


class Kind(StrEnum):
    """What is known of the loss on a segment (blueprint section 4)."""

    SILENT = "silent"  # L9: only weights with provably zero downstream weight move; f is constant
    READOUT = "readout"  # L7: only the readout moves; f is affine in t, the loss convex, its maximum at an end
    HIDDEN = "hidden"  # no route meets two moving weights; f is piecewise linear in t, the maximum at a breakpoint
    EXACT = "exact"  # L4, R5, T2, T3 in fractions: f is constant on the data, by rational identities
    GENERAL = "general"  # anything moves; the loss is enclosed on every piece of a subdivision


STATEMENT = {
    Kind.SILENT: "L9",
    Kind.READOUT: "L7",
    Kind.HIDDEN: "breakpoints",
    Kind.EXACT: "identities",
    Kind.GENERAL: "enclosure",
}


@dataclass(frozen=True, eq=False)
class Segment:
    """The straight line from `start` to `end`, both of one space. Raises ValueError where the kind cannot hold."""

    kind: Kind
    start: Network
    end: Network

    def __post_init__(self) -> None:
        if self.start.space() != self.end.space():
            raise ValueError("a segment needs two networks of one space")
        require_kind(self.kind, self.start, set(self.start.changed(self.end)))

    @property
    def statement(self) -> str:
        return STATEMENT[self.kind]

    def moves(self) -> tuple[str, ...]:
        """Names of the parameters that move, in the network's order."""
        return tuple(self.start.changed(self.end))


@dataclass(frozen=True, eq=False)
class Path:
    """Segments whose corners meet bit for bit; without segments, the constant path at `start`. Raises ValueError."""

    start: Network
    segments: tuple[Segment, ...] = ()

    def __post_init__(self) -> None:
        here = self.start
        for k, segment in enumerate(self.segments):
            if not (segment.start is here or segment.start.identical(here)):
                raise ValueError(f"segment {k} does not start where the one before it ends")
            here = segment.end

    @property
    def end(self) -> Network:
        return self.segments[-1].end if self.segments else self.start

    @property
    def corners(self) -> tuple[Network, ...]:
        """`len(segments) + 1` networks."""
        return (self.start, *(segment.end for segment in self.segments))

    def then(self, segment: Segment) -> Path:
        """The path prolonged by one segment; unchanged if nothing moves on it."""
        if not segment.moves():
            return self
        return Path(self.start, (*self.segments, segment))

    def followed_by(self, other: Path) -> Path:
        """This path, then `other`, which must start where this one ends."""
        return Path(self.start, (*self.segments, *other.segments))

    def reversed(self) -> Path:
        """The same path from its end to its start."""
        return Path(
            self.end,
            tuple(Segment(segment.kind, segment.end, segment.start) for segment in reversed(self.segments)),
        )


def require_kind(kind: Kind, network: Network, moved: set[str]) -> None:
    """Raise ValueError where a segment of the network's space that moves these parameters cannot be of the kind."""
    allowed = set(network.readout)
    if kind is Kind.READOUT and not moved <= allowed:
        raise ValueError(f"a readout segment moves {sorted(moved - allowed)}, which is no readout")
    if kind is Kind.SILENT and moved & allowed:
        raise ValueError(f"a silent segment moves the readout {sorted(moved & allowed)}")
    if kind is Kind.HIDDEN and not is_hidden(network, moved):
        raise ValueError(f"a hidden segment moves {sorted(moved)}, of which some route meets two")
    if kind is Kind.EXACT and not moved <= exact_moves(network.kind, network.parameters()):
        raise ValueError(f"an exact segment moves {sorted(moved)}: only W, what reads it and U of a stream may")


def kind_of(start: Network, end: Network) -> Kind:
    """The sharpest kind that what moves between two networks of one space allows, whatever their values."""
    moved = set(start.changed(end))
    if moved <= set(start.readout):
        return Kind.READOUT
    return Kind.HIDDEN if is_hidden(start, moved) else Kind.GENERAL


def polygon(corners: Sequence[Network]) -> Path:
    """The polygonal path through these networks of one space, at least two; each segment of the sharpest kind seen."""
    return Path(corners[0], tuple(Segment(kind_of(start, end), start, end) for start, end in pairwise(corners)))


def is_hidden(network: Network, moved: Collection[str]) -> bool:
    """Whether every route of the network meets at most one of the parameters `moved` (blueprint section 4)."""
    return degree(network.kind, network.parameters(), moved) <= 1


def exact_moves(kind: str, weights: Weights) -> set[str]:
    """What an exact segment may move: W, what reads the first layer, and what writes into the stream."""
    return {"W", *readers(weights), *returns(kind, weights)}


def locate(time: Fraction, segments: int) -> tuple[int, Fraction]:
    """`(k, t)`: path time in [0, 1] as segment and local time; segments share [0, 1] equally."""
    if not 0 <= time <= 1:
        raise ValueError(f"path time {time} is outside [0, 1]")
    k = min(int(time * segments), segments - 1)
    return k, time * segments - k


def between(start: Network, end: Network, t: Fraction) -> tuple[Network, bool]:
    """`(1-t) start + t end` rounded to float64, and whether that is exact; at t = 0 and 1 the corner itself."""
    if t in (0, 1):
        return (end if t else start), True
    theirs = end.parameters()
    pairs = {name: _nearest(array, theirs[name], t) for name, array in start.parameters().items()}
    return start.replace({name: here for name, (here, _) in pairs.items()}), all(exact for _, exact in pairs.values())


def mixed(start: Network, end: Network, t: float) -> Network:
    """`(1-t) start + t end` in plain float64: for searching and drawing, never for proving."""
    theirs = end.parameters()
    return start.replace({name: (1.0 - t) * array + t * theirs[name] for name, array in start.parameters().items()})


def _nearest(here: Array, there: Array, t: Fraction) -> tuple[Array, bool]:
    mixed, exact = here.copy(), True
    for index in np.argwhere(here != there):
        where = tuple(index)
        value = (1 - t) * Fraction(float(here[where])) + t * Fraction(float(there[where]))
        mixed[where] = value.numerator / value.denominator  # Python rounds the quotient of integers correctly
        exact = exact and Fraction(float(mixed[where])) == value
    return mixed, exact
