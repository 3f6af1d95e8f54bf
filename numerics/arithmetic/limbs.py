"""Exact integer matrices as balanced base-2^20 limbs in float64, multiplied by BLAS.

A matrix `M` is `2^exponent * sum_i 2^(20 i) limbs[i]`, every limb entry an integer of modulus at most `2^19`. A
product of two limbs over an inner dimension of at most `2^14` has all partial sums, in any order of summation and with
or without fused multiply-add, of modulus at most `2^14 * 2^19 * 2^19 = 2^52`: integers that float64 holds exactly.
BLAS is thus trusted only to compute sums of products; `require_exact_blas` tests that trust against integer
arithmetic. Every other operation below keeps integers of modulus below `2^53`, multiplies by powers of two, or rounds
to the nearest integer, all exact in float64.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.common.shown import Shown
from numerics.errors import InputError

Array = NDArray[np.float64]

BITS = 20
HALF = float(1 << (BITS - 1))  # limbs are balanced: |limb| <= HALF
INNER = 1 << 14  # longest inner dimension of one BLAS call
EXACT = float(1 << 53)  # integers up to here are exact
MASK = (1 << BITS) - 1
CHUNK = 3  # limbs whose sum an int64 holds
ALIGNED = HALF * (1 << BITS)  # bounds a limb times 2^r, r < 20


@dataclass(frozen=True)
class LimbMatrix(Shown):
    """`2^exponent * sum_i 2^(20 i) limbs[i]`, exactly; at least one limb, all of one shape."""

    limbs: tuple[Array, ...]
    exponent: int

    @property
    def shape(self) -> tuple[int, ...]:
        return self.limbs[0].shape

    def __getitem__(self, index: slice) -> LimbMatrix:
        """The same slice of every limb."""
        return LimbMatrix(tuple(limb[index] for limb in self.limbs), self.exponent)

    @property
    def T(self) -> LimbMatrix:
        return LimbMatrix(tuple(limb.T for limb in self.limbs), self.exponent)

    def each(self, rearranged: Callable[[Array], Array]) -> LimbMatrix:
        """The same entries in another arrangement, which is made of every limb; zeros may join them."""
        return LimbMatrix(tuple(rearranged(limb) for limb in self.limbs), self.exponent)

    def __matmul__(self, other: LimbMatrix) -> LimbMatrix:
        """Exact product, one BLAS call per pair of limbs (and per 2^14 of the inner dimension); stacks as in numpy."""
        inner = self.shape[-1]
        columns: list[Array | None] = [None] * (len(self.limbs) + len(other.limbs) - 1)
        size = [0.0] * len(columns)  # an a priori bound of |columns[k]|
        for i, left in enumerate(self.limbs):
            for j, right in enumerate(other.limbs):
                for first in range(0, inner, INNER):
                    part = slice(first, min(first + INNER, inner))
                    term = (part.stop - part.start) * HALF * HALF
                    if size[i + j] + term > EXACT:
                        _carry(columns, size, i + j)
                    columns[i + j] = _plus(columns[i + j], left[..., part] @ right[..., part, :])
                    size[i + j] += term
        if inner == 0:
            return LimbMatrix((np.zeros((self.shape[0], other.shape[1])),), 0)
        return LimbMatrix(_normalise(columns, size), self.exponent + other.exponent)

    def __add__(self, other: LimbMatrix) -> LimbMatrix:
        """Exact sum; shapes broadcast (a row of biases is added to every row)."""
        exponent = min(self.exponent, other.exponent)
        shape = np.broadcast_shapes(self.shape, other.shape)
        mine, yours = _aligned(self, exponent), _aligned(other, exponent)
        columns: list[Array | None] = [None] * max(len(mine), len(yours))
        for aligned in (mine, yours):
            for k, limb in enumerate(aligned):
                if limb is not None:
                    columns[k] = _plus(columns[k], np.array(np.broadcast_to(limb, shape)))
        return LimbMatrix(_normalise(columns, [2 * ALIGNED] * len(columns)), exponent)

    def __neg__(self) -> LimbMatrix:
        return LimbMatrix(tuple(-limb for limb in self.limbs), self.exponent)

    def __sub__(self, other: LimbMatrix) -> LimbMatrix:
        return self + (-other)

    def times(self, factor: int) -> LimbMatrix:
        """Exact multiple by a Python integer of any size."""
        return LimbMatrix(_normalise(*_scaled(self.limbs, factor)), self.exponent)

    def relu(self) -> LimbMatrix:
        """Entrywise `[.]_+`."""
        if len(self.limbs) == 1:
            return LimbMatrix((np.maximum(self.limbs[0], 0.0),), self.exponent)
        return self.signed(self._leading() > 0.0)

    def modulus(self) -> LimbMatrix:
        """Entrywise `|.|`."""
        return self.signed(np.where(self._leading() < 0.0, -1.0, 1.0))

    def signed(self, signs: NDArray[Any]) -> LimbMatrix:
        """The entrywise product with -1, 0 or 1."""
        return LimbMatrix(tuple(limb * signs for limb in self.limbs), self.exponent)

    def _leading(self) -> Array:
        """Every entry's sign: a balanced number has that of its highest non-zero limb."""
        leading = self.limbs[-1].copy()
        for limb in self.limbs[-2::-1]:
            undecided = leading == 0.0
            if not undecided.any():
                break
            np.copyto(leading, limb, where=undecided)
        return leading

    def is_zero(self) -> NDArray[np.bool_]:
        """Which entries are 0."""
        zero: NDArray[np.bool_] = np.logical_and.reduce([limb == 0.0 for limb in self.limbs])
        return zero

    def columns(self, first: int, last: int) -> LimbMatrix:
        """These columns alone."""
        return LimbMatrix(tuple(limb[:, first:last] for limb in self.limbs), self.exponent)

    def entry_sum(self) -> Fraction:
        """The exact sum of all entries, at most 2^43 of them."""
        total = sum(int(limb.astype(np.int64).sum()) << (BITS * i) for i, limb in enumerate(self.limbs))
        return total * Fraction(2) ** self.exponent

    def integers(self) -> NDArray[Any]:
        """Python integers (dtype object), of which every entry is `2^exponent` times one."""
        chunks = [
            sum(limb.astype(np.int64) << (BITS * j) for j, limb in enumerate(self.limbs[i : i + CHUNK]))
            for i in range(0, len(self.limbs), CHUNK)
        ]
        found: NDArray[Any] = np.asarray(chunks[-1]).astype(object)
        for chunk in chunks[-2::-1]:
            found = found * (1 << (CHUNK * BITS)) + chunk
        return found

    def square_sum(self) -> Fraction:
        """The exact sum of squares of all entries."""
        return self.column_square_sums(1)[0] if self.limbs[0].size else Fraction(0)

    def column_square_sums(self, groups: int) -> list[Fraction]:
        """Exact sums of squares over `groups` equal, consecutive blocks of columns (0-d and 1-d count as one row)."""
        rows = np.atleast_2d(self.limbs[0]).shape[0]
        stack = np.stack([np.atleast_2d(limb).reshape(rows, groups, -1) for limb in self.limbs])
        stack = np.ascontiguousarray(stack.transpose(2, 0, 1, 3)).reshape(groups, len(self.limbs), -1)
        totals = []
        for group in stack:
            total = 0
            for first in range(0, group.shape[1], INNER):
                chunk = group[:, first : first + INNER]
                gram = chunk @ chunk.T
                for i in range(len(gram)):
                    for j in range(i + 1):
                        total += (int(gram[i, j]) << (BITS * (i + j))) * (1 if i == j else 2)
            totals.append(total * Fraction(2) ** (2 * self.exponent))
        return totals

    def to_fractions(self) -> list[Fraction]:
        """Every entry as a Fraction, in C order; slow, for small matrices and tests."""
        flat = [limb.ravel() for limb in self.limbs]
        scale = Fraction(2) ** self.exponent
        return [scale * sum(int(limb[k]) << (BITS * i) for i, limb in enumerate(flat)) for k in range(flat[0].size)]


