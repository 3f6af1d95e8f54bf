"""Integers on a grid: directed shifts, in machine words or in integers of any length.

Every number of an enclosure is an integer times one power of two per array. What a shift drops is rounded
downwards (`down`) or upwards (`up`), and whoever drops it answers for it. Nothing here is a float; products of
matrices are in products.py.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[Any]
"""Integers: int64, or Python's in an array of objects."""

# Half the bits of an entry: products of a word and of a time, or of two halves, stay below 2^62.
_HALF = 23
WORD = 62
"""Bits of the integers that a machine word is trusted with."""


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
# Short enough for sums of 128 products, not cut into limbs, to stay within the 53 bits of a float.
SHORT = Grid(23, 30, np.int64)
LONG = Grid(320, 320, np.object_)
WIDE = Grid(6000, 320, np.object_)


def bit_length(array: Ints) -> int:
    """Bits of the largest absolute value; 0 if there is none."""
    if array.size == 0:
        return 0
    return max(int(array.max()).bit_length(), (-int(array.min())).bit_length())


def down(array: Ints, shift: int) -> Ints:
    """floor(array / 2^shift); a negative shift multiplies, and must have room."""
    if shift <= 0:
        return array << -shift if shift else array
    # Machine words cannot be shifted further; their sign is all that is left.
    return array >> (shift if array.dtype == object else min(shift, WORD))


def up(array: Ints, shift: int) -> Ints:
    """ceil(array / 2^shift), of words at most 62 bits long; a negative shift multiplies, and must have room."""
    if shift <= 0:
        return down(array, shift)
    return down(array + ((1 << (shift if array.dtype == object else min(shift, WORD))) - 1), shift)


def magnitude(array: Ints) -> Ints:
    """|array|."""
    return np.abs(array)


def scaled(array: Ints, numerator: int, shift: int) -> Ints:
    """floor(array * numerator / 2^shift). Machine words: 46 bits, 0 <= numerator < 2^31, shift up to 30."""
    if array.dtype == object or bit_length(array) + numerator.bit_length() <= WORD:
        return down(array * numerator, shift)
    limb = min(shift, _HALF)
    high, low = array >> limb, array & ((1 << limb) - 1)
    return down(high * numerator + ((low * numerator) >> limb), shift - limb)


def dropped(array: Ints, numerator: int, shift: int) -> Ints:
    """1 where `scaled` is rounded, else 0."""
    mask = (1 << shift) - 1
    if array.dtype == object:
        return _ones((array * numerator) & mask)
    # Only the lowest bits matter, and those of a product are those of the factors' lowest bits.
    return _ones(((array & mask) * (numerator & mask)) & mask)


def square_sum(array: Ints) -> int:
    """The sum of the squares of all entries (n, p), of at most 48 bits each in machine words."""
    if array.dtype == object:
        return sum(int(entry) * int(entry) for entry in array.ravel().tolist())
    high, low = array >> _HALF, array & ((1 << _HALF) - 1)
    parts = [(high, high, 2 * _HALF), (high, low, _HALF + 1), (low, low, 0)]
    return sum(sum((one * two).ravel().tolist()) << shift for one, two, shift in parts)


def _ones(array: Ints) -> Ints:
    marks: Ints = (array != 0).astype(np.int8)
    return marks
