"""Bounds of `exp` and `log(1 + x)` in float64 from sums, products and quotients alone: no library is trusted.

Model and symbols as in module `rounding`: `u = 2^-53`, `eta = 2^-1074`.

`exp(x)`, `-700 <= x <= 0`. `k` is the integer next to `fl(x LOG2E)`, `|k| <= 1010`; the constant and the product err
by less than `2^-40`, so `|x - k ln 2| <= (1/2 + 2^-40) ln 2 < 0.3466`. `ln 2 = HIGH + LOW` up to `2^-96`, `HIGH` a
multiple of `2^-42` and `|LOW| <= 2^-43`, so `k HIGH` is exact. Where `k` is not 0, `|x| > 1/4` is a multiple of
`2^-54`, and so is `x - k HIGH`, which is below 1/2: it is exact too. Subtracting `fl(k LOW)` errs by at most `2^-54.5`
(the rounding of a number below 0.35), `2^-86` (that of the product) and `2^-86` (`LOW` itself): `exp(x) = 2^k exp(r)
(1 + d)` with `|d| < 2^-53.9`. `exp(r)` is `e_1` of `e_14 = 1`, `e_j = 1 + (r/j) e_{j+1}`, up to the remainder of
Taylor's polynomial of degree 13, below `2^-57` of it. In floats `fl(1/j)` and two products cost three roundings and
the sum one, and all `e_j` lie in [0.65, 1.5]; the relative errors thus obey `d_j <= u + (0.8/j) (d_{j+1} + 3.1 u)`: at
most `3.8 u` for `j >= 2`, and `d_1 < 7 u`. Together less than `9 u < 2^-49`. The product with `2^k` is exact, as
`2^-1011` is a normal float.

`log(1 + x)`, `x >= 0`. Below 1 it is `2 artanh z`, `z = x / (2 + x) <= 1/3`, else `(k - 1) ln 2 + 2 artanh z` with
`fl(1 + x) = 2^(k-1) (1 + f)`, `z = f / (2 + f)`. The series `z sum q^i / (2 i + 1)`, `q = z^2`, is cut behind `i =
17`: what is left is below `2^-60` of it. All terms are positive, so that errors stay relative: `2 u` in `z`, `5 u` in
`q`; a term of degree `i` meets at most `7 i + 3` roundings and has at most `9^-i / (2 i + 1)` of the sum, together
below `4 u`. With the factor `2 z` (`3 u`), the multiple of `ln 2` and the sum (`3 u`), and the rounding of `1 + x`
(`u` of an argument whose logarithm is at least `ln 2`: `1.5 u`) less than `12 u < 2^-49`. Underflow costs at most `4
eta`.
"""

from __future__ import annotations

import numpy as np

from numerics.arithmetic.rounding import ETA, Array

LEAST = -700.0  # exp of anything below is at most 2^-1009
TINY = 2.0**-1009
LOG2E = float.fromhex("0x1.71547652b82fep+0")
HIGH = float.fromhex("0x1.62e42fefa38p-1")  # ln 2, rounded to a multiple of 2^-42
LOW = float.fromhex("0x1.ef35793c76730p-45")  # ln 2 - HIGH
LN2 = float.fromhex("0x1.62e42fefa39efp-1")
DEGREE = 13  # of exp's polynomial
TERMS = 17  # behind the first of the logarithm's series
MARGIN = 2.0**-48  # of a factor: at least the relative errors above and the rounding of the product with it


def exp_bounds(x: Array) -> tuple[Array, Array]:
    """Lower and upper bounds of `exp(x)`, entry by entry, for `x <= 0`; NaN stays NaN. Their relative gap is 2^-47."""
    inside = np.maximum(x, LEAST)
    k = np.rint(inside * LOG2E)
    r = (inside - k * HIGH) - k * LOW
    e = np.ones_like(r)
    for j in range(DEGREE, 0, -1):
        e *= r * (1.0 / j)
        e += 1.0
    e *= _powers_of_two(k)
    far = x < LEAST
    return np.where(far, 0.0, e * (1.0 - MARGIN)), np.where(far, TINY, e * (1.0 + MARGIN))


def log1p_bounds(x: Array) -> tuple[Array, Array]:
    """Lower and upper bounds of `log(1 + x)`, entry by entry, for `x >= 0`; both exactly 0 at 0.

    Their relative gap is 2^-47, and 8 eta where they underflow. Infinity and NaN become NaN.
    """
    large = x >= 1.0
    mantissa, exponent = np.frexp(1.0 + x)
    f = np.where(large, 2.0 * mantissa - 1.0, x)
    z = f / (2.0 + f)
    q = z * z
    total = np.full_like(z, 1.0 / (2 * TERMS + 1))
    for i in range(TERMS - 1, -1, -1):
        total *= q
        total += 1.0 / (2 * i + 1)
    total *= 2.0 * z
    total += np.where(large, exponent - 1.0, 0.0) * LN2
    zero = x == 0.0
    low = np.maximum(total * (1.0 - MARGIN) - 4.0 * ETA, 0.0)
    return low, np.where(zero, 0.0, total * (1.0 + MARGIN) + 4.0 * ETA)


def _powers_of_two(k: Array) -> Array:
    """`2^k` for integers `-1022 <= k <= 0`, exactly: the exponent's bits of a float. NaN becomes NaN."""
    lost = np.isnan(k)
    exponent = np.where(lost, 0.0, k).astype(np.int64) + 1023
    powers: Array = (exponent << 52).view(np.float64)
    return np.where(lost, np.nan, powers)
