"""The exact maximum of the loss over a hidden segment: attained at an end or at one of finitely many breakpoints.

Two ways to the same three numbers. `exact_maximum` follows every breakpoint in integers. `hidden_maximum` first bounds
the loss between all breakpoints in float64 with a rigorous error (module `node_bounds`), and follows in integers only
the few stretches of the segment that this does not exclude; what float64 cannot exclude at all is followed throughout.
The bound is one of squared error: under any other loss everything is followed, where breakpoints are few (`kinds`).
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from operator import itemgetter

import numpy as np
from flint import fmpq

from numerics.arithmetic.budget import require
from numerics.arithmetic.limbs import require_exact_blas
from numerics.arithmetic.rounding import Array
from numerics.common.shown import Shown
from numerics.errors import InputError
from numerics.losses.limb_forward import Points, Size, rows_for, size_of
from numerics.losses.problem import Problem
from numerics.losses.registry import SQUARED
from numerics.maxima.bends import quadratics
from numerics.maxima.kinks import Pieces, Time, residuals, weights_of
from numerics.maxima.node_bounds import node_bounds
from numerics.maxima.quadratic import Quadratic
from numerics.networks.base import Network

ROWS = 128  # samples at once
NEAR = 8  # stretches with fewer nodes between them are followed as one
MARGIN = 2  # neighbouring nodes taken in on either side, where breakpoints seen in float64 may really lie
APART = 4  # stretches that are followed one by one before they are followed as one
LAYERS = 16  # parts of the budget, of which one is the exact pieces of a layer
KEPT = 700  # bytes of one breakpoint's record beyond its integers


@dataclass(frozen=True)
class HiddenMaximum(Shown):
    """`loss` is the exact maximum over the segment, attained at `t`.

    `breakpoints`: those of single samples that were seen, equal times counted as often as they occur; all of them, and
    the times at which the loss of a sample bends, where everything was followed in integers (`exact` of them were).
    """

    loss: Fraction
    t: Fraction
    breakpoints: int
    exact: int


def hidden_maximum(start: Network, end: Network, problem: Problem) -> HiddenMaximum:
    """The exact maximum over a segment of kind hidden. Raises InputError over budget, ValueError for another kind."""
    segment = Exactly(start, end, problem)
    bounds = node_bounds(start, end, problem) if problem.loss == SQUARED else None
    if bounds is None:
        return segment.stretch(Fraction(0), Fraction(1))
    peak = int(np.argmax(bounds.upper))
    done = np.zeros(len(bounds.upper), dtype=np.bool_)
    best, exact = HiddenMaximum(Fraction(-1), Fraction(0), 0, 0), 0
    runs = [(max(peak - 1, 0), min(peak + 2, len(done)))]  # its neighbours share its nodes
    while runs:
        for first, last in runs:
            found = segment.stretch(*_around(bounds.times, first, last))
            done[first:last] = True
            exact += found.exact
            best = found if found.loss > best.loss else best
        runs = _runs(~done & ~(bounds.upper <= _below(best.loss)))
    return HiddenMaximum(best.loss, best.t, bounds.crossings, exact)


def exact_maximum(start: Network, end: Network, problem: Problem) -> HiddenMaximum:
    """The same maximum with every breakpoint followed in integers: no float decides anything."""
    return Exactly(start, end, problem).stretch(Fraction(0), Fraction(1))


class Exactly:
    """A hidden segment in integers. Raises InputError over the memory budget."""

    def __init__(self, start: Network, end: Network, problem: Problem) -> None:
        require_exact_blas()
        self.kind, self.data, self.budget = start.kind, problem, problem.budget
        theirs = end.parameters()
        sizes = {name: _size(array, theirs[name]) for name, array in start.parameters().items()}
        # Half for limbs and the integers that they become, half for the breakpoints.
        self.rows = min(ROWS, rows_for(start.kind, sizes, problem.data, start.bias, max(problem.budget // 8, 1)))
        self.weights = weights_of(start, end)
        self.points = Points.of(problem.data, start.bias)

    def stretch(self, low: Fraction, high: Fraction) -> HiddenMaximum:
        """The exact maximum over `[low, high]` within [0, 1], and its first time."""
        here, changes = self._followed(low, high)
        time, last = _rational(low), _rational(high)
        best, at = here.value(time), time
        for time, change in [*changes, (last, Quadratic(fmpq(0), fmpq(0), fmpq(0)))]:
            # Continuous: at the breakpoint the quadratic before it holds as well as the one behind it.
            if (value := here.value(time)) > best:
                best, at = value, time
            here = here.plus(change)
        return HiddenMaximum(_fraction(best) / self.data.size, _fraction(at), len(changes), len(changes))

    def curve(self, between: int) -> list[tuple[Fraction, Fraction]]:
        """`(t, loss)`, exactly: the ends, every breakpoint, and as many times between as cut in `between` parts."""
        here, changes = self._followed(Fraction(0), Fraction(1))
        time, found = fmpq(0), [(fmpq(0), here.value(fmpq(0)))]
        for then, change in [*changes, (fmpq(1), Quadratic(fmpq(0), fmpq(0), fmpq(0)))]:
            if then > time:
                times = (time + (then - time) * k / between for k in range(1, between + 1))
                found += [(t, here.value(t)) for t in times]
            time, here = then, here.plus(change)
        return [(_fraction(t), _fraction(value) / self.data.size) for t, value in found]

    def _followed(self, low: Fraction, high: Fraction) -> tuple[Quadratic, list[Change]]:
        """The quadratic behind `low`, `N` times the loss, and its changes on the way to `high` in order of time."""
        ends = [(time.numerator, time.denominator) for time in (low, high)]
        here, changes, kept = Quadratic(fmpq(0), fmpq(0), fmpq(0)), list[Change](), 0.0
        for pieces, exponent, targets in self._blocks((ends[0], ends[1])):
            for sample, y in zip(pieces, targets, strict=True):
                cuts, squares = quadratics(self.data.loss, sample, exponent, y)
                here = here.plus(squares[0])
                found = [
                    (fmpq(*time), after.minus(before))
                    for time, (before, after) in zip(cuts[1:-1], pairwise(squares), strict=True)
                ]
                kept += len(found) * _bytes(found)
                changes += found
            require(kept, self.budget // 2, "the exact breakpoints of a hidden segment")
        changes.sort(key=itemgetter(0))
        return here, changes

    def _blocks(self, stretch: tuple[Time, Time]) -> Iterator[tuple[list[Pieces], int, list[list[float]]]]:
        """Residuals and targets of all samples, a block at a time; blocks that turn out too large are halved."""
        first, room = 0, self.budget // LAYERS
        while first < self.data.size:
            block = slice(first, first + self.rows)
            seen, targets = self.points.seen[block], self.points.targets[block]
            try:
                found = residuals(self.kind, self.weights, seen, targets, stretch, room)
            except InputError:
                if self.rows == 1:
                    raise
                self.rows = (self.rows + 1) // 2
                continue
            yield *found, self.data.Y[block].tolist()
            first += self.rows


Change = tuple[fmpq, Quadratic]


def _bytes(found: list[Change]) -> float:
    """Of one sample's records on average: the integers of the first stand for all."""
    if not found:
        return 0.0
    time, change = found[0]
    numbers = (time, change.a, change.b, change.c)
    return KEPT + sum((int(one.p).bit_length() + int(one.q).bit_length()) / 4 for one in numbers)


