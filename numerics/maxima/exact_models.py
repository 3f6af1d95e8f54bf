"""First-order models in FLINT's balls at any precision: for the last pieces, where float64 has reached its floor.

The same models as in `models`, one entry at a time, so for few pieces or small networks. Remainders live in the
balls' radii. Where every sign is sure and nothing rounds, the bound is the exact maximum over the piece.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import arb, arb_mat, ctx, fmpq

from numerics.common.shown import Shown
from numerics.losses.problem import Problem
from numerics.networks.arrays import Array
from numerics.networks.base import Network
from numerics.networks.forward import outputs_from, with_ones

ROWS = 64  # samples in one matrix
PRECISION = 256  # bits; differences of float64 weights and products of a few of them are exact at this length


@dataclass(frozen=True)
class ExactModel(Shown):
    """`value + slope s` with balls for entries, (N, n)."""

    value: arb_mat
    slope: arb_mat


@dataclass(frozen=True)
class ExactWeight(Shown):
    """Weights at the centre, their velocity and an arc's bend, transposed: (n, rows), or (1, rows) for a bias."""

    value: arb_mat
    slope: arb_mat
    bend: arb_mat | None = None


class ExactModels:
    """The arithmetic of first-order models on `[t - r, t + r]` in balls, for `networks.forward`."""

    def __init__(self, r: arb) -> None:
        self.r = r
        self.square = _interval(arb(0), r * r)
        self.cube = _interval(-(r * r * r), r * r * r)

    def affine(self, h: ExactModel, weight: ExactWeight, bias: ExactWeight | None) -> ExactModel:
        bend = h.slope * weight.slope
        if weight.bend is not None:
            bend = bend + h.value * weight.bend
        value = h.value * weight.value + bend * self.square
        slope = h.slope * weight.value + h.value * weight.slope
        if weight.bend is not None:
            value = value + h.slope * weight.bend * self.cube
        if bias is not None:
            ones = arb_mat(value.nrows(), 1, [arb(1)] * value.nrows())
            value, slope = value + ones * bias.value, slope + ones * bias.slope
            if bias.bend is not None:
                value = value + ones * bias.bend * self.square
        return ExactModel(value, slope)

    def plus(self, left: ExactModel, right: ExactModel) -> ExactModel:
        return ExactModel(left.value + right.value, left.slope + right.slope)

    def relu(self, h: ExactModel) -> ExactModel:
        rows, columns = h.value.nrows(), h.value.ncols()
        pairs = [self._relu(p, q) for p, q in zip(h.value.entries(), h.slope.entries(), strict=True)]
        return ExactModel(arb_mat(rows, columns, [p for p, _ in pairs]), arb_mat(rows, columns, [q for _, q in pairs]))

    def _relu(self, p: arb, q: arb) -> tuple[arb, arb]:
        """`[p + q s]_+`: linear in `s` up to the balls, so its range ends at `s = -r` and `s = r`."""
        ends = p - q * self.r, p + q * self.r
        low, high = _least(*(end.lower() for end in ends)), -_least(*(-end.upper() for end in ends))
        if low >= 0:
            return p, q
        if high <= 0:
            return arb(0), arb(0)
        # [p]_+ - k p is convex, 0 at 0, and largest at an end of [low, high], for any k in [0, 1]: FLINT rounds the
        # quotient towards 0, and its divisor, which is at least `high`, a number of PRECISION bits.
        k = _least((high / (high - low)).mid(), arb(1))
        excess = -_least((k * low).lower(), ((k - 1) * high).lower())
        return p * k + _interval(arb(0), excess), q * k


def exact_bound(
    start: Network,
    end: Network,
    problem: Problem,
    left: Fraction,
    right: Fraction,
    control: Network | None = None,
) -> Fraction | None:
    """An upper bound of squared error on `[left, right]` within [0, 1] of the segment, with a control network of the
    arc; None if none is found.
    """
    before = ctx.prec
    ctx.prec = PRECISION
    try:
        weights = _placed(start, end, control, _arb((left + right) / 2))
        return _bound(start, weights, problem, (right - left) / 2)
    finally:
        ctx.prec = before


def _placed(start: Network, end: Network, control: Network | None, t: arb) -> dict[str, ExactWeight]:
    """The weights at `t`, their velocities there and the arc's bends."""
    theirs, bends = end.parameters(), {} if control is None else control.parameters()
    weights = {}
    for name, array in start.parameters().items():
        here, there = _transposed(array), _transposed(theirs[name])
        if name not in bends:
            velocity = there - here
            weights[name] = ExactWeight(here + velocity * t, velocity)
            continue
        middle = _transposed(bends[name])
        velocity, bend = (middle - here) * arb(2), (there - middle) - (middle - here)
        weights[name] = ExactWeight(here + (velocity + bend * t) * t, velocity + bend * (2 * t), bend)
    return weights


def _bound(start: Network, weights: Mapping[str, ExactWeight], problem: Problem, r: Fraction) -> Fraction | None:
    models = ExactModels(_arb(r))
    X = with_ones(problem.X, start.bias)
    total = [arb(0), arb(0), arb(0)]
    for first in range(0, problem.size, ROWS):
        block = slice(first, first + ROWS)
        seen = _transposed(X[block].T)
        x = ExactModel(seen, seen * arb(0))
        f = outputs_from(start.kind, weights, models.relu(models.affine(x, weights["W"], None)), models)
        targets = problem.Y[block].ravel().tolist()
        for value, slope, y in zip(f.value.entries(), f.slope.entries(), targets, strict=True):
            g = value - arb(y)
            total = [total[0] + g * g, total[1] + 2 * g * slope, total[2] + slope * slope]
    radius = models.r
    ends = (total[0] + sign * total[1] * radius + total[2] * radius * radius for sign in (-1, 1))
    bounds = [upper_end(value) for value in ends]
    if any(bound is None for bound in bounds):
        return None
    return max(bound for bound in bounds if bound is not None) / problem.size


def upper_end(ball: arb) -> Fraction | None:
    """The exact upper end of a ball; None if it is not finite."""
    if not ball.is_finite():
        return None
    mantissa, exponent = ball.upper().man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)


def _interval(low: arb, high: arb) -> arb:
    return low.union(high)


def _least(left: arb, right: arb) -> arb:
    """The smaller of two exact numbers; NaN if there is one."""
    if left <= right:
        return left
    return right if right <= left else arb("nan")


def _arb(value: Fraction) -> arb:
    return arb(fmpq(value.numerator, value.denominator))


def _transposed(array: Array) -> Any:
    """A float matrix (rows, n) as an exact (n, rows) one; a vector as one row."""
    matrix = array[None, :] if array.ndim == 1 else array.T
    return arb_mat(matrix.shape[0], matrix.shape[1], [arb(float(entry)) for entry in matrix.ravel()])
