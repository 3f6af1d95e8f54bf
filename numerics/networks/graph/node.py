"""What every node of a graph answers: what it reads, the shape of its value, and the value in any arithmetic."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import ClassVar, Generic, NoReturn, TypeVar

from numerics.common.shown import Shown
from numerics.errors import InputError
from numerics.networks.graph.operations import H, Operations
from numerics.networks.graph.windows import Index, Shape

P = TypeVar("P")
LARGEST = 1 << 31  # entries of one value of one sample


@dataclass(frozen=True)
class Step(Shown, Generic[H, P]):
    """What a node is evaluated on: the values that it reads, their shapes, the shape of its own, parameters by name."""

    given: Sequence[H]
    shapes: Sequence[Shape]
    own: Shape
    weights: Mapping[str, P]
    arithmetic: Operations[H, P]

    def taken(self, index: Index) -> H:
        """The entries of the first value with these numbers."""
        return self.arithmetic.take(self.given[0], index)

    def affine(self, h: H, weight: str, bias: str | None, groups: int = 1) -> H:
        """The affine map with the parameters of these names."""
        return self.arithmetic.affine(h, self.weights[weight], None if bias is None else self.weights[bias], groups)


@dataclass(frozen=True)
class Node(Shown, ABC):
    """One step of a network. `inputs`: names of the nodes whose values it reads, in order.

    A value's shape is that of one sample; its entries stand in C order.
    """

    name: str
    inputs: tuple[str, ...]

    op: ClassVar[str]
    reads: ClassVar[int | None] = 1  # how many values; None: any number from 1 on

    @property
    def weights(self) -> tuple[str, ...]:
        """Names of the parameters that it reads."""
        named = (getattr(self, "weight", None), getattr(self, "bias", None))
        return tuple(name for name in named if isinstance(name, str))

    def shape(self, given: Sequence[Shape], parameters: Mapping[str, Shape]) -> Shape:
        """The shape of the value, from those of what it reads. Raises InputError naming the node."""
        wanted = "at least 1" if self.reads is None else str(self.reads)
        self.require(
            len(given) >= 1 if self.reads is None else len(given) == self.reads,
            f"reads {len(given)} value(s): {wanted} is needed",
        )
        found = self.shape_of(given, parameters)
        self.require(
            all(size >= 1 for size in found) and prod(found) <= LARGEST,
            f"makes a value of shape {_brief(found)}: 1 to {LARGEST} entries are needed",
        )
        return found

    @abstractmethod
    def shape_of(self, given: Sequence[Shape], parameters: Mapping[str, Shape]) -> Shape:
        """The same, where the number of values is right."""

    @abstractmethod
    def value(self, at: Step[H, P]) -> H:
        """The value from those that it reads."""

    def cells(self, given: Sequence[Shape], own: Shape) -> int:
        """How many entries of a sample are held at once."""
        return prod(own) + sum(prod(shape) for shape in given)

    def refuse(self, words: str) -> NoReturn:
        """Raise InputError naming the node."""
        raise InputError(f"node {self.name[:80]} ({self.op}) {words}")

    def require(self, holds: bool, words: str) -> None:
        """Raise InputError naming the node unless it holds."""
        if not holds:
            self.refuse(words)

    def require_bias(self, parameters: Mapping[str, Shape], size: int) -> None:
        """Raise InputError unless the bias, if there is one, has that length."""
        name = getattr(self, "bias", None)
        if name is not None:
            found = parameters[name]
            self.require(found == (size,), f"has the bias {name[:80]} of shape {_brief(found)}: ({size},) is needed")


def _brief(shape: Shape) -> str:
    """A shape that fits on a line, whatever stands in a file."""
    words = str(shape)
    return words if len(words) <= 60 else f"{words[:60]}..."