def _runs(open_: np.ndarray) -> list[tuple[int, int]]:
    """Where `open_` holds, as ranges of indices; near ones are one, and where there are many all are one."""
    where = np.flatnonzero(open_)
    if not len(where):
        return []
    breaks = np.flatnonzero(np.diff(where) > NEAR)
    firsts, lasts = where[np.concatenate([[0], breaks + 1])], where[np.concatenate([breaks, [len(where) - 1]])] + 1
    if len(firsts) > APART:
        return [(int(firsts[0]), int(lasts[-1]))]
    return [(int(first), int(last)) for first, last in zip(firsts, lasts, strict=True)]


def _around(times: Array, first: int, last: int) -> tuple[Fraction, Fraction]:
    """Short dyadic times around `times[first]` and `times[last]`, at most `MARGIN` nodes away."""
    low, high = Fraction(times[first]), Fraction(times[last])
    before = Fraction(times[max(first - MARGIN, 0)])
    behind = Fraction(times[min(last + MARGIN, len(times) - 1)])
    return -_short(-low, -before), _short(high, behind)


def _short(least: Fraction, most: Fraction) -> Fraction:
    """The dyadic number of smallest denominator in `[least, most]`, both dyadic."""
    scale = 1
    while Fraction(math.ceil(least * scale), scale) > most:
        scale *= 2
    return Fraction(math.ceil(least * scale), scale)


def _below(value: Fraction) -> float:
    """A float that is at most `value >= 0`."""
    try:
        near = float(value)
    except OverflowError:
        return sys.float_info.max
    return near if Fraction(near) <= value else math.nextafter(near, -math.inf)


def _size(start: Array, end: Array) -> Size:
    """Of a parameter whose entries are those of either end, or their difference."""
    mine, yours = size_of(start), size_of(end)
    return Size(mine.rows, mine.columns, min(mine.low, yours.low), max(mine.high, yours.high) + 1)


def _rational(value: Fraction) -> fmpq:
    return fmpq(value.numerator, value.denominator)


def _fraction(value: fmpq) -> Fraction:
    return Fraction(int(value.p), int(value.q))
