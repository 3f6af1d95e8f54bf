"""Which entries of an image each position of a sliding window sees: convolution and pooling as tables of indices."""

from __future__ import annotations

from functools import lru_cache
from math import prod

import numpy as np
from numpy.typing import NDArray

Pair = tuple[int, int]
Padding = tuple[int, int, int, int]
"""Rows above, columns to the left, rows below, columns to the right."""
Shape = tuple[int, ...]
Index = NDArray[np.int64]
OUTSIDE = -1  # stands for a zero of the padding


def positions(shape: Shape, kernel: Pair, stride: Pair, padding: Padding, dilation: Pair) -> Pair:
    """Rows and columns of positions of the window on an image (c, h, w); below 1 where it does not fit."""
    top, left, bottom, right = padding
    sizes = (shape[1] + top + bottom, shape[2] + left + right)
    spans = ((kernel[0] - 1) * dilation[0] + 1, (kernel[1] - 1) * dilation[1] + 1)
    return (sizes[0] - spans[0]) // stride[0] + 1, (sizes[1] - spans[1]) // stride[1] + 1


def rounded_up(shape: Shape, kernel: Pair, stride: Pair, padding: Padding, dilation: Pair) -> Padding:
    """The padding with which as many positions fit as if their number were rounded up, as `ceil_mode` has it.

    A window that would begin behind the image and what is before it is none.
    """
    ends = []
    for k in (0, 1):
        size, before, after = shape[k + 1], padding[k], padding[k + 2]
        span = (kernel[k] - 1) * dilation[k] + 1
        count = -(-(size + before + after - span) // stride[k]) + 1
        if (count - 1) * stride[k] >= size + before:
            count -= 1
        ends.append(max(after, (count - 1) * stride[k] + span - size - before))
    return padding[0], padding[1], ends[0], ends[1]


@lru_cache(maxsize=64)
def windows(shape: Shape, kernel: Pair, stride: Pair, padding: Padding, dilation: Pair) -> Index:
    """Index (positions, c, kh * kw) into the entries of an image (c, h, w) in C order; `OUTSIDE` in the padding."""
    channels, height, width = shape
    rows, columns = positions(shape, kernel, stride, padding, dilation)
    y = stride[0] * np.arange(rows)[:, None] - padding[0] + dilation[0] * np.arange(kernel[0])
    x = stride[1] * np.arange(columns)[:, None] - padding[1] + dilation[1] * np.arange(kernel[1])
    inside = ((y >= 0) & (y < height))[:, None, :, None] & ((x >= 0) & (x < width))[None, :, None, :]
    plane = np.where(inside, y[:, None, :, None] * width + x[None, :, None, :], OUTSIDE)
    plane = plane.reshape(rows * columns, 1, kernel[0] * kernel[1])
    offsets = (height * width * np.arange(channels))[:, None]
    index: Index = np.where(plane == OUTSIDE, OUTSIDE, plane + offsets)
    index.flags.writeable = False
    return index


def by_channel(index: Index) -> Index:
    """The same windows (c * positions, kh * kw), one channel after the other."""
    return index.transpose(1, 0, 2).reshape(-1, index.shape[2])


def filled(index: Index) -> Index:
    """Windows (k, kh * kw) whose padding repeats an entry of the same window: the largest entry stays what it is."""
    return np.where(index == OUTSIDE, index.max(axis=1, keepdims=True), index)


def in_order(rows: int, columns: int) -> Index:
    """Index (rows, columns) of all entries, one after the other."""
    return np.arange(rows * columns, dtype=np.int64).reshape(rows, columns)


def axes_moved(shape: Shape, order: Shape) -> Index:
    """Index (1, size): the entries of a value of this shape with its axes in this order."""
    return np.arange(prod(shape), dtype=np.int64).reshape(shape).transpose(order).reshape(1, -1)
