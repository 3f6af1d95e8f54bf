"""First-order models: what is known of a layer for every t of a piece, sample by sample and unit by unit.

A model encloses (mid + slope * sigma + e) * 2^exponent for one and the same sigma in [-1, 1] throughout the
network (where t stands in its piece) and any e in [-radius, radius]. Whatever an operation drops goes into
the radius, rounded up; what is an exact zero stays one.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .graph import Windows
from .grid import SHORT, WORD, Grid, Ints, bit_length, down, magnitude, up
from .products import Bounds, Factor, largest_of, product, radius_product

# Bits of a chord's slope: rounding it can at most double the chord's remainder.
_CHORD = 15
# Bits behind the point of what a shortened matrix is off by.
_PARTS = 4


@dataclass(frozen=True)
class Slab:
    """A matrix on a piece: |matrix - (mid + slope sigma + bend sigma^2) u| <= inexact 2^-parts u, transposed.

    `mid`, `slope`, `bend` (units, inputs), `slope` None if it does not move, `bend` None on a straight line; u is
    2^(exponent - finer), `finer` (units,) or 0 for all; `inexact` (units,): how far a row may be off, 0 if it was not
    rounded; `live` (units, inputs): where it may be other than zero.
    """

    mid: Ints
    slope: Ints | None
    inexact: Ints
    live: Ints
    exponent: int
    bend: Ints | None = None
    finer: Ints | None = None
    parts: int = 0

    @property
    def rates(self) -> tuple[Ints, ...]:
        """What there is of slope and bend."""
        return tuple(part for part in (self.slope, self.bend) if part is not None)

    @cached_property
    def factor(self) -> Factor:
        """Mid, and below it slope and bend, as far as there are any."""
        return Factor(np.concatenate([self.mid, *self.rates]) if self.rates else self.mid)

    @cached_property
    def size(self) -> Bounds:
        """At least |matrix| in units of 2^exponent."""
        size = magnitude(self.mid) + sum(map(magnitude, self.rates)) + up(self.inexact, self.parts)[:, None]
        return Bounds.above(size if self.finer is None else -(-size >> self.finer[:, None]))

    @cached_property
    def alive(self) -> Factor:
        """`live`, as words."""
        return Factor(self.live.astype(np.int64))

    def shortened(self) -> "Slab":
        """The same for the shortest grid, in words rounded to the nearest, each row in units of its own."""
        parts = (self.mid, *self.rates)
        largest = np.max([magnitude(part).max(axis=1) for part in parts], axis=0).tolist()
        shifts = np.array([max(0, one.bit_length() - SHORT.bits) for one in largest], dtype=np.int64)
        half = (1 << shifts >> 1)[:, None]
        mid, *rates = ((part + half) >> shifts[:, None] for part in parts)
        # Each is off by half a unit at most, and the whole by as much as it was before, in parts of the new units.
        before = -(-self.inexact << _PARTS >> shifts)
        inexact = before + len(parts) * np.where(shifts > 0, 1 << (_PARTS - 1), 0)
        most = int(shifts.max(initial=0))
        slope, bend = (*rates, None, None)[:2]
        return Slab(mid, slope, inexact, self.live, self.exponent + most, bend, most - shifts, _PARTS)


@dataclass(frozen=True)
class Model:
    """`mid`, `slope`, `radius` >= 0 (n, units) or (1, units), of at most `grid.bits` bits each."""

    grid: Grid
    mid: Ints
    slope: Ints
    radius: Ints
    exponent: int

    @property
    def low(self) -> Ints:
        """A lower bound on the piece."""
        lowest: Ints = self.mid - magnitude(self.slope) - self.radius
        return lowest

    @property
    def high(self) -> Ints:
        """An upper bound on the piece."""
        highest: Ints = self.mid + magnitude(self.slope) + self.radius
        return highest

    def times(self, slab: Slab, bias: "Model | None" = None, seen: Windows | None = None) -> "Model":
        """The model times the matrix, plus a row: (n, inputs) to (n, units).

        With `seen`, what each place sees of it: to (n places, units).
        """
        shift = max(0, self._product_bits(slab) - self.grid.waiting)
        rows, units = len(self.mid) * (1 if seen is None else seen.places), len(slab.mid)
        still = not self.slope.any()
        found = product(self.mid if still else np.concatenate([self.mid, self.slope]), slab.factor, shift, seen)
        if slab.finer is not None:
            # A floor of a floor.
            found = found >> np.tile(slab.finer, found.shape[1] // units)
        mid = found[:rows, :units]
        slope = np.zeros_like(mid) if still else found[rows:, :units]
        radius = radius_product(self.radius, slab.size, shift, seen)
        # Each product is rounded downwards by less than one, where anything is cut off: of a row by itself, maybe.
        cut = int(shift > 0) if slab.finer is None else (slab.finer + shift > 0).astype(np.int64)
        products = 2
        if slab.slope is not None:
            slope = slope + found[:rows, units : 2 * units]
            products += 1
            square = found[:rows, 2 * units :] if slab.bend is not None else np.zeros_like(mid)
            products += slab.bend is not None
            if not still:
                square = square + found[rows:, units : 2 * units]
                products += 1
                if slab.bend is not None:
                    radius = radius + magnitude(found[rows:, 2 * units :])
                    products += 1
            centre, reach = recentred(square)
            mid, radius = mid + centre, radius + reach
        sizes: Ints = magnitude(self.mid) + magnitude(self.slope)
        sizes = sizes.sum(axis=1)[:, None] if seen is None else seen.sums(sizes)
        off = sizes * slab.inexact
        off = (up(off, shift) if slab.finer is None else -(-off >> slab.finer + (shift + slab.parts))) + products * cut
        radius = radius + off * self._touched(slab, seen)
        exponent = self.exponent + slab.exponent + shift
        if bias is None:
            return fitted(self.grid, mid, slope, radius, exponent)
        return Model(self.grid, mid, slope, radius, exponent).plus(bias)

    def _product_bits(self, slab: Slab) -> int:
        """Bits that the largest sum in a product can have."""
        terms: int = slab.mid.shape[1]
        # Up to four products of such a size are added up, on an arc up to six.
        spare = 2 if slab.bend is None else 3
        return terms.bit_length() + spare + self.bits + max(slab.factor.bits, slab.size.bits)

    def _touched(self, slab: Slab, seen: Windows | None = None) -> Ints:
        """At least 1 where some product has no exact zero as a factor, else 0 (of windows, 1 more often than that).

        (n, units), (n, 1) or (1, units).
        """
        mine: Ints = ((self.mid != 0) | (self.slope != 0) | (self.radius != 0)).astype(np.int64)
        touched: Ints
        if seen is not None:
            touched = np.minimum(seen.sums(mine), 1) * slab.live.max(axis=1)[None, :]
        elif slab.live.all():
            touched = mine.max(axis=1)[:, None]
        elif mine.all():
            touched = slab.live.max(axis=1)[None, :]
        else:
            touched = np.minimum(product(mine, slab.alive), 1)
        return touched.astype(self.mid.dtype)

    def plus(self, other: "Model") -> "Model":
        """The sum, rounded once; a model with one row is added to every row."""
        extents = [(part.exponent, part.exponent + part.bits) for part in (self, other) if part.bits]
        low = min((exponent for exponent, _ in extents), default=0)
        exponent = max([low, *(top + 1 - self.grid.waiting for _, top in extents)])
        one, two = self.at(exponent), other.at(exponent)
        return fitted(self.grid, one.mid + two.mid, one.slope + two.slope, one.radius + two.radius, exponent)

    @cached_property
    def bits(self) -> int:
        """Bits of the longest entry."""
        return max(bit_length(self.mid), bit_length(self.slope), bit_length(self.radius))

    def at(self, exponent: int) -> "Model":
        """The model in units of 2^exponent; where these are smaller there must be room for the bits."""
        if not self.bits:
            return Model(self.grid, self.mid, self.slope, self.radius, exponent)
        shift = exponent - self.exponent
        return Model(self.grid, *rounded(self.mid, self.slope, self.radius, shift), exponent)

    def relu(self) -> "Model":
        """[.]_+: itself or zero where the sign is fixed, its chord and what lies above that where it is open."""
        low, high = self.low, self.high
        zero = high <= 0
        mid, slope, radius = (np.where(zero, 0, part) for part in (self.mid, self.slope, self.radius))
        place = np.nonzero((low < 0) & ~zero)
        if len(place[0]):
            chord = self._chord(low[place], high[place])
            mid[place], slope[place], radius[place] = self._above_chord(place, chord, low[place], high[place])
        return fitted(self.grid, mid, slope, radius, self.exponent)

    def _chord(self, low: Ints, high: Ints) -> Ints:
        """high / (high - low) times 2^15, to the nearest integer or nearly so: any value in [0, 2^15] is sound."""
        spare = 0 if self.mid.dtype == object else max(0, bit_length(high) + _CHORD - 60)
        chord: Ints = (high >> spare << _CHORD) // np.maximum((high - low) >> spare, 1)
        return np.minimum(chord, 1 << _CHORD)

    def _above_chord(self, place: tuple[Ints, ...], chord: Ints, low: Ints, high: Ints) -> tuple[Ints, Ints, Ints]:
        """chord x + [0, gap], its middle as mid: [x]_+ - chord x is convex, 0 at 0, so largest at an end."""
        gap = up(np.maximum(-chord * low, ((1 << _CHORD) - chord) * high), _CHORD)
        half = (gap + 1) >> 1
        mid = down(chord * self.mid[place], _CHORD) + half
        slope = down(chord * self.slope[place], _CHORD)
        # Two roundings downwards by less than one each.
        radius = up(chord * self.radius[place], _CHORD) + half + 2
        return mid, slope, radius


def fitted(grid: Grid, mid: Ints, slope: Ints, radius: Ints, exponent: int) -> Model:
    """The model of these arrays, rounded until they have at most `grid.bits` bits."""
    largest = max(largest_of(mid), largest_of(slope), largest_of(radius))
    shift = max(0, largest.bit_length() - grid.bits)
    # Rounding can carry into one more bit: a radius grows by less than two.
    if shift and ((largest >> shift) + 2).bit_length() > grid.bits:
        shift += 1
    return Model(grid, *rounded(mid, slope, radius, shift), exponent + shift)


def rounded(mid: Ints, slope: Ints, radius: Ints, shift: int) -> tuple[Ints, Ints, Ints]:
    """The arrays over 2^shift, rounded to the nearest, what is dropped added to the radius."""
    if shift <= 0:
        return down(mid, shift), down(slope, shift), down(radius, shift)
    if mid.dtype != object:
        # So far words can be shifted. They are shorter, so what is left is 0, or 1 or -1 with a radius of at least 1:
        # that holds them in units of any larger power of two as well.
        shift = min(shift, WORD)
    nearest, lost = list[Ints](), radius
    for part in (mid, slope):
        near = down(part + (1 << (shift - 1)), shift)
        lost = lost + magnitude(part - (near << shift))
        nearest.append(near)
    return nearest[0], nearest[1], up(lost, shift)


def recentred(factor: Ints) -> tuple[Ints, Ints]:
    """Centre and radius of sigma^2 factor, which lies between 0 and factor."""
    centre = factor >> 1
    return centre, np.maximum(factor - centre, -centre)
