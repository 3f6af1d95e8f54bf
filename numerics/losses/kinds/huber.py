"""Huber's loss: half the square of a residual up to `delta`, a straight line beyond."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from numerics.errors import InputError
from numerics.losses.loss import Loss, Targets
from numerics.networks.arrays import Array


@dataclass(frozen=True)
class Huber(Loss):
    """`l(f, y) = sum_i h(f_i - y_i)`, `h(u) = u^2/2` for `|u| <= delta`, `delta (|u| - delta/2)` beyond.

    `parameter`: delta, a rational above 0. `beta = 1`, `G = delta sqrt p`. Raises InputError.
    """

    parameter: Fraction = Fraction(1)
    family = "huber"
    targets = Targets.VALUES
    rational = True
    separable = True

    def __post_init__(self) -> None:
        if self.parameter <= 0:
            raise InputError(
                "loss huber:0 is unusable: its parameter DELTA must be above 0, as in huber:1 or huber:1/2"
            )

    @property
    def smoothness(self) -> Fraction:
        return Fraction(1)

    def lipschitz_squared(self, p: int) -> Fraction:
        return p * self.parameter * self.parameter

    def floats(self, f: Array, Y: Array) -> Array:
        moduli, delta = np.abs(f - Y), float(self.parameter)
        inner = np.minimum(moduli, delta)
        losses: Array = (inner * (moduli - 0.5 * inner)).sum(axis=1)
        return losses

    def gradient(self, f: Array, Y: Array) -> Array:
        delta = float(self.parameter)
        return np.clip(f - Y, -delta, delta)


LOSS = Huber
