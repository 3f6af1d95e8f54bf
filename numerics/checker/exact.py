"""Exact matrices: integers (FLINT) times one power of two for the whole matrix, with a bound on their bits.

Every float is an integer times a power of two, and so is every intermediate value of a ReLU network on
floats: sums, products and [.]_+ never divide. Floats become integers by taking their bits apart, so not
even a rounding mode is trusted.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from flint import fmpq, fmpz, fmpz_mat

from .arrays import Array, Integers, require_floats

_FRACTION_BITS = 52
# 1075 = exponent bias + fraction bits: the value of a normal float is (2^52 + fraction) * 2^(field - 1075).
_EXPONENT_OFFSET = 1075
# Shifted integers of at most this many bits stay in int64 with their sign.
_MACHINE_BITS = 62
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
        """The extent of the sum, in units of the smaller exponent."""
        if self.bits == 0 or other.bits == 0:
            return other if self.bits == 0 else self
        low = min(self.exponent, other.exponent)
        bits = 1 + max(self.bits + self.exponent - low, other.bits + other.exponent - low)
        return Extent(self.rows, self.cols, low, bits)

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


@dataclass(frozen=True)
class Matrix:
    """`entries` (fmpz_mat) times 2^`extent.exponent`."""

    entries: fmpz_mat
    extent: Extent

    @classmethod
    def of(cls, integers: Sequence[int | fmpz], extent: Extent) -> "Matrix":
        """The matrix with these entries in row-major order."""
        return cls(fmpz_mat(extent.rows, extent.cols, integers), extent)

    def times(self, other: "Matrix") -> "Matrix":
        """The exact product."""
        return Matrix(self.entries * other.entries, self.extent.times(other.extent))

    def plus(self, other: "Matrix") -> "Matrix":
        """The exact sum."""
        extent = self.extent.plus(other.extent)
        # A zero matrix has no say in the exponent: aligning to it could only lengthen the other's integers.
        if self.extent.bits == 0 or other.extent.bits == 0:
            return Matrix(other.entries if self.extent.bits == 0 else self.entries, extent)
        return Matrix(self._aligned(extent) + other._aligned(extent), extent)

    def _aligned(self, extent: Extent) -> fmpz_mat:
        shift = self.extent.exponent - extent.exponent
        return self.entries * (fmpz(1) << shift) if shift else self.entries

    def scaled(self, factor: int, exponent: int = 0) -> "Matrix":
        """The multiple by factor 2^exponent."""
        return Matrix(self.entries * fmpz(factor), self.extent.scaled(factor, exponent))

    def transposed(self) -> "Matrix":
        """The transpose."""
        return Matrix(self.entries.transpose(), self.extent.transposed())

    def relu(self) -> "Matrix":
        """[.]_+ entry by entry."""
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
    integers, extent = float_integers(array)
    return Matrix.of(integers, extent)


def float_integers(array: Array) -> tuple[list[int], Extent]:
    """The entries of `float_matrix(array)` as Python integers in row-major order, and its extent."""
    mantissas, exponents = take_apart(array)
    extent = _extent_of(array.shape, mantissas, exponents)
    # Mantissas have no trailing zero bits left, so every shift is to the left; zeros are not shifted.
    shifts = np.where(mantissas != 0, exponents - extent.exponent, 0)
    if extent.bits <= _MACHINE_BITS:
        return (mantissas << shifts).ravel().tolist(), extent
    pairs = zip(mantissas.ravel().tolist(), shifts.ravel().tolist(), strict=True)
    return [mantissa << shift for mantissa, shift in pairs], extent


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
