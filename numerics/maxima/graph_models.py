"""First-order models in `t` (module `models`) as the operations of graphs, with the samples last (module `layout`).

A model of a value on the piece `[t - r, t + r]` says that for every `s` in `[-1, 1]`, entry by entry,

    h(t + r s) = value + slope s + e,   |e| + room (|value| + |slope|) <= radius.

The `room` is what later operations lose by rounding; products with the radius carry it along: no norms are needed, a
kernel's rounding costs nothing beside that product, and no operation but a bias has to add to it. With `h = |value| +
|slope|` the computed radius of a value has at least `|e| + (room - lost) h`, where `lost` is what the operations before
it used up, at most `gamma(n + 16)` for an affine map or mean of `n` terms and for a sum of `n` values. `room_for` is 8
times as much as all of a graph, so that `room - lost >= 7/8 room` everywhere.

Affine maps. The weights are `M + s D + s^2 E + w`, `D` and `E` with their factors `r` and `r^2`, `E` on arcs alone,
with `|w| <= c u Z + 8 eta`, `Z` the moduli at the ends (and twice those of the control): what the module `models` says,
and `u` of `|r D| <= Z` (on arcs `2 u` of `|r^2 E|` too) for the factors, is `c = 7` on lines, 21 on arcs. `reach` is at
least `P + (DRIFT u / room) Z + 2^-1000` with `P = |M| + |D| + |E|` and `DRIFT >= 8/7 c`. The products round by
`gamma(n) P h`, of which those that are recentred, and the cubic one, count once in all, as what is added to value and
radius is the computed half; the sums of two of them and those with the recentred square, in value, slope and radius, by
at most `6 u P h`; the error of what is read costs `P |e|`, the weights' own `(c u Z + 8 eta) (h + |e|)`. The product of
`reach` and radius is at least `P |e| + P (room - lost) h + (DRIFT u / room) Z (|e| + 7/8 room h) + 2^-1000 radius`: the
third term and the last are more than the weights' own, and what is left of the second is `room - lost - gamma(n + 16)`
of `P h`, and so of the moduli of what is made. The factor of `reach` undoes the rounding of that product and of all
sums in it. Underflow in all products together costs less than `32 n eta`, far below `SMALL`. A bias rounds by `u` of
itself, and the sums with it by that and by `u P h`; that, its error and its own room are its `charge`.

Means divide sums that round by `gamma(k + 2)` of what they add, sums of values by `u` of them. `max(a, b)` is one of
the two where the sign of `a - b` is sure; else it differs from the larger one of `value + slope s` by no more than the
larger radius, as it moves no further than its arguments, and that one is `b + [a - b]_+` with a chord (`chord`) for the
bracket. Such an entry, and one of a ReLU with an open sign, is given the whole room anew.

Overflow makes an entry infinite or NaN, and so does everything that reads it: a ReLU with a sure sign multiplies by 1
or by 0, which makes infinity NaN, and the sign of NaN is open. At the output all of a model that is not finite is NaN.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from numerics.arithmetic.rounding import INFLATION, Array, U, gamma, up
from numerics.common.shown import Shown
from numerics.maxima.models import Model, chord
from numerics.networks.graph.layout import by_sample, in_one_row, stored, taker
from numerics.networks.graph.windows import Index

ROOM = 2.0**-40  # at least
TINY = 2.0**-1000
SMALL = 2.0**-900  # more than all underflow of an operation; no number is subnormal then, which processors are slow at


def room_for(terms: int) -> float:
    """The room where affine maps, means and sums have so many terms and 16 more each, all nodes together."""
    return max(ROOM, 8.0 * gamma(terms))


@dataclass(frozen=True, eq=False)
class Value(Shown):
    """The model of a value, arrays (k, q, N); without a slope it stands still on the piece."""

    value: Array
    slope: Array | None
    radius: Array

    def output(self, r: float) -> Model:
        """The same of the whole network as a model of its outputs, (N, p), for `s` in `[-r, r]`.

        The quotient rounds by `u` of itself, of which there is room.
        """
        samples = self.value.shape[2]
        moves = self.slope is not None and r > 0.0
        slope = self.slope / r if self.slope is not None and moves else np.zeros_like(self.value)
        known = Value(self.value, slope, self.radius).without_overflow()
        value, slope, radius = (by_sample(one) for one in (known.value, slope, self.radius))
        nothing = np.zeros((samples, 1))
        return Model(np.vstack([value, slope]), radius, nothing, nothing)

    def without_overflow(self) -> Value:
        """NaN where anything is not finite: an overflow has no sign."""
        known = np.isfinite(self.value) & np.isfinite(self.radius)
        if self.slope is not None:
            known &= np.isfinite(self.slope)
        return self if known.all() else Value(np.where(known, self.value, np.nan), self.slope, self.radius)


@dataclass(frozen=True, eq=False)
class Weight(Shown):
    """A parameter on a piece: `terms` M, D, E as far as they are not 0; `reach` bounds moduli.

    `charge`: what it adds to a radius where it is a bias, but for the modulus of E / 2.
    """

    terms: tuple[Array, ...]
    reach: Array
    charge: Array
    _stacks: dict[tuple[int, int], tuple[Array, Array, Array]] = field(default_factory=dict, repr=False)

    def stacked(self, groups: int, inner: int) -> tuple[Array, Array, Array]:
        """What value, slope and radius are multiplied by: M, D and E / 2 one below the other, (groups, terms o, inner);
        M, D / 2 and E; and the reach (groups, o, inner), raised.
        """
        known = self._stacks.get((groups, inner))
        if known is None:
            parts = [term.reshape(groups, -1, inner) for term in self.terms]
            value = [half if k == 2 else part for k, (part, half) in enumerate(_halves(parts))]
            slope = [half if k == 1 else part for k, (part, half) in enumerate(_halves(parts))]
            reach = self.reach.reshape(groups, -1, inner) * ((1.0 + 2.0 * gamma(inner + 8)) * INFLATION)
            known = np.concatenate(value, axis=1), np.concatenate(slope, axis=1), reach
            self._stacks[groups, inner] = known
        return known


class GraphModels:
    """The operations on models of one piece. `open_signs` counts what was undecided."""

    def __init__(self, room: float) -> None:
        self.room, self.open_signs = room, 0

    def given(self, X: Array) -> Value:
        """The input: samples (N, n) as they are."""
        value = stored(X)
        sizes = np.abs(value)
        return Value(value, None, np.where(sizes == 0.0, 0.0, self.room * INFLATION * sizes + SMALL))

    def affine(self, h: Value, weight: Weight, bias: Weight | None, groups: int) -> Value:
        entries, rows, samples = h.value.shape
        seen = (groups, entries // groups, rows * samples)
        by_value, by_slope, reach = weight.stacked(groups, entries // groups)
        o = reach.shape[1]
        still = by_value @ h.value.reshape(seen)
        turned = None if h.slope is None else by_slope @ h.slope.reshape(seen)
        radius = reach @ h.radius.reshape(seen)
        value, slope = still[:, :o], _added(_term(still, o, 1), _term(turned, o, 0))
        half, cubic = _added(_term(still, o, 2), _term(turned, o, 1)), _term(turned, o, 2)
        if half is not None:  # s^2 = 1/2 +- 1/2
            value += half
            radius += np.abs(half, out=half)
        if cubic is not None:
            radius += np.abs(cubic, out=cubic)
        if bias is None:
            radius += SMALL
        else:
            offset, charge = bias.terms[0], bias.charge
            if len(bias.terms) > 2:
                half = 0.5 * bias.terms[2]
                offset, charge = offset + half, up(charge + np.abs(half))
            value += offset.reshape(groups, -1, 1)
            radius += charge.reshape(groups, -1, 1)
            if len(bias.terms) > 1:
                added = bias.terms[1].reshape(groups, -1, 1)
                slope = np.broadcast_to(added, value.shape) if slope is None else np.add(slope, added, out=slope)
        shape = (groups * o, rows, samples)
        return Value(
            np.ascontiguousarray(value).reshape(shape),
            None if slope is None else np.ascontiguousarray(slope).reshape(shape),
            radius.reshape(shape),
        )

    def plus(self, left: Value, right: Value) -> Value:
        """The room of both is more than what the sum needs."""
        slope = right.slope if left.slope is None else left.slope if right.slope is None else left.slope + right.slope
        radius = left.radius + right.radius
        radius *= INFLATION
        return Value(left.value + right.value, slope, radius)

    def relu(self, h: Value) -> Value:
        """The model times 1 or 0 where the sign is sure on the whole piece, else its chord.

        Half of the chord's excess is added to the value and half to the error. `reach` is at least `|slope| + radius`:
        no product underflows in it.
        """
        value, radius = h.value.ravel(), h.radius.ravel()
        slope = None if h.slope is None else h.slope.ravel()
        reach = radius.copy() if slope is None else np.abs(slope)
        if slope is not None:
            reach += radius
        reach *= INFLATION
        size = np.abs(value)
        where = np.flatnonzero(~(size >= reach))  # where the sign is not sure, decided exactly
        on = (value > 0.0).astype(np.float64)
        p, wide = value[where], reach[where]
        k, excess = chord(up(wide - p), up(wide + p))  # both sums round by u of themselves
        made, kept = np.multiply(value, on, out=size), np.multiply(radius, on, out=reach)
        middle = k * p + 0.5 * excess
        errors = k * radius[where] + 0.5 * excess + 8.0 * U * (wide + excess) + self.room * np.abs(middle)
        made[where] = middle
        turned = None
        if slope is not None:
            turned, turn = slope * on, k * slope[where]
            turned[where] = turn
            errors += self.room * np.abs(turn)
        kept[where] = errors * INFLATION + SMALL
        self.open_signs += len(where)
        shape = h.value.shape
        return Value(made.reshape(shape), None if turned is None else turned.reshape(shape), kept.reshape(shape))

    def largest(self, h: Value) -> Value:
        """In rounds of halves, which share an entry where their number is odd."""
        found = h.without_overflow()
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
        radius += SMALL
        return Value(value, slope, radius)

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

    def _larger(self, a: Value, b: Value) -> Value:
        """`max(a, b)`."""
        apart = a.value - b.value
        turn = None if a.slope is None or b.slope is None else a.slope - b.slope
        reach = np.zeros_like(apart) if turn is None else np.abs(turn)
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
            moduli += np.abs(a.slope[doubtful]) + np.abs(b.slope[doubtful])
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


def _added(left: Array | None, right: Array | None) -> Array | None:
    """The sum of two parts of products, in the place of the first."""
    if left is None or right is None:
        return right if left is None else left
    left += right
    return left


def _halves(parts: Sequence[Array]) -> list[tuple[Array, Array]]:
    return [(part, 0.5 * part) for part in parts]


def _part(h: Value, part: slice) -> Value:
    return Value(h.value[part], None if h.slope is None else h.slope[part], h.radius[part])


def _taken(h: Value, index: Index) -> Value:
    take = taker(h.value.shape[0], h.value.shape[1], index)
    return Value(take(h.value), None if h.slope is None else take(h.slope), take(h.radius))