def from_floats(values: Array) -> LimbMatrix:
    """The float64 array, exactly. Raises InputError on NaN and infinities."""
    array = np.asarray(values, dtype=np.float64)
    if not np.isfinite(array).all():
        raise InputError("a matrix has NaN or infinite entries: exact arithmetic needs finite numbers")
    low, high = exponent_range(array)
    mantissa, exponent = np.frexp(array)
    integer = np.ldexp(np.abs(mantissa), 53).astype(np.int64)  # array = +-integer * 2^(exponent - 53)
    shift = exponent.astype(np.int64) - 53 - low
    sign = np.sign(array)
    columns: list[Array | None] = []
    for first in range(0, max(1, high - low), BITS):
        # Bits first .. first+19 of integer * 2^shift; those below 2^low are zero, so a negative shift loses nothing.
        down, up = first - shift, shift - first
        digit = np.where(
            down >= 0,
            integer >> np.clip(down, 0, 63),
            np.where(up < BITS, (integer & MASK) << np.clip(up, 0, BITS), 0),
        )
        columns.append(sign * (digit & MASK))
    return LimbMatrix(_normalise(columns, [2 * HALF] * len(columns)), low)


def from_integers(values: NDArray[Any]) -> LimbMatrix:
    """Python integers (dtype object), exactly."""
    columns: list[Array | None] = []
    rest, signs = np.abs(values), np.where(values < 0, -1.0, 1.0)
    while not columns or rest.any():
        columns.append((rest & MASK).astype(np.float64) * signs)
        rest = rest >> BITS
    return LimbMatrix(_normalise(columns, [2 * HALF] * len(columns)), 0)


