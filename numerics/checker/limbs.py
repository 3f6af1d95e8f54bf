"""Exact integers of any length in arrays of machine words: the corners of graphs, whose layers are too large for lists.

A number is `sum_i limbs[i] 2^(22 (i + low))`. All limbs but the last are from 0 to 2^22 - 1, and the last from -2^22 to
2^22 - 1: it has the number's sign. Every operation stays within words of 64 bits; nothing is rounded.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .arrays import Array, Integers, Mask
from .errors import Unusable
from .exact import Extent, Matrix, take_apart
from .graph import Windows, take
from .products import Factor, product

BITS = 22
_MASK = (1 << BITS) - 1
# The upper part of a float's 53 bits, so that either part can be shifted within a word.
_PART = 30
# Terms of a sum of products of two limbs, each at most 2^44.
_MOST_TERMS = (1 << 14) - 1


@dataclass(frozen=True)
class Limbs:
    """`limbs` (length, rows, cols)."""

    limbs: Integers
    low: int

    @classmethod
    def of(cls, array: Array) -> "Limbs":
        """The finite floats `array` (rows, cols), exactly."""
        mantissas, exponents = take_apart(array)
        live = mantissas != 0
        if not live.any():
            return cls(np.zeros((1, *array.shape), dtype=np.int64), 0)
        low = int(exponents[live].min()) // BITS
        length = (int(exponents[live].max()) - BITS * low) // BITS + 5
        limbs = np.zeros((length, *array.shape), dtype=np.int64)
        shifts = np.where(live, exponents - BITS * low, 0)
        rows, cols = np.indices(array.shape)
        for part, more in ((mantissas & ((1 << _PART) - 1), 0), (mantissas >> _PART, _PART)):
            place, left = np.divmod(shifts + more, BITS)
            # At most 52 bits, which reach into three limbs.
            shifted = part << left
            limbs[place, rows, cols] += shifted & _MASK
            limbs[place + 1, rows, cols] += shifted >> BITS & _MASK
            limbs[place + 2, rows, cols] += shifted >> 2 * BITS
        return settled(limbs, low)

    @classmethod
    def whole(cls, numbers: Sequence[int]) -> "Limbs":
        """A column (rows, 1) of integers of any length."""
        length = max(abs(number).bit_length() for number in numbers) // BITS + 1
        limbs = [[abs(number) >> BITS * i & _MASK for number in numbers] for i in range(length)]
        signs = np.array([-1 if number < 0 else 1 for number in numbers], dtype=np.int64)
        return settled((np.array(limbs, dtype=np.int64) * signs)[:, :, None], 0)

    @property
    def negative(self) -> Mask:
        """Which numbers are below 0, (rows, cols)."""
        below: Mask = self.limbs[-1] < 0
        return below

    @cached_property
    def factors(self) -> tuple[Factor, ...]:
        """The limbs, transposed, as what others are multiplied by."""
        return tuple(Factor(np.ascontiguousarray(limb.T)) for limb in self.limbs)

    def times(self, other: "Limbs", seen: Windows | None = None) -> "Limbs":
        """(rows, k) times (k, cols); with `seen`, what its places see of (rows, ...): (rows * places, cols)."""
        (length, rows, entries), (others, inner, cols) = self.limbs.shape, other.limbs.shape
        if inner * min(length, others) > _MOST_TERMS:
            if seen is not None:
                return self.gathered([], seen.index).times(other)
            if inner == 1:
                raise Unusable("the exact integers of this certificate are too long for its graph's layers")
            half = inner // 2
            parts = [(slice(half), slice(half)), (slice(half, None), slice(half, None))]
            one, two = (
                Limbs(self.limbs[:, :, mine], self.low).times(Limbs(other.limbs[:, theirs], other.low))
                for mine, theirs in parts
            )
            return one.plus(two)
        stacked = self.limbs.reshape(length * rows, entries)
        rows *= 1 if seen is None else seen.places
        total = np.zeros((length + others, rows, cols), dtype=np.int64)
        for j, factor in enumerate(other.factors):
            total[j : j + length] += product(stacked, factor, seen=seen).reshape(length, rows, cols)
        return settled(total, self.low + other.low)

    def each(self, other: "Limbs") -> "Limbs":
        """Entry by entry, of shapes that numpy broadcasts."""
        length, others = len(self.limbs), len(other.limbs)
        if min(length, others) > _MOST_TERMS:
            raise Unusable("the exact integers of this certificate are too long for its graph's layers")
        total = np.zeros((length + others, *np.broadcast_shapes(self.limbs.shape[1:], other.limbs.shape[1:])), np.int64)
        for j, limb in enumerate(other.limbs):
            total[j : j + length] += self.limbs * limb
        return settled(total, self.low + other.low)

    def scaled(self, factor: int, exponent: int = 0) -> "Limbs":
        """This times factor 2^exponent."""
        whole, rest = divmod(exponent, BITS)
        found = self.each(Limbs.whole([factor << rest]))
        return Limbs(found.limbs, found.low + whole)

    def plus(self, other: "Limbs") -> "Limbs":
        """The sum; one row is added to every row."""
        (one, two), low = _aligned((self, other))
        return settled(one + two, low)

    def relu(self) -> "Limbs":
        """[.]_+."""
        return Limbs(np.where(self.negative, 0, self.limbs), self.low)

    def gathered(self, others: Sequence["Limbs"], index: Integers) -> "Limbs":
        """This and the others side by side, (rows, ...) -> (rows * q, k), as `graph.Arithmetic` has it."""
        joined = self
        if others:
            parts, low = _aligned((self, *others))
            joined = settled(np.concatenate(parts, axis=2), low)
        taken = take(joined.limbs, index)
        return Limbs(taken.reshape(len(taken), -1, index.shape[1]), joined.low)

    def spread(self, q: int) -> "Limbs":
        """(rows * q, o) -> (rows, q * o)."""
        length, rows, cols = self.limbs.shape
        return Limbs(self.limbs.reshape(length, rows // q, q * cols), self.low)

    def largest(self) -> "Limbs":
        """(rows, k) -> (rows, 1): the largest of each row."""
        limbs = self.limbs
        while limbs.shape[2] > 1:
            half = limbs.shape[2] // 2
            one, two, rest = limbs[:, :, :half], limbs[:, :, half : 2 * half], limbs[:, :, 2 * half :]
            best = np.where(settled(one - two, 0).negative, two, one)
            limbs = np.concatenate((best, rest), axis=2)
        return Limbs(limbs, self.low)

    def summed(self, factors: Sequence[int]) -> "Limbs":
        """(rows * q, k) -> (rows * q, 1): the sum of each row, times its factor of q, again and again."""
        total = settled(self.limbs.sum(axis=2, keepdims=True), self.low)
        if all(factor == 1 for factor in factors):
            return total
        row = Limbs.whole(factors)
        found = total.spread(len(factors)).each(Limbs(row.limbs.transpose(0, 2, 1), row.low))
        return Limbs(found.limbs.reshape(len(found.limbs), -1, 1), found.low)

    def matrix(self) -> Matrix:
        """The same numbers as FLINT's."""
        length, rows, cols = self.limbs.shape
        cells = np.zeros((rows, cols), dtype=object)
        for limb in self.limbs[::-1]:
            cells = (cells << BITS) + limb.astype(object)
        return Matrix.of(cells.ravel().tolist(), Extent(rows, cols, BITS * self.low, BITS * length + 1))


