"""Exact products of integer matrices: by a library of floats that is not believed, or by integers alone.

Machine words are cut into limbs, x = sum_i x_i 2^(23 i) with |x_i| <= 2^22, unless they are short enough as they are,
and as many terms are added at a time as keep the sum of their absolute values to 2^53: 512 limbs of 22 bits. Then a
library that adds and multiplies floats in any order makes no error. That is why it may be asked, not why its answer is
believed. Its answer P becomes words, each at most 2^53 in absolute value or it is rejected, and is compared with the
true product L R^T of the limbs on four random vectors, in words modulo 2^64: P v = L (R^T v). If some entry of
D = P - L R^T is not 0 then D v = 0 fixes that entry's factor in v up to the 2^z solutions of D_ij v_j = s, where 2^z
is the largest power that divides D_ij, and z <= 54, as |D_ij| <= 2^54: a vector of words from the operating system's
secret source accepts a false P with a probability of at most 2^(54-64), and four of them with at most 2^-40. What is
rejected is computed once more in words, where none overflows.
"""

import os
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
from flint import fmpz_mat

from .graph import Windows
from .grid import WORD, Ints, bit_length, down, up

# Bits of a limb; its absolute value is at most half of 2^LIMB.
LIMB = 23
_LARGEST = 1 << (LIMB - 1)
# Sums of products in floats are at most 2^_EXACT; short integers are not cut if so many terms fit into one.
_EXACT, _FEWEST = 53, 128
# More terms than 2^_LONGEST_SUM: their sums could leave a word.
_LONGEST_SUM = 14
# Vectors that a product is compared on.
_VECTORS = 4
# Below so many multiplications, or so few rows of a factor, words are as fast.
_SMALL, _THIN = 1 << 16, 6
# Entries that windows gather at once.
_GATHERED = 1 << 16


@dataclass(frozen=True)
class Seal:
    """What a product with a right factor must agree with: `secret` (4, rows) and `seen` = secret R, (4, k)."""

    secret: npt.NDArray[np.uint64]
    seen: npt.NDArray[np.uint64]


@dataclass(frozen=True)
class Factor:
    """A right factor R (c, k), in `parts` of as many rows: what products take is made when it is first asked for."""

    entries: Ints
    parts: int = 1
    _cuts: dict[int, "Cut"] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def largest(self) -> int:
        """The largest absolute value."""
        return largest_of(self.entries)

    @property
    def bits(self) -> int:
        """Bits of the longest entry."""
        return self.largest.bit_length()

    def cut(self, count: int) -> "Cut":
        """The entries as so many limbs."""
        if count not in self._cuts:
            self._cuts[count] = Cut(self.entries, count)
        return self._cuts[count]


@dataclass(frozen=True)
class Cut:
    """A right factor as `count` limbs; as floats, which are not believed, and with a seal."""

    entries: Ints
    count: int

    @cached_property
    def floats(self) -> npt.NDArray[np.float64]:
        """(count c, k)."""
        return self.limbs().astype(np.float64)

    @cached_property
    def seal(self) -> Seal:
        """Random words, and what they make of the limbs."""
        limbs = self.limbs().view(np.uint64)
        secret = np.frombuffer(os.urandom(8 * _VECTORS * len(limbs)), dtype=np.uint64).reshape(_VECTORS, -1)
        return Seal(secret, secret @ limbs)

    def limbs(self) -> Ints:
        """(count c, k)."""
        return limbs_of(self.entries, self.count)


@dataclass(frozen=True)
class Bounds:
    """A right factor of numbers that are at least 0: at most `factor` times 2^`spare`, in few bits."""

    factor: Factor
    spare: int

    @classmethod
    def above(cls, size: Ints) -> "Bounds":
        """For `size` (c, k)."""
        short, spare = _shortened(size)
        return cls(Factor(short), spare)

    @property
    def bits(self) -> int:
        """Bits of the longest, or one more."""
        return self.factor.bits + self.spare


def fits(terms: int) -> bool:
    """Whether sums of so many products fit into machine words."""
    return terms.bit_length() <= _LONGEST_SUM


def product(left: Ints, right: Factor, shift: int = 0, seen: Windows | None = None) -> Ints:
    """floor(left R^T / 2^shift), shift >= 0, of `left` (n, k) and R (c, k), exactly: (n, c).

    With `seen`, of what its places see of `left` (n, entries): (n places, c).
    Machine words: entries and results of at most 62 bits, k < 2^14. Raises OverflowError for longer ones.
    """
    found: Ints = products(left, right, shift, seen)[0]
    return found


