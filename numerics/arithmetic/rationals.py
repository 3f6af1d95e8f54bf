"""Exact rationals as text: `p/q` of any length, and decimals rounded in a stated direction."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import fmpz

from numerics.common.shown import Shown
from numerics.errors import InputError

DIGITS = 17
SMALLEST = -6  # powers of ten from here on are written without an exponent
LONGEST = 1000  # characters of a level; more is an attempt to exhaust memory
RATIO = re.compile(r"([0-9]+)/([0-9]+)")
SIGNED_RATIO = re.compile(r"(-?[0-9]+)/([0-9]+)")
WRITTEN = re.compile(r"(-?)([0-9]+)(?:\.([0-9]+))?(?:e([+-][0-9]{1,8}))?")
DECIMAL = re.compile(r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")


@dataclass(frozen=True)
class Enclosure(Shown):
    """A real number between two rationals; `lower == upper` if it is known exactly, `upper` None if unbounded above."""

    lower: Fraction
    upper: Fraction | None

    @classmethod
    def of(cls, value: Fraction) -> Enclosure:
        """Of a number that is known exactly."""
        return cls(value, value)

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> Enclosure:
        """What `to_json` wrote. Raises ValueError, KeyError."""
        if given["exact"] is not None:
            return cls.of(read_decimal(given["exact"]))
        upper = given["upper"]
        return cls(read_decimal(given["lower"]), None if upper is None else read_decimal(upper))

    @property
    def top(self) -> Fraction:
        """The upper end. Raises ValueError if there is none."""
        if self.upper is None:
            raise ValueError("a number that is not bounded above has no upper end")
        return self.upper

    def below(self, other: Enclosure) -> bool:
        """Whether it is surely less than another number."""
        return self.upper is not None and self.upper < other.lower

    def less(self, other: Enclosure) -> Enclosure:
        """The number less another one, of which nothing else is known."""
        return Enclosure(self.lower - other.top, None if self.upper is None else self.upper - other.lower)

    def above(self, level: Fraction) -> Enclosure:
        """The number less `level`."""
        return Enclosure(self.lower - level, None if self.upper is None else self.upper - level)

    @property
    def exact(self) -> Fraction | None:
        """The number, if it is known exactly."""
        return self.lower if self.upper == self.lower else None

    def __float__(self) -> float:
        """The float64 nearest to the upper end, infinity where that is beyond them or there is none: for plots."""
        if self.upper is None:
            return math.inf
        try:
            return float(self.upper)
        except OverflowError:
            return math.inf

    def to_json(self) -> dict[str, str | None]:
        """`{"lower", "upper", "exact"}`: decimals rounded outwards, the fraction if there is just one."""
        return {
            "lower": decimal(self.lower, up=False),
            "upper": None if self.upper is None else decimal(self.upper, up=True),
            "exact": None if self.exact is None else text(self.exact),
        }


def text(value: Fraction) -> str:
    """`p/q` in lowest terms; through FLINT, since Python refuses to print more than 4,300 digits."""
    return f"{fmpz(value.numerator)!s}/{fmpz(value.denominator)!s}"


def decimal(value: Fraction, *, up: bool, digits: int = DIGITS) -> str:
    """The decimal with `digits` significant digits nearest to `value` from above (`up`) or below.

    Without trailing zeros; with an exponent (`1.5e+20`, `2e-07`) from 10^17 on and below 10^-6.
    """
    return _written(value, up=up, digits=digits, positional=DIGITS)


def brief(value: Fraction, *, up: bool, digits: int) -> str:
    """`decimal`, but with an exponent from 10^12 on, so that a number fits into a column."""
    return _written(value, up=up, digits=digits, positional=12)


def at_most(value: Fraction, *, digits: int) -> str:
    """A number for people: bare where so many digits write it exactly, else `<= x`, rounded up."""
    words = brief(value, up=True, digits=digits)
    return words if rounded(value, up=True, digits=digits) == value else f"<= {words}"


def rounded(value: Fraction, *, up: bool, digits: int = DIGITS) -> Fraction:
    """The number that `decimal` writes."""
    if value == 0:
        return Fraction(0)
    whole, exponent = _rounded(abs(value), up=up != (value < 0), digits=digits)
    return Fraction(whole if value > 0 else -whole) * Fraction(10) ** (exponent - digits + 1)


def exponent_of(value: Fraction) -> int:
    """The power of ten that `value > 0` begins at: 0 for 1 to 9.99, -1 for 0.5."""
    return _rounded(value, up=False, digits=1)[1]


def read_decimal(written: str) -> Fraction:
    """The number that `decimal` or `text` wrote, exactly; through FLINT, as Python reads no more than 4,300 digits.

    Raises ValueError for anything else.
    """
    if ratio := SIGNED_RATIO.fullmatch(written):
        return Fraction(int(fmpz(ratio[1])), int(fmpz(ratio[2])))
    if parts := WRITTEN.fullmatch(written):
        sign, whole, rest, exponent = parts[1], parts[2], parts[3] or "", int(parts[4] or 0)
        power = exponent - len(rest)
        digits = int(fmpz(whole + rest)) * (-1 if sign else 1)
        return Fraction(digits * 10**power) if power >= 0 else Fraction(digits, 10**-power)
    raise ValueError("neither a decimal nor a fraction p/q")


def _written(value: Fraction, *, up: bool, digits: int, positional: int) -> str:
    """Positional notation for magnitudes from 10^-6 to 10^positional, otherwise `d.ddde-NN`."""
    if value == 0:
        return "0"
    whole, exponent = _rounded(abs(value), up=up != (value < 0), digits=digits)
    kept, sign = str(whole).rstrip("0"), "-" if value < 0 else ""
    if not SMALLEST <= exponent < positional:
        return f"{sign}{kept[0]}{'.' if kept[1:] else ''}{kept[1:]}e{exponent:+03d}"
    if exponent < 0:
        return f"{sign}0.{'0' * (-exponent - 1)}{kept}"
    kept = kept.ljust(exponent + 1, "0")
    return f"{sign}{kept[: exponent + 1]}{'.' if kept[exponent + 1 :] else ''}{kept[exponent + 1 :]}"


def _rounded(value: Fraction, *, up: bool, digits: int) -> tuple[int, int]:
    """So many digits of `value > 0` as an integer, and the power of ten of the first of them.

    In integers: reducing fractions of some 100,000 digits would take seconds.
    """
    p, q = value.numerator, value.denominator
    exponent = (p.bit_length() - q.bit_length()) * 30103 // 100000  # from the lengths alone; settled exactly below
    while True:
        places = digits - 1 - exponent
        whole, rest = divmod(p * 10**places, q) if places >= 0 else divmod(p, q * 10**-places)
        if whole >= 10**digits:
            exponent += 1
        elif whole < 10 ** (digits - 1):
            exponent -= 1
        else:
            break
    whole += up and rest > 0
    return (whole, exponent) if whole < 10**digits else (whole // 10, exponent + 1)


def simplest_between(low: Fraction, high: Fraction) -> Fraction:
    """The rational of smallest denominator (then smallest numerator) in `[low, high]`, for `0 <= low <= high`."""
    whole = -(-low.numerator // low.denominator)
    if whole <= high:
        return Fraction(whole)
    below = whole - 1  # low and high lie strictly between two integers: go on with the reciprocals of the rests
    return below + 1 / simplest_between(1 / (high - below), 1 / (low - below))


def parse(given: str, name: str = "level") -> Fraction:
    """A decimal that is not negative (`0.05`, `5e-2`) or a fraction (`1/20`), exactly. Raises InputError."""
    words = given.strip()
    shown = repr(given if len(given) <= 40 else given[:40] + "...")
    if len(words) <= LONGEST:
        if (ratio := RATIO.fullmatch(words)) and fmpz(ratio[2]) != 0:
            return Fraction(int(fmpz(ratio[1])), int(fmpz(ratio[2])))
        if DECIMAL.fullmatch(words):
            return Fraction(words)
    raise InputError(f"{name} {shown} is unusable: give a number >= 0 such as 0.05, 5e-2 or 1/20")
