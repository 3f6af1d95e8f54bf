"""Tables of entries: which of a value's entries, in C order, each place of a sliding window sees."""

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
    """(channels, places, entries of the window): numbers of entries of an image (c, h, w)."""
    rows, columns = (
        seen(node, image, axis, np.arange(count, dtype=np.int64)) for axis, count in enumerate(places(node, image))
    )
    # Axes: places downwards, sideways, rows of the window, columns of the window.
    down, across = rows[:, None, :, None], columns[None, :, None, :]
    plane = np.where((down == OUTSIDE) | (across == OUTSIDE), OUTSIDE, down * image[2] + across)
    plane = plane.reshape(len(rows) * len(columns), prod(node.kernel))
    channels = np.arange(image[0], dtype=np.int64)[:, None, None] * (image[1] * image[2])
    return np.where(plane == OUTSIDE, OUTSIDE, plane + channels)


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
