"""Activations of a hidden segment as exact piecewise linear functions of `t`: dyadic pieces, rational breakpoints.

On each piece an activation is `(a + b t) 2^exponent` with integers `a`, `b`. A breakpoint is a fraction of two
integers, where a pre-activation changes its sign; it only ever meets a piece in `a d + b n`, whose sign is wanted, so
breakpoints are never multiplied through. Units that stand still are limbs, all samples at once; moving ones are
Python's integers, multiplied by FLINT. Slow beside float64, and always right.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, cmp_to_key
from typing import Any

import numpy as np
from flint import fmpz_mat

from numerics.arithmetic.budget import require
from numerics.arithmetic.limbs import BITS, LimbMatrix
from numerics.common.shown import Shown
from numerics.losses.limb_forward import lifted
from numerics.networks.base import Network
from numerics.networks.forward import outputs_from

INTEGER = 80.0  # bytes of an integer beyond its digits, with its places in lists

Time = tuple[int, int]  # numerator, positive denominator
Rows = list[list[int]]  # one row for each piece


@dataclass(frozen=True)
class Pieces(Shown):
    """One sample's moving units: on `[cuts[i], cuts[i + 1]]` unit j is `constant[i][j] + slope[i][j] t`."""

    cuts: list[Time]
    constant: Rows
    slope: Rows

    @cached_property
    def matrix(self) -> Any:
        """Constants over slopes as FLINT's integers, for several layers that read them."""
        return _matrix(self.constant + self.slope)


@dataclass(frozen=True)
class Kinked(Shown):
    """A layer: `still` (N, n) for all samples plus, in `columns`, the samples' `pieces` times `2^exponent`."""

    still: LimbMatrix
    columns: list[int]
    pieces: list[Pieces]
    exponent: int

    def whole(self) -> tuple[list[Pieces], int]:
        """The moving columns with what stands still in them added."""
        rows, low = integers(_columns(self.still, self.columns)), self.still.exponent
        exponent = min(low, self.exponent)
        up, own = low - exponent, self.exponent - exponent
        found = []
        for base, pieces in zip(rows, self.pieces, strict=True):
            shifted = [entry << up for entry in base]
            constant = [[(a << own) + c for a, c in zip(row, shifted, strict=True)] for row in pieces.constant]
            found.append(Pieces(pieces.cuts, constant, _shifted(pieces.slope, own)))
        return found, exponent


@dataclass(frozen=True)
class Weight(Shown):
    """A parameter at both ends of the segment, (rows, n), and the rows that differ."""

    start: LimbMatrix
    end: LimbMatrix
    rows: list[int]


def weights_of(start: Network, end: Network) -> dict[str, Weight]:
    """Every parameter, a bias as one column."""
    theirs = end.parameters()
    found = {}
    for name, array in start.parameters().items():
        here, there = array.reshape(len(array), -1), theirs[name].reshape(len(array), -1)
        rows = [int(row) for row in np.flatnonzero((here != there).any(axis=1))]
        found[name] = Weight(lifted(here), lifted(there) if rows else lifted(here), rows)
    return found


