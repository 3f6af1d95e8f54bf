"""The logistic loss of targets -1 and 1: `sum_i log(1 + exp(-y_i f_i))`."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from scipy.special import expit

from numerics.losses.loss import Loss, Targets
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
        losses: Array = np.logaddexp(0.0, -Y * f).sum(axis=1)
        return losses

    def gradient(self, f: Array, Y: Array) -> Array:
        slope: Array = -Y * expit(-Y * f)
        return slope


LOSS = Logistic
