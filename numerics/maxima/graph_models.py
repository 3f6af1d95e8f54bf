"""First-order models in `t` (module `models`) as the operations of graphs, with the samples last (module `layout`).

A model of a value says that for every `s` in `[-r, r]`, entry by entry,

    h(t + s) = value + slope s + e,   |e| + room (|value| + r |slope|) <= radius.

The `room` is what the next affine map will lose by rounding, which its product with the radius then carries along: no
norms are needed, and a kernel's rounding costs nothing beside that product.

Affine maps. The weights are `M + s D + s^2 E + w`, `E` on arcs alone, with `|w| <= c u Z + 4 eta`, `Z` the moduli at
the ends (and twice those of the control) and `c = 6` on lines, 20 on arcs (module `models`). `reach` is at least `|M|
+ r |D| + r^2 |E| + (DRIFT u / room) Z + 2^-1000`, where `DRIFT >= c`. With `P = |M| + r |D| + r^2 |E|` and `h =
|value| + r |slope|`, the products round by `gamma(n) P h`, sums of two of them and that with the recentred square by
at most `4 u P h`; the error of what is read costs `P |e|`, the weights' own `(c u Z + 4 eta) (h + |e|)`. As `room >=
2 gamma(n + 16)`, all of that is at most `reach (|e| + room h) <= reach radius`. That product is computed from terms
`>= 0` and raised; underflow in all products together costs less than `32 n eta`, far below `SMALL`. A sum with a bias
rounds by `u` of itself and of the bias, which its own error covers.

Means divide sums that round by `gamma(k + 2)`, less than the room, of what they add. `max(a, b)` is one of the two
where the sign of `a - b` is sure; else it differs from the larger one of `value + slope s` by no more than the larger
radius, as it moves no further than its arguments, and that one is `b + [a - b]_+` with a chord (`chord`) for the
bracket.

Overflow makes a radius infinite; where it is looked at the value becomes NaN, whose sign is open, to the end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from numerics.arithmetic.rounding import INFLATION, Array, U, gamma, up
from numerics.common.shown import Shown
from numerics.maxima.models import Model, chord, rectify
from numerics.networks.graph.layout import by_sample, in_one_row, stored, taker
from numerics.networks.graph.windows import Index

ROOM = 2.0**-40  # at least
TINY = 2.0**-1000
SMALL = 2.0**-900  # more than all underflow of an operation; no number is subnormal then, which processors are slow at


def room_for(inner: int) -> float:
    """The room for affine maps and means of up to so many terms."""
    return max(ROOM, 2.0 * gamma(inner + 16))


@dataclass(frozen=True, eq=False)
class Value(Shown):
    """The model of a value, arrays (k, q, N); without a slope it stands still on the piece."""

    value: Array
    slope: Array | None
    radius: Array

    def rows(self, r: float) -> Array:
        """`|value| + r |slope|`."""
        reach = np.abs(self.value)
        if self.slope is not None:
            moved = np.abs(self.slope)
            moved *= r
            reach += moved
        return reach

    def output(self) -> Model:
        """The same of the whole network as a model of its outputs, (N, p)."""
        samples = self.value.shape[2]
        slope = np.zeros_like(self.value) if self.slope is None else self.slope
        value, slope, radius = (by_sample(one) for one in (self.value, slope, self.radius))
        nothing = np.zeros((samples, 1))
        return Model(np.vstack([value, slope]), radius, nothing, nothing)


@dataclass(frozen=True, eq=False)
class Weight(Shown):
    """A parameter on a piece: `terms` M, D, E as far as they are not 0; `reach`, and `drift` for biases, bound moduli.

    `drift` is at least the distance to the exact parameter, `4 eta` aside.
    """

    terms: tuple[Array, ...]
    reach: Array
    drift: Array
    _stacks: dict[tuple[int, int], tuple[Array, Array]] = field(default_factory=dict, repr=False)

    def stacked(self, groups: int, inner: int) -> tuple[Array, Array]:
        """The terms one below the other, (groups, terms o, inner), and the reach (groups, o, inner)."""
        known = self._stacks.get((groups, inner))
        if known is None:
            parts = [term.reshape(groups, -1, inner) for term in self.terms]
            known = np.concatenate(parts, axis=1), np.ascontiguousarray(self.reach.reshape(groups, -1, inner))
            self._stacks[groups, inner] = known
        return known


class GraphModels:
    """The operations on models of a piece of half-width `r <= 1/2`. `open_signs` counts what was undecided."""

    def __init__(self, r: float, room: float) -> None:
        self.r, self.room, self.open_signs = r, room, 0

    def given(self, X: Array) -> Value:
        """The input: samples (N, n) as they are."""
        value = stored(X)
        sizes = np.abs(value)
        return Value(value, None, np.where(sizes == 0.0, 0.0, self.room * INFLATION * sizes + SMALL))

    def affine(self, h: Value, weight: Weight, bias: Weight | None, groups: int) -> Value:
        r = self.r
        entries, rows, samples = h.value.shape
        n = entries // groups
        stack, reach = weight.stacked(groups, n)
        o = reach.shape[1]
        seen = (groups, n, rows * samples)
        still = stack @ h.value.reshape(seen)
        turned = None if h.slope is None else stack @ h.slope.reshape(seen)
        radius = reach @ h.radius.reshape(seen)
        radius *= (1.0 + 2.0 * gamma(n + 2)) * INFLATION
        value, slope = still[:, :o], _sum(_term(still, o, 1), _term(turned, o, 0))
        square, cubic = _sum(_term(still, o, 2), _term(turned, o, 1)), _term(turned, o, 2)
        if square is not None:  # s^2 = r^2/2 +- r^2/2
            half = square * (0.5 * r * r)
            value = value + half
            radius += np.abs(half) * (1.0 + 8.0 * U)
        if cubic is not None:  # one factor after the other, so that none underflows before it meets a large one
            radius += np.abs(cubic) * r * (r * r) * (1.0 + 8.0 * U)
        if bias is not None:
            offset, drift = bias.terms[0], bias.drift
            if len(bias.terms) > 2:
                half = bias.terms[2] * (0.5 * r * r)
                offset, drift = offset + half, up(drift + np.abs(half) * (1.0 + 8.0 * U))
            value = value + offset.reshape(groups, -1, 1)
            if len(bias.terms) > 1:
                added = bias.terms[1].reshape(groups, -1, 1)
                slope = np.broadcast_to(added, value.shape) if slope is None else slope + added
            radius += drift.reshape(groups, -1, 1)
        radius += SMALL
        shape = (groups * o, rows, samples)
        return self._with_room(
            np.ascontiguousarray(value).reshape(shape),
            None if slope is None else np.ascontiguousarray(slope).reshape(shape),
            radius.reshape(shape),
        )

    def plus(self, left: Value, right: Value) -> Value:
        """The rooms add up to more than the sum needs; it rounds by `u` of itself."""
        value, slope = left.value + right.value, _sum(left.slope, right.slope)
        radius = left.radius + right.radius
        found = Value(value, slope, radius)
        radius += 8.0 * U * found.rows(self.r)
        radius *= INFLATION
        return found

    def relu(self, h: Value) -> Value:
        shape, flat = h.value.shape, (-1, h.value.shape[2])
        value, radius = _open_if_infinite(h.value, h.radius).reshape(flat), h.radius.reshape(flat)
        slope = np.zeros_like(value) if h.slope is None else h.slope.reshape(flat)
        stacked, chords = rectify(value, slope, radius, self.r)
        count = len(value)
        kept = radius * chords.on
        where = chords.rows, chords.columns
        moduli = np.abs(stacked[:count][where]) + self.r * np.abs(stacked[count:][where])
        kept[where] = up(chords.errors + self.room * moduli)
        self.open_signs += len(chords.errors)
        return Value(
            stacked[:count].reshape(shape),
            None if h.slope is None else stacked[count:].reshape(shape),
            kept.reshape(shape),
        )

    def largest(self, h: Value) -> Value:
        """In rounds of halves, which share an entry where their number is odd."""
        found = Value(_open_if_infinite(h.value, h.radius), h.slope, h.radius)
        while (count := len(found.value)) > 1:
            half = (count + 1) // 2
            found = self._larger(_part(found, slice(0, half)), _part(found, slice(count - half, count)))
        return found

    def mean(self, h: Value, counts: Index) -> Value:
        entries = len(h.value)
        by = counts.astype(np.float64)[None, :, None]
        value, radius = (one.sum(axis=0, keepdims=True) / by for one in (h.value, h.radius))
        slope = None if h.slope is None else h.slope.sum(axis=0, keepdims=True) / by
        radius *= (1.0 + 2.0 * gamma(entries + 4)) * INFLATION
        return self._with_room(value, slope, radius)

    def take(self, h: Value, index: Index) -> Value:
        return _taken(h, index)

    def join(self, parts: Sequence[Value]) -> Value:
        value, radius = (
            np.concatenate([in_one_row(one) for one in arrays])
            for arrays in ([part.value for part in parts], [part.radius for part in parts])
        )
        if all(part.slope is None for part in parts):
            return Value(value, None, radius)
        slopes = [np.zeros_like(part.value) if part.slope is None else part.slope for part in parts]
        return Value(value, np.concatenate([in_one_row(one) for one in slopes]), radius)

    def _with_room(self, value: Array, slope: Array | None, radius: Array) -> Value:
        """A value that was rounded by less than `8 u` of itself since its radius was found, with its room."""
        found = Value(value, slope, radius)
        reach = found.rows(self.r)
        reach *= self.room + 16.0 * U
        radius += reach
        radius *= INFLATION
        radius += SMALL
        return found

    def _larger(self, a: Value, b: Value) -> Value:
        """`max(a, b)`."""
        r = self.r
        apart = a.value - b.value
        turn = None if a.slope is None or b.slope is None else a.slope - b.slope
        reach = np.zeros_like(apart) if turn is None else r * np.abs(turn)
        # The differences round by u of themselves; a sign of the linear parts is sure beyond that.
        reach = up(reach + 4.0 * U * (np.abs(apart) + reach))
        both = up(a.radius + b.radius)
        first, second = apart >= reach, apart <= -reach
        sure = np.abs(apart) >= up(reach + both)
        value = np.where(first, a.value, b.value)
        slope = None if a.slope is None or b.slope is None else np.where(first, a.slope, b.slope)
        radius = np.where(first, a.radius, b.radius)
        # Elsewhere both radii count, and the room of whichever is larger: all that is made here is between a and b.
        doubtful = np.nonzero(~sure)
        moduli = np.abs(a.value[doubtful]) + np.abs(b.value[doubtful])
        if slope is not None and a.slope is not None and b.slope is not None:
            moduli += r * (np.abs(a.slope[doubtful]) + np.abs(b.slope[doubtful]))
        room = self.room * (1.0 + 2.0**-20) + 32.0 * U
        radius[doubtful] = up(np.maximum(a.radius[doubtful], b.radius[doubtful]) + room * moduli)
        where = np.nonzero(~(first | second))  # all of it doubtful
        self.open_signs += len(where[0])
        p, wide = apart[where], reach[where]
        k, excess = chord(up(wide - p), up(wide + p))
        value[where] = b.value[where] + (k * p + 0.5 * excess)
        if slope is not None and turn is not None and b.slope is not None:
            slope[where] = b.slope[where] + k * turn[where]
        radius[where] = up(radius[where] + (0.5 + room) * excess)
        return Value(value, slope, radius)


def _term(product: Array | None, o: int, k: int) -> Array | None:
    """The k-th of the parts of o rows that a product has."""
    return None if product is None or product.shape[1] <= k * o else product[:, k * o : (k + 1) * o]


def _sum(left: Array | None, right: Array | None) -> Array | None:
    if left is None or right is None:
        return right if left is None else left
    total: Array = left + right
    return total


def _part(h: Value, part: slice) -> Value:
    return Value(h.value[part], None if h.slope is None else h.slope[part], h.radius[part])


def _taken(h: Value, index: Index) -> Value:
    take = taker(h.value.shape[0], h.value.shape[1], index)
    return Value(take(h.value), None if h.slope is None else take(h.slope), take(h.radius))


def _open_if_infinite(value: Array, radius: Array) -> Array:
    """NaN where the radius is not finite: an overflow has no sign."""
    return value if np.isfinite(radius).all() else np.where(np.isfinite(radius), value, np.nan)
