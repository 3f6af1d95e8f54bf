"""First-order models in `t`: every activation as value + slope * s + error, for all `|s| <= r` around a centre.

A model of an activation matrix `h` (N, n) on the piece `[t - r, t + r]` says that for every `s` in `[-r, r]`

    h(t + s) = value + slope s + e + f,   |e| <= radius entry by entry,   ||row of f|| <= noise of that row.

`radius` carries what is large and sparse (chords of ReLUs with an open sign, terms of second order), `noise` what is
tiny and dense (rounding, by Cauchy-Schwarz). An affine layer with moving weights `A + t (B - A)` keeps the two terms
linear in `s` and moves `s^2` into the radius, recentred, as `s^2` lies in `[0, r^2]`. On an arc, where weights are
`M + s D + s^2 E`, the terms in `s^2` are two, and that in `s^3`, of modulus at most `r^3`, goes into the radius as it
is. Provenance: [known] (Taylor models, chord relaxations), constants ours.

Rounding. Let `G` hold the norms of the rows of `|A| + |B|`, `H >= || |value| + r |slope| ||` row by row. The weights
used are `M = fl(A + t D)` and `D = fl(B - A)`: `|M - exact| <= 5 u (|A| + |B|) + eta` and
`|D - exact| <= u (|A| + |B|)`, since `|t D|` and `|M|` are at most `(1 + 4u)(|A| + |B|)` for `t` in [0, 1]. The four
products round by at most `gamma(n) (|value| + r |slope|) . (|M| + r |D|)` (module `rounding`), at most
`1.5 (1 + 6u) gamma(n) H G` for `r <= 1/2`; the weights' errors cost at most `5.5 u H G`, and the sums of two products,
before a bias that may cancel them, at most `3 u H G` by rounding: together less than `2 gamma(n + 12) H G`. The sums
with the bias round by `u` of themselves, covered by `8 u (|value| + r |slope|)`. Underflow costs at most
`8 n eta (1 + H)`. A computed `H` may lack `sqrt(n) eta` where `r |slope|` underflows: the `2^10 eta` of `up` are added
before the factor `G`, so they cover that.

On an arc from `A` by the control `C` to `B`, `P = C - A`, `Q = B - C`, `S = |A| + 2 |C| + |B|`, and `G` are the norms
of the rows of `S`. In exact arithmetic `E = Q - P`, `M = A + t (2 P + t E)`, `D = 2 (P + t E)`, with `|P|, |Q|, |E|
<= S`, `|2 P + t E| <= 2 S`, `|M| <= S`, `|P + t E| <= S` for `t` in [0, 1], since these are `(2 - t) P + t Q`, a
weighted mean of `A`, `C`, `B`, and `(1 - t) P + t Q`. As computed, `E` is off by at most `(1 + 1 + 1.1) u S`; `2 P +
t E` by `2 u S` (`P`), `3.1 u S` (`E`), `1.1 u S` (product) and `2.1 u S` (sum); `M` by that, `2.1 u S` (product) and
`1.1 u S` (sum); `D / 2` by `(1 + 3.1 + 1.1 + 1.1) u S`; each besides `2 eta`. So `M + s D + s^2 E` is off by at most
`(11.5 + 6.3 + 0.8) u S < 19 u S` and `4 eta` for `|s| <= r <= 1/2`. The six products round by `gamma(n) (|value| + r
|slope|) . (|M| + r |D| + r^2 |E|)`, at most `2.25 (1 + 20 u) gamma(n) H G`; the weights' errors cost `19 u H G`; sums
and factors of `r` before a bias that may cancel them `8 u H G`, as no sum of products exceeds `2 H G`: together less
than `4 gamma(n + 12) H G`. What is added for the bias, whose own recentring rounds by `3 u S`, is `24 u S`.

Overflow makes an entry NaN, whose sign is open: it stays NaN to the end, where the bound becomes infinite.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

from numerics.arithmetic.rounding import ETA, INFLATION, Array, U, gamma, row_norms, up
from numerics.common.shown import Shown

DENSE = 0.1  # share of open signs above which a dense radius is the faster one


@dataclass(frozen=True, eq=False)
class Model(Shown):
    """Rows `[value; slope]` stacked, (2N, n); `radius` (N, n) dense or sparse; `noise` and `size` (N, 1).

    `size` is at least the norm of each row of `|value| + r |slope|`.
    """

    stacked: Array
    radius: Any
    noise: Array
    size: Array

    @property
    def value(self) -> Array:
        return self.stacked[: len(self.stacked) // 2]

    @property
    def slope(self) -> Array:
        return self.stacked[len(self.stacked) // 2 :]


@dataclass(frozen=True, eq=False)
class MovingMatrix(Shown):
    """`start + t (slope + t bend)`, (rows, n), as an affine layer needs it on every piece of a segment.

    On a straight line `bend` is None and `slope` the change; on an arc `slope` is twice `control - start`.
    """

    start: Array
    slope: Array
    bend: Array | None
    sizes: Array  # at least |start| + |end|, on an arc |start| + 2 |control| + |end|
    norms: Array  # norms of the rows of `sizes`, (rows,)

    @classmethod
    def between(cls, start: Array, end: Array, control: Array | None = None) -> MovingMatrix:
        slope, bend, sizes = moving(start, end, control)
        return cls(start, slope, bend, sizes, row_norms(np.atleast_2d(sizes)))

    def at(self, t: float, r: float) -> PlacedMatrix:
        """The weights on the piece `[t - r, t + r]`."""
        here, slope = placed(self.start, self.slope, self.bend, t)
        parts = [here] if self.bend is None and not slope.any() else [here, slope]
        # |exact weight| on the piece is at most the sum of these and 6 u sizes + eta, on an arc 19 u sizes + 4 eta.
        reach = np.abs(here) + r * np.abs(slope) + (8.0 if self.bend is None else 24.0) * U * self.sizes
        if self.bend is not None:
            parts.append(self.bend)
            reach += r * r * np.abs(self.bend)
        columns = np.ascontiguousarray(np.hstack([part.T for part in parts]))
        return PlacedMatrix(columns, np.ascontiguousarray(up(reach).T), self.norms, len(parts) - 1)


@dataclass(frozen=True, eq=False)
class PlacedMatrix(Shown):
    """`columns`: `M^T` (n, rows), `[M^T, D^T]` or `[M^T, D^T, E^T]` for a `degree` in `s` of 0, 1 or 2; `reach` (n,
    rows) bounds the moduli.
    """

    columns: Array
    reach: Array
    norms: Array
    degree: int


@dataclass(frozen=True, eq=False)
class MovingVector(Shown):
    """`start + t (slope + t bend)`, (rows,), for biases and targets; `bend` None on a straight line."""

    start: Array
    slope: Array
    bend: Array | None
    sizes: Array

    @classmethod
    def between(cls, start: Array, end: Array, control: Array | None = None) -> MovingVector:
        return cls(start, *moving(start, end, control))

    def at(self, t: float, r: float) -> PlacedVector:
        value, slope = placed(self.start, self.slope, self.bend, t)
        if self.bend is None:
            return PlacedVector(value, slope, 16.0 * U * self.sizes)
        half = self.bend * (0.5 * r * r)
        bent = np.abs(half)
        return PlacedVector(value + half, slope, bent + 4.0 * U * bent + 24.0 * U * self.sizes)


@dataclass(frozen=True, eq=False)
class PlacedVector(Shown):
    """`value + slope s` is on the piece within `off` of the exact vector, up to `4 eta`."""

    value: Array
    slope: Array
    off: Array


def moving(start: Array, end: Array, control: Array | None) -> tuple[Array, Array | None, Array]:
    """Slope at the start, bend and sizes of what moves; no bend where an array stays where it is."""
    if control is None or (np.array_equal(start, control) and np.array_equal(control, end)):
        return end - start, None, up(np.abs(start) + np.abs(end))
    there = control - start
    return 2.0 * there, (end - control) - there, up(np.abs(start) + 2.0 * np.abs(control) + np.abs(end))


def placed(start: Array, slope: Array, bend: Array | None, t: float) -> tuple[Array, Array]:
    """Value and slope at `t`, as the module's rounding analysis has them."""
    if bend is None:
        return start + t * slope, slope
    turned = t * bend
    return start + t * (slope + turned), 2.0 * (0.5 * slope + turned)


