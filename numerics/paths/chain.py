"""Paths: chains of segments whose corners meet, which are networks of floats or may be rationals."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Generic, Protocol, Self, TypeVar

from numerics.common.shown import Shown
from numerics.networks.base import Network
from numerics.networks.degrees import degree
from numerics.networks.forward import own_name
from numerics.networks.readers import Weights, adds_linearly, readers, returns


class Kind(StrEnum):
    """What is known of the loss on a segment (blueprint section 4)."""

    SILENT = "silent"  # L9: only weights with provably zero downstream weight move; f is constant
    READOUT = "readout"  # L7: only the readout moves; f is affine in t, the loss convex, its maximum at an end
    HIDDEN = "hidden"  # no route meets two moving weights; f is piecewise linear in t, the maximum at a breakpoint
    EXACT = "exact"  # L4, R5, T2, T3 in fractions: f is constant on the data, by rational identities
    TWINS = "twins"  # L4, c = 1, in any layer: units with equal rows hand over to each other; f is constant
    GENERAL = "general"  # anything moves; the loss is enclosed on every piece of a subdivision
    CURVE = "curve"  # the same on a quadratic Bezier arc: a segment that is not straight

    @property
    def keeps_outputs(self) -> bool:
        """Whether the outputs on the data, and so every loss, are the same all along."""
        return self in (Kind.SILENT, Kind.EXACT, Kind.TWINS)

    @property
    def is_searched(self) -> bool:
        """Whether the loss may be highest between the ends."""
        return self is Kind.HIDDEN or self.is_enclosed

    @property
    def is_enclosed(self) -> bool:
        """Whether the loss is only known on pieces, between two numbers."""
        return self in (Kind.GENERAL, Kind.CURVE)


STATEMENT = {
    Kind.SILENT: "L9",
    Kind.READOUT: "L7",
    Kind.HIDDEN: "breakpoints",
    Kind.EXACT: "identities",
    Kind.TWINS: "L4",
    Kind.GENERAL: "enclosure",
    Kind.CURVE: "enclosure",
}


class Point(Protocol):
    """A parameter of a space of networks: a network, or a corner whose weights may be rationals."""

    @property
    def like(self) -> Network:
        """A network of the point's space."""

    @property
    def is_float(self) -> bool:
        """Whether every weight is a float64."""

    def changed(self, other: Self, /) -> Iterator[str]:
        """Names of the parameters that differ between two points of one space."""

    def identical(self, other: Self, /) -> bool:
        """Same space, and no parameter differs."""


P = TypeVar("P", bound=Point)


@dataclass(frozen=True, eq=False)
class Straight(Shown, Generic[P]):
    """The straight line from `start` to `end`, both of one space. Raises ValueError where the kind cannot hold.

    Between rationals it is exact, readout or silent: nothing else is known of it (certificate.md, section 2).
    """

    kind: Kind
    start: P
    end: P

    def __post_init__(self) -> None:
        if self.start.like.space() != self.end.like.space():
            raise ValueError("a segment needs two ends of one space")
        if (self.kind is Kind.CURVE) != isinstance(self, Arc):
            raise ValueError("an arc is of kind curve, and nothing else is")
        if (self.kind.is_searched or self.kind is Kind.TWINS) and not (self.start.is_float and self.end.is_float):
            raise ValueError(f"a {self.kind} segment between weights that are no floats")
        require_kind(self.kind, self.start.like, set(self.moves()))

    @property
    def statement(self) -> str:
        return STATEMENT[self.kind]

    def moves(self) -> tuple[str, ...]:
        """Names of the parameters that move, in the network's order."""
        return tuple(self.start.changed(self.end))

    def reversed(self) -> Self:
        """The same line from its end to its start."""
        return replace(self, start=self.end, end=self.start)


