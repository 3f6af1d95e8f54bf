"""Every loss written down once more, for all tests: in Fractions, or with mpmath where it is no rational number.

The second checker reads it too, so that it imports nothing of the package.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from mpmath import mp

LOSSES = ("squared", "absolute", "huber:1/3", "hinge", "multi-hinge", "logistic", "cross-entropy")
IRRATIONAL = ("logistic", "cross-entropy")
SIGNS, LABELS = ("hinge", "logistic"), ("multi-hinge", "cross-entropy")
DIGITS = 60
Rows = Sequence[Sequence[Fraction]]


def enclosed(name: str, fs: Rows, ys: Rows, digits: int = DIGITS) -> tuple[Fraction, Fraction]:
    """The mean loss of outputs (N, p), between two Fractions: the same where it is rational, else to `digits`."""
    if name not in IRRATIONAL:
        found = sum((_rational(name, f, y) for f, y in zip(fs, ys, strict=True)), Fraction(0)) / len(fs)
        return found, found
    with mp.workdps(digits + 30):
        return around(mp.fsum(_logarithm(name, f, y) for f, y in zip(fs, ys, strict=True)) / len(fs), digits)


def around(number: mp.mpf, digits: int = DIGITS) -> tuple[Fraction, Fraction]:
    """Two Fractions beside a number >= 0 that is known to more than so many digits; 0 is one that is too small."""
    value = _exactly(number)
    if not value:
        return Fraction(0), Fraction(1, 10**1000)
    room = value / 10**digits
    return value - room, value + room


def is_one_hot(y: np.ndarray) -> bool:
    """Whether the targets (N, p) are labels."""
    return y.shape[1] > 1 and all(sorted(row) == [0.0] * (len(row) - 1) + [1.0] for row in y.tolist())


def unfit(name: str, y: np.ndarray) -> bool:
    """Whether targets are not what the loss is about; raises ValueError for no loss."""
    family, _, parameter = name.partition(":")
    if name not in LOSSES and not (family == "huber" and Fraction(parameter) > 0):
        raise ValueError(name)
    return (name in LABELS and not is_one_hot(y)) or (name in SIGNS and not bool((np.abs(y) == 1.0).all()))


def wrong(fs: Rows, ys: Rows) -> int:
    """How many samples have a label whose output is not strictly the largest."""
    return sum(_is_wrong(f, y.index(Fraction(1))) for f, y in zip(fs, map(list, ys), strict=True))


def _is_wrong(f: Sequence[Fraction], label: int) -> bool:
    return any(value >= f[label] for j, value in enumerate(f) if j != label)


def _rational(name: str, f: Sequence[Fraction], y: Sequence[Fraction]) -> Fraction:
    pairs = list(zip(f, y, strict=True))
    family, _, parameter = name.partition(":")
    match family:
        case "squared":
            return sum(((a - b) ** 2 for a, b in pairs), Fraction(0))
        case "absolute":
            return sum((abs(a - b) for a, b in pairs), Fraction(0))
        case "huber":
            return sum((_huber(abs(a - b), Fraction(parameter)) for a, b in pairs), Fraction(0))
        case "hinge":
            return sum((max(1 - a * b, Fraction(0)) for a, b in pairs), Fraction(0))
        case "multi-hinge":
            own = f[list(y).index(Fraction(1))]
            return max([Fraction(0), *(1 + value - own for value, target in pairs if target != 1)])
    raise ValueError(name)


def _huber(u: Fraction, delta: Fraction) -> Fraction:
    return u * u / 2 if u <= delta else delta * (u - delta / 2)


def _logarithm(name: str, f: Sequence[Fraction], y: Sequence[Fraction]) -> mp.mpf:
    if name == "logistic":
        return mp.fsum(_log_sum([Fraction(0), -a * b]) for a, b in zip(f, y, strict=True))
    own = f[list(y).index(Fraction(1))]
    return _log_sum([value - own for value in f])


def _log_sum(exponents: Sequence[Fraction]) -> mp.mpf:
    """log sum exp, one exponent being 0; a logarithm of 1 and something tiny keeps its digits."""
    most = max(exponents)
    rest = list(exponents)
    rest.remove(most)
    # What is left out is below 10^-400,000, and mpmath would not end on exp(-1e300).
    rest = [one for one in rest if one - most > -(10**6)]
    return _number(most) + mp.log1p(mp.fsum(mp.exp(_number(one - most)) for one in rest))


def _number(value: Fraction) -> mp.mpf:
    return mp.mpf(value.numerator) / value.denominator


def _exactly(value: mp.mpf) -> Fraction:
    sign, mantissa, exponent, _ = value._mpf_
    return Fraction((-1) ** sign * int(mantissa)) * Fraction(2) ** int(exponent)