def products(left: Ints, right: Factor, shift: int, seen: Windows | None = None, finer: Ints | None = None) -> Ints:
    """The same with each part of R: (parts, n, c / parts), which nobody else holds.

    `finer` (c / parts,): by how much more every column is shifted.
    """
    by = shift if finer is None else finer + shift
    terms = right.entries.shape[1]
    if seen is not None and (left.dtype == object or seen.index.size * len(left) * len(right.entries) <= _SMALL):
        return products(seen.of(left), right, shift, None, finer)
    if left.dtype == object:
        return _parts(_long_product(left, right.entries), right.parts, by)
    mine = largest_of(left)
    bits = mine.bit_length() + right.bits + terms.bit_length()
    if bits - shift > WORD or not fits(terms):
        raise OverflowError(f"a product of {bits} bits and {terms} terms, shifted by {shift}, is longer than a word")
    if seen is None and bits <= WORD and _small(len(left), len(right.entries), terms):
        return _parts(_word_product(left, right.entries), right.parts, by)
    sums = _columns(left, mine, right, seen)
    if sums[1:]:
        return _parts(_assembled(sums, shift), right.parts, 0 if finer is None else finer)
    return _parts(sums[0], right.parts, by)


def _parts(array: Ints, parts: int, shift: int | Ints) -> Ints:
    """floor(array / 2^shift), which takes its place, part by part."""
    laid = array.reshape(len(array), parts, -1).transpose(1, 0, 2)
    return np.right_shift(laid, shift, out=laid if parts == 1 else np.empty(laid.shape, array.dtype))


def radius_product(radius: Ints, size: Bounds, shift: int, seen: Windows | None = None) -> Ints:
    """At least radius size^T / 2^shift, for `radius` >= 0 (n, k), of at most 62 bits: (n, c), or as `product`."""
    if not radius.any():
        rows = len(radius) * (1 if seen is None else seen.places)
        return np.zeros((rows, len(size.factor.entries)), dtype=radius.dtype)
    short, spare = _shortened(radius)
    return up(product(short, size.factor, 0, seen), shift - spare - size.spare)


def columns(left: Ints, right: Factor) -> list[Ints]:
    """Words S_0, S_1, ... (n, c) of fewer than 62 bits, with left R^T = sum_m S_m 2^(23 m)."""
    return _columns(left, largest_of(left), right, None)


