"""Ticks with whole labels: no number to be added to all of them, no power of ten above the axis."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any

MOST = 17  # significant digits of a label
COUNT = 7  # ticks that are aimed at
LEAST, LARGEST = -4, 6  # powers of ten of what is written without an exponent


def label(value: float, digits: int) -> str:
    """`60`, `0.02`, `1e-7`: the shortest form with so many significant digits."""
    number = Decimal(f"{value + 0.0:.{digits - 1}e}").normalize()
    if number.is_zero() or LEAST <= number.adjusted() <= LARGEST:
        return format(number, "f")
    return f"{number:e}".replace("e+", "e")


def labels(values: Sequence[float]) -> list[str]:
    """Of ascending values, with as many digits as tell neighbours apart and show their step."""
    step = min((b - a for a, b in pairwise(values)), default=0.0)
    for digits in range(1, MOST + 1):
        words = [label(value, digits) for value in values]
        if all(abs(float(word) - value) <= step / 20 for word, value in zip(words, values, strict=True)):
            return words
    return [label(value, MOST) for value in values]


def linear(low: float, high: float, count: int = COUNT) -> list[float]:
    """Multiples of 1, 2 or 5 times a power of ten in `[low, high]`, about so many."""
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        return [low]
    raw = (high - low) / count
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(factor * power for factor in (1.0, 2.0, 5.0, 10.0) if factor * power >= raw * (1 - 1e-9))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [k * step for k in range(first, last + 1)]


def decades(low: float, high: float) -> list[float]:
    """Powers of ten in `[low, high]`, not each where there are many; 2 and 5 times them too where there are few."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    stride = max(1, math.ceil((last - first) / 8))
    factors = (1, 2, 5) if last - first <= 3 else (1,)
    found = [float(f"{factor}e{power}") for power in range(first, last + 1, stride) for factor in factors]
    return [one for one in found if low <= one <= high]


def settle(axes: Any, axis: str = "y", *, log: bool = False) -> None:
    """Ticks for the limits that an axis, `x` or `y`, has now."""
    low, high = sorted(getattr(axes, f"get_{axis}lim")())
    values = decades(low, high) if log else linear(low, high)
    words = [label(one, 3) for one in values] if log else labels(values)
    getattr(axes, f"{axis}axis").minorticks_off()
    getattr(axes, f"set_{axis}ticks")(values, words)
