"""Rule 2: the loss at no t of a piece exceeds that at the corner where the piece begins.

Every layer is h(t) = h(0) + t d with d enclosed over the piece, and so is f: f(t) - y = e + t delta. Then
L(t) - L(0) is t / N times the sum of delta (2 e + t delta), and only the sign of that sum is asked for. The
factor t is divided out exactly, so this holds right up to the corner, where no enclosure could tell.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from flint import fmpq

from .chain import outputs
from .enclosure import Enclosure, weights_on
from .grid import Ints, magnitude
from .lines import CORNER, Line, piece_of
from .models import Model, Slab, fitted
from .stretch import Stretch


@dataclass(frozen=True)
class Ray:
    """A layer from a corner: `base` is h(0), `whole` is h(t) over the piece, `rate` is (h(t) - h(0)) / t."""

    base: Model
    whole: Model
    rate: Model


@dataclass(frozen=True)
class Rays:
    """The forward pass of a block of samples: at the corner, over the piece, and the rates of the weights."""

    base: Enclosure
    whole: Enclosure
    rate_slabs: Mapping[str, Slab]
    rate_biases: Mapping[str, Model]

    def first(self) -> Ray:
        """X W^T, a straight line."""
        first = self.whole.block.first
        assert isinstance(first, Line)
        return Ray(self.base.first(), self.whole.first(), first.rate())

    def affine(self, layer: Ray, matrix: str, bias: str | None) -> Ray:
        """M(t) h(t) + b(t): its rate is M(t) d + M' h(0) + b'."""
        rate = layer.rate.times(self.whole.slabs[matrix])
        if matrix in self.rate_slabs:
            rate = rate.plus(layer.base.times(self.rate_slabs[matrix]))
        if bias is not None and bias in self.rate_biases:
            rate = rate.plus(self.rate_biases[bias])
        return Ray(self.base.affine(layer.base, matrix, bias), self.whole.affine(layer.whole, matrix, bias), rate)

    def plus(self, one: Ray, other: Ray) -> Ray:
        """The sum."""
        return Ray(one.base.plus(other.base), one.whole.plus(other.whole), one.rate.plus(other.rate))

    def relu(self, layer: Ray) -> Ray:
        """[.]_+: where the sign is fixed the rate stays or is 0, at an exact zero it is [d]_+, else between 0 and d."""
        return Ray(layer.base.relu(), layer.whole.relu(), relu_rate(layer))


def relu_rate(layer: Ray) -> Model:
    """([h(t)]_+ - [h(0)]_+) / t over the piece."""
    base, rate = layer.base, layer.rate
    # The piece includes its corner, so a sign that is fixed on all of it is that of h(0) too.
    lowest, highest = layer.whole.ends
    positive, negative = lowest >= 0, highest <= 0
    at_zero = (base.mid == 0) & (base.slope == 0) & (base.radius == 0)
    rectified = rate.relu()
    exponent = max(rate.exponent, rectified.exponent)
    rate, rectified = rate.at(exponent), rectified.at(exponent)
    # The hull of 0 and d, as a middle and a radius.
    low, high = (turn(end, 0) for turn, end in zip((np.minimum, np.maximum), rate.ends, strict=True))
    middle = (low + high) >> 1
    hull = (middle, np.zeros_like(middle), np.maximum(high - middle, middle - low))
    parts = []
    for between, own, turned in zip(
        hull,
        (rate.mid, rate.slope, rate.radius),
        (rectified.mid, rectified.slope, rectified.radius),
        strict=True,
    ):
        part = np.where(at_zero, turned, between)
        part = np.where(negative, 0, part)
        parts.append(np.where(positive, own, part))
    return fitted(rate.grid, parts[0], parts[1], parts[2], exponent)


def corner_is_the_maximum(stretch: Stretch, last: fmpq) -> bool:
    """Whether L(t) <= L(0) is established for 0 <= t <= `last`."""
    piece = piece_of(stretch.grid, fmpq(0), last)
    at_corner, over_piece = weights_on(stretch, CORNER), weights_on(stretch, piece)
    moving = {name: line for name, line in stretch.straight.items() if line.moves}
    rows = {name: stretch.space.is_row(name) for name in moving}
    rate_slabs = {name: line.rate_slab() for name, line in moving.items() if not rows[name]}
    rate_biases = {name: line.rate() for name, line in moving.items() if rows[name]}
    longest = fmpq(piece.middle + piece.radius) / fmpq(2) ** stretch.grid.time
    most, lean = fmpq(0), fmpq(0)
    for block in stretch.blocks:
        corner, whole = Enclosure(block, CORNER, *at_corner), Enclosure(block, piece, *over_piece)
        found = outputs(stretch.space, Rays(corner, whole, rate_slabs, rate_biases))
        part, leaning = descent(corner.minus_targets(found.base), found.rate, longest)
        most, lean = most + part, lean + leaning
    return bool(most + abs(lean) <= 0)


def descent(base: Model, rate: Model, longest: fmpq) -> tuple[fmpq, fmpq]:
    """(a, b) such that the sum of delta (2 e + t delta) is at most a + b sigma for 0 <= t <= `longest`.

    `base` encloses e and `rate` delta, whose slope is the only part that knows where t stands.
    """
    e, e_radius = _exact(base.mid), _exact(base.radius)
    mid, slope, radius = _exact(rate.mid), _exact(rate.slope), _exact(rate.radius)
    size = magnitude(mid) + magnitude(slope) + radius
    most = 2 * int((e * mid + magnitude(e) * radius + e_radius * size).sum())
    unit = fmpq(2) ** (base.exponent + rate.exponent)
    squares = longest * fmpq(2) ** (2 * rate.exponent) * int((size * size).sum())
    return unit * most + squares, unit * 2 * int((e * slope).sum())


def _exact(array: Ints) -> Ints:
    """Integers of any length."""
    return array.astype(object)
