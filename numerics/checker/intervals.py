"""A number that is known exactly, or to lie between two rationals: comparisons say what is sure."""

from collections.abc import Sequence
from dataclasses import dataclass

from flint import fmpq

from .shown import shown


@dataclass(frozen=True)
class Interval:
    """`low` <= the number <= `high`; the same where it is known exactly."""

    low: fmpq
    high: fmpq

    __repr__ = shown

    @classmethod
    def of(cls, value: fmpq | int) -> "Interval":
        """A number that is known exactly."""
        return cls(fmpq(value), fmpq(value))

    @property
    def is_exact(self) -> bool:
        """Whether both ends are the same."""
        return bool(self.low == self.high)

    def plus(self, other: "Interval") -> "Interval":
        """The sum."""
        return Interval(self.low + other.low, self.high + other.high)

    def minus(self, other: "Interval") -> "Interval":
        """The difference of two numbers that may have nothing to do with each other."""
        return Interval(self.low - other.high, self.high - other.low)

    def times(self, factor: fmpq) -> "Interval":
        """The multiple by a factor that is not negative."""
        return Interval(self.low * factor, self.high * factor)

    def within(self, other: "Interval") -> bool:
        """Whether the number surely lies between the other's ends."""
        return bool(other.low <= self.low and self.high <= other.high)

    def apart(self, other: "Interval") -> bool:
        """Whether the two are surely different numbers."""
        return bool(self.high < other.low or other.high < self.low)

    def met(self, other: "Interval") -> "Interval":
        """The same number, known by both."""
        return Interval(max(self.low, other.low), min(self.high, other.high))


def largest(values: Sequence[Interval]) -> Interval:
    """The largest of some numbers."""
    return Interval(max(value.low for value in values), max(value.high for value in values))