Placed = PlacedMatrix | PlacedVector


class Models:
    """The arithmetic of first-order models on pieces of half-width `r <= 1/2`, for `networks.forward`."""

    def __init__(self, r: float) -> None:
        self.r = r

    def affine(self, h: Model, weight: Placed, bias: Placed | None) -> Model:
        """`h weight^T + bias`; see the module's rounding analysis."""
        assert isinstance(weight, PlacedMatrix)
        r, count = self.r, len(h.stacked) // 2
        n, rows = weight.reach.shape
        product = h.stacked @ weight.columns
        value, slope = product[:count, :rows], product[count:, :rows]
        radius = spread(h.radius, weight.reach)
        radius += up(h.noise + (4.0 if weight.degree == 2 else 2.0) * gamma(n + 12) * h.size) * weight.norms
        if weight.degree:
            slope = slope + product[:count, rows : 2 * rows]
            square = product[count:, rows : 2 * rows]
            if weight.degree == 2:
                square = square + product[:count, 2 * rows :]
                # s^3 is at most r^3; one factor after the other, so that none underflows before it meets a large one.
                cubic = np.abs(product[count:, 2 * rows :]) * r * (r * r)
                radius += cubic + 4.0 * U * cubic
            half = square * (0.5 * r * r)  # s^2 = r^2/2 +- r^2/2
            bend = np.abs(half)
            value, radius = value + half, radius + (bend + 4.0 * U * bend)
        if isinstance(bias, PlacedVector):
            value, slope = value + bias.value, slope + bias.slope
            radius += bias.off
        value = _open_if_infinite(value)
        reach = np.abs(value) + r * np.abs(slope)
        radius = up(radius + 8.0 * U * reach) + (16.0 * n * ETA) * (1.0 + h.size)
        stacked = np.vstack([value, slope])
        return Model(stacked, radius, np.zeros((count, 1)), sizes(stacked, r))

    def plus(self, left: Model, right: Model) -> Model:
        """The sum."""
        stacked = left.stacked + right.stacked
        count = len(stacked) // 2
        stacked[:count] = _open_if_infinite(stacked[:count])
        reach = np.abs(stacked[:count]) + self.r * np.abs(stacked[count:])
        radius = up(dense(left.radius) + dense(right.radius) + 4.0 * U * reach)
        return Model(stacked, radius, up(left.noise + right.noise), sizes(stacked, self.r))

    def relu(self, h: Model) -> Model:
        """`[h]_+`: the model itself or 0 where the sign is sure on the whole piece, else its chord."""
        radius = dense(h.radius) + h.noise
        rectified, chords = rectify(h.value, h.slope, radius, self.r)
        kept = np.where(chords.on, dense(h.radius), 0.0)
        kept[chords.rows, chords.columns] = chords.errors
        return Model(rectified, kept, h.noise, sizes(rectified, self.r))


