"""The multi-class hinge loss of Crammer and Singer: `max(0, max over j != label of 1 + f_j - f_label)`."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from numerics.losses.loss import Loss, Targets
from numerics.networks.arrays import Array


@dataclass(frozen=True)
class MultiHinge(Loss):
    """`l(f, y) = max(0, max_{j != y} 1 + f_j - f_y)`. `G = sqrt 2`; not smooth."""

    family = "multi-hinge"
    targets = Targets.LABELS
    rational = True

    @property
    def smoothness(self) -> None:
        return None

    def lipschitz_squared(self, p: int) -> Fraction:
        return Fraction(2)

    def floats(self, f: Array, Y: Array) -> Array:
        losses: Array = self._scores(f, Y).max(axis=1)
        return losses

    def gradient(self, f: Array, Y: Array) -> Array:
        scores, rows = self._scores(f, Y), np.arange(len(f))
        slope = np.zeros_like(f)
        slope[rows, scores.argmax(axis=1)] += 1.0
        slope[rows, Y.argmax(axis=1)] -= 1.0
        return slope

    def _scores(self, f: Array, Y: Array) -> Array:
        """`1 + f_j - f_y`, 0 at the label: their largest is the loss."""
        own: Array = np.take_along_axis(f, Y.argmax(axis=1)[:, None], axis=1)
        return f - own + (1.0 - Y)


LOSS = MultiHinge
