"""What `certificate.json` says, as values: nothing of it is believed."""

from collections.abc import Mapping
from dataclasses import dataclass

from flint import fmpq

from .intervals import Interval
from .losses import Loss
from .shown import shown
from .spaces import Space

Slots = tuple[int, ...]


@dataclass(frozen=True)
class DataClaim:
    """The data that the certificate speaks of: X (samples, inputs), Y (samples, outputs)."""

    samples: int
    inputs: int
    outputs: int
    digest: str

    __repr__ = shown


@dataclass(frozen=True)
class EndClaim:
    """What is claimed of one end: its network digest and its loss."""

    digest: str
    loss: Interval

    __repr__ = shown


@dataclass(frozen=True)
class MaximumClaim:
    """A loss and the place where it is attained, and the bound that no loss on the path exceeds."""

    loss: Interval
    segment: int
    t: fmpq
    upper: fmpq

    __repr__ = shown


@dataclass(frozen=True)
class ReferenceClaim:
    """The two-layer reference of a depth certificate: its network digest and the slots of its neurons."""

    digest: str
    slots: Slots

    __repr__ = shown


@dataclass(frozen=True)
class SegmentClaim:
    """One segment. `moves`: parameter -> None (stored whole) or the slots stored.

    `cuts`: the times between the pieces of a general segment or curve; None for the other kinds.
    """

    kind: str
    statement: str
    moves: Mapping[str, Slots | None]
    cuts: tuple[fmpq, ...] | None

    __repr__ = shown


@dataclass(frozen=True)
class Document:
    """All of `certificate.json`; letters of section 3. `rationals`: arrays with some entry that is no float, by row.

    `renamed`: layers whose units are in another order at the end of the path than in the network it is said to join.
    """

    question: str
    loss: Loss
    route: str
    space: Space
    data: DataClaim
    start: EndClaim
    end: EndClaim
    maximum: MaximumClaim
    level: fmpq | None
    error_rate: fmpq | None
    reference: ReferenceClaim | None
    renamed: Mapping[str, tuple[int, ...]] | None
    segments: tuple[SegmentClaim, ...]
    rationals: Mapping[str, tuple[fmpq, ...]]

    __repr__ = shown

    @property
    def is_about_depth(self) -> bool:
        """Whether the end must have a smaller loss than the start, whose depth the path then bounds."""
        return self.question in ("depth", "escape", "valley")

    @property
    def is_enclosed(self) -> bool:
        """Whether some loss on the path is known to lie between two numbers only."""
        return self.has_general or not self.loss.rational

    @property
    def has_general(self) -> bool:
        """Whether the loss must be enclosed somewhere."""
        return any(segment.cuts is not None for segment in self.segments)
