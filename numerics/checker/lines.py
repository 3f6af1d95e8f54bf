"""Weights along a segment on a grid: straight lines of integers, cut into the models of a piece."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from flint import fmpq

from .arrays import Array
from .exact import float_extent, take_apart
from .grid import Grid, Ints, bit_length, dropped, scaled
from .models import Model, Slab

# What a machine word can be shifted by.
_WORD = 62


@dataclass(frozen=True)
class Piece:
    """The times (middle + radius sigma) / 2^grid.time, sigma in [-1, 1]; they include those asked for."""

    middle: int
    radius: int


CORNER = Piece(0, 0)
"""The start of a segment alone."""


def piece_of(grid: Grid, first: fmpq, last: fmpq) -> Piece:
    """The smallest piece of the grid around the times [first, last] within [0, 1]."""
    scale = fmpq(2) ** grid.time
    low, high = int((first * scale).floor()), int((last * scale).ceil())
    # The middle must be an integer, so one of the ends may have to give way.
    if (low + high) % 2:
        low, high = (low - 1, high) if low else (low, high + 1)
    return Piece((low + high) // 2, (high - low) // 2)


@dataclass(frozen=True)
class Rounded:
    """Integers and what they are at most off by, 0 where they are exact."""

    values: Ints
    off: Ints


@dataclass(frozen=True)
class Line:
    """(1-t) before + t after, for 0 <= t <= 1: between `start` and `end` times 2^exponent.

    Both (rows, cols), of fewer than `grid.bits` bits (the difference may have that many); `differs` (rows, cols) or
    (1, cols): 1 where before and
    after are not the same number; the rate is exactly 0 elsewhere.
    """

    grid: Grid
    start: Rounded
    end: Rounded
    differs: Ints
    exponent: int

    @cached_property
    def moves(self) -> bool:
        """Whether it changes at all."""
        return bool(self.differs.any())

    @cached_property
    def change(self) -> Ints:
        """End minus start."""
        # Two roundings of one number may differ, and what does not move has the rate 0.
        change: Ints = (self.end.values - self.start.values) * self.differs
        return change

    @cached_property
    def off(self) -> Ints:
        """What start + t change is at most off by."""
        off: Ints = np.maximum(self.start.off, self.end.off)
        return off

    @cached_property
    def extra(self) -> int:
        """Bits that short and exact numbers may grow by to stay exact on a piece."""
        if self.off.any():
            return 0
        return max(0, self.grid.bits - max(bit_length(self.start.values), bit_length(self.change)))

    def backwards(self) -> "Line":
        """The line from its end to its start."""
        return Line(self.grid, self.end, self.start, self.differs, self.exponent)

    def model(self, piece: Piece) -> Model:
        """The line on a piece."""
        return Model(self.grid, *self._on(piece))

    def slab(self, piece: Piece) -> Slab:
        """The line on a piece, as a matrix (rows are units)."""
        mid, slope, lost, exponent = self._on(piece)
        live = (mid != 0) | (slope != 0) | (lost != 0)
        return Slab(mid, slope if piece.radius and self.moves else None, lost.max(axis=1), live, exponent)

    def rate(self) -> Model:
        """The derivative, a constant."""
        zeros = np.zeros_like(self.change)
        return Model(self.grid, self.change, zeros, self._rate_error(), self.exponent)

    def rate_slab(self) -> Slab:
        """The derivative as a matrix."""
        error = self._rate_error()
        return Slab(self.change, None, error.max(axis=1), (self.change != 0) | (error != 0), self.exponent)

    def _rate_error(self) -> Ints:
        # Both ends may be off; what does not differ has the rate 0 exactly.
        error: Ints = (self.start.off + self.end.off) * self.differs
        return error

    def _on(self, piece: Piece) -> tuple[Ints, Ints, Ints, int]:
        """Mid, slope, what both together are off by, and the exponent."""
        start, time = self.start.values, self.grid.time
        if piece == CORNER or not self.moves:
            return start, np.zeros_like(start), self.start.off, self.exponent
        both = piece.middle | piece.radius
        extra = min(self.extra, max(0, time + 1 - (both & -both).bit_length()))
        start, change = start << extra, self.change << extra
        mid = start + scaled(change, piece.middle, time)
        slope = scaled(change, piece.radius, time)
        lost = dropped(change, piece.middle, time) + dropped(change, piece.radius, time) + self.off
        return mid, slope, lost, self.exponent - extra


def line_of(grid: Grid, before: Array, after: Array) -> Line:
    """The line between two float matrices of one shape."""
    # One bit is left for the difference.
    (start, end), exponent = on_grid(grid, (before, after), 1)
    return Line(grid, start, end, (before != after).astype(np.int8), exponent)


def on_grid(grid: Grid, arrays: Sequence[Array], spare: int) -> tuple[list[Rounded], int]:
    """Float matrices as integers times 2^exponent, the same for all, of `spare` bits fewer than the grid has."""
    extents = [part for part in map(float_extent, arrays) if part.bits]
    low = min((part.exponent for part in extents), default=0)
    top = max((part.exponent + part.bits for part in extents), default=0)
    exponent = max(low, top - (grid.bits - spare))
    return [_rounded_floats(grid, array, exponent) for array in arrays], exponent


def _rounded_floats(grid: Grid, array: Array, exponent: int) -> Rounded:
    """floor(array / 2^exponent), so off by less than one."""
    mantissas, exponents = take_apart(array)
    shifts = np.where(mantissas != 0, exponents - exponent, 0)
    left, right = shifts.clip(0, None), (-shifts).clip(0, None)
    if grid.machine:
        right = right.clip(None, _WORD)
    whole, down_by, up_by = (np.asarray(part, dtype=grid.dtype) for part in (mantissas, right, left))
    kept: Ints = np.right_shift(whole, down_by)
    rough: Ints = (np.left_shift(kept, down_by) != whole).astype(grid.dtype)
    return Rounded(np.left_shift(kept, up_by), rough)
