"""Absolute error `sum_i |f_i - y_i|`."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from numerics.losses.loss import Loss, Targets
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


LOSS = Absolute
