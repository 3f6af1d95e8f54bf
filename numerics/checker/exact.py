"""Exact matrices: integers times one power of two for the whole matrix, with a bound on their bits.

Every float is an integer times a power of two, and so is every intermediate value of a ReLU network on
floats: sums, products and [.]_+ never divide. Floats become integers by taking their bits apart, so not
even a rounding mode is trusted. Many short integers are machine words, as features are, for which FLINT has no [.]_+
but one entry at a time; everything else is FLINT's.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from flint import fmpq, fmpz, fmpz_mat

from .arrays import Array, Integers, require_floats
from .products import LIMB, Factor, columns, fits, product

_FRACTION_BITS = 52
# 1075 = exponent bias + fraction bits: the value of a normal float is (2^52 + fraction) * 2^(field - 1075).
_EXPONENT_OFFSET = 1075
# Integers of at most this many bits stay in int64 with their sign; longer ones are cut into parts of two limbs.
_MACHINE_BITS, _PART_BITS = 62, 46
# So many entries are words, as long as they are short. They become FLINT's by a product with more columns than this
# part of their own, unless that is short too: what it takes to make integers of its words would be more.
_MANY, _FEW_COLUMNS = 1 << 12, 8
# Rows that are multiplied at once, so that their limbs stay near.
_ROWS = 128
# Entries taken apart at a time when only the extent is wanted.
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Extent:
    """A matrix without its entries: rows, columns, exponent, and a bound on the bits of the entries.

    Matrices carry one, and the memory of a product is predicted by multiplying extents first. `bits` 0: a
    zero matrix.
    """

    rows: int
    cols: int
    exponent: int
    bits: int

    def times(self, other: "Extent") -> "Extent":
        """The extent of the product."""
        zero = self.bits == 0 or other.bits == 0 or self.cols == 0
        bits = 0 if zero else self.bits + other.bits + self.cols.bit_length()
        return Extent(self.rows, other.cols, self.exponent + other.exponent, bits)

    def plus(self, other: "Extent") -> "Extent":
        """The extent of the sum, in units of the smaller exponent; one row is added to every row."""
        rows = max(self.rows, other.rows)
        if self.bits == 0 or other.bits == 0:
            counts = other if self.bits == 0 else self
            return Extent(rows, self.cols, counts.exponent, counts.bits)
        low = min(self.exponent, other.exponent)
        bits = 1 + max(self.bits + self.exponent - low, other.bits + other.exponent - low)
        return Extent(rows, self.cols, low, bits)

    def relu(self) -> "Extent":
        """The extent of [.]_+."""
        return self

    def scaled(self, factor: int, exponent: int = 0) -> "Extent":
        """The extent of the multiple by factor 2^exponent."""
        bits = self.bits + factor.bit_length() if self.bits and factor else 0
        return Extent(self.rows, self.cols, self.exponent + exponent, bits)

    def transposed(self) -> "Extent":
        """The extent of the transpose."""
        return Extent(self.cols, self.rows, self.exponent, self.bits)


@dataclass(frozen=True, eq=False)
class Matrix:
    """Integers times 2^`extent.exponent`: `held` as FLINT's, or as machine words (rows, cols) of at most 62 bits."""

    held: fmpz_mat | Integers
    extent: Extent

    @classmethod
    def of(cls, integers: Sequence[int | fmpz], extent: Extent) -> "Matrix":
        """The matrix with these entries in row-major order."""
        return cls(fmpz_mat(extent.rows, extent.cols, integers), extent)

    @cached_property
    def entries(self) -> fmpz_mat:
        """The integers as FLINT's."""
        if isinstance(self.held, fmpz_mat):
            return self.held
        return fmpz_mat(self.extent.rows, self.extent.cols, self.held.ravel().tolist())

    @property
    def _words(self) -> Integers | None:
        return None if isinstance(self.held, fmpz_mat) else self.held

    def times(self, other: "Matrix") -> "Matrix":
        """The exact product."""
        extent, mine = self.extent.times(other.extent), self._words
        if mine is not None and fits(self.extent.cols):
            if extent.bits <= _MACHINE_BITS and len(other._factors) == 1:
                return Matrix(np.concatenate([product(block, other._factors[0]) for block in _blocks(mine)]), extent)
            if _FEW_COLUMNS * extent.cols <= self.extent.cols:
                return Matrix.of(_product(mine, other._factors), extent)
        return Matrix(self.entries * other.entries, extent)

    @cached_property
    def _factors(self) -> tuple[Factor, ...]:
        """The integers transposed, as sum_i factors[i] 2^(46 i) of words, or of one if they are short."""
        if self._words is not None:
            return (Factor(np.ascontiguousarray(self._words.T)),)
        integers = np.array([int(entry) for entry in self.entries.entries()], dtype=object)
        integers = integers.reshape(self.extent.rows, self.extent.cols).T
        parts: list[Integers] = []
        while len(parts) * _PART_BITS + _MACHINE_BITS < self.extent.bits:
            parts.append(integers & ((1 << _PART_BITS) - 1))
            integers = integers >> _PART_BITS
        return tuple(Factor(np.ascontiguousarray(part.astype(np.int64))) for part in (*parts, integers))

    def plus(self, other: "Matrix") -> "Matrix":
        """The exact sum; one row is added to every row."""
        extent = self.extent.plus(other.extent)
        # A zero matrix has no say in the exponent: aligning to it could only lengthen the other's integers.
        if self.extent.bits == 0 or other.extent.bits == 0:
            return Matrix((other if self.extent.bits == 0 else self)._repeated(extent.rows).held, extent)
        mine, yours = self._words, other._words
        if mine is not None and yours is not None and extent.bits <= _MACHINE_BITS:
            shifts = (part.extent.exponent - extent.exponent for part in (self, other))
            one, two = (words << shift for words, shift in zip((mine, yours), shifts, strict=True))
            return Matrix(one + two, extent)
        return Matrix(self._aligned(extent) + other._aligned(extent), extent)

    def _aligned(self, extent: Extent) -> fmpz_mat:
        shift, entries = self.extent.exponent - extent.exponent, self._repeated(extent.rows).entries
        return entries * (fmpz(1) << shift) if shift else entries

    def _repeated(self, rows: int) -> "Matrix":
        """One row as so many; else as it is."""
        if self.extent.rows == rows:
            return self
        extent = Extent(rows, self.extent.cols, self.extent.exponent, self.extent.bits)
        if self._words is not None:
            return Matrix(np.repeat(self._words, rows, axis=0), extent)
        return Matrix(fmpz_mat(rows, 1, [1] * rows) * self.entries, extent)

    def scaled(self, factor: int, exponent: int = 0) -> "Matrix":
        """The multiple by factor 2^exponent."""
        extent = self.extent.scaled(factor, exponent)
        if self._words is not None and extent.bits <= _MACHINE_BITS:
            return Matrix(self._words * (factor if extent.bits else 0), extent)
        return Matrix(self.entries * fmpz(factor), extent)

    def transposed(self) -> "Matrix":
        """The transpose."""
        held = self.held
        return Matrix(held.transpose() if isinstance(held, fmpz_mat) else held.T, self.extent.transposed())

    def relu(self) -> "Matrix":
        """[.]_+ entry by entry."""
        if self._words is not None:
            return Matrix(np.maximum(self._words, 0), self.extent)
        # One entry at a time, in a copy: a list of all of them would cost more time and several times the memory.
        rectified, zero = fmpz_mat(self.entries), fmpz(0)
        for row in range(self.extent.rows):
            for col in range(self.extent.cols):
                if rectified[row, col] < zero:
                    rectified[row, col] = zero
        return Matrix(rectified, self.extent)

    @property
    def unit(self) -> fmpq:
        """What the entries are multiples of."""
        return fmpq(2) ** self.extent.exponent

    def groups(self, width: int) -> Iterator[list[list[fmpz]]]:
        """Each group of `width` consecutive columns, as columns of integers."""
        entries, stride = self.entries.entries(), self.extent.cols
        for first in range(0, stride, width):
            yield [entries[column::stride] for column in range(first, first + width)]


