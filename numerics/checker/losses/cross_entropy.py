"""Softmax cross-entropy of labels: `log sum_j exp(f_j - f_label)`, in natural logarithms."""

import numpy as np
from flint import fmpq

from numerics.checker.arrays import Array
from numerics.checker.grid import WORD, Ints
from numerics.checker.intervals import Interval
from numerics.checker.models import Model

from .brief_logs import log_sums_above
from .logarithms import log_sums
from .loss import Columns, Loss, Targets, against_label
from .margins import PIECE, margin_rows, one_below, rows_of


class CrossEntropy(Loss):
    """`l = log(1 + sum_j exp(r_j - r_label - 1))`, r = f - y, j over the other classes."""

    name = "cross-entropy"
    targets = Targets.LABELS
    rational = False
    cell = 2000

    def total(self, residuals: Columns, precision: int) -> Interval:
        """To the precision."""
        return log_sums(margin_rows(residuals), residuals.unit, precision)

    def ends(self, residuals: Model, y: Array) -> tuple[fmpq, fmpq]:
        """The logarithm of a sum of exponentials of affine upper bounds is convex in sigma."""
        unit, one, labels = fmpq(2) ** residuals.exponent, one_below(residuals.exponent), y.argmax(axis=1).tolist()

        def at(end: Ints) -> fmpq:
            return log_sums(rows_of(end.tolist(), labels, one), unit, PIECE).high

        first, last = against_label(residuals, y)
        return at(first), at(last)

    def brief_ends(self, residuals: Model, y: Array) -> tuple[fmpq, fmpq] | None:
        """The same in words, where 1 is one."""
        if not residuals.grid.machine or -residuals.exponent >= WORD:
            return None
        one, others = int(one_below(residuals.exponent)), y == 0
        first, last = (
            log_sums_above(np.where(others, end - one, 0), residuals.exponent) for end in against_label(residuals, y)
        )
        return first, last
