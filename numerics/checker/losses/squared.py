"""Squared error `||f - y||^2`."""

from collections.abc import Iterable, Sequence

from flint import fmpq, fmpz

from numerics.checker.arrays import Array
from numerics.checker.grid import square_sum
from numerics.checker.intervals import Interval
from numerics.checker.models import Model

from .loss import Bending, Columns, Line, Square, moduli


class Squared(Bending):
    """`l = sum_i r_i^2`, r = f - y."""

    name = "squared"

    def total(self, residuals: Columns, precision: int) -> Interval:
        """Exactly."""
        found = sum((sum((cell * cell for cell in column), fmpz(0)) for column in residuals.cells), fmpz(0))
        return Interval.of(found * residuals.unit**2)

    def ends(self, residuals: Model, y: Array) -> tuple[fmpq, fmpq]:
        """(|mid + slope sigma| + radius)^2 is convex in sigma."""
        one, other = moduli(residuals)
        unit = fmpq(2) ** (2 * residuals.exponent)
        return unit * square_sum(one), unit * square_sum(other)

    def bends_of(self, lines: Sequence[Line], y: Sequence[float]) -> Iterable[Line]:
        """Nowhere."""
        return ()

    def square_at(self, lines: Sequence[Line], y: Sequence[float], t: fmpq) -> Square:
        """The sum of the squares of all lines."""
        zero = fmpq(0)
        return (
            sum((a * a for a, _ in lines), zero),
            2 * sum((a * b for a, b in lines), zero),
            sum((b * b for _, b in lines), zero),
        )
