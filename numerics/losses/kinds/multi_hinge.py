"""The multi-class hinge loss of Crammer and Singer: `max(0, max over j != label of 1 + f_j - f_label)`."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from scipy.optimize import linprog

from numerics.arithmetic.limbs import from_floats
from numerics.arithmetic.rounding import raised
from numerics.losses.kinds.cross_entropy import CrossEntropy
from numerics.losses.loss import Loss, Tangent, Targets
from numerics.losses.outputs import Outputs, row_maxima
from numerics.losses.totals import Total
from numerics.networks.arrays import Array

MOST = 64  # classes of a linear program with so many squared inequalities


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

    def smoothed(self, f: Array, Y: Array, width: float) -> tuple[float, Array]:
        """`s log sum_j exp((f_j - y_j - f_label + 1) / s)` at width s, whose limit is the largest score."""
        value, slope = CrossEntropy().smoothed((f - Y) / width, Y, width)
        return width * value, slope

    def best_constant(self, Y: Array) -> Array | None:
        """By a linear program in `c` and one bound `s_y` for each class y that occurs."""
        shares = Y.mean(axis=0)
        p = len(shares)
        if p > MOST:
            return None
        rows = [(y, j) for y in range(p) for j in range(p) if j != y and shares[y] > 0.0]
        A = np.zeros((len(rows), 2 * p))
        for k, (y, j) in enumerate(rows):  # 1 + c_j - c_y <= s_y
            A[k, j], A[k, y], A[k, p + y] = 1.0, -1.0, -1.0
        bounds = [(-float(p), float(p))] * p + [(0.0, None)] * p
        solved = linprog(np.concatenate([np.zeros(p), shares]), A_ub=A, b_ub=-np.ones(len(rows)), bounds=bounds)
        return np.asarray(solved.x[:p]) if solved.success else None

    def _scores(self, f: Array, Y: Array) -> Array:
        """`1 + f_j - f_y`, 0 at the label: their largest is the loss."""
        own: Array = np.take_along_axis(f, Y.argmax(axis=1)[:, None], axis=1)
        return f - own + (1.0 - Y)

    def total(self, outputs: Outputs, precision: int) -> Total:
        scores = outputs.margins + outputs.scaled(from_floats(1.0 - outputs.Y))
        return Total(row_maxima(scores).entry_sum() / outputs.scale)  # 0 at the label

    def ceiling(self, middle: Array, radius: Array, Y: Array) -> Array:
        """What is surely 0 stays 0."""
        scores: Array = raised(raised(middle + radius) + (1.0 - Y)).max(axis=1)  # 0 at the label
        return scores

    def tangent(self, at: Array, Y: Array) -> Tangent:
        """Any one of the scores is an affine function that the loss is nowhere below; here the largest seen."""
        scores, rows = at + (1.0 - Y), np.arange(len(at))
        largest = scores.argmax(axis=1)
        slope = np.zeros_like(at)
        slope[rows, largest] = 1.0
        return Tangent(-raised(-scores[rows, largest]), slope * (1.0 - Y))


LOSS = MultiHinge
