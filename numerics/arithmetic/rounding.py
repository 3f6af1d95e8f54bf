"""Rounding of float64, bounded a priori: the constants of every enclosure, each with its derivation.

Model. `u = 2^-53`, `eta = 2^-1074` (the smallest subnormal). In round to nearest with gradual underflow a sum is
`fl(a + b) = (a + b)(1 + d)`, `|d| <= u` (never an underflow error), a product `fl(a b) = a b (1 + d) + e`,
`|d| <= u`, `|e| <= eta / 2`, one of the two being 0; a fused multiply-add has one such error instead of two.
`require_gradual_underflow` tests that on this machine.

Inner products. Whatever the order of summation, blocked or not, fused or not, each of the `n` terms of `x . y` goes
through one product and at most `n - 1` additions, so it is multiplied by at most `n` factors `1 + d`; the products'
underflows add at most `n eta / 2`, each grown by less than 2. Hence

    |fl(x . y) - x . y| <= gamma(n) |x| . |y| + n eta,    gamma(n) = n u / (1 - n u)

(Higham, Accuracy and Stability of Numerical Algorithms, section 3.1) [known]. `|x| . |y| <= ||x|| ||y||` makes the
bound for a whole matrix product one outer product of row norms, instead of a second matrix product.

Overflow is not bounded: it yields infinities and NaN, which every caller carries to an upper bound of infinity.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

U = 2.0**-53
ETA = 2.0**-1074
LONGEST = 1 << 40  # gamma's own rounding is covered by its factor up to this length
LONGEST_SCALED = 1 << 30  # rows that are scaled before their norm is taken: what their underflow loses is covered
# Up to 2^10 roundings, each a factor (1 + d) with |d| <= u, are undone by the factor 1 + 2^-42: (1 + u)^1024 < that.
INFLATION = 1.0 + 2.0**-42


def gamma(n: int) -> float:
    """An upper bound of `n u / (1 - n u)`. Raises ValueError for a length beyond 2^40."""
    if not 0 <= n <= LONGEST:
        raise ValueError(f"an inner product of length {n} is beyond {LONGEST}")
    # n u <= 2^-13: the quotient is exact up to two roundings, the factor is far larger.
    return n * U / (1.0 - n * U) * INFLATION


def up(terms: Array) -> Array:
    """An upper bound of non-negative expressions that were computed with at most 2^10 roundings.

    Each rounding loses a factor `1 - u` or, in a product that underflows, `eta / 2` absolutely; at most 2^10 of the
    latter, none grown by more than 1 afterwards, are covered by `2^10 eta`. For expressions whose later factors are
    at most 1; callers with larger factors add their own underflow term.
    """
    raised: Array = terms * INFLATION + 1024.0 * ETA
    return raised


def raised(sums: Array) -> Array:
    """Upper bounds of numbers of any sign, each computed as one sum; exactly 0 for 0.

    A sum rounds by `u` of the result, the product and the sum here by less than `2 u`; a subnormal sum is exact.
    """
    higher: Array = sums + 4.0 * U * np.abs(sums)
    return higher


def row_sums(terms: Array, *, down: bool = False) -> Array:
    """Upper bounds of the sums of rows of terms >= 0, (rows,); exactly 0 for zeros.

    `down`: lower bounds, not below 0, also of terms that were computed with up to six roundings and underflows each.
    """
    n = terms.shape[1]
    sums: Array = terms.sum(axis=1)
    if down:
        lower: Array = np.maximum(sums * (1.0 - 2.0 * gamma(n + 8)) - 8.0 * n * ETA, 0.0)
        return lower
    higher: Array = sums * (1.0 + 2.0 * gamma(n + 2))
    return higher


def row_norms(matrix: Array) -> Array:
    """Upper bounds of the Euclidean norms of the rows, shape (rows,); exactly 0 for zero rows.

    A sum of squares in [2^-900, infinity) is right up to `gamma(n + 2)`: squares that underflow (of entries below
    2^-537) add up to less than `n eta`, nothing beside 2^-900. Other rows are scaled by their largest entry first.
    """
    n = matrix.shape[1]
    squares = np.einsum("ij,ij->i", matrix, matrix)
    norms: Array = np.sqrt(squares) * ((1.0 + gamma(n + 8)) * INFLATION)
    safe = (squares >= 2.0**-900) & (squares < np.inf)
    if not safe.all():
        norms[~safe] = _scaled_row_norms(matrix[~safe])
    return norms


def _scaled_row_norms(matrix: Array) -> Array:
    """`row_norms` of rows of any magnitude. Of the scaled entries the largest is 1, so the sum of squares is too.

    Raises ValueError for rows beyond 2^30 entries.
    """
    n = matrix.shape[1]
    if n > LONGEST_SCALED:
        raise ValueError(f"a row of length {n} is beyond {LONGEST_SCALED}, where no norm of tiny rows is bounded")
    largest = np.abs(matrix).max(axis=1, initial=0.0)
    scaled = matrix / np.where(largest == 0.0, 1.0, largest)[:, None]
    # A quotient rounds by u, or absolutely by eta/2 where it underflows: far below 1, so covered as well.
    squares = np.einsum("ij,ij->i", scaled, scaled)
    norms = largest * np.sqrt(squares) * ((1.0 + gamma(n + 8)) * INFLATION) + ETA
    return np.where(largest == 0.0, 0.0, norms)  # NaN stays NaN


def require_gradual_underflow() -> None:
    """Test what the model above assumes; raise RuntimeError if it does not hold.

    Not once per process: loading a library built for speed may switch gradual underflow off at any time.
    """
    smallest = np.array([2.0**-1074, 2.0**-1022, 1.0])
    with np.errstate(under="ignore"):
        half = smallest * 0.5
        kept = smallest[:1] @ np.array([1.0])
    nearest = (np.array([1.0]) + U, np.array([1.0]) + 3.0 * U)
    if not (
        half[1] == 2.0**-1023
        and smallest[0] > 0.0
        and kept == 2.0**-1074
        and nearest[0][0] == 1.0
        and nearest[1][0] == 1.0 + 4.0 * U
    ):
        raise RuntimeError("this machine does not round float64 to nearest with gradual underflow: nothing is enclosed")