@dataclass(frozen=True, eq=False)
class Arc(Straight[P]):
    """The quadratic Bezier arc `(1-t)^2 start + 2 t (1-t) control + t^2 end`, all three of one space and of floats.

    What is asked of a segment is asked of it too; only where it runs between its ends it is no straight line.
    """

    control: P

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.control.like.space() != self.start.like.space():
            raise ValueError("an arc needs a control network of the space of its ends")
        if not self.control.is_float:
            raise ValueError("a control network whose weights are no floats")

    def moves(self) -> tuple[str, ...]:
        """Names of the parameters that move, in the network's order: an arc may leave an end and come back to it."""
        moving = {*self.start.changed(self.end), *self.start.changed(self.control)}
        return tuple(name for name in self.start.like.parameters() if name in moving)


def control_of(segment: Straight[P]) -> P | None:
    """The control network of an arc; None of a straight line."""
    return segment.control if isinstance(segment, Arc) else None


@dataclass(frozen=True, eq=False)
class Chain(Shown, Generic[P]):
    """Segments that meet at their corners; without segments, constant at `start`. Raises ValueError if one does not."""

    start: P
    segments: tuple[Straight[P], ...] = ()

    def __post_init__(self) -> None:
        here = self.start
        for k, segment in enumerate(self.segments):
            if not (segment.start is here or segment.start.identical(here)):
                raise ValueError(f"segment {k} does not start where the one before it ends")
            here = segment.end

    @property
    def end(self) -> P:
        return self.segments[-1].end if self.segments else self.start

    @property
    def corners(self) -> tuple[P, ...]:
        """`len(segments) + 1` corners."""
        return (self.start, *(segment.end for segment in self.segments))

    def then(self, segment: Straight[P]) -> Self:
        """The chain prolonged by one segment; unchanged if nothing moves on it."""
        return replace(self, segments=(*self.segments, segment)) if segment.moves() else self

    def unless_constant(self) -> Self | None:
        """The chain, or None if nothing moves on it."""
        return self if self.segments else None

    def followed_by(self, other: Self) -> Self:
        """This chain, then `other`, which must start where this one ends."""
        return replace(self, segments=(*self.segments, *other.segments))

    def reversed(self) -> Self:
        """The same chain from its end to its start."""
        return replace(self, start=self.end, segments=tuple(one.reversed() for one in reversed(self.segments)))


def require_kind(kind: Kind, network: Network, moved: set[str]) -> None:
    """Raise ValueError where a segment of the network's space that moves these parameters cannot be of the kind."""
    allowed = set(network.readout)
    if kind is Kind.READOUT and not moved <= allowed:
        raise ValueError(f"a readout segment moves {sorted(moved - allowed)}, which is no readout")
    if kind is Kind.SILENT and moved & allowed:
        raise ValueError(f"a silent segment moves the readout {sorted(moved & allowed)}")
    if kind is Kind.HIDDEN and not is_hidden(network, moved):
        raise ValueError(f"a hidden segment moves {sorted(moved)}, of which some route meets two")
    if kind is Kind.EXACT and not network.has_first_layer:
        raise ValueError("an exact segment of a network without a first layer: its identities are about one")
    if kind is Kind.TWINS and (not network.has_first_layer or not moved <= hand_overs(network.parameters())):
        raise ValueError(f"a segment of twins moves {sorted(moved)}: only matrices that read hidden units may")
    if kind is Kind.EXACT and not moved <= exact_moves(network.kind, network.parameters()):
        raise ValueError(f"an exact segment moves {sorted(moved)}: only W, what reads it and U of a stream may")


def is_hidden(network: Network, moved: Collection[str]) -> bool:
    """Whether every route of the network meets at most one of the parameters `moved` (blueprint section 4).

    Said of networks whose breakpoints are followed alone: those with a first layer.
    """
    return network.has_first_layer and degree(network.kind, network.parameters(), moved) <= 1


def hand_overs(weights: Weights) -> set[str]:
    """What twins may move: every matrix but the first layer's."""
    return {name for name in weights if name != "W" and own_name(name)[0] in "VABU"}


def exact_moves(kind: str, weights: Weights) -> set[str]:
    """What an exact segment may move: W, what reads the first layer, and what writes into the stream.

    Nothing where a rectifier stands between: what is read then is not what was written.
    """
    return {"W", *readers(weights), *returns(kind, weights)} if adds_linearly(kind) else set()
