"""The logistic loss of targets -1 and 1: `sum_i log(1 + exp(-y_i f_i))`."""

import numpy as np
from flint import fmpq, fmpz

from numerics.checker.arrays import Array
from numerics.checker.grid import WORD, Ints
from numerics.checker.intervals import Interval
from numerics.checker.models import Model

from .brief_logs import log_sums_above
from .logarithms import log_sums
from .loss import Columns, Loss, Targets, against_signs
from .margins import PIECE, one_below


class Logistic(Loss):
    """`l = sum_i log(1 + exp(-y_i r_i - 1))`, r = f - y, as y_i^2 = 1."""

    name = "logistic"
    targets = Targets.SIGNS
    rational = False
    cell = 2000

    def total(self, residuals: Columns, precision: int) -> Interval:
        """To the precision."""
        one, zero = residuals.one, fmpz(0)
        signed = zip(residuals.cells, residuals.y.T.tolist(), strict=True)
        rows = (
            (zero, (-cell if sign > 0 else cell) - one)
            for column, signs in signed
            for cell, sign in zip(column, signs, strict=True)
        )
        return log_sums(rows, residuals.unit, precision)

    def ends(self, residuals: Model, y: Array) -> tuple[fmpq, fmpq]:
        """log(1 + exp) of an affine upper bound is convex in sigma."""
        unit, one = fmpq(2) ** residuals.exponent, one_below(residuals.exponent)

        def at(end: Ints) -> fmpq:
            rows = ((fmpz(0), fmpz(entry) - one) for entry in end.ravel().tolist())
            return log_sums(rows, unit, PIECE).high

        first, last = against_signs(residuals, y)
        return at(first), at(last)

    def brief_ends(self, residuals: Model, y: Array) -> tuple[fmpq, fmpq] | None:
        """The same in words, where 1 is one."""
        if not residuals.grid.machine or -residuals.exponent >= WORD:
            return None
        one = int(one_below(residuals.exponent))
        ends = (end.reshape(-1, 1) - one for end in against_signs(residuals, y))
        first, last = (log_sums_above(np.hstack([end, 0 * end]), residuals.exponent) for end in ends)
        return first, last
