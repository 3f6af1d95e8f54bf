"""Nodes on images (c, h, w): convolution and pooling, by windows that slide over them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import ClassVar

import numpy as np

from numerics.networks.graph.node import Node, P, Step
from numerics.networks.graph.operations import H
from numerics.networks.graph.windows import (
    OUTSIDE,
    Index,
    Pair,
    Shape,
    axes_moved,
    by_channel,
    filled,
    in_order,
    positions,
    windows,
)

WIDEST = 1024  # rows or columns of a window, and of a padding


@dataclass(frozen=True, kw_only=True)
class Window(Node):
    """A window that slides over an image (c, h, w), by rows and columns.

    `padding`: rows of zeros above, columns to the left, rows below, columns to the right.
    """

    kernel: tuple[int, int]
    stride: tuple[int, int] = (1, 1)
    padding: tuple[int, int, int, int] = (0, 0, 0, 0)
    dilation: tuple[int, int] = (1, 1)

    def places(self, before: Shape) -> Pair:
        """How many positions the window has, by rows and columns. Raises InputError unless it fits."""
        self.require(len(before) == 3, f"reads a value of shape {before}: an image (c, h, w) is needed")
        for what, sizes in (("kernel", self.kernel), ("stride", self.stride), ("dilation", self.dilation)):
            self.require(min(sizes) >= 1, f"has the {what} {sizes}: sizes of at least 1 are needed")
        spans = tuple((size - 1) * apart + 1 for size, apart in zip(self.kernel, self.dilation, strict=True))
        self.require(max(spans) <= WIDEST, f"has a window of {spans} rows and columns: at most {WIDEST} are covered")
        self.require(
            min(self.padding) >= 0 and max(self.padding) <= WIDEST,
            f"has the padding {self.padding}: sizes from 0 to {WIDEST} are covered",
        )
        found = positions(before, self.kernel, self.stride, self.padding, self.dilation)
        self.require(min(found) >= 1, f"has a window that does not fit into the image {before} with its padding")
        return found

    def shape_of(self, given: Sequence[Shape], parameters: Mapping[str, Shape]) -> Shape:
        return given[0][0], *self.places(given[0])

    def index(self, before: Shape) -> Index:
        """(positions, c, kh * kw): what each position sees."""
        return windows(before, self.kernel, self.stride, self.padding, self.dilation)

    def cells(self, given: Sequence[Shape], own: Shape) -> int:
        return prod(own) + given[0][0] * prod(own[1:]) * prod(self.kernel)


@dataclass(frozen=True, kw_only=True)
class Conv2d(Window):
    """(c, h, w) -> (o, rows, columns): a convolution, weight (o, c / groups, kh, kw), bias (o,) or None."""

    weight: str
    bias: str | None = None
    groups: int = 1

    op: ClassVar[str] = "conv2d"

    def shape_of(self, given: Sequence[Shape], parameters: Mapping[str, Shape]) -> Shape:
        found, before, groups = parameters[self.weight], given[0], self.groups
        places = self.places(before)
        self.require(
            groups >= 1 and before[0] % groups == 0 and found[1:] == (before[0] // groups, *self.kernel),
            f"has the weight {self.weight} of shape {found}, but reads {before[0]} channels in {groups} group(s) with"
            f" the kernel {self.kernel}: (o, channels / groups, *kernel) is needed",
        )
        self.require(found[0] % groups == 0, f"makes {found[0]} channels in {groups} groups: a multiple is needed")
        self.require_bias(parameters, found[0])
        return found[0], *places

    def value(self, at: Step[H, P]) -> H:
        seen = self.index(at.shapes[0])
        h = at.affine(at.taken(seen.reshape(len(seen), -1)), self.weight, self.bias, self.groups)
        return at.arithmetic.take(h, axes_moved((len(seen), at.own[0]), (1, 0)))


@dataclass(frozen=True, kw_only=True)
class AvgPool2d(Window):
    """(c, h, w) -> (c, rows, columns): the mean of each window; `counts_padding`: its zeros are counted."""

    counts_padding: bool = True

    op: ClassVar[str] = "average_pool2d"

    def value(self, at: Step[H, P]) -> H:
        seen = by_channel(self.index(at.shapes[0]))
        counted = np.ones_like(seen) if self.counts_padding else seen != OUTSIDE
        return at.arithmetic.mean(at.taken(seen), counted.sum(axis=1))

    def shape_of(self, given: Sequence[Shape], parameters: Mapping[str, Shape]) -> Shape:
        found = super().shape_of(given, parameters)
        _require_entries(self, given[0])
        return found


@dataclass(frozen=True, kw_only=True)
class MaxPool2d(Window):
    """(c, h, w) -> (c, rows, columns): the largest entry of each window; its padding is never the largest."""

    op: ClassVar[str] = "max_pool2d"

    def value(self, at: Step[H, P]) -> H:
        return at.arithmetic.largest(at.taken(filled(by_channel(self.index(at.shapes[0])))))

    def shape_of(self, given: Sequence[Shape], parameters: Mapping[str, Shape]) -> Shape:
        found = super().shape_of(given, parameters)
        _require_entries(self, given[0])
        return found


@dataclass(frozen=True, kw_only=True)
class GlobalAvgPool(Node):
    """(c, ...) -> (c, 1, 1): the mean of each channel."""

    op: ClassVar[str] = "global_average_pool"

    def shape_of(self, given: Sequence[Shape], parameters: Mapping[str, Shape]) -> Shape:
        return given[0][0], 1, 1

    def value(self, at: Step[H, P]) -> H:
        channels, rest = at.shapes[0][0], prod(at.shapes[0][1:])
        return at.arithmetic.mean(at.taken(in_order(channels, rest)), np.full(channels, rest))


def _require_entries(node: Window, before: Shape) -> None:
    """Raise InputError where some window sees nothing but padding: it has no mean and no largest entry."""
    for axis, count in enumerate(node.places(before)):
        size, stride, dilation, around = before[axis + 1], node.stride[axis], node.dilation[axis], node.padding[axis]
        early = min(count, -(-around // stride))  # windows before this one begin in the padding
        late = (size + around - dilation * (node.kernel[axis] - 1) - 1) // stride + 1  # and from this one on end in it
        first = stride * np.array([*range(early), *range(max(early, late), count)], dtype=np.int64) - around
        entries = first[:, None] + dilation * np.arange(node.kernel[axis])
        node.require(
            bool(((entries >= 0) & (entries < size)).any(axis=1).all()),
            f"has a window that sees nothing but padding: {node.padding} is too much for the kernel {node.kernel}",
        )
