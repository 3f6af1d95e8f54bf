"""The closed vocabulary of graphs: affine maps, ReLU, max pooling, sums, concatenations, and what only rearranges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from math import prod
from typing import ClassVar

import numpy as np

from numerics.networks.graph.images import AvgPool2d, Conv2d, GlobalAvgPool, MaxPool2d
from numerics.networks.graph.node import Node, P, Step
from numerics.networks.graph.operations import H
from numerics.networks.graph.windows import Shape, axes_moved, in_order


@dataclass(frozen=True, kw_only=True)
class Input(Node):
    """What the network is given: a value of the shape `size`."""

    size: tuple[int, ...]

    op: ClassVar[str] = "input"
    reads: ClassVar[int | None] = 0

    def shape_of(self, given: Sequence[Shape], parameters: Mapping[str, Shape]) -> Shape:
        self.require(len(self.size) >= 1, "has no axis: at least one is needed")
        return self.size

    def value(self, at: Step[H, P]) -> H:
        return self.refuse("has no value but the one that is given")


@dataclass(frozen=True, kw_only=True)
class Linear(Node):
    """(i,) -> (o,): `weight x + bias`, weight (o, i), bias (o,) or None."""

    weight: str
    bias: str | None = None

    op: ClassVar[str] = "linear"

    def shape_of(self, given: Sequence[Shape], parameters: Mapping[str, Shape]) -> Shape:
        found, before = parameters[self.weight], given[0]
        self.require(len(before) == 1, f"reads a value of shape {before}: one axis is needed, so flatten it first")
        self.require(
            len(found) == 2 and found[1] == before[0],
            f"has the weight {self.weight} of shape {found}, but reads {before[0]} entries: (o, {before[0]}) is needed",
        )
        self.require_bias(parameters, found[0])
        return (found[0],)

    def value(self, at: Step[H, P]) -> H:
        return at.affine(at.taken(in_order(1, at.shapes[0][0])), self.weight, self.bias)


@dataclass(frozen=True, kw_only=True)
class Scale(Node):
    """(c, ...) -> (c, ...): each channel times its entry of `weight` (c,), plus its entry of `bias` (c,) or None."""

    weight: str
    bias: str | None = None

    op: ClassVar[str] = "scale"

    def shape_of(self, given: Sequence[Shape], parameters: Mapping[str, Shape]) -> Shape:
        found, before = parameters[self.weight], given[0]
        self.require(
            found == before[:1],
            f"has the weight {self.weight} of shape {found}, but reads {before[0]} channels: they must be equal",
        )
        self.require_bias(parameters, before[0])
        return before

    def value(self, at: Step[H, P]) -> H:
        channels, rest = at.own[0], prod(at.own[1:])
        h = at.taken(axes_moved((channels, rest), (1, 0)).reshape(rest, channels))
        h = at.affine(h, self.weight, self.bias, channels)
        return at.arithmetic.take(h, axes_moved((rest, channels), (1, 0)))


@dataclass(frozen=True, kw_only=True)
class ReLU(Node):
    """`[x]_+`, entry by entry."""

    op: ClassVar[str] = "relu"

    def shape_of(self, given: Sequence[Shape], parameters: Mapping[str, Shape]) -> Shape:
        return given[0]

    def value(self, at: Step[H, P]) -> H:
        return at.arithmetic.relu(at.given[0])


@dataclass(frozen=True, kw_only=True)
class Add(Node):
    """The sum of two or more values of one shape."""

    op: ClassVar[str] = "add"
    reads: ClassVar[int | None] = None

    def shape_of(self, given: Sequence[Shape], parameters: Mapping[str, Shape]) -> Shape:
        shapes = ", ".join(map(str, given))[:200]
        self.require(len(set(given)) == 1, f"adds values of the shapes {shapes}: one shape is needed")
        return given[0]

    def value(self, at: Step[H, P]) -> H:
        entries = in_order(1, prod(at.own))
        return reduce(at.arithmetic.plus, [at.arithmetic.take(one, entries) for one in at.given])


@dataclass(frozen=True, kw_only=True)
class Concatenate(Node):
    """Values side by side along an axis; their other sizes are equal."""

    axis: int = 0

    op: ClassVar[str] = "concatenate"
    reads: ClassVar[int | None] = None

    def shape_of(self, given: Sequence[Shape], parameters: Mapping[str, Shape]) -> Shape:
        first, k = given[0], self.axis
        self.require(0 <= k < len(first), f"joins along axis {k}, but reads values of shape {first}")
        others = {(len(one), one[:k], one[k + 1 :]) for one in given}
        self.require(len(others) == 1, f"joins values of the shapes {', '.join(map(str, given))[:200]} along axis {k}")
        return *first[:k], sum(one[k] for one in given), *first[k + 1 :]

    def value(self, at: Step[H, P]) -> H:
        starts = np.cumsum([0, *(prod(one) for one in at.shapes)])
        blocks = [start + in_order(1, prod(one)).reshape(one) for start, one in zip(starts, at.shapes, strict=False)]
        return at.arithmetic.take(at.arithmetic.join(at.given), np.concatenate(blocks, axis=self.axis).reshape(1, -1))


@dataclass(frozen=True, kw_only=True)
class Flatten(Node):
    """(...) -> (k,): the entries in C order."""

    op: ClassVar[str] = "flatten"

    def shape_of(self, given: Sequence[Shape], parameters: Mapping[str, Shape]) -> Shape:
        return (prod(given[0]),)

    def value(self, at: Step[H, P]) -> H:
        return at.given[0]


@dataclass(frozen=True, kw_only=True)
class Reshape(Node):
    """The same entries in C order, in the shape `size`."""

    size: tuple[int, ...]

    op: ClassVar[str] = "reshape"

    def shape_of(self, given: Sequence[Shape], parameters: Mapping[str, Shape]) -> Shape:
        self.require(
            len(self.size) >= 1 and min(self.size) >= 1 and prod(self.size) == prod(given[0]),
            f"makes {str(self.size)[:60]} of a value of shape {given[0]}: as many entries are needed",
        )
        return self.size

    def value(self, at: Step[H, P]) -> H:
        return at.given[0]


@dataclass(frozen=True, kw_only=True)
class Transpose(Node):
    """The same entries with the axes in this order."""

    order: tuple[int, ...]

    op: ClassVar[str] = "transpose"

    def shape_of(self, given: Sequence[Shape], parameters: Mapping[str, Shape]) -> Shape:
        self.require(
            sorted(self.order) == list(range(len(given[0]))),
            f"has the order {str(self.order)[:60]} of axes, but reads a value of shape {given[0]}",
        )
        return tuple(given[0][axis] for axis in self.order)

    def value(self, at: Step[H, P]) -> H:
        return at.taken(axes_moved(at.shapes[0], self.order))


VOCABULARY: dict[str, type[Node]] = {
    one.op: one
    for one in (
        *(Input, Linear, Conv2d, Scale, AvgPool2d, GlobalAvgPool, MaxPool2d),
        *(ReLU, Add, Concatenate, Flatten, Reshape, Transpose),
    )
}
