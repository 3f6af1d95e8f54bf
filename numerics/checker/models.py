"""First-order models: what is known of a layer for every t of a piece, sample by sample and unit by unit.

A model encloses (mid + slope * sigma + e) * 2^exponent for one and the same sigma in [-1, 1] throughout the
network (where t stands in its piece) and any e in [-radius, radius]. Whatever an operation drops goes into
the radius, rounded up; what is an exact zero stays one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .graph import Windows
from .grid import SHORT, WORD, Grid, Ints, bit_length, down, magnitude, up
from .products import Bounds, Factor, largest_of, product, products, radius_product

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
        return Factor(np.concatenate([self.mid, *self.rates]) if self.rates else self.mid, 1 + len(self.rates))

    @cached_property
    def size(self) -> Bounds:
        """At least |matrix| in units of 2^exponent."""
        size = magnitude(self.mid) + sum(map(magnitude, self.rates)) + up(self.inexact, self.parts)[:, None]
        return Bounds.above(size if self.finer is None else -(-size >> self.finer[:, None]))

    @cached_property
    def full(self) -> bool:
        """Whether no entry is zero."""
        return bool(self.live.all())

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
    """`mid`, `slope`, `radius` >= 0 (n, units) or (1, units), of at most `grid.bits` bits each, or of `known`."""

    grid: Grid
    mid: Ints
    slope: Ints
    radius: Ints
    exponent: int
    known: int | None = None

    @property
    def ends(self) -> tuple[Ints, Ints]:
        """A lower and an upper bound on the piece."""
        reach = magnitude(self.slope)
        reach += self.radius
        return self.mid - reach, self.mid + reach

    def times(self, slab: Slab, bias: "Model | None" = None, seen: Windows | None = None) -> "Model":
        """The model times the matrix, plus a row: (n, inputs) to (n, units).

        With `seen`, what each place sees of it: to (n places, units).
        """
        shift = max(0, self._product_bits(slab) - self.grid.waiting)
        rows = len(self.mid) * (1 if seen is None else seen.places)
        still = not self.slope.any()
        left = self.mid if still else np.concatenate([self.mid, self.slope])
        mid, *rates = products(left, slab.factor, shift, seen, slab.finer)
        radius = radius_product(self.radius, slab.size, shift, seen)
        # Of the slope, where there is one, the same products lie below those of mid.
        mid, slope = mid[:rows], np.zeros_like(mid) if still else mid[rows:]
        count = 2
        if rates:
            slope += rates[0][:rows]
            square = rates[1][:rows] if rates[1:] else np.zeros_like(mid)
            count += len(rates)
            if not still:
                square += rates[0][rows:]
                count += 1
                if rates[1:]:
                    radius += magnitude(rates[1][rows:])
                    count += 1
            centre, reach = recentred(square)
            mid += centre
            radius += reach
        radius += self._lost(slab, shift, count, seen)
        exponent = self.exponent + slab.exponent + shift
        if bias is None:
            return fitted(self.grid, mid, slope, radius, exponent)
        # The sum is rounded once, unless the row has bits that the product lacks, or is longer.
        if bias.exponent + bias.bits + 1 - self.grid.waiting > exponent or (not shift and bias.exponent < exponent):
            return Model(self.grid, mid, slope, radius, exponent).plus(bias)
        row = bias.at(exponent)
        mid += row.mid
        slope += row.slope
        radius += row.radius
        return fitted(self.grid, mid, slope, radius, exponent)

    def _lost(self, slab: Slab, shift: int, count: int, seen: Windows | None) -> Ints:
        """By how much `count` products, each rounded downwards, of a matrix that was rounded are off: (n, units)."""
        sizes: Ints = magnitude(self.mid)
        sizes += magnitude(self.slope)
        sizes = sizes.sum(axis=1)[:, None] if seen is None else seen.sums(sizes)
        # Each product is rounded by less than one, where anything is cut off: of a row by itself, maybe.
        if slab.finer is None:
            lost = up(sizes * slab.inexact, shift)
            lost += count * int(shift > 0)
        else:
            lost = sizes * -slab.inexact
            lost >>= slab.finer + (shift + slab.parts)
            lost = count * (slab.finer + shift > 0) - lost
        if not (slab.full and sizes.all()):
            lost *= self._touched(slab, sizes, seen)
        return lost

    def _product_bits(self, slab: Slab) -> int:
        """Bits that the largest sum in a product can have."""
        terms: int = slab.mid.shape[1]
        # Up to four products of such a size are added up, on an arc up to six.
        spare = 2 if slab.bend is None else 3
        return terms.bit_length() + spare + self.bits + max(slab.factor.bits, slab.size.bits)

    def _touched(self, slab: Slab, sizes: Ints, seen: Windows | None) -> Ints:
        """At least 1 where some product has no exact zero as a factor, else 0 (of windows, 1 more often than that).

        `sizes`: 0 where all of mid and slope is, row by row. (n, units), (n, 1) or (1, units).
        """
        if seen is None and not slab.full:
            mine: Ints = (self.mid != 0) | (self.slope != 0) | (self.radius != 0)
            if not mine.all():
                return np.minimum(product(mine.astype(np.int64), slab.alive), 1).astype(self.mid.dtype)
            return np.asarray(slab.live.any(axis=1), dtype=self.mid.dtype)[None, :]
        if self.radius.any():
            sizes = sizes + (self.radius.sum(axis=1)[:, None] if seen is None else seen.sums(self.radius))
        touched: Ints = (sizes > 0).astype(self.mid.dtype) * slab.live.any(axis=1)
        return touched

    def plus(self, other: "Model") -> "Model":
        """The sum, rounded once; a model with one row is added to every row."""
        extents = [(part.exponent, part.exponent + part.bits) for part in (self, other) if part.bits]
        low = min((exponent for exponent, _ in extents), default=0)
        exponent = max([low, *(top + 1 - self.grid.waiting for _, top in extents)])
        one, two = self.at(exponent), other.at(exponent)
        return fitted(self.grid, one.mid + two.mid, one.slope + two.slope, one.radius + two.radius, exponent)

    @cached_property
    def bits(self) -> int:
        """Bits that the longest entry has at most."""
        return (
            self.known
            if self.known is not None
            else max(bit_length(self.mid), bit_length(self.slope), bit_length(self.radius))
        )

    def at(self, exponent: int) -> "Model":
        """The model in units of 2^exponent; where these are smaller there must be room for the bits."""
        if not self.bits:
            return Model(self.grid, self.mid, self.slope, self.radius, exponent)
        shift = exponent - self.exponent
        return Model(self.grid, *rounded(self.mid, self.slope, self.radius, shift), exponent)

    def relu(self) -> "Model":
        """[.]_+: itself or zero where the sign is fixed, its chord and what lies above that where it is open."""
        low, high = self.ends
        alive = high > 0
        # Products, for what is chosen anew for each entry costs many times as much.
        mid, slope, radius = (part * alive for part in (self.mid, self.slope, self.radius))
        alive &= low < 0
        place = np.flatnonzero(alive)
        if len(place):
            mine = [part.take(place) for part in (self.mid, self.slope, self.radius)]
            low, high = low.take(place), high.take(place)
            for part, above in zip((mid, slope, radius), _above_chord(mine, _chord(low, high), low, high), strict=True):
                np.put(part, place, above)
        return fitted(self.grid, mid, slope, radius, self.exponent)


def _chord(low: Ints, high: Ints) -> Ints:
    """high / (high - low) times 2^15, to the nearest integer or nearly so: any value in [0, 2^15] is sound."""
    spare = 0 if high.dtype == object else max(0, bit_length(high) + _CHORD - 60)
    chord: Ints = (high >> spare << _CHORD) // np.maximum((high - low) >> spare, 1)
    return np.minimum(chord, 1 << _CHORD)


def _above_chord(parts: Sequence[Ints], chord: Ints, low: Ints, high: Ints) -> tuple[Ints, Ints, Ints]:
    """chord x + [0, gap], its middle as mid: [x]_+ - chord x is convex, 0 at 0, so largest at an end."""
    mid, slope, radius = parts
    gap = up(np.maximum(-chord * low, ((1 << _CHORD) - chord) * high), _CHORD)
    half = (gap + 1) >> 1
    # Two roundings downwards by less than one each.
    return down(chord * mid, _CHORD) + half, down(chord * slope, _CHORD), up(chord * radius, _CHORD) + half + 2


def fitted(grid: Grid, mid: Ints, slope: Ints, radius: Ints, exponent: int) -> Model:
    """The model of these arrays, rounded until they have at most `grid.bits` bits."""
    largest = max(largest_of(mid), largest_of(slope), largest_of(radius))
    shift = max(0, largest.bit_length() - grid.bits)
    # Rounding can carry into one more bit: a radius grows by less than two.
    if shift and ((largest >> shift) + 2).bit_length() > grid.bits:
        shift += 1
    known = ((largest >> shift) + 2 * (shift > 0)).bit_length()
    return Model(grid, *rounded(mid, slope, radius, shift), exponent + shift, known)


def rounded(mid: Ints, slope: Ints, radius: Ints, shift: int) -> tuple[Ints, Ints, Ints]:
    """The arrays over 2^shift, rounded to the nearest, what is dropped added to the radius."""
    if shift <= 0:
        return down(mid, shift), down(slope, shift), down(radius, shift)
    if mid.dtype != object:
        # So far words can be shifted. They are shorter, so what is left is 0, or 1 or -1 with a radius of at least 1:
        # that holds them in units of any larger power of two as well.
        shift = min(shift, WORD)
    half, nearest, lost = 1 << (shift - 1), list[Ints](), radius.copy()
    for part in (mid, slope):
        above = part + half
        nearest.append(down(above, shift))
        # What is left over, from -half to half.
        above &= (1 << shift) - 1
        above -= half
        lost += np.abs(above, out=above)
    return nearest[0], nearest[1], up(lost, shift)


def recentred(factor: Ints) -> tuple[Ints, Ints]:
    """Centre and radius of sigma^2 factor, which lies between 0 and factor."""
    centre = factor >> 1
    return centre, np.maximum(factor - centre, -centre)
