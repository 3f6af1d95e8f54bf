"""The hinge loss of targets -1 and 1: `sum_i [1 - y_i f_i]_+`."""

from collections.abc import Iterable, Sequence

import numpy as np
from flint import fmpq, fmpz

from numerics.checker.arrays import Array
from numerics.checker.intervals import Interval
from numerics.checker.models import Model

from .loss import Bending, Columns, Line, Square, Targets, against_signs, summed, times, total_of, value_of


class Hinge(Bending):
    """`l = sum_i [-y_i r_i]_+`, r = f - y, as y_i^2 = 1."""

    name = "hinge"
    targets = Targets.SIGNS

    def total(self, residuals: Columns, precision: int) -> Interval:
        """Exactly."""
        found = fmpz(0)
        for column, signs in zip(residuals.cells, residuals.y.T.tolist(), strict=True):
            pairs = zip(column, signs, strict=True)
            found += sum((abs(cell) for cell, sign in pairs if (cell < 0) == (sign > 0)), fmpz(0))
        return Interval.of(found * residuals.unit)

    def ends(self, residuals: Model, y: Array) -> tuple[fmpq, fmpq]:
        """[.]_+ of an affine upper bound is convex in sigma."""
        one, other = against_signs(residuals, y)
        unit = fmpq(2) ** residuals.exponent
        return unit * total_of(np.maximum(one, 0)), unit * total_of(np.maximum(other, 0))

    def bends_of(self, lines: Sequence[Line], y: Sequence[float]) -> Iterable[Line]:
        """At zeros."""
        return lines

    def square_at(self, lines: Sequence[Line], y: Sequence[float], t: fmpq) -> Square:
        """What is positive of -y r."""
        signed = [times(line, -1 if target > 0 else 1) for line, target in zip(lines, y, strict=True)]
        return summed(line for line in signed if value_of(line, t) > 0)
