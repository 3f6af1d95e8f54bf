"""Softmax cross-entropy of labels: `log sum_j exp(f_j - f_label)`, in natural logarithms."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from scipy.special import logsumexp, softmax

from numerics.losses.loss import Loss, Targets
from numerics.networks.arrays import Array


@dataclass(frozen=True)
class CrossEntropy(Loss):
    """`l(f, y) = log sum_j exp(f_j - f_y)`. `beta = 1/2`, `G = sqrt 2`."""

    family = "cross-entropy"
    targets = Targets.LABELS
    rational = False

    @property
    def smoothness(self) -> Fraction:
        return Fraction(1, 2)

    def lipschitz_squared(self, p: int) -> Fraction:
        return Fraction(2)

    def floats(self, f: Array, Y: Array) -> Array:
        margins = f - np.take_along_axis(f, Y.argmax(axis=1)[:, None], axis=1)
        losses: Array = logsumexp(margins, axis=1)
        return losses

    def gradient(self, f: Array, Y: Array) -> Array:
        slope: Array = softmax(f, axis=1) - Y
        return slope


LOSS = CrossEntropy
