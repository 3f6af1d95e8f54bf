"""Integers on a grid: exact products and directed shifts, in machine words or in integers of any length.

Every number of an enclosure is an integer times one power of two per array. What a shift drops is rounded
downwards (`down`) or upwards (`up`), and whoever drops it answers for it. Nothing here is a float, and no
product is left to a library of floats.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from flint import fmpz_mat

Ints = npt.NDArray[Any]
"""Integers: int64, or Python's in an array of objects."""

# Products of two limbs of this many bits, summed over 2^14 terms, stay below 2^62.
_LIMB = 23
_LONGEST_SUM = 14
# Radii and terms of second order are cut to so many bits before they are multiplied: one product, not four.
_COARSE_BITS = 24
_WORD = 62


@dataclass(frozen=True)
class Grid:
    """How long integers may become. `bits`: of the entries of a model; `time`: of times, as k / 2^time."""

    bits: int
    time: int
    dtype: type[np.int64] | type[np.object_]

    @property
    def waiting(self) -> int:
        """Bits that the sums of products may have before the longest of them is known."""
        return self.bits + 15

    @property
    def machine(self) -> bool:
        """Whether the integers are machine words."""
        return self.dtype is np.int64


# A chord's slope takes 15 bits, and |mid| + |slope| + radius two more than each of them.
MACHINE = Grid(45, 30, np.int64)
LONG = Grid(320, 320, np.object_)
WIDE = Grid(6000, 320, np.object_)


def bit_length(array: Ints) -> int:
    """Bits of the largest absolute value; 0 if there is none."""
    if array.size == 0:
        return 0
    return max(int(array.max()).bit_length(), int(-array.min()).bit_length())


def down(array: Ints, shift: int) -> Ints:
    """floor(array / 2^shift); a negative shift multiplies, and must have room."""
    if shift <= 0:
        return array << -shift if shift else array
    # Machine words cannot be shifted further; their sign is all that is left.
    return array >> (shift if array.dtype == object else min(shift, _WORD))


def up(array: Ints, shift: int) -> Ints:
    """ceil(array / 2^shift); a negative shift multiplies, and must have room."""
    return -down(-array, shift)


def magnitude(array: Ints) -> Ints:
    """|array|."""
    return np.abs(array)


def product(left: Ints, right: Ints, shift: int) -> Ints:
    """floor(left right^T / 2^shift) of `left` (n, k) and `right` (c, k), exactly.

    For machine words: entries of at most 46 bits, k < 2^14, and a result of at most 62 bits.
    """
    if left.dtype == object:
        return down(_long_product(left, right), shift)
    bits = bit_length(left) + bit_length(right) + left.shape[1].bit_length()
    if bits <= _WORD:
        return down(_word_product(left, right), shift)
    # left = high 2^limb + low with 0 <= low < 2^limb; nested floors of a sum by parts are its floor.
    limb = min(shift // 2, _LIMB)
    mask = (1 << limb) - 1
    high, low, other_high, other_low = left >> limb, left & mask, right >> limb, right & mask
    cross = _word_product(high, other_low) + _word_product(low, other_high)
    total = _word_product(high, other_high) + ((cross + (_word_product(low, other_low) >> limb)) >> limb)
    return down(total, shift - 2 * limb)


def radius_product(radius: Ints, size: Ints, shift: int) -> Ints:
    """At least radius size^T / 2^shift, for nonnegative `radius` (n, k) and `size` (c, k), k < 2^14."""
    if radius.dtype == object:
        return up(_long_product(radius, size), shift)
    spare, other = max(0, bit_length(radius) - _COARSE_BITS), max(0, bit_length(size) - _COARSE_BITS)
    return up(_word_product(up(radius, spare), up(size, other)), shift - spare - other)


def coarse_product(left: Ints, right: Ints, shift: int) -> tuple[Ints, Ints]:
    """left right^T / 2^shift to 24 bits of each factor, and what it is at most off by (rounding included)."""
    if left.dtype == object:
        exact = _long_product(left, right)
        return down(exact, shift), remainder(exact, shift)
    spare, other = max(0, bit_length(left) - _COARSE_BITS), max(0, bit_length(right) - _COARSE_BITS)
    short, other_short = left >> spare, right >> other
    value = down(_word_product(short, other_short), shift - spare - other)
    # left = short 2^spare + [0, 2^spare), and the other likewise: the two cross terms.
    off = np.ones((1, 1), dtype=np.int64) if shift > spare + other else np.zeros((1, 1), dtype=np.int64)
    if spare:
        off = off + up(magnitude(right).sum(axis=1)[None, :], shift - spare)
    if other:
        off = off + up(magnitude(short).sum(axis=1)[:, None], shift - spare - other)
    return value, off


def fits(terms: int) -> bool:
    """Whether sums of so many products fit into machine words."""
    return terms.bit_length() <= _LONGEST_SUM


def scaled(array: Ints, numerator: int, shift: int) -> Ints:
    """floor(array * numerator / 2^shift). Machine words: 46 bits, 0 <= numerator < 2^31, shift up to 30."""
    if array.dtype == object or bit_length(array) + numerator.bit_length() <= _WORD:
        return down(array * numerator, shift)
    limb = min(shift, _LIMB)
    high, low = array >> limb, array & ((1 << limb) - 1)
    return down(high * numerator + ((low * numerator) >> limb), shift - limb)


def dropped(array: Ints, numerator: int, shift: int) -> Ints:
    """1 where `scaled` is rounded, else 0."""
    mask = (1 << shift) - 1
    if array.dtype == object:
        return _ones((array * numerator) & mask)
    # Only the lowest bits matter, and those of a product are those of the factors' lowest bits.
    return _ones(((array & mask) * (numerator & mask)) & mask)


def remainder(array: Ints, shift: int) -> Ints:
    """1 where `down(array, shift)` is rounded, else 0."""
    if shift <= 0:
        return np.zeros(array.shape, dtype=np.int8)
    if array.dtype != object and shift >= _WORD:
        return _ones(array)
    return _ones(array & ((1 << shift) - 1))


def square_sum(array: Ints) -> int:
    """The sum of the squares of all entries (n, p), of at most 48 bits each in machine words."""
    if array.dtype == object:
        return sum(int(entry) * int(entry) for entry in array.ravel().tolist())
    high, low = array >> _LIMB, array & ((1 << _LIMB) - 1)
    parts = [(high, high, 2 * _LIMB), (high, low, _LIMB + 1), (low, low, 0)]
    return sum(sum((one * two).ravel().tolist()) << shift for one, two, shift in parts)


def _ones(array: Ints) -> Ints:
    marks: Ints = (array != 0).astype(np.int8)
    return marks


def _word_product(left: Ints, right: Ints) -> Ints:
    """left right^T in machine words; einsum keeps to integers."""
    result: Ints = np.einsum("ij,kj->ik", left, right)
    return result


def _long_product(left: Ints, right: Ints) -> Ints:
    """left right^T in FLINT's integers."""
    rows, inner = left.shape
    cols = right.shape[0]
    exact = fmpz_mat(rows, inner, left.ravel().tolist()) * fmpz_mat(cols, inner, right.ravel().tolist()).transpose()
    result = np.empty(rows * cols, dtype=object)
    result[:] = list(map(int, exact.entries()))
    matrix: Ints = result.reshape(rows, cols)
    return matrix