def _columns(left: Ints, mine: int, right: Factor, seen: Windows | None) -> list[Ints]:
    """The same, of what places see where `seen` is given; `mine`: the largest absolute value of `left`."""
    others = len(right.entries)
    rows = len(left) * (1 if seen is None else seen.places)
    if mine * right.largest * _FEWEST <= 1 << _EXACT:
        count, cut, largest = 1, right.cut(1), mine * right.largest
    else:
        count, cut = limbs_needed(mine), right.cut(limbs_needed(right.largest))
        largest = _LARGEST * _LARGEST
    limbs = limbs_of(left, count)
    sums: dict[int, Ints] = {}
    for terms in _slices(right.entries.shape[1], (1 << _EXACT) // max(largest, 1)):
        found = _exact_product(limbs, cut, terms) if seen is None else _exact_windows(limbs, cut, terms, seen)
        for i in range(count):
            for j in range(cut.count):
                part = found[i * rows : (i + 1) * rows, j * others : (j + 1) * others]
                sums[i + j] = part if i + j not in sums else np.add(sums[i + j], part, out=sums[i + j])
    return list(sums.values())


def largest_of(array: Ints) -> int:
    """The largest absolute value, 0 if there is none."""
    return max(int(array.max()), -int(array.min())) if array.size else 0


def limbs_needed(largest: int) -> int:
    """How many limbs an integer of this size has; at least one. Raises OverflowError beyond 62 bits."""
    if largest >> WORD:
        raise OverflowError("an integer is too long to be cut into limbs")
    count = 1
    while largest > _LARGEST << (LIMB * (count - 1)):
        count += 1
    return count


def _slices(terms: int, most: int) -> list[slice]:
    """All terms, at most so many at a time."""
    return [slice(first, min(first + most, terms)) for first in range(0, terms, most)]


def limbs_of(array: Ints, count: int) -> Ints:
    """All limbs 0, then all limbs 1, ...: (count n, k) of (n, k)."""
    if count == 1:
        return array
    rows = len(array)
    limbs = np.empty((count * rows, array.shape[1]), dtype=np.int64)
    rest = array
    for i in range(count - 1):
        above = (rest + _LARGEST) >> LIMB
        limbs[i * rows : (i + 1) * rows] = rest - (above << LIMB)
        rest = above
    limbs[(count - 1) * rows :] = rest
    return limbs


def _assembled(sums: list[Ints], shift: int) -> Ints:
    """floor(sum_m S_m 2^(23 m) / 2^shift): floors of floors while a whole limb is dropped, then the rest."""
    lowest, *above = sums
    while above and shift >= LIMB:
        lowest = above.pop(0) + (lowest >> LIMB)
        shift -= LIMB
    if not above:
        return down(lowest, shift)
    # Less than a limb is dropped, which the others are multiples of. Modulo 2^64: the result has at most 62 bits.
    result = down(lowest, shift).view(np.uint64)
    for m, part in enumerate(above, start=1):
        result = result + (part.view(np.uint64) << np.uint64(LIMB * m - shift))
    return result.view(np.int64)


def _exact_product(limbs: Ints, right: Cut, terms: slice) -> Ints:
    """The product of limbs with those of the right factor, of some of the terms; of at most 2^53."""
    mine = limbs[:, terms]
    if _small(len(mine), right.count * len(right.entries), mine.shape[1]):
        return _word_product(mine, right.limbs()[:, terms])
    found = _words(_float_product(mine, right.floats[:, terms]))
    seal = right.seal
    if _agree(found, mine, Seal(seal.secret, seal.seen[:, terms])):
        return found
    return _word_product(mine, right.limbs()[:, terms])


def _exact_windows(limbs: Ints, right: Cut, terms: slice, seen: Windows) -> Ints:
    """The same of what places see of the limbs: (n places, c).

    It is compared with what random multiples of the rows of `limbs`, not of the right factor, would give: gathered
    numbers are many more than those.
    """
    floats, factor, planes = right.floats[:, terms], right.limbs()[:, terms], seen.planes(limbs)
    rows = max(1, _GATHERED // seen.index.size)
    parts = [slice(first, first + rows) for first in range(0, len(limbs), rows)]
    exactly = planes.astype(np.float64)
    found = _words(np.concatenate([_float_product(seen.seen(exactly[part])[:, terms], floats) for part in parts]))
    if _bounded(found):
        secret = np.frombuffer(os.urandom(8 * _VECTORS * len(limbs)), dtype=np.uint64).reshape(_VECTORS, -1)
        mine = np.einsum("ti,ij->tj", secret, found.view(np.uint64).reshape(len(limbs), -1))
        sums = np.einsum("ti,ij->tj", secret, limbs.view(np.uint64))
        theirs = _word_product(seen.of(sums)[:, terms], factor.view(np.uint64))
        if np.array_equal(mine.reshape(theirs.shape), theirs):
            return found
    return np.concatenate([_word_product(seen.seen(planes[part])[:, terms], factor) for part in parts])


def _float_product(left: Ints | npt.NDArray[np.float64], floats: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """What the library of floats says."""
    found: npt.NDArray[np.float64] = np.asarray(left, dtype=np.float64) @ floats.T
    return found


def _words(floats: npt.NDArray[np.float64]) -> Ints:
    """Whatever words become of floats."""
    with np.errstate(invalid="ignore"):
        return floats.astype(np.int64)


def _agree(found: Ints, limbs: Ints, seal: Seal) -> bool:
    """Whether a product of limbs is what it should be on all secret vectors, modulo 2^64."""
    if not _bounded(found):
        return False
    mine = _projected(found.view(np.uint64), seal.secret)
    return np.array_equal(mine, _projected(limbs.view(np.uint64), seal.seen))


def _bounded(found: Ints) -> bool:
    """Whether a product is as small as one of limbs must be."""
    return int(found.max()) <= 1 << _EXACT and int(found.min()) >= -(1 << _EXACT)


def _projected(array: npt.NDArray[np.uint64], vectors: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    projected: npt.NDArray[np.uint64] = np.einsum("ij,tj->it", array, vectors)
    return projected


def _small(rows: int, others: int, terms: int) -> bool:
    """Whether words are as fast as floats and what it takes not to believe them."""
    return min(rows, others) <= _THIN or rows * others * terms <= _SMALL


def _shortened(size: Ints) -> tuple[Ints, int]:
    """Numbers that are at least 0, upwards to one limb, and the power of two that they are multiples of."""
    if size.dtype == object:
        return size, 0
    spare = max(0, bit_length(size) - (LIMB - 1))
    return up(size, spare), spare


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
