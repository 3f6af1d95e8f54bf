"""Numbers that a caller gave as Python objects: taken exactly as they are, or refused in a sentence with their name."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from numbers import Rational
from typing import Any, TypeAlias

import numpy as np

from numerics.arithmetic.budget import GIB
from numerics.arithmetic.rationals import parse
from numerics.errors import InputError

Number: TypeAlias = str | float | Fraction | Decimal | np.integer[Any] | np.floating[Any]
"""A number, exactly as given: `"1/20"` and `"0.05"` are one twentieth, the float `0.05` is its binary value."""


def number(given: object, name: str) -> Fraction:
    """A number >= 0, exactly. Raises InputError."""
    if isinstance(given, str):
        return parse(given, name)
    plain = given.item() if isinstance(given, np.generic) else given
    if isinstance(plain, int | float | Rational | Decimal) and not isinstance(plain, bool):
        try:
            value = Fraction(plain)
        except (ValueError, OverflowError):  # NaN, infinity
            value = Fraction(-1)
        if value >= 0:
            return Fraction(int(value.numerator), int(value.denominator))
    raise InputError(f"{name} {quoted(given)} is unusable: give a finite number >= 0 such as 0.05, '5e-2' or '1/20'")


def budget(memory: object) -> int:
    """Bytes, from GiB. Raises InputError."""
    allowed = int(number(memory, "memory") * GIB)
    if allowed < 1:
        raise InputError(f"memory {quoted(memory)} is unusable: give a positive number of GiB")
    return allowed


def whole(given: object, name: str, least: int) -> int:
    """An integer from `least` on. Raises InputError."""
    plain = given.item() if isinstance(given, np.generic) else given
    if isinstance(plain, int) and not isinstance(plain, bool) and plain >= least:
        return plain
    raise InputError(f"{name} {quoted(given)} is unusable: give an integer >= {least}")


def quoted(given: object) -> str:
    """A value in a sentence, in at most 43 characters."""
    try:
        words = repr(given)
    except ValueError:  # an integer of more digits than Python writes
        words = f"of type {type(given).__name__}"
    return words if len(words) <= 40 else f"{words[:40]}..."
