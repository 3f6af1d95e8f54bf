"""Weights along a quadratic Bezier arc on a grid: three matrices of integers, cut into the models of a piece.

On the arc a weight is (1-t)^2 before + 2 t (1-t) control + t^2 after = before + t (2 turn + t bend), with
turn = control - before and bend = before - 2 control + after. At t = (middle + radius sigma) / 2^time that is a
quadratic in sigma. With y = turn + middle bend / 2^time its coefficients are

    before + (middle / 2^time) (turn + y),    2 (radius / 2^time) y,    (radius / 2^time)^2 bend.

Every quotient is rounded downwards: y by less than one, which the first two multiply by at most middle / 2^time and
2 radius / 2^time, together less than two; the three by less than one each, the last twice, its first rounding
multiplied by less than one. What the integers themselves are off by, between 0 and one unit each, the arc's three
factors, which add up to 1, leave between 0 and one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, reduce

import numpy as np

from .arrays import Array
from .grid import Grid, Ints, bit_length, dropped, scaled
from .lines import CORNER, Piece, Rounded, on_grid
from .models import Model, Slab, fitted, recentred

# Bits that a bend, and the sum of two rates, may be longer than the three matrices.
SPARE = 2


@dataclass(frozen=True)
class Arc:
    """Between `before` and `after` times 2^exponent, with `control`; all (rows, cols), of `grid.bits` - 2 bits.

    `differs` (rows, cols) or (1, cols): 1 where the three are not the same number; the rates are exactly 0 elsewhere.
    """

    grid: Grid
    before: Rounded
    control: Rounded
    after: Rounded
    differs: Ints
    exponent: int

    @cached_property
    def moves(self) -> bool:
        """Whether it changes at all."""
        return bool(self.differs.any())

    @cached_property
    def _turn(self) -> Ints:
        """Control minus before."""
        turn: Ints = (self.control.values - self.before.values) * self.differs
        return turn

    @cached_property
    def _bend(self) -> Ints:
        """Before minus twice the control plus after."""
        bend: Ints = (self.after.values - self.control.values) * self.differs - self._turn
        return bend

    @cached_property
    def _off(self) -> Ints:
        """What the arc of these integers is at most off by."""
        off: Ints = reduce(np.maximum, (self.before.off, self.control.off, self.after.off))
        return off

    @cached_property
    def _room(self) -> int:
        """Bits that short and exact numbers may grow by to stay exact on a piece."""
        if self._off.any():
            return 0
        longest = max(bit_length(part.values) for part in (self.before, self.control, self.after))
        return max(0, self.grid.bits - SPARE - longest)

    def model(self, piece: Piece) -> Model:
        """The arc on a piece, the square of sigma replaced by the middle of what it may be."""
        mid, slope, bend, lost, exponent = self._on(piece)
        centre, reach = recentred(bend)
        return fitted(self.grid, mid + centre, slope, lost + reach, exponent)

    def slab(self, piece: Piece) -> Slab:
        """The arc on a piece, as a matrix (rows are units)."""
        mid, slope, bend, lost, exponent = self._on(piece)
        live = (mid != 0) | (slope != 0) | (bend != 0) | (lost != 0)
        moves = piece.radius and self.moves
        return Slab(mid, slope if moves else None, lost.max(axis=1), live, exponent, bend if moves else None)

    def corners(self) -> list[Slab]:
        """Before, control and after as matrices that stay."""
        parts = ((part.values, part.off) for part in (self.before, self.control, self.after))
        return [Slab(values, None, off.max(axis=1), (values != 0) | (off != 0), self.exponent) for values, off in parts]

    def _on(self, piece: Piece) -> tuple[Ints, Ints, Ints, Ints, int]:
        """Coefficients of 1, sigma and its square, what all three together are off by, and the exponent."""
        before, time = self.before.values, self.grid.time
        if piece == CORNER or not self.moves:
            nothing = np.zeros_like(before)
            return before, nothing, nothing, self.before.off, self.exponent
        middle, radius = piece.middle, piece.radius
        both = middle | radius
        extra = min(self._room, 2 * max(0, time + 1 - (both & -both).bit_length()))
        before, turn, bend = before << extra, self._turn << extra, self._bend << extra
        rate = turn + scaled(bend, middle, time)
        mid = before + scaled(turn + rate, middle, time)
        slope = scaled(rate, 2 * radius, time)
        half = scaled(bend, radius, time)
        lost = 2 * dropped(bend, middle, time) + dropped(turn + rate, middle, time) + dropped(rate, 2 * radius, time)
        lost = lost + dropped(bend, radius, time) + dropped(half, radius, time) + self._off
        return mid, slope, scaled(half, radius, time), lost, self.exponent - extra


def arc_of(grid: Grid, before: Array, control: Array, after: Array) -> Arc:
    """The arc of three float matrices of one shape."""
    (start, middle, end), exponent = on_grid(grid, (before, control, after), SPARE)
    differs = (before != after) | (before != control)
    return Arc(grid, start, middle, end, differs.astype(np.int8), exponent)


def arc_between(grid: Grid, ends: Sequence[Model], differs: Ints) -> Arc:
    """The arc on this grid of three models without slopes: start, control and end."""
    tops = [part.exponent + part.bits for part in ends if part.bits]
    lows = [part.exponent for part in ends if part.bits]
    exponent = max([min(lows, default=0), *(top + 1 + SPARE - grid.bits for top in tops)])
    before, control, after = (Rounded(part.mid, part.radius) for part in (one.at(exponent) for one in ends))
    return Arc(grid, before, control, after, differs, exponent)
