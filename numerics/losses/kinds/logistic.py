"""The logistic loss of targets -1 and 1: `sum_i log(1 + exp(-y_i f_i))`."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from scipy.special import expit

from numerics.arithmetic.limbs import LimbMatrix
from numerics.arithmetic.rounding import raised, row_sums
from numerics.arithmetic.transcendental import exp_bounds, log1p_bounds
from numerics.losses.loss import FARTHEST, Loss, Tangent, Targets
from numerics.losses.outputs import Outputs
from numerics.losses.totals import Total, log_sum
from numerics.networks.arrays import Array


@dataclass(frozen=True)
class Logistic(Loss):
    """`l(f, y) = sum_i log(1 + exp(-y_i f_i))`, `y_i` in {-1, 1}. `beta = 1/4`, `G = sqrt p`."""

    family = "logistic"
    targets = Targets.SIGNS
    rational = False
    separable = True

    @property
    def smoothness(self) -> Fraction:
        return Fraction(1, 4)

    def lipschitz_squared(self, p: int) -> Fraction:
        return Fraction(p)

    def floats(self, f: Array, Y: Array) -> Array:
        with np.errstate(invalid="ignore"):  # outputs that overflowed are NaN, and so is their loss
            losses: Array = np.logaddexp(0.0, -Y * f).sum(axis=1)
        return losses

    def gradient(self, f: Array, Y: Array) -> Array:
        slope: Array = -Y * expit(-Y * f)
        return slope

    def best_constant(self, Y: Array) -> Array:
        """The log-odds of 1 in each column."""
        positive = (Y > 0.0).mean(axis=0)
        odds: Array = np.clip(np.log(positive) - np.log(1.0 - positive), -FARTHEST, FARTHEST)
        return odds

    def total(self, outputs: Outputs, precision: int) -> Total:
        """`log(1 + e^u) = [u]_+ + log(1 + e^-|u|)`, `u = -y f`."""
        u = outputs.negated_margins
        moduli = u.modulus()
        falling = LimbMatrix(tuple(-limb.reshape(-1, 1) for limb in moduli.limbs), moduli.exponent)
        return Total(u.relu().entry_sum() / outputs.scale, log_sum(falling, outputs.scale, precision))

    def ceiling(self, middle: Array, radius: Array, Y: Array) -> Array:
        high = raised(middle + radius)
        _, most = log1p_bounds(exp_bounds(-np.abs(high))[1])
        return row_sums(raised(np.maximum(high, 0.0) + most))

    def tangent(self, at: Array, Y: Array) -> Tangent:
        """The slope is `e / (1 + e)` or `1 / (1 + e)` for `e = exp(-|u|)`, known up to 2^-47 of itself."""
        low, high = exp_bounds(-np.abs(at))
        least, _ = log1p_bounds(low)
        slope = np.where(at >= 0.0, 1.0, high) / (1.0 + high)
        return Tangent(row_sums(np.maximum(at, 0.0) + least, down=True), slope, 2.0**-44)


LOSS = Logistic