def float_extent(array: Array) -> Extent:
    """The extent of `float_matrix(array)`, without building it. `array` (r, c), finite."""
    step = max(1, _CHUNK // max(1, array.shape[1]))
    pieces = [_extent(array[first : first + step]) for first in range(0, len(array), step)]
    pieces = [piece for piece in pieces if piece.bits]
    low = min((piece.exponent for piece in pieces), default=0)
    top = max((piece.exponent + piece.bits for piece in pieces), default=0)
    rows, cols = array.shape
    return Extent(rows, cols, low, top - low)


def float_matrix(array: Array) -> Matrix:
    """The exact matrix of finite floats `array` (r, c), with the largest exponent that allows integers."""
    extent, mantissas, shifts = _taken(array)
    if extent.bits <= _MACHINE_BITS and array.size >= _MANY:
        return Matrix(mantissas << shifts, extent)
    return Matrix.of(_shifted(extent, mantissas, shifts), extent)


def float_integers(array: Array) -> tuple[list[int], Extent]:
    """The entries of `float_matrix(array)` as Python integers in row-major order, and its extent."""
    extent, mantissas, shifts = _taken(array)
    return _shifted(extent, mantissas, shifts), extent


def _taken(array: Array) -> tuple[Extent, Integers, Integers]:
    """The extent of `float_matrix(array)`, and its entries as integers and how far to shift them, both (r, c)."""
    mantissas, exponents = take_apart(array)
    extent = _extent_of(array.shape, mantissas, exponents)
    # Mantissas have no trailing zero bits left, so every shift is to the left; zeros are not shifted.
    return extent, mantissas, np.where(mantissas != 0, exponents - extent.exponent, 0)


def _shifted(extent: Extent, mantissas: Integers, shifts: Integers) -> list[int]:
    """The shifted integers in row-major order."""
    if extent.bits <= _MACHINE_BITS:
        return (mantissas << shifts).ravel().tolist()
    pairs = zip(mantissas.ravel().tolist(), shifts.ravel().tolist(), strict=True)
    return [mantissa << shift for mantissa, shift in pairs]


def _product(left: Integers, factors: Sequence[Factor]) -> list[int]:
    """The entries of left (sum_i factors[i] 2^(46 i))^T in row-major order."""
    found: list[int] = []
    for block in _blocks(left):
        total = np.zeros((len(block), len(factors[0].entries)), dtype=object)
        for i, factor in enumerate(factors):
            for m, part in enumerate(columns(block, factor)):
                total += part.astype(object) << _PART_BITS * i + LIMB * m
        found += total.ravel().tolist()
    return found


def _blocks(rows: Integers) -> list[Integers]:
    """The rows, some at a time; no rows are one block."""
    return [rows[first : first + _ROWS] for first in range(0, max(len(rows), 1), _ROWS)]


def take_apart(array: Array) -> tuple[Integers, Integers]:
    """Odd signed integers and exponents with array = integers * 2^exponents; 0 for zeros."""
    require_floats(array)
    pattern = np.ascontiguousarray(array, dtype=np.float64).view(np.int64)
    field = (pattern >> _FRACTION_BITS) & 0x7FF
    fraction = pattern & ((1 << _FRACTION_BITS) - 1)
    # Field 0 are the subnormals: no hidden bit, and the exponent of field 1.
    magnitude = np.where(field > 0, fraction | (1 << _FRACTION_BITS), fraction)
    trailing = np.bitwise_count((magnitude & -magnitude) - 1).astype(np.int64)
    trailing[magnitude == 0] = 0
    exponents = np.maximum(field, 1) - _EXPONENT_OFFSET + trailing
    magnitude >>= trailing
    return np.where(pattern < 0, -magnitude, magnitude), exponents


def _extent(array: Array) -> Extent:
    return _extent_of(array.shape, *take_apart(array))


def _extent_of(shape: tuple[int, ...], mantissas: Integers, exponents: Integers) -> Extent:
    rows, cols = shape
    nonzero = mantissas != 0
    if not nonzero.any():
        return Extent(rows, cols, 0, 0)
    low = int(exponents[nonzero].min())
    # Bit lengths by counting: spread the highest bit downwards, then count the ones.
    spread = np.abs(mantissas[nonzero])
    for step in (1, 2, 4, 8, 16, 32):
        spread |= spread >> step
    lengths = np.bitwise_count(spread).astype(np.int64)
    return Extent(rows, cols, low, int((lengths + exponents[nonzero]).max()) - low)
