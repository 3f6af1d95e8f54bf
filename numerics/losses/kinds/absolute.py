"""Absolute error `sum_i |f_i - y_i|`."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from numerics.arithmetic.rounding import row_sums, up
from numerics.losses.kinds.huber import Huber
from numerics.losses.loss import Loss, Tangent, Targets
from numerics.losses.outputs import Outputs
from numerics.losses.totals import Total
from numerics.networks.arrays import Array


@dataclass(frozen=True)
class Absolute(Loss):
    """`l(f, y) = sum_i |f_i - y_i|`. `G = sqrt p`; not smooth."""

    family = "absolute"
    targets = Targets.VALUES
    rational = True
    separable = True

    @property
    def smoothness(self) -> None:
        return None

    def lipschitz_squared(self, p: int) -> Fraction:
        return Fraction(p)

    def floats(self, f: Array, Y: Array) -> Array:
        moduli: Array = np.abs(f - Y).sum(axis=1)
        return moduli

    def gradient(self, f: Array, Y: Array) -> Array:
        return np.sign(f - Y)

    def smoothed(self, f: Array, Y: Array, width: float) -> tuple[float, Array]:
        """The corner of `|u|` replaced by a parabola: Huber's loss over its delta."""
        value, slope = Huber(Fraction(width)).smoothed(f, Y, width)
        return value / width, slope / width

    def best_constant(self, Y: Array) -> Array:
        """A median of each column: one of its entries."""
        middle: Array = np.sort(Y, axis=0)[(len(Y) - 1) // 2]
        return middle

    def total(self, outputs: Outputs, precision: int) -> Total:
        return Total(outputs.residuals.modulus().entry_sum() / outputs.scale)

    def ceiling(self, middle: Array, radius: Array, Y: Array) -> Array:
        return row_sums(up(np.abs(middle) + radius))

    def tangent(self, at: Array, Y: Array) -> Tangent:
        return Tangent(row_sums(np.abs(at), down=True), np.sign(at))


LOSS = Absolute
