"""The forward pass of any class in exact limbs, for weights that are limbs over one denominator, and its memory.

A weight is `limbs / q` with one integer `q > 0` for the whole network; after `k` matrices an activation is
`limbs / q^k`. ReLU is positively homogeneous (L1a), so the numerators alone are propagated, and `k` beside them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from numerics.arithmetic.budget import require, rows_within
from numerics.arithmetic.limbs import BITS, LimbMatrix, exponent_range, from_floats
from numerics.common.shown import Shown
from numerics.data import Data
from numerics.losses.loss import Loss
from numerics.losses.outputs import Outputs
from numerics.losses.registry import SQUARED
from numerics.networks.arrays import Array
from numerics.networks.forward import outputs_from, with_ones

COPIES = 8  # of a sample's outputs
ROWS = 256  # samples at once: blocks that stay in the processor's cache


@dataclass(frozen=True)
class Scaled(Shown):
    """The matrix `numerator / q^power`, for the `q` of the arithmetic."""

    numerator: LimbMatrix
    power: int


@dataclass(frozen=True)
class Limbs:
    """Exact arithmetic on activations `Scaled` by powers of `q`; parameters are their numerators over `q`."""

    q: int = 1

    def affine(self, h: Scaled, weight: LimbMatrix, bias: LimbMatrix | None) -> Scaled:
        product = h.numerator @ weight.T
        if bias is not None:
            product = product + self._times(bias, h.power)
        return Scaled(product, h.power + 1)

    def plus(self, left: Scaled, right: Scaled) -> Scaled:
        power = max(left.power, right.power)
        return Scaled(self.over(left, power) + self.over(right, power), power)

    def relu(self, h: Scaled) -> Scaled:
        return Scaled(h.numerator.relu(), h.power)

    def over(self, h: Scaled, power: int) -> LimbMatrix:
        """The numerator of `h` over `q^power`, a power at least its own."""
        return self._times(h.numerator, power - h.power)

    def _times(self, matrix: LimbMatrix, power: int) -> LimbMatrix:
        return matrix if self.q == 1 or power == 0 else matrix.times(self.q**power)


@dataclass(frozen=True)
class Size:
    """A matrix as far as memory is concerned: entries are multiples of `2^low` and of modulus below `2^high`."""

    rows: int
    columns: int
    low: int
    high: int

    @property
    def limbs(self) -> int:
        return max(1, -(-(self.high - self.low + 1) // BITS))

    @property
    def bytes(self) -> float:
        return 8.0 * self.rows * self.columns * self.limbs

    def times(self, bits: int) -> Size:
        """Multiplied by an integer below `2^bits`."""
        return Size(self.rows, self.columns, self.low, self.high + bits)


@dataclass
class Sizes(Shown):
    """The same operations as `Limbs`, on sizes alone, for one sample; `seen` are the sizes of all results."""

    bits: int = 0  # q <= 2^bits
    seen: list[float] = field(default_factory=list)

    def affine(self, h: tuple[Size, int], weight: Size, bias: Size | None) -> tuple[Size, int]:
        size, power = h
        inner = size.columns.bit_length()
        product = self._result(Size(1, weight.rows, size.low + weight.low, size.high + weight.high + inner))
        if bias is not None:
            product = self._sum(product, bias.times(self.bits * power))
        return product, power + 1

    def plus(self, left: tuple[Size, int], right: tuple[Size, int]) -> tuple[Size, int]:
        power = max(left[1], right[1])
        return self._sum(*(size.times(self.bits * (power - own)) for size, own in (left, right))), power

    def relu(self, h: tuple[Size, int]) -> tuple[Size, int]:
        return self._result(h[0]), h[1]

    @property
    def bytes(self) -> float:
        """Enough for one sample: every result as if all were kept, and three working copies of the largest."""
        return sum(self.seen) + 3 * max(self.seen)

    def _sum(self, left: Size, right: Size) -> Size:
        return self._result(Size(1, left.columns, min(left.low, right.low), max(left.high, right.high) + 1))

    def _result(self, size: Size) -> Size:
        self.seen.append(size.bytes)
        return size


def size_of(array: Array) -> Size:
    """Of a float64 array as a matrix."""
    rows, columns = as_matrix(array).shape
    return Size(rows, columns, *exponent_range(array))


def lifted(array: Array) -> LimbMatrix:
    """`from_floats`, as a matrix."""
    return from_floats(as_matrix(array))


def as_matrix(array: Array) -> Array:
    """One dimension as one row; a kernel with all that an output sees in one row."""
    return array.reshape(len(array), -1) if array.ndim > 2 else np.atleast_2d(array)


@dataclass(frozen=True, eq=False)
class Points(Shown):
    """Data in exact arithmetic: what the first layer sees, and the targets."""

    seen: LimbMatrix
    targets: LimbMatrix
    Y: Array

    @classmethod
    def of(cls, data: Data, bias: bool) -> Points:
        return cls(from_floats(with_ones(data.X, bias)), from_floats(data.Y), data.Y)


def rows_for(
    kind: str,
    weights: Mapping[str, Size],
    data: Data,
    bias: bool,
    budget: int,
    *,
    bits: int = 0,
    loss: Loss = SQUARED,
) -> int:
    """How many samples at once, for weights of these sizes over a `q <= 2^bits`.

    Predicted before anything is lifted. Raises InputError over budget.
    """
    X, Y = size_of(with_ones(data.X, bias)), size_of(data.Y)
    # Lifting and mixing hold some ten arrays of one matrix's shape, or a few copies of its limbs, for a moment.
    passing = max(8.0 * 10 * size.rows * size.columns + 4 * size.bytes for size in (X, Y, *weights.values()))
    fixed = sum(size.bytes for size in (X, Y, *weights.values())) + passing
    require(fixed, budget, "the exact weights and data")
    sizes = Sizes(bits)
    z = sizes.relu(sizes.affine((Size(1, X.columns, X.low, X.high), 0), weights["W"], None))
    f, power = outputs_from(kind, weights, z, sizes)
    residual, _ = sizes.plus((f, power), (Size(1, Y.columns, Y.low, Y.high), 0))
    return rows_within(sizes.bytes + working(loss, residual), int(budget - fixed) or 1, data.size, ROWS)


def working(loss: Loss, residual: Size) -> float:
    """Bytes for the loss of one sample, whose residual is of that size: nothing beyond it for squared error.

    Others make some copies of it; irrational ones have integers and balls of Python's, about 500 bytes each.
    """
    if loss == SQUARED:
        return 0.0
    return COPIES * residual.bytes + (0.0 if loss.rational else 500.0 * residual.columns)


def exact_outputs(kind: str, weights: Mapping[str, LimbMatrix], q: int, points: Points, block: slice) -> Outputs:
    """The outputs of a block of samples, exactly, for the weights `limbs / q`."""
    arithmetic = Limbs(q)
    z = arithmetic.relu(arithmetic.affine(Scaled(points.seen[block], 0), weights["W"], None))
    f = outputs_from(kind, weights, z, arithmetic)
    return Outputs(f.numerator, points.targets[block], points.Y[block], q**f.power)
