"""Numbers as they are printed beside a claim: a level as its user wrote it, and every sentence true as printed."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from numerics.arithmetic.rationals import DIGITS, decimal, parse, rounded, text

QUOTED = 24  # characters of an exact number that is quoted in a sentence


class Level(Fraction):
    """A bound that remembers how its user wrote it, because that is how it is printed."""

    written: str
    __slots__ = ("written",)

    def __new__(cls, value: Fraction, written: str) -> Level:
        level = super().__new__(cls, value)
        level.written = written
        return level

    @classmethod
    def parse(cls, given: str, name: str) -> Level:
        """What `parse` accepts. Raises InputError."""
        return cls(parse(given, name), given.strip())

    def __copy__(self) -> Level:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Level:
        return self

    def __reduce__(self) -> tuple[type[Level], tuple[Fraction, str]]:
        return Level, (Fraction(self.numerator, self.denominator), self.written)


def given_level(written: str | None) -> Level | None:
    """What `--level` says. Raises InputError."""
    return given_as("--level", written)


def given_as(option: str, written: str | None) -> Level | None:
    """What an option says, if it was given. Raises InputError."""
    return None if written is None else Level.parse(written, option)


def exact_words(value: Fraction) -> str | None:
    """A decimal that ends within 17 digits, or a short fraction; None where neither is the number itself."""
    rounded = decimal(value, up=True)
    if rounded == decimal(value, up=False):
        return rounded
    # The lengths first: the text of a long fraction takes time.
    longest = 4 * QUOTED  # bits
    if value.numerator.bit_length() > longest or value.denominator.bit_length() > longest:
        return None
    fraction = text(value)
    return fraction if len(fraction) <= QUOTED else None


def level_words(level: Fraction, *, up: bool) -> str:
    """The level as its user wrote it; one that nobody wrote is exact where that is short, else rounded."""
    if isinstance(level, Level):
        return level.written
    return exact_words(level) or decimal(level, up=up)


def exceeds(value: Fraction, level: Fraction) -> str:
    """What shows that `value > level`: a lower bound of the value above the level, else of the difference too."""
    lowest = decimal(value, up=False)
    if rounded(value, up=False, digits=DIGITS) > level:
        return f"at least {lowest}"
    return f"at least {lowest}, above that bound by at least {decimal(value - level, up=False)}"


def digits_within(value: Fraction, limit: Fraction | None, *, least: int) -> int | None:
    """How many digits, `least` or more, it takes for `value` rounded up to stay within the limit; None if 17 do not."""
    if limit is None:
        return least
    return next((n for n in range(least, DIGITS + 1) if rounded(value, up=True, digits=n) <= limit), None)
