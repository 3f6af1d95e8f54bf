"""First-order models: what is known of a layer for every t of a piece, sample by sample and unit by unit.

A model encloses (mid + slope * sigma + e) * 2^exponent for one and the same sigma in [-1, 1] throughout the
network (where t stands in its piece) and any e in [-radius, radius]. Whatever an operation drops goes into
the radius, rounded up; what is an exact zero stays one.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .grid import Grid, Ints, bit_length, down, magnitude, remainder, up
from .products import Bounds, Factor, product, radius_product

# Bits of a chord's slope: rounding it can at most double the chord's remainder.
_CHORD = 15


@dataclass(frozen=True)
class Slab:
    """A matrix on a piece: |matrix - (mid + slope sigma + bend sigma^2) 2^exponent| <= inexact 2^exponent, transposed.

    `mid`, `slope`, `bend` (units, inputs), `slope` None if it does not move, `bend` None on a straight line; `inexact`
    (units,): how far a row may be off, 0 if it was not rounded; `live` (units, inputs): where it may be other than
    zero.
    """

    mid: Ints
    slope: Ints | None
    inexact: Ints
    live: Ints
    exponent: int
    bend: Ints | None = None

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
        return Bounds.above(magnitude(self.mid) + sum(map(magnitude, self.rates)) + self.inexact[:, None])

    @cached_property
    def alive(self) -> Factor:
        """`live`, as words."""
        return Factor(self.live.astype(np.int64))


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

    def times(self, slab: Slab) -> "Model":
        """The model times the matrix: (n, inputs) to (n, units)."""
        shift = max(0, self._product_bits(slab) - self.grid.waiting)
        rows, units = len(self.mid), len(slab.mid)
        still = not self.slope.any()
        found = product(self.mid if still else np.concatenate([self.mid, self.slope]), slab.factor, shift)
        mid = found[:rows, :units]
        slope = np.zeros_like(mid) if still else found[rows:, :units]
        radius = radius_product(self.radius, slab.size, shift)
        # Each product is rounded downwards by less than one.
        lost = 2 if shift else 0
        if slab.slope is not None:
            slope = slope + found[:rows, units : 2 * units]
            lost += 1 if shift else 0
            square = found[:rows, 2 * units :] if slab.bend is not None else np.zeros_like(mid)
            lost += 1 if shift and slab.bend is not None else 0
            if not still:
                square = square + found[rows:, units : 2 * units]
                lost += 1 if shift else 0
                if slab.bend is not None:
                    radius = radius + magnitude(found[rows:, 2 * units :])
                    lost += 1 if shift else 0
            centre, reach = recentred(square)
            mid, radius = mid + centre, radius + reach
        sizes: Ints = (magnitude(self.mid) + magnitude(self.slope)).sum(axis=1)[:, None]
        off = up(sizes * slab.inexact[None, :], shift) + lost
        radius = radius + off * self._touched(slab)
        return fitted(self.grid, mid, slope, radius, self.exponent + slab.exponent + shift)

    def _product_bits(self, slab: Slab) -> int:
        """Bits that the largest sum in a product can have."""
        terms: int = self.mid.shape[1]
        # Up to four products of such a size are added up, on an arc up to six.
        spare = 2 if slab.bend is None else 3
        return terms.bit_length() + spare + self.bits + max(slab.factor.bits, slab.size.bits)

    def _touched(self, slab: Slab) -> Ints:
        """1 where some factor is no exact zero, else 0: (n, units), (n, 1) or (1, units)."""
        mine: Ints = ((self.mid != 0) | (self.slope != 0) | (self.radius != 0)).astype(np.int64)
        touched: Ints
        if slab.live.all():
            touched = mine.max(axis=1)[:, None]
        elif mine.all():
            touched = slab.live.max(axis=1)[None, :]
        else:
            touched = np.minimum(product(mine, slab.alive), 1)
        return touched.astype(self.mid.dtype)

    def plus(self, other: "Model") -> "Model":
        """The sum; a model with one row is added to every row."""
        extents = [(part.exponent, part.exponent + part.bits) for part in (self, other) if part.bits]
        low = min((exponent for exponent, _ in extents), default=0)
        exponent = max([low, *(top + 1 - self.grid.bits for _, top in extents)])
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
    bits = max(bit_length(mid), bit_length(slope), bit_length(radius))
    shift = max(0, bits - grid.bits)
    # Rounding a radius up can carry into one more bit.
    shift += 1 if shift else 0
    return Model(grid, *rounded(mid, slope, radius, shift), exponent + shift)


def rounded(mid: Ints, slope: Ints, radius: Ints, shift: int) -> tuple[Ints, Ints, Ints]:
    """The arrays over 2^shift, what is dropped added to the radius."""
    if shift <= 0:
        return down(mid, shift), down(slope, shift), down(radius, shift)
    lost = remainder(mid, shift) + remainder(slope, shift)
    return down(mid, shift), down(slope, shift), up(radius, shift) + lost


def recentred(factor: Ints) -> tuple[Ints, Ints]:
    """Centre and radius of sigma^2 factor, which lies between 0 and factor."""
    centre = factor >> 1
    return centre, np.maximum(factor - centre, -centre)
