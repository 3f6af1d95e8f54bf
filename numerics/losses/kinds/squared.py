"""Squared error `||f - y||^2`, summed over the outputs (no factor 1/2)."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from numerics.losses.loss import Loss, Targets
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


LOSS = Squared
