"""The loss along a path as points to draw: at corners, breakpoints and piece ends, so that no spike lies between them.

A picture proves nothing; what is exact here is so because a float64 sample could miss it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import numpy as np

from numerics.arithmetic.rationals import Enclosure
from numerics.common.shown import Shown
from numerics.losses import exact_loss_between, float_loss
from numerics.losses.problem import Problem
from numerics.losses.registry import SQUARED
from numerics.maxima.corners import CornerMaximum
from numerics.maxima.hidden import Exactly, HiddenMaximum
from numerics.maxima.node_bounds import node_bounds
from numerics.maxima.pieces import PathMaximum, Piece
from numerics.paths import Kind, Path, Segment, mixed, network_at
from numerics.plots.canvas import Loss

FOLLOWED = 2000  # breakpoints of a hidden segment up to which each is drawn
BETWEEN = 8  # parts from one breakpoint to the next, where the loss is a parabola
BINS = 1000  # beyond `FOLLOWED`: the highest bound in each
ENDS = 200  # piece ends of a general segment that are drawn: those of the highest pieces

Point = tuple[Fraction, Loss]  # local time in [0, 1], loss


@dataclass(frozen=True, eq=False)
class Curve(Shown):
    """`losses` at the path times `times`, ascending in [0, 1]; segments share them equally."""

    times: tuple[Fraction, ...]
    losses: tuple[Loss, ...]

    def half_width(self, top: Fraction) -> float:
        """How far from `top`, where it is highest, the loss has fallen halfway to its lowest, on the wider side."""
        known = [Fraction(loss) for loss in self.losses if isinstance(loss, Fraction) or math.isfinite(loss)]
        height = (max(known) + min(known)) / 2
        fallen = [t - top for t, loss in zip(self.times, self.losses, strict=True) if loss <= height]
        left, right = ([abs(one) for one in fallen if sign * one > 0] for sign in (-1, 1))
        return float(max(min(left, default=Fraction(0)), min(right, default=Fraction(0)))) or 1.0


def curve(
    path: Path,
    maximum: CornerMaximum | PathMaximum,
    problem: Problem,
    *,
    steps: int = BETWEEN,
    samples: Sequence[Sequence[float]] = (),
) -> Curve:
    """The loss along a path whose corners' losses, exact maxima and pieces are known.

    `steps`: parts of a readout line, or of a segment of which nothing is known between its ends; `samples`: float64
    losses at equally spaced times of every segment that were evaluated already. Raises InputError over the budget.
    """
    hidden = dict(maximum.hidden) if isinstance(maximum, PathMaximum) else {}
    pieces = maximum.pieces if isinstance(maximum, PathMaximum) else ()
    highest, at = maximum.at
    times, losses = list[Fraction](), list[Loss]()
    for k, segment in enumerate(path.segments):
        ends = (drawn(maximum.losses[k]), drawn(maximum.losses[k + 1]))
        mine = [piece for piece in pieces if piece.segment == k]
        points = _points(segment, ends, problem, hidden.get(k), mine, steps, samples[k] if samples else ())
        if k == highest:
            points.append((at, drawn(maximum.attained_at)))
        for t, loss in sorted(dict(points).items()):
            times.append((k + t) / len(path.segments))
            losses.append(loss)
    return Curve(tuple(times), tuple(losses))


def named(problem: Problem) -> str:
    """The loss in words of an axis."""
    return "mean squared error" if problem.loss == SQUARED else problem.loss.name


def drawn(loss: Enclosure) -> Fraction:
    """The height of a loss that is enclosed: its middle."""
    return (loss.lower + loss.top) / 2


def _points(
    segment: Segment,
    ends: tuple[Fraction, Fraction],
    problem: Problem,
    hidden: HiddenMaximum | None,
    pieces: Sequence[Piece],
    steps: int,
    samples: Sequence[float],
) -> list[Point]:
    """Of one segment, in any order; the exact ones last, as they replace others of the same time."""
    first, last = ends
    corners: list[Point] = [(Fraction(0), first), (Fraction(1), last)]
    if segment.kind.keeps_outputs:
        return corners
    if segment.kind is Kind.READOUT:
        if problem.loss == SQUARED:
            return [*_parabola(segment, ends, problem, steps), *corners]
        return [*_seen(segment, [Fraction(k, steps) for k in range(1, steps)], problem), *corners]
    if hidden is not None:
        return [*_hidden(segment, hidden, problem), *corners]
    looked = [Fraction(k, steps) for k in range(1, steps)] if not samples else []
    looked += sorted({end for piece in _highest(pieces) for end in (piece.left, piece.right) if 0 < end < 1})
    seen: list[Point] = [(Fraction(k, len(samples) - 1), loss) for k, loss in enumerate(samples)]
    seen += _seen(segment, looked, problem)
    return [*seen, *corners]


def _seen(segment: Segment, times: Sequence[Fraction], problem: Problem) -> list[Point]:
    """In float64."""
    return [(t, float_loss(network_at(segment, float(t)), problem)) for t in times]


def _highest(pieces: Sequence[Piece]) -> list[Piece]:
    """Those whose ends are looked at: the ones with the highest bounds, or none."""
    return sorted(pieces, key=lambda one: (one.upper is not None, -(one.upper or 0)))[: ENDS // 2]


def _parabola(segment: Segment, ends: tuple[Fraction, Fraction], problem: Problem, steps: int) -> list[Point]:
    """On a readout line squared error is the quadratic through its ends and its middle (L7)."""
    first, last = ends
    seen = float_loss(mixed(segment.start, segment.end, 0.5), problem)
    half = Fraction(1, 2)
    middle = Fraction(seen) if math.isfinite(seen) else exact_loss_between(segment.start, segment.end, half, problem)
    sag = 2 * (first + last) - 4 * middle
    times = [Fraction(k, steps) for k in range(1, steps)]
    return [(t, max((1 - t) * first + t * last - t * (1 - t) * sag, Fraction(0))) for t in times]


def _hidden(segment: Segment, found: HiddenMaximum, problem: Problem) -> list[Point]:
    """Every breakpoint exactly; where there are too many the highest bound in each of many equal parts."""
    bounds = None
    if found.breakpoints > FOLLOWED and problem.loss == SQUARED:
        bounds = node_bounds(segment.start, segment.end, problem)
    if bounds is None:  # few, or float64 overflows, or another loss: then all of them were followed before
        return list(Exactly(segment.start, segment.end, problem).curve(BETWEEN))
    cuts = np.searchsorted(bounds.times, np.linspace(0.0, 1.0, BINS + 1), side="right") - 1
    highest = [
        float(bounds.upper[first : min(last, len(bounds.upper) - 1) + 1].max()) for first, last in pairwise(cuts)
    ]
    return [(Fraction(2 * k + 1, 2 * BINS), loss) for k, loss in enumerate(highest)]
