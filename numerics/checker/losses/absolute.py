"""Absolute error `sum_i |f_i - y_i|`."""

from collections.abc import Iterable, Sequence

from flint import fmpq, fmpz

from numerics.checker.arrays import Array
from numerics.checker.intervals import Interval
from numerics.checker.models import Model

from .loss import Bending, Columns, Line, Square, moduli, summed, times, total_of, value_of


class Absolute(Bending):
    """`l = sum_i |r_i|`, r = f - y."""

    name = "absolute"

    def total(self, residuals: Columns, precision: int) -> Interval:
        """Exactly."""
        found = sum((sum(map(abs, column), fmpz(0)) for column in residuals.cells), fmpz(0))
        return Interval.of(found * residuals.unit)

    def ends(self, residuals: Model, y: Array) -> tuple[fmpq, fmpq]:
        """|mid + slope sigma| + radius is convex in sigma."""
        one, other = moduli(residuals)
        unit = fmpq(2) ** residuals.exponent
        return unit * total_of(one), unit * total_of(other)

    def bends_of(self, lines: Sequence[Line], y: Sequence[float]) -> Iterable[Line]:
        """At zeros."""
        return lines

    def square_at(self, lines: Sequence[Line], y: Sequence[float], t: fmpq) -> Square:
        """Residuals with their signs."""
        return summed(times(line, 1 if value_of(line, t) >= 0 else -1) for line in lines)