class Kinks:
    """The arithmetic of exact pieces on `[low, high]`, for `networks.forward`; a layer may take `room` bytes."""

    def __init__(self, low: Time, high: Time, room: int) -> None:
        self.ends, self.room = [low, high], room

    def samples(self, seen: LimbMatrix) -> Kinked:
        """The network's inputs, which stand still."""
        return Kinked(seen, [], [Pieces(self.ends, [[]], [[]])] * seen.shape[0], 0)

    def affine(self, h: Kinked, weight: Weight, bias: Weight | None) -> Kinked:
        """`h weight^T + bias`. Raises ValueError where two moving factors meet: the segment is not hidden."""
        still = h.still @ weight.start.T
        if bias is not None:
            still = still + bias.start.T
        if not h.columns:
            return self._turned(h, still, weight, bias)
        if weight.rows:
            raise ValueError("a moving weight meets a moving activation: the segment is not hidden")
        factor = _columns(weight.start, h.columns)
        matrix = _matrix(integers(factor.T))
        pieces = [_multiplied(part, matrix) for part in h.pieces]
        product = Kinked(still, list(range(weight.start.shape[0])), pieces, h.exponent + factor.exponent)
        return product if bias is None or not bias.rows else _drifted(product, bias)

    @staticmethod
    def _turned(h: Kinked, still: LimbMatrix, weight: Weight, bias: Weight | None) -> Kinked:
        """An affine layer on activations that stand still: linear in `t`."""
        moves = sorted({*weight.rows, *(() if bias is None else bias.rows)})
        if not moves:
            return Kinked(still, [], h.pieces, 0)
        end = h.still @ _rows(weight.end, moves).T
        if bias is not None:
            end = end + _rows(bias.end, moves).T
        change = end - _columns(still, moves)
        slopes, zero = integers(change), [0] * len(moves)
        pieces = [Pieces(part.cuts, [zero], [slope]) for part, slope in zip(h.pieces, slopes, strict=True)]
        return Kinked(still, moves, pieces, change.exponent)

    def plus(self, left: Kinked, right: Kinked) -> Kinked:
        """The sum; one's breakpoints are among the other's."""
        columns = sorted({*left.columns, *right.columns})
        if not columns:
            return Kinked(left.still + right.still, [], left.pieces, 0)
        exponent = min(part.exponent for part in (left, right) if part.columns)
        mine, yours = (_spread(part, columns, exponent) for part in (left, right))
        pieces = [_sum(one, other) for one, other in zip(mine, yours, strict=True)]
        return Kinked(left.still + right.still, columns, pieces, exponent)

    def relu(self, h: Kinked) -> Kinked:
        """`[h]_+`, cut where a sign changes."""
        if not h.columns:
            return Kinked(h.still.relu(), [], h.pieces, 0)
        pieces, exponent = h.whole()
        stands = np.ones(h.still.shape[1])
        stands[h.columns] = 0.0
        still = LimbMatrix(tuple(limb * stands for limb in h.still.limbs), h.still.exponent).relu()
        found, held = [], 0.0
        for part in pieces:
            found.append(rectified(part))
            held += _bytes(found[-1])
            require(held, self.room, "the exact pieces of one block of samples")
        return Kinked(still, h.columns, found, exponent)


def residuals(
    kind: str,
    weights: Mapping[str, Weight],
    seen: LimbMatrix,
    targets: LimbMatrix,
    stretch: tuple[Time, Time],
    room: int,
) -> tuple[list[Pieces], int]:
    """`f - y` of every sample on the stretch, and its exponent. Raises InputError where a layer needs more room."""
    arithmetic, rest = Kinks(*stretch, room), dict(weights)
    z = arithmetic.relu(arithmetic.affine(arithmetic.samples(seen), rest.pop("W"), None))
    f = outputs_from(kind, rest, z, arithmetic)
    aims = arithmetic.samples(-targets)
    total = arithmetic.plus(f, aims)
    everything = list(range(targets.shape[1]))
    return Kinked(total.still, everything, _spread(total, everything, total.exponent), total.exponent).whole()


def rectified(pieces: Pieces) -> Pieces:
    """`[.]_+` of every unit, with a cut at each sign change strictly inside a piece.

    The functions are continuous, so the values at a cut are those of the piece before it.
    """
    cuts, constant, slope = [pieces.cuts[0]], Rows(), Rows()
    n, d = pieces.cuts[0]
    near = [a * d + b * n for a, b in zip(pieces.constant[0], pieces.slope[0], strict=True)]
    for a, b, (n, d) in zip(pieces.constant, pieces.slope, pieces.cuts[1:], strict=True):
        far = [x * d + y * n for x, y in zip(a, b, strict=True)]
        crossings = [j for j, (s, e) in enumerate(zip(near, far, strict=True)) if (s < 0 < e) or (e < 0 < s)]
        active = [s > 0 or (s == 0 and e > 0) for s, e in zip(near, far, strict=True)]
        for time, flips in _in_order(crossings, a, b):
            _append(constant, slope, a, b, active)
            cuts.append(time)
            for j in flips:
                active[j] = not active[j]
        _append(constant, slope, a, b, active)
        cuts.append((n, d))
        near = far
    return Pieces(cuts, constant, slope)


def _bytes(pieces: Pieces) -> float:
    """Of the integers of one sample's layer, as Python's and as FLINT's."""
    rows = pieces.constant[:1] + pieces.slope[:1]
    longest = max((entry.bit_length() for row in rows for entry in row), default=0)
    return 2.0 * len(pieces.cuts) * len(rows[0]) * (INTEGER + longest / 4)


def compare(one: Time, other: Time) -> int:
    """The sign of `one - other`, exactly."""
    left, right = one[0] * other[1], other[0] * one[1]
    return (left > right) - (left < right)


