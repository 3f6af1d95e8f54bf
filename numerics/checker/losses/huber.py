"""Huber's loss: half the square of a residual up to delta, a straight line beyond."""

from collections.abc import Iterable, Sequence

from flint import fmpq, fmpz

from numerics.checker import rationals
from numerics.checker.arrays import Array
from numerics.checker.grid import Ints
from numerics.checker.intervals import Interval
from numerics.checker.models import Model

from .loss import Bending, Columns, Line, Square, moduli, value_of


class Huber(Bending):
    """`l = sum_i h(r_i)`, r = f - y; `h(u) = u^2/2` for `|u| <= delta`, `delta (|u| - delta/2)` beyond."""

    def __init__(self, delta: fmpq) -> None:
        """`delta` > 0."""
        self.delta = delta
        self.name = f"huber:{rationals.text(delta)}"

    def total(self, residuals: Columns, precision: int) -> Interval:
        """Exactly."""
        cells = (abs(cell) for column in residuals.cells for cell in column)
        return Interval.of(self._sum(cells, residuals.unit))

    def ends(self, residuals: Model, y: Array) -> tuple[fmpq, fmpq]:
        """h rises with |u| and is convex, and |mid + slope sigma| + radius is convex in sigma."""
        unit = fmpq(2) ** residuals.exponent

        def at(end: Ints) -> fmpq:
            return self._sum(map(fmpz, end.ravel().tolist()), unit)

        one, other = moduli(residuals)
        return at(one), at(other)

    def _sum(self, cells: Iterable[fmpz], unit: fmpq) -> fmpq:
        """The sum of h(cell unit) over cells that are not negative."""
        most = (self.delta / unit).floor()
        squares, beyond, count = fmpz(0), fmpz(0), 0
        for cell in cells:
            if cell <= most:
                squares += cell * cell
            else:
                beyond += cell
                count += 1
        return squares * unit**2 / 2 + self.delta * (beyond * unit - count * self.delta / 2)

    def bends_of(self, lines: Sequence[Line], y: Sequence[float]) -> Iterable[Line]:
        """Where |r| passes delta."""
        return [(a + shift, b) for a, b in lines for shift in (self.delta, -self.delta)]

    def square_at(self, lines: Sequence[Line], y: Sequence[float], t: fmpq) -> Square:
        """Half the square of what is within delta, straight lines beyond."""
        found = [fmpq(0)] * 3
        for a, b in lines:
            value, side = value_of((a, b), t), self.delta
            if abs(value) <= side:
                parts = a * a / 2, a * b, b * b / 2
            else:
                side = side if value > 0 else -side
                parts = side * a - self.delta**2 / 2, side * b, fmpq(0)
            found = [one + part for one, part in zip(found, parts, strict=True)]
        return found[0], found[1], found[2]
