"""Exact rationals as text: `p/q` of any length, and decimals rounded in a stated direction."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from flint import fmpz

from numerics.errors import InputError
from numerics.shown import Shown

DIGITS = 17
LONGEST = 1000  # characters of a level; more is an attempt to exhaust memory
RATIO = re.compile(r"([0-9]+)/([0-9]+)")
DECIMAL = re.compile(r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")


@dataclass(frozen=True)
class Enclosure(Shown):
    """A real number between two rationals; `lower == upper` if it is known exactly, `upper` None if unbounded above."""

    lower: Fraction
    upper: Fraction | None

    @classmethod
    def exact(cls, value: Fraction) -> Enclosure:
        return cls(value, value)

    def as_json(self) -> dict[str, str | None]:
        """`{"lower", "upper", "exact"}`: decimals rounded outwards, the fraction if there is just one."""
        return {
            "lower": decimal(self.lower, up=False),
            "upper": None if self.upper is None else decimal(self.upper, up=True),
            "exact": text(self.lower) if self.upper == self.lower else None,
        }


def text(value: Fraction) -> str:
    """`p/q` in lowest terms; through FLINT, since Python refuses to print more than 4,300 digits."""
    return f"{fmpz(value.numerator)!s}/{fmpz(value.denominator)!s}"


def decimal(value: Fraction, *, up: bool, digits: int = DIGITS) -> str:
    """The decimal with `digits` significant digits nearest to `value` from above (`up`) or below."""
    if value == 0:
        return "0"
    magnitude = abs(value)
    # 10^(e-1) <= magnitude < 10^(e+1) from the lengths alone; settled exactly below.
    exponent = (magnitude.numerator.bit_length() - magnitude.denominator.bit_length()) * 30103 // 100000
    while magnitude >= Fraction(10) ** (exponent + 1):
        exponent += 1
    while magnitude < Fraction(10) ** exponent:
        exponent -= 1
    shift = digits - 1 - exponent
    scaled = value * Fraction(10) ** shift
    whole = -(-scaled.numerator // scaled.denominator) if up else scaled.numerator // scaled.denominator
    return _positional(whole, shift)


def brief(value: Fraction, *, up: bool, digits: int) -> str:
    """`decimal`, but `1.5e+20` from 10^12 on, so that a number fits into a column."""
    if abs(value) < 10**12:
        return decimal(value, up=up, digits=digits)
    exponent = len(decimal(abs(value), up=False, digits=digits)) - 1
    mantissa = decimal(value / 10**exponent, up=up, digits=digits)
    if mantissa in ("10", "-10"):  # rounded up to it
        mantissa, exponent = mantissa[:-1], exponent + 1
    return f"{mantissa}e+{exponent}"


def simplest_between(low: Fraction, high: Fraction) -> Fraction:
    """The rational of smallest denominator (then smallest numerator) in `[low, high]`, for `0 <= low <= high`."""
    whole = -(-low.numerator // low.denominator)
    if whole <= high:
        return Fraction(whole)
    below = whole - 1  # low and high lie strictly between two integers: go on with the reciprocals of the rests
    return below + 1 / simplest_between(1 / (high - below), 1 / (low - below))


def _positional(whole: int, places: int) -> str:
    """`whole / 10^places` in plain positional notation, without trailing zeros after the point."""
    if places <= 0:
        return str(whole) + "0" * -places
    sign, digits = ("-" if whole < 0 else ""), str(abs(whole)).rjust(places + 1, "0")
    return (sign + digits[:-places] + "." + digits[-places:]).rstrip("0").rstrip(".")


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
