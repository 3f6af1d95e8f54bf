"""Rationals as text: canonical `p/q`, levels typed by people, decimals rounded in a stated direction.

Long integers go through FLINT: Python's own int <-> str conversion refuses more than 4300 digits.
"""

import re
from fractions import Fraction

from flint import fmpq, fmpz

DIGITS = 17
# The exact loss of a 100-layer branch with weights of every finite exponent has about 130,000 digits.
MAX_TEXT = 1_000_000
_MAX_LEVEL_TEXT = 1_000
_CANONICAL = re.compile(r"-?[0-9]+/[0-9]+")
_DECIMAL = re.compile(r"\+?([0-9]*)(?:\.([0-9]*))?(?:[eE]([+-]?[0-9]{1,4}))?")
_RATIO = re.compile(r"\+?([0-9]+)/([0-9]+)")


def text(value: fmpq) -> str:
    """The canonical text `p/q`: lowest terms, q >= 1 always written."""
    return f"{value.p.str()}/{value.q.str()}"


def parse(written: object) -> fmpq:
    """The rational whose canonical text is `written`. Raises ValueError for anything else."""
    if not isinstance(written, str) or len(written) > MAX_TEXT or not _CANONICAL.fullmatch(written):
        raise ValueError("not a rational p/q")
    numerator, denominator = written.split("/")
    q = fmpz(denominator)
    if q == 0:
        raise ValueError("a rational with denominator 0")
    value = fmpq(fmpz(numerator), q)
    # Writing it again settles lowest terms, leading zeros and "-0" at once.
    if text(value) != written:
        raise ValueError("a rational not in lowest terms")
    return value


def parse_level(written: str | Fraction) -> fmpq:
    """The nonnegative rational meant by `0.05`, `5e-2` or `1/20`, exactly. Raises ValueError."""
    if isinstance(written, Fraction):
        written = f"{written.numerator}/{written.denominator}"
    hint = "write a nonnegative number such as 0.05, 5e-2 or 1/20"
    if len(written) > _MAX_LEVEL_TEXT:
        raise ValueError(f"it is longer than {_MAX_LEVEL_TEXT} characters: {hint}")
    written = written.strip()
    if ratio := _RATIO.fullmatch(written):
        if fmpz(ratio[2]) == 0:
            raise ValueError(f"its denominator is 0: {hint}")
        return fmpq(fmpz(ratio[1]), fmpz(ratio[2]))
    decimal_form = _DECIMAL.fullmatch(written)
    if not decimal_form or not (decimal_form[1] or decimal_form[2]):
        raise ValueError(f"it is not a nonnegative number of at most four exponent digits: {hint}")
    whole, fraction, exponent = decimal_form[1], decimal_form[2] or "", int(decimal_form[3] or 0)
    return fmpq(fmpz(whole + fraction)) * fmpq(10) ** (exponent - len(fraction))


def decimal(value: fmpq, *, up: bool) -> str:
    """`value` to 17 significant digits, rounded up (towards +infinity) or down; exact zero is "0".

    Positional notation for magnitudes from 1e-6 to 1e17, otherwise `d.ddde-NN`.
    """
    if value == 0:
        return "0"
    digits, exponent = _rounded(value, up)
    return ("-" if value < 0 else "") + _place_point(digits.str(), exponent)


def rounded(value: fmpq, *, up: bool) -> fmpq:
    """The number that `decimal` writes."""
    if value == 0:
        return value
    digits, exponent = _rounded(value, up)
    return fmpq(-digits if value < 0 else digits) * fmpq(10) ** (exponent - DIGITS + 1)


def _rounded(value: fmpq, up: bool) -> tuple[fmpz, int]:
    """Seventeen digits of a value other than 0, without its sign, and the power of ten of the first of them."""
    p, q = abs(value.p), value.q
    away = up != (value < 0)
    # The number of digits gives the decimal exponent or one more; rounding away may carry to the next one.
    exponent = len(p.str()) - len(q.str())
    digits = _scaled(p, q, DIGITS - 1 - exponent, away)
    if digits < fmpz(10) ** (DIGITS - 1):
        exponent -= 1
        digits = _scaled(p, q, DIGITS - 1 - exponent, away)
    if digits >= fmpz(10) ** DIGITS:
        exponent += 1
        digits = _scaled(p, q, DIGITS - 1 - exponent, away)
    return digits, exponent


def _scaled(p: fmpz, q: fmpz, places: int, away: bool) -> fmpz:
    """p/q * 10^places as an integer, rounded away from zero or towards it (p, q > 0)."""
    if places >= 0:
        p = p * fmpz(10) ** places
    else:
        q = q * fmpz(10) ** -places
    return -((-p) // q) if away else p // q


def _place_point(digits: str, exponent: int) -> str:
    if 0 <= exponent < DIGITS:
        whole, rest = digits[: exponent + 1], digits[exponent + 1 :]
        return f"{whole}.{rest}" if rest else whole
    if -6 <= exponent < 0:
        return "0." + "0" * (-exponent - 1) + digits
    return f"{digits[0]}.{digits[1:]}e{exponent:+03d}"