def integers(matrix: LimbMatrix) -> Rows:
    """The entries over `2^matrix.exponent`, row by row."""
    total: Any = matrix.limbs[0].astype(np.int64).astype(object)
    for i, limb in enumerate(matrix.limbs[1:], start=1):
        total = total + limb.astype(np.int64).astype(object) * (1 << (BITS * i))
    rows: Rows = total.tolist()
    return rows


def _in_order(crossings: list[int], a: list[int], b: list[int]) -> list[tuple[Time, list[int]]]:
    """Where `a + b t` is 0, ascending, with the units that are; ties are one breakpoint."""

    def order(one: tuple[Time, int], other: tuple[Time, int]) -> int:
        return compare(one[0], other[0])

    times = [((-a[j], b[j]) if b[j] > 0 else (a[j], -b[j]), j) for j in crossings]
    times.sort(key=cmp_to_key(order))
    found: list[tuple[Time, list[int]]] = []
    for time, j in times:
        if found and compare(found[-1][0], time) == 0:
            found[-1][1].append(j)
        else:
            found.append((time, [j]))
    return found


def _append(constant: Rows, slope: Rows, a: list[int], b: list[int], active: list[bool]) -> None:
    constant.append([x if on else 0 for x, on in zip(a, active, strict=True)])
    slope.append([y if on else 0 for y, on in zip(b, active, strict=True)])


def _columns(matrix: LimbMatrix, columns: list[int]) -> LimbMatrix:
    if len(columns) == matrix.shape[1]:
        return matrix
    return LimbMatrix(tuple(limb[:, columns] for limb in matrix.limbs), matrix.exponent)


def _rows(matrix: LimbMatrix, rows: list[int]) -> LimbMatrix:
    return LimbMatrix(tuple(limb[rows] for limb in matrix.limbs), matrix.exponent)


def _matrix(rows: Rows) -> Any:
    return fmpz_mat(len(rows), len(rows[0]), [entry for row in rows for entry in row])


def _multiplied(pieces: Pieces, matrix: Any) -> Pieces:
    width, count = matrix.ncols(), len(pieces.constant)
    flat = list(map(int, (pieces.matrix * matrix).entries()))
    found = [flat[first : first + width] for first in range(0, len(flat), width)]
    return Pieces(pieces.cuts, found[:count], found[count:])


def _shifted(rows: Rows, by: int) -> Rows:
    return [[entry << by for entry in row] for row in rows] if by else rows


def _drifted(h: Kinked, bias: Weight) -> Kinked:
    """A layer, every column moving, with `t (end - start)` of its bias added."""
    change = bias.end - bias.start
    exponent = min(h.exponent, change.exponent)
    drift = [entry << (change.exponent - exponent) for (entry,) in integers(change)]
    own = h.exponent - exponent
    pieces = []
    for part in h.pieces:
        slope = [[(b << own) + more for b, more in zip(row, drift, strict=True)] for row in part.slope]
        pieces.append(Pieces(part.cuts, _shifted(part.constant, own), slope))
    return Kinked(h.still, h.columns, pieces, exponent)


def _spread(h: Kinked, columns: list[int], exponent: int) -> list[Pieces]:
    """The pieces in more columns and over a lower exponent."""
    if h.columns == columns and h.exponent == exponent:
        return h.pieces
    place = {column: k for k, column in enumerate(h.columns)}
    where = [place.get(column) for column in columns]
    own = h.exponent - exponent if h.columns else 0

    def wide(rows: Rows) -> Rows:
        return [[0 if k is None else row[k] << own for k in where] for row in rows]

    return [Pieces(part.cuts, wide(part.constant), wide(part.slope)) for part in h.pieces]


def _sum(one: Pieces, other: Pieces) -> Pieces:
    """The sum at the finer one's cuts, which contain the other's."""
    fine, coarse = (one, other) if len(one.cuts) >= len(other.cuts) else (other, one)
    constant, slope, k = Rows(), Rows(), 0
    for i, (a, b) in enumerate(zip(fine.constant, fine.slope, strict=True)):
        if i and compare(fine.cuts[i], coarse.cuts[k + 1]) == 0:
            k += 1
        constant.append([x + y for x, y in zip(a, coarse.constant[k], strict=True)])
        slope.append([x + y for x, y in zip(b, coarse.slope[k], strict=True)])
    return Pieces(fine.cuts, constant, slope)
