"""Intervals of Fractions, for the second checker: nothing is rounded, and where a value comes from is forgotten."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Interval:
    """All numbers from `low` to `high`."""

    low: Fraction
    high: Fraction

    @classmethod
    def of(cls, one: Fraction, other: Fraction) -> Number:
        """The numbers between two; the number itself where they are the same."""
        return one if one == other else cls(min(one, other), max(one, other))

    def __add__(self, other: Number) -> Interval:
        return Interval(self.low + lowest(other), self.high + highest(other))

    __radd__ = __add__

    def __mul__(self, other: Number) -> Interval:
        corners = [a * b for a in (self.low, self.high) for b in (lowest(other), highest(other))]
        return Interval(min(corners), max(corners))

    __rmul__ = __mul__


Number = Interval | Fraction


def lowest(value: Number) -> Fraction:
    """The least number of an interval, or the number."""
    return value.low if isinstance(value, Interval) else value


def highest(value: Number) -> Fraction:
    """The largest number of an interval, or the number."""
    return value.high if isinstance(value, Interval) else value


def rectified(value: Number) -> Number:
    """`[.]_+`."""
    zero = Fraction(0)
    return Interval.of(max(lowest(value), zero), max(highest(value), zero))


def squared(value: Number) -> Number:
    """The square; unlike a product with itself never negative."""
    ends = sorted([lowest(value) ** 2, highest(value) ** 2])
    return Interval.of(Fraction(0) if lowest(value) < 0 < highest(value) else ends[0], ends[1])
