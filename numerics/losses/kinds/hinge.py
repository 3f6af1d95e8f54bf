"""The hinge loss of targets -1 and 1: `sum_i [1 - y_i f_i]_+`."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from numerics.arithmetic.limbs import from_floats
from numerics.arithmetic.rounding import raised, row_sums
from numerics.losses.kinds.logistic import Logistic
from numerics.losses.loss import Loss, Tangent, Targets
from numerics.losses.outputs import Outputs
from numerics.losses.totals import Total
from numerics.networks.arrays import Array


@dataclass(frozen=True)
class Hinge(Loss):
    """`l(f, y) = sum_i [1 - y_i f_i]_+`, `y_i` in {-1, 1}. `G = sqrt p`; not smooth."""

    family = "hinge"
    targets = Targets.SIGNS
    rational = True
    separable = True

    @property
    def smoothness(self) -> None:
        return None

    def lipschitz_squared(self, p: int) -> Fraction:
        return Fraction(p)

    def floats(self, f: Array, Y: Array) -> Array:
        losses: Array = np.maximum(1.0 - Y * f, 0.0).sum(axis=1)
        return losses

    def gradient(self, f: Array, Y: Array) -> Array:
        return np.where(1.0 - Y * f > 0.0, -Y, 0.0)

    def smoothed(self, f: Array, Y: Array, width: float) -> tuple[float, Array]:
        """`s log(1 + exp((1 - y f) / s))` at width s; `1 - y f = -y (f - y)`."""
        value, slope = Logistic().smoothed((f - Y) / width, Y, width)
        return width * value, slope

    def best_constant(self, Y: Array) -> Array:
        """The commoner sign of each column."""
        return np.where(Y.sum(axis=0) >= 0.0, 1.0, -1.0)

    def total(self, outputs: Outputs, precision: int) -> Total:
        slack = outputs.negated_margins + outputs.scaled(from_floats(np.ones((1, 1))))
        return Total(slack.relu().entry_sum() / outputs.scale)

    def ceiling(self, middle: Array, radius: Array, Y: Array) -> Array:
        """What is surely 0 stays 0."""
        return row_sums(np.maximum(raised(raised(middle + radius) + 1.0), 0.0))

    def tangent(self, at: Array, Y: Array) -> Tangent:
        slack = at + 1.0  # its sign is exact
        return Tangent(row_sums(np.maximum(slack, 0.0), down=True), np.where(slack > 0.0, 1.0, 0.0))


LOSS = Hinge
