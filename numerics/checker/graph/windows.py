"""Tables of entries: which of a value's entries, in C order, each place of a sliding window sees."""

from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Any

import numpy as np

from numerics.checker.arrays import Integers

from .nodes import Node

Shape = tuple[int, ...]
OUTSIDE = -1
"""Stands for a 0 of the padding."""


def spans(node: Node) -> tuple[int, int]:
    """Rows and columns from the first to the last entry that the window sees."""
    rows, columns = ((size - 1) * apart + 1 for size, apart in zip(node.kernel, node.dilation, strict=True))
    return rows, columns


def places(node: Node, image: Shape) -> tuple[int, int]:
    """How often the window fits, downwards and sideways; below 1 where it does not."""
    found = []
    for axis, span in enumerate(spans(node)):
        padded = node.padding[axis] + image[1 + axis] + node.padding[axis + 2]
        found.append((padded - span) // node.stride[axis] + 1)
    return found[0], found[1]


def seen(node: Node, image: Shape, axis: int, numbers: Integers) -> Integers:
    """(numbers, kernel): the row or column that these places see, by axis; `OUTSIDE` in the padding."""
    first = numbers * node.stride[axis] - node.padding[axis]
    found = first[:, None] + np.arange(node.kernel[axis], dtype=np.int64) * node.dilation[axis]
    return np.where((found < 0) | (found >= image[1 + axis]), OUTSIDE, found)


def windows(node: Node, image: Shape) -> Integers:
    """(places, entries of the window): numbers of entries of one channel (h, w) of an image."""
    rows, columns = (
        seen(node, image, axis, np.arange(count, dtype=np.int64)) for axis, count in enumerate(places(node, image))
    )
    # Axes: places downwards, sideways, rows of the window, columns of the window.
    down, across = rows[:, None, :, None], columns[None, :, None, :]
    plane = np.where((down == OUTSIDE) | (across == OUTSIDE), OUTSIDE, down * image[2] + across)
    return plane.reshape(len(rows) * len(columns), prod(node.kernel))


@dataclass(frozen=True)
class Windows:
    """What every place sees of some channels, the same of each: channels `first` to below `last`, of `size` entries.

    `plane` (places, entries of the window): numbers of entries of a channel. What a place sees is in the order of the
    window's entries, and of each its channels.
    """

    plane: Integers
    first: int
    last: int
    size: int

    @property
    def places(self) -> int:
        """How many."""
        return len(self.plane)

    @cached_property
    def index(self) -> Integers:
        """(places, entries): the numbers among all entries."""
        channels = np.arange(self.first, self.last, dtype=np.int64) * self.size
        plane = self.plane[:, :, None]
        return np.where(plane == OUTSIDE, OUTSIDE, plane + channels).reshape(self.places, -1)

    def of(self, array: Any) -> Any:
        """(rows, entries) -> (rows * places, entries): like `take` with `index`, but channels are copied at once."""
        return self.seen(self.planes(array))

    def planes(self, array: Any) -> Any:
        """(rows, size + 1, channels): entry by entry, the last the padding's, which the number -1 names."""
        found = np.zeros((len(array), self.size + 1, self.last - self.first), dtype=array.dtype)
        found[:, :-1] = array.reshape(len(array), -1, self.size)[:, self.first : self.last].transpose(0, 2, 1)
        return found

    def seen(self, planes: Any) -> Any:
        """What places see of `planes`."""
        return planes.take(self.plane.ravel(), axis=1).reshape(len(planes) * self.places, -1)

    def sums(self, array: Any) -> Any:
        """(rows, entries) -> (rows * places, 1): the sum of what each place sees."""
        rows = len(array)
        sums = array.reshape(rows, -1, self.size)[:, self.first : self.last].sum(axis=1)
        # Entry by entry of the window: sums of many numbers at a time, not many sums of a few.
        seen = take(sums, self.plane.T).reshape(rows, -1, self.places).sum(axis=1)
        return seen.reshape(rows * self.places, 1)


def never_empty(node: Node, image: Shape) -> bool:
    """Whether every place sees an entry of the image. Only the few places that reach into the padding are looked at."""
    # Rows and columns are independent: a place sees an entry if it sees a row and a column.
    for axis, count in enumerate(places(node, image)):
        stride, before, size, span = node.stride[axis], node.padding[axis], image[1 + axis], spans(node)[axis]
        begun = min(count, -(-before // stride))  # those before this one begin in the padding
        ended = min(count, max(begun, (size - span + before) // stride + 1))  # and those from this one on end in it
        edges = np.array([*range(begun), *range(ended, count)], dtype=np.int64)
        if not (seen(node, image, axis, edges) != OUTSIDE).any(axis=1).all():
            return False
    return True


def take(array: Any, index: Integers) -> Any:
    """(..., entries) -> (..., index.size): the entries with these numbers, 0 for `OUTSIDE`."""
    if index.size == array.shape[-1] and bool((index.ravel() == np.arange(index.size)).all()):
        return array
    if (index == OUTSIDE).any():
        # A last column, which the number -1 names.
        array = np.concatenate((array, np.zeros((*array.shape[:-1], 1), dtype=array.dtype)), axis=-1)
    return np.take(array, index.ravel(), axis=-1)
