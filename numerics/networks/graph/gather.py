"""Entries of a value moved, repeated or left out, in nodes of the vocabulary.

What only moves entries is another order of the axes of a finer shape. Of an image, channels that are chosen are a
convolution of 1 x 1 with zeros and ones; rows and columns that are chosen, with zeros around them, one of every channel
by itself with a single 1; what repeats rows and columns is a choice of channels and another order. All else is a dense
map of zeros and ones, whose size is accounted for. The numbers of these maps are constants of the program.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

import numpy as np

from numerics.common.shown import Shown
from numerics.networks.arrays import Array
from numerics.networks.graph.build import Builder
from numerics.networks.graph.images import WIDEST, Conv2d
from numerics.networks.graph.nodes import Linear, Transpose
from numerics.networks.graph.windows import Index, Shape

NOTHING = -1
"""Stands for a 0 among the entries."""


def gathered(builder: Builder, name: str, source: str, index: Index) -> str:
    """The value of the shape of `index` whose entries are the source's with these numbers, in C order, or `NOTHING`.

    Raises InputError where nothing but a dense map does it and that is too large.
    """
    shape, flat = builder.shapes[source], index.ravel()
    loops = _loops(flat)
    if loops is not None and _is_radix(loops, prod(shape)):
        return _reordered(builder, name, source, loops, index.shape)
    chosen = _chosen(index, shape) if len(shape) == 3 and index.ndim == 3 else None
    found = None if chosen is None else _of_image(builder, name, source, chosen)
    if found is not None:
        return found
    entries = prod(shape)
    builder.spend(flat.size * entries, f"node {name}")
    matrix = (flat[:, None] == np.arange(entries)).astype(np.float64)
    one = builder.shaped(f"{name}.flat", source, (entries,))
    one = builder.add(Linear(builder.fresh(name), (one,), weight=_constant(builder, name, matrix)))
    return builder.shaped(f"{name}.back", one, index.shape)


def _loops(flat: Index) -> list[tuple[int, int]] | None:
    """Sizes and strides of nested loops, the innermost last, that make these numbers from 0 on; None if none do."""
    if flat[0] != 0:
        return None
    loops: list[tuple[int, int]] = []
    while len(flat) > 1:
        stride = int(flat[1] - flat[0])
        breaks = np.flatnonzero(np.diff(flat) != stride)
        size = int(breaks[0]) + 1 if len(breaks) else len(flat)
        rows = flat.reshape(-1, size) if len(flat) % size == 0 else flat[:0]
        if not len(rows) or stride < 1 or (rows != rows[:, :1] + stride * np.arange(size)).any():
            return None
        loops.insert(0, (size, stride))
        flat = rows[:, 0]
    return loops


def _is_radix(loops: list[tuple[int, int]], entries: int) -> bool:
    """Whether the loops pass through each of so many entries once."""
    below = 1
    for size, stride in sorted(loops, key=lambda one: one[1]):
        if stride != below:
            return False
        below *= size
    return below == entries


def _reordered(builder: Builder, name: str, source: str, loops: list[tuple[int, int]], size: Shape) -> str:
    axes = sorted(range(len(loops)), key=lambda k: -loops[k][1])
    if axes == sorted(axes):
        return builder.shaped(name, source, size)
    fine = builder.shaped(f"{name}.fine", source, tuple(loops[k][0] for k in axes))
    order = tuple(axes.index(k) for k in range(len(loops)))
    return builder.shaped(f"{name}.back", builder.add(Transpose(builder.fresh(name), (fine,), order=order)), size)


@dataclass(frozen=True, eq=False)
class _Chosen(Shown):
    """What of an image (c, h, w) is taken: channels, rows and columns by number, or `NOTHING`."""

    channels: Index
    rows: Index
    columns: Index


def _chosen(index: Index, shape: Shape) -> _Chosen | None:
    """Channels, rows and columns, if every entry is that of its own ones."""
    _, h, w = shape
    known = index != NOTHING
    if not known.any():
        return None
    parts = index // (h * w), index // w % h, index % w
    axes = [
        np.where(known, part, NOTHING).max(axis=rest)
        for part, rest in zip(parts, ((1, 2), (0, 2), (0, 1)), strict=True)
    ]
    c, r, q = (one.reshape([-1 if k == axis else 1 for k in range(3)]) for axis, one in enumerate(axes))
    again = np.where((c == NOTHING) | (r == NOTHING) | (q == NOTHING), NOTHING, (c * h + r) * w + q)
    return _Chosen(*axes) if np.array_equal(again, index) else None


def _of_image(builder: Builder, name: str, source: str, chosen: _Chosen) -> str | None:
    """First the rows and columns, then the channels; None where rows or columns are in no order that a window has."""
    before = builder.shapes[source][0]
    factors = [
        _repeats(one, size) for one, size in zip((chosen.rows, chosen.columns), builder.shapes[source][1:], strict=True)
    ]
    if factors != [1, 1] and None not in factors:
        f, g = (one or 1 for one in factors)
        channels = np.repeat(chosen.channels, f * g)
        value = _channels(builder, name, source, channels, before)
        count, h, w = builder.shapes[value]
        fine = builder.shaped(f"{name}.fine", value, (count // (f * g), f, g, h, w))
        turned = builder.add(Transpose(builder.fresh(f"{name}.turned"), (fine,), order=(0, 3, 1, 4, 2)))
        return builder.shaped(f"{name}.back", turned, (count // (f * g), h * f, w * g))
    windows = [
        _window(one, size) for one, size in zip((chosen.rows, chosen.columns), builder.shapes[source][1:], strict=True)
    ]
    (rows, columns) = windows
    if rows is None or columns is None:
        return None
    value = source
    if rows != _WHOLE or columns != _WHOLE:
        kernel = np.zeros((before, 1, rows.span, columns.span))
        kernel[:, :, rows.at, columns.at] = 1.0
        node = Conv2d(
            builder.fresh(name), (source,), weight=_constant(builder, name, kernel), groups=before,
            kernel=(rows.span, columns.span), stride=(rows.step, columns.step),
            padding=(rows.before, columns.before, rows.after, columns.after),
        )  # fmt: skip
        value = builder.add(node)
    return _channels(builder, name, value, chosen.channels, before)


def _channels(builder: Builder, name: str, source: str, channels: Index, before: int) -> str:
    if np.array_equal(channels, np.arange(before)):
        return source
    kernel = (channels[:, None] == np.arange(before)).astype(np.float64)[:, :, None, None]
    return builder.add(
        Conv2d(builder.fresh(name), (source,), weight=_constant(builder, f"{name}.channels", kernel), kernel=(1, 1))
    )


def _repeats(chosen: Index, size: int) -> int | None:
    """How often each of all numbers is repeated, if so."""
    factor, rest = divmod(len(chosen), size)
    return factor if not rest and np.array_equal(chosen, np.arange(len(chosen)) // max(factor, 1)) else None


@dataclass(frozen=True)
class _Window(Shown):
    """A window of `span` that looks at its entry `at` alone, moved by `step` over what has zeros before and after."""

    span: int
    at: int
    step: int
    before: int
    after: int


_WHOLE = _Window(1, 0, 1, 0, 0)


def _window(chosen: Index, size: int) -> _Window | None:
    """The window that sees these numbers one after the other, and nothing before the first and behind the last."""
    known = np.flatnonzero(chosen != NOTHING)
    first, last = int(known[0]), int(known[-1])
    step = int(chosen[first + 1] - chosen[first]) if last > first else max(1, size)
    if step < 1:
        return None
    begin = int(chosen[first]) - step * first  # where the first window looks
    places = begin + step * np.arange(len(chosen))
    if not np.array_equal(np.where((places >= 0) & (places < size), places, NOTHING), chosen):
        return None
    before, at = max(0, -begin), max(0, begin)
    after = max(0, int(places[-1]) + 1 - size)
    # Nothing stands behind the last window's entry but what no further window fits over.
    left = max(0, before + size + after - (step * (len(chosen) - 1) + at + 1))
    window = _Window(at + 1 + left, at, step, before, after)
    return window if max(window.span, before, after) <= WIDEST else None


def _constant(builder: Builder, name: str, array: Array) -> str:
    kept = name
    while f"{kept}.taken" in builder.arrays:
        kept += "_"
    return builder.constant(f"{kept}.taken", array)
