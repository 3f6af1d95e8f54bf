"""Squared error on a whole piece, from first-order models of the outputs: one quadratic `q0 + q1 s + q2 s^2`.

Squares are summed over all samples and outputs before the quadratic is bounded over `|s| <= r`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from numerics.arithmetic.rounding import ETA, INFLATION, Array, U, gamma, up
from numerics.common.shown import Shown
from numerics.maxima.bound import Bound, Signs, all_signs, unbounded
from numerics.maxima.models import Model

LARGEST = 2.0**1023  # sum of squares


@dataclass(frozen=True)
class SquaresPart(Shown):
    """Sums over one block: the quadratic's coefficients and everything that is only bounded."""

    q0: float
    q1: float
    q2: float
    rest: float
    open_signs: int
    signs: Signs


def squares_part(f: Model, targets: Array, r: float, open_signs: int, signs: Signs) -> SquaresPart:
    """`sum (f - y)^2` as `q0 + q1 s + q2 s^2` within `rest`.

    The three sums have `K` terms each, so they round by `gamma(K + 2)` of the sums of moduli, which by Cauchy-Schwarz
    are at most `q0`, `2 sqrt(q0 q2)` and `q2`: together `gamma(K + 2) (sqrt q0 + r sqrt q2)^2`, twice that to be safe
    against the rounding of this expression, and `3 K eta` for underflow.
    """
    value, slope = f.value - targets, f.slope
    radius = up(f.radius + f.noise + 2.0 * U * np.abs(value))  # the subtraction rounds by u of itself
    count = value.size
    q0 = float(np.einsum("ij,ij->", value, value))
    q1 = 2.0 * float(np.einsum("ij,ij->", value, slope))
    q2 = float(np.einsum("ij,ij->", slope, slope))
    reach = 2.0 * (np.abs(value) + r * np.abs(slope)) + radius
    rest = float(np.einsum("ij,ij->", reach, radius)) * (1.0 + 2.0 * gamma(count + 8))
    if not (q0 >= 0.0 and q2 >= 0.0):  # NaN
        return SquaresPart(math.nan, math.nan, math.nan, math.nan, open_signs, signs)
    moduli = math.sqrt(q0) + r * math.sqrt(q2)
    rounding = 2.0 * gamma(count + 2) * (moduli * moduli)  # infinite after an overflow, where ** would raise
    return SquaresPart(q0, q1, q2, rest + rounding + 8.0 * count * ETA, open_signs, signs)


def squares_bound(parts: Sequence[SquaresPart], samples: int, r: float) -> Bound:
    """The loss from all blocks, bounded over `|s| <= r`: convex in `s`, so `q0 + |q1| r + q2 r^2` at an end."""
    # Half the range of floats, so that no partial sum of fsum overflows (it would raise).
    if not sum(part.q0 + abs(part.q1) + part.q2 + part.rest for part in parts) < LARGEST:
        return unbounded(all_signs(part.signs for part in parts))
    # fsum rounds once; |q1| is at most q0 + q2, so that rounding stays within the inflation of the sum below.
    q0, q1 = math.fsum(part.q0 for part in parts), math.fsum(part.q1 for part in parts)
    q2, rest = math.fsum(part.q2 for part in parts), math.fsum(part.rest for part in parts)
    swing = abs(q1) * r + q2 * r * r
    top = (q0 + swing + rest) * INFLATION + 8.0 * ETA
    # Some ten roundings, each of at most u (q0 + swing + rest): far below 2^-40 of that.
    lowest = max(0.0, q0 - abs(q1) * r - rest - (q0 + swing + rest) * 2.0**-40)
    return Bound(
        lower=max(0.0, lowest / samples * (1.0 - 4.0 * U) - ETA),
        upper=top / samples * INFLATION + ETA,
        centre=q0 / samples,
        open_signs=sum(part.open_signs for part in parts),
        signs=all_signs(part.signs for part in parts),
    )
