"""Matrices of balls in float64: a midpoint and a radius per entry, every operation rounded outwards.

A ball of infinite or NaN radius (after an overflow) encloses everything, and an infinite or NaN midpoint never has a
finite radius unless the value is exactly 0. Comparisons are three-valued, and nothing is ever concluded from a
comparison that failed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numerics.arithmetic.rounding import ETA, U, gamma, row_norms, up
from numerics.common.shown import Shown

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Ball(Shown):
    """All matrices `x` with `|x - mid| <= rad` entry by entry; `mid` and `rad >= 0` of one shape."""

    mid: Array
    rad: Array

    @classmethod
    def exact(cls, values: Array) -> Ball:
        """The one matrix `values`."""
        return cls(values, np.zeros(values.shape))

    @property
    def T(self) -> Ball:
        return Ball(self.mid.T, self.rad.T)

    def __getitem__(self, index: slice) -> Ball:
        return Ball(self.mid[index], self.rad[index])

    def magnitude(self) -> Array:
        """Upper bounds of the moduli."""
        return up(np.abs(self.mid) + self.rad)

    def __neg__(self) -> Ball:
        return Ball(-self.mid, self.rad)

    def __add__(self, other: Ball) -> Ball:
        """Sum; shapes broadcast. The midpoint's rounding is at most `u` of the rounded sum (exactly 0 if that is 0)."""
        mid = self.mid + other.mid
        return Ball(mid, _kept_zero(np.broadcast_to(self.rad + other.rad, mid.shape) + U * np.abs(mid)))

    def __sub__(self, other: Ball) -> Ball:
        return self + (-other)

    def __mul__(self, other: Ball) -> Ball:
        """Entrywise product; shapes broadcast. `|x y - m n| <= |m| s + r (|n| + s)`, and the rounding of `m n`.

        Underflow: `m n` loses at most `eta/2`, and so do the three products in the radius.
        """
        mid = self.mid * other.mid
        spread = np.abs(self.mid) * other.rad + self.rad * (np.abs(other.mid) + other.rad)
        nonzero = (self._nonzero()) & (other._nonzero())
        return Ball(mid, np.where(nonzero, up(spread + U * np.abs(mid)), 0.0))

    def __matmul__(self, other: Ball) -> Ball:
        """Matrix product (rows, n) @ (n, columns).

        With `x = m + r`, `y = k + s` (moduli): `|x y - fl(m k)| <= gamma(n) |m| |k| + n eta + |m| s + r (|k| + s)`. The
        first term is bounded by Cauchy-Schwarz; the last two are products of non-negative matrices whose own rounding
        is a factor `1 - gamma(n)` and `n eta`. The norms are multiplied before `gamma(n)`: of tiny rows `gamma(n) |m|`
        underflows, and what it loses may be large times `|k|`. A sum that overflows half-way is infinite whatever its
        true value, so its radius is too.
        """
        n = self.mid.shape[1]
        mid = self.mid @ other.mid
        mine, yours = row_norms(self.mid), row_norms(other.mid.T)
        rad = gamma(n) * (mine[:, None] * yours[None, :])
        own = (1.0 + 2.0 * gamma(n + 2)) * (1.0 + 2.0 * U)
        if other.rad.any():
            rad = rad + own * (np.abs(self.mid) @ other.rad)
        if self.rad.any():
            rad = rad + own * (self.rad @ up(np.abs(other.mid) + other.rad))
        if not np.isfinite(mid).all():
            rad = np.where(np.isfinite(mid), rad, np.inf)
        # Rows and columns of zeros multiply to exactly 0 in every order of summation.
        left: Mask = np.logical_or.reduce(self._nonzero(), axis=1)
        right: Mask = np.logical_or.reduce(other._nonzero(), axis=0)
        alive = left[:, None] & right[None, :]
        return Ball(mid, np.where(alive, up(rad + 4.0 * n * ETA), 0.0))

    def relu(self) -> Ball:
        """`[x]_+`: itself where the sign is sure, else the ball around `[0, upper end]`."""
        on, off = self.sign()
        upper = up(np.maximum(self.mid + self.rad, 0.0))
        mid = np.where(on, self.mid, np.where(off, 0.0, upper * 0.5))
        rad = np.where(on, self.rad, np.where(off, 0.0, upper * 0.5 + ETA))
        return Ball(mid, rad)

    def sign(self) -> tuple[Mask, Mask]:
        """`(surely >= 0, surely <= 0)`; neither: the sign is open, as it is of NaN and infinities; both: exactly 0."""
        # mid >= rad is decided exactly, and says mid - rad >= 0; inf >= inf would say nothing.
        return (self.mid >= self.rad) & (self.mid < np.inf), (self.mid <= -self.rad) & (self.mid > -np.inf)

    def is_zero(self) -> Mask:
        """Where the value is exactly 0."""
        mask: Mask = np.logical_and(self.mid == 0.0, self.rad == 0.0)
        return mask

    def hull_with_zero(self) -> Ball:
        """The smallest such ball around the ball's values and 0."""
        low, high = np.minimum(self.mid - self.rad, 0.0), np.maximum(self.mid + self.rad, 0.0)
        mid = 0.5 * (low + high)
        # The halves of an odd multiple of eta round, so a radius of 0 does not say that nothing was lost.
        rad = up(0.5 * (high - low) + 4.0 * U * (high - low))
        return Ball(mid, np.where(self.is_zero(), 0.0, rad))

    def sum(self) -> tuple[float, float]:
        """Enclosure `(low, high)` of the sum of all entries: `gamma(K)` of the sum of moduli, and the radii."""
        count = self.mid.size
        middle = float(self.mid.sum())
        spread = float(self.rad.sum()) + gamma(count + 2) * float(np.abs(self.mid).sum())
        spread = (spread * (1.0 + 2.0 * gamma(count + 8)) + 4.0 * count * ETA) * (1.0 + 8.0 * U)
        return (middle - spread) - U * abs(middle - spread), (middle + spread) + U * abs(middle + spread)

    def where(self, mask: Mask, other: Ball) -> Ball:
        """This ball where `mask` holds, `other` elsewhere."""
        return Ball(np.where(mask, self.mid, other.mid), np.where(mask, self.rad, other.rad))

    def _nonzero(self) -> Mask:
        mask: Mask = np.logical_or(self.mid != 0.0, self.rad != 0.0)
        return mask


def _kept_zero(radius: Array) -> Array:
    """`up`, except that a radius of 0 stays 0: the operation was exact there."""
    return np.where(radius == 0.0, 0.0, up(radius))
