"""Softmax cross-entropy of labels: `log sum_j exp(f_j - f_label)`, in natural logarithms."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from scipy.special import logsumexp, softmax

from numerics.arithmetic.limbs import LimbMatrix
from numerics.arithmetic.rounding import U, gamma, raised, row_sums
from numerics.arithmetic.transcendental import exp_bounds, log1p_bounds
from numerics.losses.loss import FARTHEST, Loss, Tangent, Targets
from numerics.losses.outputs import Outputs, row_maxima
from numerics.losses.totals import Total, log_sum
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

    def best_constant(self, Y: Array) -> Array:
        """Logarithms of frequencies, less their mean; a class that never occurs lies far below all others."""
        logs = np.log(Y.mean(axis=0))
        least = logs[np.isfinite(logs)].min() - FARTHEST
        logs = np.maximum(logs, least)
        centred: Array = logs - logs.mean()
        return centred

    def total(self, outputs: Outputs, precision: int) -> Total:
        """The largest margin of each sample, and the logarithm of 1 and the exponentials of what the others lack."""
        margins = outputs.margins
        largest = row_maxima(margins)
        rest = margins - largest
        others = np.ones(rest.shape, dtype=np.bool_)
        others[np.arange(len(others)), rest.is_zero().argmax(axis=1)] = False
        fewer = LimbMatrix(tuple(limb[others].reshape(len(others), -1) for limb in rest.limbs), rest.exponent)
        return Total(largest.entry_sum() / outputs.scale, log_sum(fewer, outputs.scale, precision))

    def ceiling(self, middle: Array, radius: Array, Y: Array) -> Array:
        high = raised(middle + radius)
        largest = high.max(axis=1)
        # A difference <= 0 rounds by u of itself; so does the product.
        terms = exp_bounds((high - largest[:, None]) * (1.0 - 4.0 * U))[1]
        terms[np.arange(len(terms)), high.argmax(axis=1)] = 0.0
        return raised(largest + log1p_bounds(row_sums(terms))[1])

    def tangent(self, at: Array, Y: Array) -> Tangent:
        """The slope is the softmax.

        An exponent `b <= 0` that rounds by `6 u` of itself makes an error of `6 u |b| e^b < 3 u`, one below -700 of
        2^-1009, and `exp` of 2^-47 of its entry; the sum of p such ones has those and rounds by `gamma(p)`, the
        quotient by `u`: less than `2^-44 + 2 gamma(p + 8)`, as no entry is above 1.
        """
        rows, largest = np.arange(len(at)), at.max(axis=1)
        first = at.argmax(axis=1)
        low, high = exp_bounds((at - largest[:, None]) * (1.0 + 4.0 * U))
        low[rows, first] = high[rows, first] = 0.0
        least, total = log1p_bounds(row_sums(low, down=True))[0], high.sum(axis=1)
        high[rows, first] = 1.0
        floor = largest + least
        return Tangent(-raised(-floor), high / (1.0 + total)[:, None], 2.0**-44 + 2.0 * gamma(at.shape[1] + 8))


LOSS = CrossEntropy
