"""The hinge loss of targets -1 and 1: `sum_i [1 - y_i f_i]_+`."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from numerics.losses.loss import Loss, Targets
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


LOSS = Hinge
