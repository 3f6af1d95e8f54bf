"""Non-negative reals between two rationals: sums, products, square roots, rounded outwards only where irrational."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from numerics.common.shown import Shown

BITS = 64  # of an irrational square root


@dataclass(frozen=True)
class Positive(Shown):
    """A real number in `[lower, upper]`, `0 <= lower <= upper`. Raises ValueError otherwise."""

    lower: Fraction
    upper: Fraction

    def __post_init__(self) -> None:
        if not 0 <= self.lower <= self.upper:
            raise ValueError(f"no such number: [{self.lower}, {self.upper}]")

    @classmethod
    def exact(cls, value: int | Fraction) -> Positive:
        return cls(Fraction(value), Fraction(value))

    def __add__(self, other: Positive) -> Positive:
        return Positive(self.lower + other.lower, self.upper + other.upper)

    def __mul__(self, other: Positive) -> Positive:
        return Positive(self.lower * other.lower, self.upper * other.upper)

    def over(self, divisor: int) -> Positive:
        """The number over a positive integer."""
        return Positive(self.lower / divisor, self.upper / divisor)

    def root(self) -> Positive:
        """Its square root."""
        return Positive(root_down(self.lower), root_up(self.upper))


def root_down(value: Fraction) -> Fraction:
    """A lower bound of the square root with `BITS` bits, the root itself if that is rational."""
    return _root(value)[0]


def root_up(value: Fraction) -> Fraction:
    """An upper bound of the square root with `BITS` bits, the root itself if that is rational."""
    return _root(value)[1]


def _root(value: Fraction) -> tuple[Fraction, Fraction]:
    top, bottom = math.isqrt(value.numerator), math.isqrt(value.denominator)
    if top * top == value.numerator and bottom * bottom == value.denominator:
        return Fraction(top, bottom), Fraction(top, bottom)
    shift = BITS - (value.numerator.bit_length() - value.denominator.bit_length()) // 2
    whole = math.isqrt(math.floor(value * Fraction(4) ** shift))
    return whole / Fraction(2) ** shift, (whole + 1) / Fraction(2) ** shift


def float_up(value: Fraction) -> float:
    """The smallest float64 that is at least `value`; infinity beyond the largest."""
    try:
        nearest = value.numerator / value.denominator
    except OverflowError:
        return math.inf
    return nearest if Fraction(nearest) >= value else math.nextafter(nearest, math.inf)
