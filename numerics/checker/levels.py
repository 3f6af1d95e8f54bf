"""Bounds and numbers as a sentence prints them: a level as its user wrote it, all else so that the sentence is true."""

from dataclasses import dataclass

from flint import fmpq

from . import rationals

# Characters of an exact number that is quoted for a level.
_QUOTED = 24


@dataclass(frozen=True)
class Level:
    """A bound, and how its user wrote it; None for one that a certificate states."""

    value: fmpq
    written: str | None = None

    def words(self, *, up: bool) -> str:
        """What the user wrote; else the number itself where that is short; else rounded as asked."""
        if self.written is not None:
            return self.written
        rounded = short(self.value, up=up)
        if rationals.rounded(self.value, up=up) == self.value:
            return rounded
        exact = rationals.text(self.value)
        return exact if len(exact) <= _QUOTED else rounded


def short(value: fmpq, *, up: bool) -> str:
    """The decimal rounded as asked, without trailing zeros if it is exact."""
    rounded = rationals.decimal(value, up=up)
    if rationals.decimal(value, up=not up) != rounded or "." not in rounded:
        return rounded
    digits, mark, exponent = rounded.partition("e")
    return digits.rstrip("0").rstrip(".") + mark + exponent


def at_most(value: fmpq, level: Level | None) -> str:
    """`value` rounded up, or the level where the rounded number would lie above a level that `value` keeps to."""
    if level is not None and value <= level.value < rationals.rounded(value, up=True):
        return level.words(up=True)
    return short(value, up=True)


def above(value: fmpq, level: fmpq) -> str:
    """What shows that `value > level`: `value` rounded down, and by how much it is more where that does not show it."""
    lowest = f"at least {short(value, up=False)}"
    if rationals.rounded(value, up=False) > level:
        return lowest
    return f"{lowest}, above that bound by at least {short(value - level, up=False)}"
