"""Huber's loss: half the square of a residual up to `delta`, a straight line beyond."""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from numerics.arithmetic.limbs import from_floats
from numerics.arithmetic.rounding import row_sums, up
from numerics.errors import InputError
from numerics.losses.loss import ParametrisedLoss, Tangent, Targets
from numerics.losses.outputs import Outputs
from numerics.losses.totals import Total
from numerics.networks.arrays import Array


@dataclass(frozen=True)
class Huber(ParametrisedLoss):
    """`l(f, y) = sum_i h(f_i - y_i)`, `h(u) = u^2/2` for `|u| <= delta`, `delta (|u| - delta/2)` beyond.

    `parameter`: delta, a rational above 0. `beta = 1`, `G = delta sqrt p`. Raises InputError.
    """

    family = "huber"
    targets = Targets.VALUES
    rational = True
    separable = True

    def __post_init__(self) -> None:
        if self.parameter <= 0:
            raise InputError(
                f"loss huber:{self.parameter} is unusable: its parameter DELTA must be above 0,"
                " as in huber:1 or huber:1/2"
            )

    @property
    def smoothness(self) -> Fraction:
        return Fraction(1)

    def lipschitz_squared(self, p: int) -> Fraction:
        return p * self.parameter * self.parameter

    def floats(self, f: Array, Y: Array) -> Array:
        moduli, delta = np.abs(f - Y), _beside(self.parameter, up=False)
        inner = np.minimum(moduli, delta)
        losses: Array = (inner * (moduli - 0.5 * inner)).sum(axis=1)
        return losses

    def gradient(self, f: Array, Y: Array) -> Array:
        delta = _beside(self.parameter, up=False)
        return np.clip(f - Y, -delta, delta)

    def total(self, outputs: Outputs, precision: int) -> Total:
        """`h(u) = (u^2 - [|u| - delta]_+^2) / 2`, in multiples of `1 / (scale q)` for `delta = p / q`."""
        p, q = self.parameter.as_integer_ratio()
        moduli = outputs.residuals.modulus().times(q)
        delta = from_floats(np.ones((1, 1))).times(p * outputs.scale)
        squares = moduli.square_sum() - (moduli - delta).relu().square_sum()
        return Total(squares / (2 * (outputs.scale * q) ** 2))

    def ceiling(self, middle: Array, radius: Array, Y: Array) -> Array:
        moduli = up(np.abs(middle) + radius)
        inner = np.minimum(moduli, _beside(self.parameter, up=True))  # h grows with delta
        return row_sums(up(inner * up(moduli - 0.5 * inner)))

    def tangent(self, at: Array, Y: Array) -> Tangent:
        """Of the Huber loss with the float below delta, which is nowhere larger: its slope is exact."""
        delta, moduli = _beside(self.parameter, up=False), np.abs(at)
        inner = np.minimum(moduli, delta)
        return Tangent(row_sums(inner * (moduli - 0.5 * inner), down=True), np.clip(at, -delta, delta))


def _beside(value: Fraction, *, up: bool) -> float:
    """A float that is not below (`up`) or not above a positive number."""
    try:
        near = float(value)
    except OverflowError:
        return math.inf if up else sys.float_info.max
    if (Fraction(near) < value) if up else (Fraction(near) > value):
        return math.nextafter(near, math.inf if up else 0.0)
    return near


LOSS = Huber
