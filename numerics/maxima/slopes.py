"""Is the loss on a piece at a corner nowhere above the corner's? Divided differences from the corner.

With `h(t) = h(0) + t d(t)` for `t` in (0, w], the quotient `d` is enclosed in balls: an affine layer with weights
`A + t D` has the quotient `d (A + t D)^T + h(0) D^T`; a ReLU has `([h(t)]_+ - [h(0)]_+) / t`, which is `d` or 0 where
the sign is sure, `[d]_+` where `h(0)` is exactly 0, and always lies between 0 and `d`. Finally
`(L(t) - L(0)) / t = (1/N) sum d (2 (f(0) - y) + t d)`. If its upper bound is at most 0, no point of the piece is above
the corner: this is what proves that a maximum **is** the end, which an enclosure of values never does. [ours]
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from numerics.arithmetic.balls import Ball
from numerics.arithmetic.budget import rows_within
from numerics.arithmetic.rounding import ETA, Array, U, require_gradual_underflow, up
from numerics.common.shown import Shown
from numerics.losses.problem import Problem
from numerics.networks.base import Network
from numerics.networks.forward import outputs_from, with_ones

ROWS = 512


@dataclass(frozen=True, eq=False)
class Quotient(Shown):
    """Activations at the corner, and their divided differences on (0, w]."""

    corner: Ball
    difference: Ball


@dataclass(frozen=True, eq=False)
class Leaving(Shown):
    """A parameter that leaves the corner: `corner` exactly, `difference` its velocity."""

    corner: Ball
    difference: Ball

    @classmethod
    def between(cls, corner: Array, other: Array) -> Leaving:
        exact = Ball.exact(corner)
        return cls(exact, Ball.exact(other) - exact)

    @property
    def T(self) -> Leaving:
        return Leaving(self.corner.T, self.difference.T)


class Quotients:
    """The arithmetic of divided differences on (0, w], for `networks.forward`."""

    def __init__(self, width: float) -> None:
        self.width = width

    def affine(self, h: Quotient, weight: Leaving, bias: Leaving | None) -> Quotient:
        corner = h.corner @ weight.corner.T
        difference = h.difference @ self._reached(weight).T + h.corner @ weight.difference.T
        if bias is None:
            return Quotient(corner, difference)
        return Quotient(corner + bias.corner, difference + bias.difference)

    def plus(self, left: Quotient, right: Quotient) -> Quotient:
        return Quotient(left.corner + right.corner, left.difference + right.difference)

    def relu(self, h: Quotient) -> Quotient:
        d = h.difference
        # h(0) + t d lies between h(0) and h(0) + w d: its sign is sure if theirs agree.
        far = h.corner + d * Ball.exact(np.array([[self.width]]))
        on, off = (near & there for near, there in zip(h.corner.sign(), far.sign(), strict=True))
        open_sign = d.hull_with_zero()
        zero = Ball.exact(np.zeros(d.mid.shape))
        difference = d.where(on, zero.where(off, d.relu().where(h.corner.is_zero(), open_sign)))
        return Quotient(h.corner.relu(), difference)

    def _reached(self, weight: Leaving) -> Ball:
        """`A + [0, w] D` as one ball.

        With `D = k +- s` and `h >= (w/2)(|k| + s)`: `|A + t D - (A + (w/2) k)| <= h + (w/2) s`, and `s <= u |k|` up to
        `up`, so the last term is at most `u h (1 + 2^-41)`; the middle rounds by `u h + eta/2` (product) and by `u` of
        itself (sum). `4 u` and the `2^10 eta` of `up` cover that. Where nothing moves the ball is exact; a `h` that
        underflows to 0 does not say that.
        """
        half = weight.difference.magnitude() * (0.5 * self.width)
        middle = weight.corner.mid + weight.difference.mid * (0.5 * self.width)
        rad = up(half + 4.0 * U * (np.abs(middle) + half))
        return Ball(middle, np.where(weight.difference.is_zero(), 0.0, rad))


def corner_is_maximum(corner: Network, other: Network, width: float, problem: Problem) -> bool:
    """Whether `L(t) <= L(0)` is proved for all `t` in [0, width] on the segment from `corner` to `other`.

    False says nothing. `0 < width <= 1`.
    """
    require_gradual_underflow()
    theirs = other.parameters()
    with np.errstate(all="ignore"):  # an overflow is an infinite radius
        weights = {name: Leaving.between(array, theirs[name]) for name, array in corner.parameters().items()}
    first = weights.pop("W").T
    X = with_ones(problem.X, corner.bias)
    # About 30 matrices of one block's features are alive at once.
    rows = rows_within(8.0 * 30 * corner.width, problem.budget, problem.size, ROWS)
    arithmetic, highest = Quotients(width), 0.0
    with np.errstate(all="ignore"):  # an overflow becomes NaN, of which nothing is ever proved
        for start in range(0, problem.size, rows):
            seen = Ball.exact(X[start : start + rows])
            z = arithmetic.relu(Quotient(seen @ first.corner, seen @ first.difference))
            f = outputs_from(corner.kind, weights, z, arithmetic)
            residual, d = f.corner - Ball.exact(problem.Y[start : start + rows]), f.difference
            linear = (d * residual * Ball.exact(np.array([[2.0]]))).sum()[1]
            square = Ball(np.zeros(d.mid.shape), up(d.magnitude() ** 2)).sum()[1] * width
            # The product with w <= 1 rounds by u of itself or, where it underflows, by eta/2.
            highest += (linear + square) + (4.0 * U * (abs(linear) + square) + ETA)
            highest += 2.0 * U * abs(highest)
    return highest <= 0.0
