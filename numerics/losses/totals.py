"""Sums of losses over samples: a rational, and for irrational losses the logarithm of a product of balls beside it.

`log sum_j exp(a_j) = a_i + log(1 + S)`, `S = sum_{j != i} exp(a_j - a_i)`, for whatever `i`, here the largest entry.
The `a_i` are summed exactly, and of all `1 + S` the product is formed, as `P = prod (1 + S) - 1`, which keeps its
relative precision however small it is: `P' = P + S (1 + P)` has positive terms alone. One logarithm is left.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from flint import arb, ctx, fmpq, fmpz
from numpy.typing import NDArray

from numerics.arithmetic.limbs import LimbMatrix
from numerics.arithmetic.rationals import Enclosure
from numerics.common.shown import Shown

PRECISION = 128  # bits of an enclosure, relative to the value
CAP = 1024  # bits beyond which numbers that are not separated stay so
GUARD = 64  # bits, and twice those of the number of terms, that the sums may lose
SMALLEST = Fraction(1, 1 << 1100)  # irrational losses below this, which no float is, are only known to be so small


@dataclass(frozen=True)
class Total(Shown):
    """`rational + log(1 + grown)`; `grown` is None where the loss is rational, else a ball around a number >= 0."""

    rational: Fraction
    grown: arb | None = field(default=None, compare=False)

    def plus(self, other: Total, precision: int) -> Total:
        """The sum over both."""
        rational = self.rational + other.rational
        if self.grown is None or other.grown is None:
            return Total(rational, self.grown if other.grown is None else other.grown)
        with working(precision):
            return Total(rational, self.grown + other.grown * (1 + self.grown))

    def mean(self, samples: int, precision: int) -> Enclosure:
        """The `samples`th part, as an enclosure of about so many bits where it is irrational.

        Ends are rounded to fewer bits than were worked with, so that one of more bits lies within.
        """
        if self.grown is None:
            return Enclosure.of(self.rational / samples)
        with working(precision):
            if self.rational == 0 and self.grown < to_arb(SMALLEST):
                return Enclosure(Fraction(0), SMALLEST)
            mean = (to_arb(self.rational) + self.grown.log1p()) / samples
        if not mean.is_finite():
            raise ValueError("the logarithm of a loss is no finite ball")  # sums of exponentials of numbers <= 0 are
        with bits(precision):
            lower, upper = (exactly(end) for end in (mean.lower(), mean.upper()))
        return Enclosure(max(lower, Fraction(0)), upper)


def log_sum(exponents: LimbMatrix, scale: int, precision: int) -> arb:
    """`prod_k (1 + sum_j exp(a_kj)) - 1` for `a = exponents / scale <= 0`, (K, g), as a ball.

    Terms below `2^-(precision + GUARD)` of the largest one, and of their number, are only bounded by that: what they
    add up to is beyond the precision.
    """
    if 0 in exponents.shape:
        return arb(0)
    values: NDArray[Any] = exponents.integers()
    count = values.size
    depth = precision + GUARD + 2 * count.bit_length()
    largest = values.max()
    # exp(-depth) < 2^-depth: a term more than `depth` below the largest exponent is too small.
    unit = Fraction(2) ** exponents.exponent / scale
    reach = int(largest) - int(depth / unit) - 1
    near = values >= reach
    with working(precision):
        grown, factor = arb(0), arb(fmpq(1, scale))
        far = arb(0).union(_exponential(int(largest), exponents.exponent, factor, scale) * arb((1, -depth)))
        lost = (~near).sum(axis=1).tolist()
        for row, kept, missing in zip(values.tolist(), near.tolist(), lost, strict=True):
            total = missing * far if missing else arb(0)
            for value, is_near in zip(row, kept, strict=True):
                if is_near:
                    total = total + _exponential(value, exponents.exponent, factor, scale)
            grown = grown + total * (1 + grown)
    return grown


def _exponential(value: int, exponent: int, factor: arb, scale: int) -> arb:
    ball = arb((fmpz(value), exponent))
    return ball.exp() if scale == 1 else (ball * factor).exp()


@contextmanager
def working(precision: int) -> Iterator[None]:
    """FLINT's balls with guard bits beyond what is asked for."""
    with bits(precision + GUARD):
        yield


@contextmanager
def bits(precision: int) -> Iterator[None]:
    """FLINT's balls at a precision."""
    before = ctx.prec
    ctx.prec = precision
    try:
        yield
    finally:
        ctx.prec = before


def to_arb(value: Fraction) -> arb:
    """A ball around a fraction, at the precision that is set."""
    return arb(fmpq(value.numerator, value.denominator))


def exactly(end: arb) -> Fraction:
    """A ball of radius 0 as a fraction."""
    mantissa, exponent = end.man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)
