"""An upper bound of the loss between all neighbouring nodes of a hidden segment, from one sweep over them.

Between two neighbouring nodes of all samples together the polygons' loss is one convex quadratic in `t`, so it is
largest at one of the two. The quadratics of single samples are rounded to integers over one power of two, so that their
sums, carried along the sorted nodes, are exact, however many nodes there are. With `S(t)` the polygons' sum of squares,
wrong by at most `slack`, and `d_k` the error of sample k's residuals, the triangle inequality gives

    N L(t) <= (sqrt(S(t) + slack) + sqrt(sum_k ||d_k||^2))^2   for every t.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from numerics.arithmetic.budget import require, rows_within
from numerics.arithmetic.rounding import ETA, INFLATION, Array, U, gamma, require_gradual_underflow, up
from numerics.common.shown import Shown
from numerics.errors import InputError
from numerics.losses.problem import Problem
from numerics.maxima.polygons import Polygon, ends_of, residuals
from numerics.networks.base import Network
from numerics.networks.forward import with_ones

WORKING = 1 << 28  # bytes of one block of samples that are aimed at
EACH = 160.0  # bytes that a node is remembered by, copies while sorting included
TOP = 61  # bits of the largest integer sum
SMALLEST, LARGEST = -1000, 900  # exponents of two that a float64 can be scaled by


@dataclass(frozen=True, eq=False)
class Sweep(Shown):
    """`loss <= upper[i]` for `t` in `[times[i], times[i + 1]]`; `times` (K + 1,) rise from 0 to 1, `upper` (K,).

    `crossings`: how many breakpoints of single samples were seen, equal times counted as often as they occur.
    """

    times: Array
    upper: Array
    crossings: int


@dataclass(frozen=True, eq=False)
class _Stretches(Shown):
    """Samples' residuals between their own neighbouring nodes, as quadratics `a + b t + c t^2` (P, 3).

    `left` (P,): where each begins; `opens` (P,): whether it is its sample's first.
    """

    left: Array
    opens: np.ndarray
    quadratics: Array


@dataclass
class _Sums:
    """What is added up over all samples: squared errors, and the rounding of the quadratics."""

    errors: float = 0.0
    rounding: float = 0.0


def node_bounds(start: Network, end: Network, problem: Problem) -> Sweep | None:
    """The bounds over a hidden segment; None after an overflow. Raises InputError over the memory budget."""
    require_gradual_underflow()
    sums = _Sums()
    with np.errstate(all="ignore"):  # an overflow becomes infinite or NaN, and ends as None
        parts = list(_stretches(start, end, problem, sums))
        whole = _Stretches(
            np.concatenate([part.left for part in parts]),
            np.concatenate([part.opens for part in parts]),
            np.concatenate([part.quadratics for part in parts]),
        )
        return _swept(whole, sums, problem.size)


def _stretches(start: Network, end: Network, problem: Problem, sums: _Sums) -> list[_Stretches]:
    """All samples, a block at a time; blocks that turn out too large are halved."""
    weights, seen = ends_of(start, end), with_ones(problem.X, start.bias)
    # Before the nodes are known: two nodes and one for each moving neuron, at each of which every unit has a value.
    turning = len(weights["W"].rows)
    units = sum(len(array.start) for array in weights.values() if array.start.shape[1] > 1)
    each = 64.0 * (start.width + (turning + 2) * max(1, turning + units - start.width))
    rows = rows_within(each, max(problem.budget // 2, 1), problem.size, max(1, int(WORKING / each)))
    found, first, kept = [], 0, 0
    while first < problem.size:
        block = slice(first, min(first + rows, problem.size))
        try:
            room = problem.budget // 2 if rows == 1 else min(problem.budget // 2, 4 * WORKING)
            polygon = residuals(start.kind, weights, seen[block], problem.Y[block], room)
        except InputError:
            if rows == 1:
                raise
            rows = (rows + 1) // 2
            continue
        found.append(_quadratics(polygon, sums))
        kept += len(found[-1].left)
        require(EACH * kept, problem.budget // 2, "the breakpoints of a hidden segment")
        first = block.stop
    return found


def _quadratics(residual: Polygon, sums: _Sums) -> _Stretches:
    """Squares of the polygons between neighbouring nodes `a < b`.

    With values `v`, `w` there: `s = (w - v) / (b - a)` is right up to `3 u` of itself and `i = v - a s` up to `u` of
    `|a s|` and of itself, so `i + s t` is off by at most `8 u (|i| + |s|)` on `[a, b]`: that is added to the error. The
    products' sums over p outputs round by `gamma(p + 2)` of theirs.
    """
    nodes, values = residual.nodes, residual.moving
    left = np.flatnonzero(nodes.together)
    a, b = nodes.times[left, None], nodes.times[left + 1, None]
    slope = (values[left + 1] - values[left]) / (b - a)
    icept = values[left] - a * slope
    owner = nodes.owner[left]
    opens = np.diff(owner, prepend=-1) > 0
    begins = np.flatnonzero(opens)
    size = np.abs(icept) + np.abs(slope)
    error = up(residual.error + 8.0 * U * np.maximum.reduceat(size, begins, axis=0))
    sums.errors += float((error * error).sum()) * (1.0 + 2.0 * gamma(error.size + 8)) + error.size * ETA
    quadratics = np.stack(
        [
            np.einsum("ij,ij->i", icept, icept),
            2.0 * np.einsum("ij,ij->i", icept, slope),
            np.einsum("ij,ij->i", slope, slope),
        ],
        axis=1,
    )
    squares = np.maximum.reduceat(np.einsum("ij,ij->i", size, size), begins)
    p = values.shape[1]
    # (|i| + |s|)^2 bounds the moduli of all three products together; gradual underflow adds 2 p eta to each sum.
    sums.rounding += float(squares.sum()) * 2.0 * gamma(p + len(squares) + 8) + 8.0 * p * len(squares) * ETA
    return _Stretches(a[:, 0], opens, quadratics)


def _swept(whole: _Stretches, sums: _Sums, samples: int) -> Sweep | None:
    largest = float(np.abs(whole.quadratics).max())
    if not (math.isfinite(largest) and math.isfinite(sums.errors) and math.isfinite(sums.rounding)):
        return None
    # |integer| <= 2^TOP / N, so no sum over one quadratic of each sample exceeds 2^TOP, nor does any difference of two.
    room = TOP - 1 - samples.bit_length() - math.frexp(largest)[1] if largest else LARGEST
    power = min(room, LARGEST)
    if power < SMALLEST:
        return None
    integers = np.rint(np.ldexp(whole.quadratics, power)).astype(np.int64)
    changes = integers.copy()
    changes[1:] -= np.where(whole.opens[1:, None], 0, integers[:-1])
    inner = ~whole.opens
    order = np.argsort(whole.left[inner], kind="stable")
    times = np.concatenate([[0.0], whole.left[inner][order], [1.0]])
    carried = np.concatenate([integers[whole.opens].sum(axis=0)[None, :], changes[inner][order]]).cumsum(axis=0)
    sums_here = np.ldexp(carried.astype(np.float64), -power)
    # Each of 3 N integers is off by 1/2; the conversion, two products and two sums round by at most 8 u of the moduli.
    slack = sums.rounding + 1.5 * samples * 2.0**-power + 16.0 * ETA
    ends = [_value(sums_here, t) for t in (times[:-1], times[1:])]
    values = np.maximum(*ends) + 8.0 * U * np.abs(sums_here).sum(axis=1)
    roots = np.sqrt(np.maximum(up(values + slack * INFLATION), 0.0)) + math.sqrt(sums.errors * INFLATION)
    upper = up(roots * roots * INFLATION / samples)
    if not np.isfinite(upper).all():
        return None
    return Sweep(times, upper, int(inner.sum()))


def _value(quadratics: Array, t: Array) -> Array:
    found: Array = quadratics[:, 0] + (quadratics[:, 1] + quadratics[:, 2] * t) * t
    return found