def exponent_range(array: Array) -> tuple[int, int]:
    """`(low, high)`: every entry is a multiple of `2^low` and of modulus below `2^high`; `(0, 0)` if all are zero."""
    nonzero = array[array != 0.0]
    if not nonzero.size:
        return 0, 0
    mantissa, exponent = np.frexp(nonzero)
    integer = np.ldexp(mantissa, 53).astype(np.int64)
    lowest = np.frexp((integer & -integer).astype(np.float64))[1].astype(np.int64) - 1
    return int((exponent.astype(np.int64) - 53 + lowest).min()), int(exponent.max())


def hstack(parts: Sequence[LimbMatrix], axis: int = 1) -> LimbMatrix:
    """Matrices side by side (or along another axis), brought to one exponent."""
    exponent = min(part.exponent for part in parts)
    aligned = []
    for part in parts:
        columns = _aligned(part, exponent)
        aligned.append(_normalise(columns, [ALIGNED] * len(columns)))
    count = max(len(limbs) for limbs in aligned)
    padded = [list(limbs) + [np.zeros_like(limbs[0])] * (count - len(limbs)) for limbs in aligned]
    return LimbMatrix(tuple(np.concatenate([limbs[i] for limbs in padded], axis=axis) for i in range(count)), exponent)


def limbs_of(array: Array) -> int:
    """How many limbs `from_floats` would need; for predicting memory."""
    low, high = exponent_range(array)
    return max(1, -(-(high - low + 1) // BITS))


def _aligned(matrix: LimbMatrix, exponent: int) -> list[Array | None]:
    """Columns of the matrix with a lower exponent: whole limbs are inserted, the rest is a factor 2^r, r < 20."""
    whole, rest = divmod(matrix.exponent - exponent, BITS)
    return [None] * whole + [limb * float(1 << rest) for limb in matrix.limbs]


def _scaled(limbs: Sequence[Array], factor: int) -> tuple[list[Array | None], list[float]]:
    digits = []
    sign, rest = (-1, -factor) if factor < 0 else (1, factor)
    while rest:
        digits.append(float(sign * (rest & ((1 << BITS) - 1))))
        rest >>= BITS
    if not digits:
        return [np.zeros(limbs[0].shape)], [0.0]
    columns: list[Array | None] = [None] * (len(limbs) + len(digits) - 1)
    size = [0.0] * len(columns)
    term = 2 * HALF * HALF
    for i, limb in enumerate(limbs):
        for j, digit in enumerate(digits):
            if size[i + j] + term > EXACT:
                _carry(columns, size, i + j)
            columns[i + j] = _plus(columns[i + j], limb * digit)
            size[i + j] += term
    return columns, size


def _plus(column: Array | None, term: Array) -> Array:
    """`column + term`, in place where a column is there already (columns are never shared)."""
    if column is None:
        return term
    column += term
    return column


def _carry(columns: list[Array | None], size: list[float], k: int) -> None:
    """Bring column k into [-2^19, 2^19] and carry the rest upwards; `size` bounds the columns' moduli."""
    column = columns[k]
    if column is None:
        return
    if k + 1 == len(columns):
        columns.append(None)
        size.append(0.0)
    bound = size[k] * 2.0**-BITS + 1.0
    if size[k + 1] + bound > EXACT:
        _carry(columns, size, k + 1)
    quotient = column * 2.0**-BITS
    np.rint(quotient, out=quotient)
    above = columns[k + 1]
    columns[k + 1] = quotient.copy() if above is None else _plus(above, quotient)
    quotient *= 2.0**BITS
    column -= quotient
    size[k], size[k + 1] = HALF, size[k + 1] + bound


def _normalise(columns: Sequence[Array | None], size: Sequence[float]) -> tuple[Array, ...]:
    """Balanced limbs, without leading zeros, from integer columns of modulus at most `size <= 2^53`; consumes them."""
    columns, size = list(columns), list(size)
    shape = next(column.shape for column in columns if column is not None)
    k = 0
    while k < len(columns):
        column = columns[k]
        if column is not None and size[k] > HALF:
            last = k + 1 == len(columns)
            if not last or max(column.max(initial=0.0), -column.min(initial=0.0)) > HALF:
                _carry(columns, size, k)
        k += 1
    limbs = [np.zeros(shape) if column is None else column for column in columns]
    while len(limbs) > 1 and not limbs[-1].any():
        limbs.pop()
    return tuple(limbs)


@cache
def require_exact_blas() -> None:
    """Test once per process that BLAS multiplies extreme limbs exactly; raise RuntimeError if it does not.

    numpy multiplies integer matrices without BLAS, so the two sides share nothing but the numbers.
    """
    rng = np.random.default_rng(0)
    for rows, inner, columns in ((3, INNER, 5), (64, 2048, 33), (130, 777, 129)):
        left = rng.integers(-int(HALF), int(HALF) + 1, (rows, inner))
        right = rng.integers(-int(HALF), int(HALF) + 1, (inner, columns))
        left[0], right[:, 0] = int(HALF), int(HALF)
        left[0, -1] = int(HALF) - 1
        product = left.astype(np.float64) @ right.astype(np.float64)
        if not np.array_equal(product.astype(np.int64), left @ right):
            raise RuntimeError("this machine's BLAS does not multiply integers exactly: the finder cannot be used here")
