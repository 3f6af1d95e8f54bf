"""Operator norms between rational bounds: float64 guesses, matrix products with a-priori error bounds prove.

With `G = M^T M` enclosed and any matrix `R` whatever, `lambda I - G = R R^T + E` says
`lambda_max(G) <= lambda + ||E||_F`. A Cholesky factor in float64 is a good `R`, and neither it nor the guessed
eigenvalue needs to be trusted. For size 1024 this is right to about 1e-10 of the norm.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import LinAlgError, cholesky, eigh

from numerics.arithmetic.balls import Ball
from numerics.arithmetic.positive import Positive, root_up
from numerics.arithmetic.rounding import ETA, gamma, require_gradual_underflow, row_norms, up
from numerics.arithmetic.semidefinite import exact_largest_eigenvalue

Array = NDArray[np.float64]
AnyArray = NDArray[Any]

TINY = 48  # entries: fractions are quick enough
TINY_SIDE = 4
ROWS = 512  # of one block of a Gram matrix: its error grows with the block, not with the number of blocks
MARGINS = (2.0**-44, 2.0**-40, 2.0**-36, 2.0**-30, 2.0**-20)


def operator_norm(matrix: AnyArray | Ball) -> Positive:
    """`||M||` of a matrix of finite floats, of fractions (dtype object, tiny), or of an unknown one in a ball."""
    if isinstance(matrix, Ball):
        norm, spread = operator_norm(matrix.mid), frobenius(matrix.rad)
        return Positive(max(norm.lower - spread, Fraction(0)), norm.upper + spread)
    return squared_norm(matrix).root()


def squared_norm(matrix: AnyArray) -> Positive:
    """`||M||^2 = lambda_max(M^T M)`: in fractions where these are given or the matrix is tiny, else through balls."""
    if matrix.dtype == object:
        return exact_squared_norm(matrix)
    if matrix.size <= TINY and min(matrix.shape) <= TINY_SIDE:
        values = [Fraction(value) for value in matrix.ravel().tolist()]
        return exact_squared_norm(np.array(values, dtype=object).reshape(matrix.shape))
    return ball_squared_norm(matrix)


def exact_squared_norm(matrix: AnyArray) -> Positive:
    """`||M||^2` of a matrix of fractions, by exact elimination; the number itself where it is a simple rational."""
    small = matrix if matrix.shape[0] <= matrix.shape[1] else matrix.T
    return exact_largest_eigenvalue(small @ small.T)


def ball_squared_norm(matrix: Array) -> Positive:
    """`||M||^2` of a matrix of finite floats, by float64 with error bounds.

    The largest entry is scaled into [1/2, 1) by a power of two; what that rounds away is below `eta` per entry.
    """
    require_gradual_underflow()
    largest = float(np.abs(matrix).max(initial=0.0))
    if largest == 0.0:
        return Positive.exact(0)
    exponent = int(np.frexp(largest)[1])
    tall = matrix if matrix.shape[0] >= matrix.shape[1] else matrix.T
    scaled = np.ldexp(tall, -exponent)
    lost = Fraction(ETA) * int((np.ldexp(scaled, exponent) != tall).sum())
    found = largest_eigenvalue(gram(scaled), scaled)
    if lost:
        root = found.root()
        root = Positive(max(root.lower - lost, Fraction(0)), root.upper + lost)
        found = root * root
    return found * Positive.exact(Fraction(4) ** exponent)


def gram(matrix: Array) -> Ball:
    """An enclosure of `M^T M`, block by block of rows."""
    total = Ball.exact(np.zeros((matrix.shape[1], matrix.shape[1])))
    for first in range(0, len(matrix), ROWS):
        block = Ball.exact(np.ascontiguousarray(matrix[first : first + ROWS]))
        total = total + block.T @ block
    return total


def largest_eigenvalue(G: Ball, matrix: Array) -> Positive:
    """`lambda_max(M^T M)`, of which `G` is an enclosure; entries of `M` of modulus at most 1, the largest >= 1/2.

    Where no Cholesky factorisation succeeds the upper bound is the trace's.
    """
    n = len(G.mid)
    trace = Fraction(Ball(G.mid.diagonal(), G.rad.diagonal()).sum()[1])
    try:
        values, vectors = eigh(G.mid, subset_by_index=[n - 1, n - 1], check_finite=False)
    except LinAlgError:
        return Positive(Fraction(1, 4), trace)  # the norm is at least the largest entry
    lower = max(_rayleigh(matrix, vectors[:, 0]), Fraction(1, 4))
    for margin in MARGINS:
        shift = float(values[0]) * (1.0 + margin)
        shifted = Ball.exact(shift * np.eye(n)) - G
        try:
            factor = cholesky(shifted.mid, lower=True, check_finite=False)
        except LinAlgError:
            continue
        rest = shifted - Ball.exact(factor) @ Ball.exact(factor.T)
        return Positive(lower, min(Fraction(shift) + frobenius(rest.magnitude()), trace))
    return Positive(lower, trace)


def frobenius(matrix: Array) -> Fraction:
    """An upper bound of the Frobenius norm of finite floats, 0 for zeros; scaled, so that no square underflows."""
    largest = float(np.abs(matrix).max(initial=0.0))
    if largest == 0.0:
        return Fraction(0)
    exponent = int(np.frexp(largest)[1])
    norms = row_norms(up(np.abs(np.ldexp(matrix, -exponent))))  # up: scaling down may round subnormals
    total = Fraction(float(up(norms**2).sum())) * Fraction(1.0 + 2.0 * gamma(len(norms) + 2))
    return root_up(total) * Fraction(2) ** exponent


def product(left: Array, right: Array) -> Ball:
    """An enclosure of `left @ right`, exactly 0 where every term is 0: `gamma(n) |left| |right|` entry by entry."""
    require_gradual_underflow()
    n = left.shape[1]
    with np.errstate(over="ignore", invalid="ignore"):
        mid = left @ right
        size = np.abs(left) @ np.abs(right)
        rad = up(gamma(n) * (size * (1.0 + 2.0 * gamma(n + 2))) + 4.0 * n * ETA)
    alive = (left != 0.0).astype(np.float64) @ (right != 0.0).astype(np.float64) > 0.0
    if not (np.isfinite(mid) & np.isfinite(rad)).all():
        raise OverflowError("a product of weights exceeds float64")
    return Ball(np.where(alive, mid, 0.0), np.where(alive, rad, 0.0))


def _rayleigh(matrix: Array, vector: Array) -> Fraction:
    """A lower bound of `||M x||^2 / ||x||^2`."""
    image = Ball.exact(matrix) @ Ball.exact(vector[:, None])
    below = (image * image).sum()[0]
    x = Ball.exact(vector)
    above = (x * x).sum()[1]
    return max(Fraction(below), Fraction(0)) / Fraction(above)