@dataclass(frozen=True, eq=False)
class Chords(Shown):
    """Where the sign is open: indices and the error of the chord there; `on`: where the sign is surely `>= 0`."""

    rows: np.ndarray
    columns: np.ndarray
    errors: Array
    on: np.ndarray


def rectify(value: Array, slope: Array, radius: Array, r: float) -> tuple[Array, Chords]:
    """`[value + slope s + e]_+`, `|e| <= radius`, `|s| <= r`: the stacked model and its chords.

    Where the sign is open, half of the chord's excess is added to the value and half to the error.
    """
    count, n = value.shape
    reach = np.abs(slope)
    reach *= r
    reach += radius
    reach *= INFLATION
    reach += 4.0 * ETA  # at least r |slope| + radius
    on, off = value >= reach, value <= -reach  # decided exactly: the sign is sure on the whole piece
    stacked = np.empty((2 * count, n))
    np.multiply(value, on, out=stacked[:count])
    np.multiply(slope, on, out=stacked[count:])
    rows, columns = np.nonzero(~(on | off))
    p, wide = value[rows, columns], reach[rows, columns]
    k, excess = chord(up(wide - p), up(wide + p))  # both sums round by u of themselves
    stacked[rows, columns] = k * p + 0.5 * excess
    stacked[count + rows, columns] = k * slope[rows, columns]
    errors = up(k * radius[rows, columns] + 0.5 * excess + 8.0 * U * (wide + excess))
    return stacked, Chords(rows, columns, errors, on)


def chord(low: Array, high: Array) -> tuple[Array, Array]:
    """Slope `k` and excess: `0 <= [p]_+ - k p <= excess` for all `p` in `[-low, high]`, `low, high >= 0`.

    `[p]_+ - k p` is convex in `p`, 0 at `p = 0` and at most `max(k low, (1 - k) high)` at the ends, for **any** `k` in
    [0, 1], so the rounding of `k = high / (high + low)` does not matter.
    """
    k = np.clip(high / (high + low), 0.0, 1.0)
    return k, up(np.maximum(k * low, (1.0 - k) * high * (1.0 + 2.0 * U)))


def dense(radius: Any) -> Array:
    """The radius as an ordinary array."""
    filled: Array = radius if isinstance(radius, np.ndarray) else radius.toarray()
    return filled


def sparse(chords: Chords, shape: tuple[int, int]) -> Any:
    """The chords' errors as a radius, sparse where that is the faster form."""
    if len(chords.errors) > DENSE * shape[0] * shape[1]:
        radius = np.zeros(shape)
        radius[chords.rows, chords.columns] = chords.errors
        return radius
    starts = np.searchsorted(chords.rows, np.arange(shape[0] + 1))
    return csr_matrix((chords.errors, chords.columns, starts), shape=shape)


def spread(radius: Any, reach: Array) -> Array:
    """`radius reach` (both non-negative), rounded up: the sum's own rounding is a factor `1 - gamma(n)` and `n eta`."""
    n = reach.shape[0]
    product: Array = np.asarray(radius @ reach)
    raised: Array = product * ((1.0 + 2.0 * gamma(n + 2)) * INFLATION) + 2.0 * n * ETA
    return raised


def sizes(stacked: Array, r: float) -> Array:
    """`||value|| + r ||slope||` row by row, (N, 1), rounded up: at least the norm of `|value| + r |slope|`."""
    norms = row_norms(stacked)
    count = len(stacked) // 2
    return up(norms[:count] + r * norms[count:])[:, None]


def _open_if_infinite(value: Array) -> Array:
    """Infinities become NaN: an overflow has no sign."""
    return value if np.isfinite(value).all() else np.where(np.isfinite(value), value, np.nan)