def settled(limbs: Integers, low: int) -> Limbs:
    """The same numbers with limbs in order, from words of at most 62 bits, and no more limbs than are needed."""
    parts, carry = list[Integers](), np.zeros(limbs.shape[1:], dtype=np.int64)
    for limb in limbs:
        full = limb + carry
        parts.append(full & _MASK)
        carry = full >> BITS
    while ((carry != 0) & (carry != -1)).any():
        parts.append(carry & _MASK)
        carry = carry >> BITS
    # What is left over is a sign alone.
    parts[-1] = parts[-1] + (carry << BITS)
    while len(parts) > 1 and ((parts[-1] == 0) | (parts[-1] == -1)).all():
        top = parts.pop()
        parts[-1] = parts[-1] + (top << BITS)
    while len(parts) > 1 and not parts[0].any():
        del parts[0]
        low += 1
    return Limbs(np.stack(parts), low)


def _aligned(layers: Sequence[Limbs]) -> tuple[list[Integers], int]:
    """All in units of the smallest, and what that is. Zeros have no say in it."""
    low = min((one.low for one in layers if one.limbs.any()), default=0)
    top = max((one.low + len(one.limbs) for one in layers if one.limbs.any()), default=1)
    found = []
    for one in layers:
        limbs = np.zeros((top - low, *one.limbs.shape[1:]), dtype=np.int64)
        if one.limbs.any():
            limbs[one.low - low : one.low - low + len(one.limbs)] = one.limbs
        found.append(limbs)
    return found, low
