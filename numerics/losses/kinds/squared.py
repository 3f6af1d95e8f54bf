"""Squared error `||f - y||^2`, summed over the outputs (no factor 1/2)."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from numerics.arithmetic.limbs import hstack
from numerics.arithmetic.rounding import row_sums, up
from numerics.losses.loss import Loss, Tangent, Targets
from numerics.losses.outputs import Outputs
from numerics.losses.totals import Total
from numerics.networks.arrays import Array


@dataclass(frozen=True)
class Squared(Loss):
    """`l(f, y) = sum_i (f_i - y_i)^2`. `beta = 2`; no Lipschitz constant."""

    family = "squared"
    targets = Targets.VALUES
    rational = True
    separable = True

    @property
    def smoothness(self) -> Fraction:
        return Fraction(2)

    def lipschitz_squared(self, p: int) -> None:
        return None

    def floats(self, f: Array, Y: Array) -> Array:
        residuals: Array = ((f - Y) ** 2).sum(axis=1)
        return residuals

    def gradient(self, f: Array, Y: Array) -> Array:
        return 2.0 * (f - Y)

    def best_constant(self, Y: Array) -> Array:
        mean: Array = Y.mean(axis=0)
        return mean

    def total(self, outputs: Outputs, precision: int) -> Total:
        return self.totals(outputs, 1, precision)[0]

    def totals(self, outputs: Outputs, count: int, precision: int) -> list[Total]:
        targets = outputs.scaled(outputs.targets)
        residuals = outputs.numerators - (targets if count == 1 else hstack([targets] * count))
        return [Total(total * Fraction(1, outputs.scale**2)) for total in residuals.column_square_sums(count)]

    def ceiling(self, middle: Array, radius: Array, Y: Array) -> Array:
        return row_sums(up(up(np.abs(middle) + radius) ** 2))

    def tangent(self, at: Array, Y: Array) -> Tangent:
        return Tangent(row_sums(at**2, down=True), 2.0 * at)


LOSS = Squared
