"""Where pieces are cut: foreseen from the losses and bounds that were seen so far, in float64; it proves nothing.

First-order models bound the loss on a piece of half-width `r` by about `max L + C r^2`. `C` changes little along a
segment, about like `sqrt(L)`, and shrinks with the pieces, about like `exp(b r)`. So what a piece will be bounded by is
known before it is looked at, and cutting it as often as it takes saves the bounds of all that is too long. Any cut is
sound.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from statistics import median

import numpy as np
from scipy.interpolate import Akima1DInterpolator

from numerics.arithmetic.rounding import Array
from numerics.common.shown import Shown

CELLS = 32  # a piece is cut at multiples of this part of it
SAFE = 1.1  # what is foreseen is raised by: a piece that is a little too long is bounded in vain
GROWTH = 8.0  # b, as long as nothing tells it
STEEPEST = 64.0  # b at most
LATEST = 16  # so many of the last pieces tell it
ROUNDS = 10  # in which the cuts are balanced


@dataclass(frozen=True)
class Spread:
    """A piece of half-width `r` around `t` was bounded by `loss + curvature r^2`, the `loss` as it seems there."""

    t: float
    r: float
    loss: float
    curvature: float


@dataclass
class Course(Shown):
    """What was seen of the loss along one segment: `losses` by their times, and how far bounds were above them."""

    losses: dict[Fraction, float] = field(default_factory=dict)
    spreads: list[Spread] = field(default_factory=list)
    growths: list[float] = field(default_factory=list)

    @classmethod
    def of(cls, losses: Mapping[Fraction, float]) -> Course:
        """With a few losses."""
        course = cls()
        for t, loss in losses.items():
            course.saw(t, loss)
        return course

    def saw(self, t: Fraction, loss: float) -> None:
        """A loss in float64; one that overflows is no help."""
        if math.isfinite(loss):
            self.losses[t] = loss

    def expected(self, times: Array) -> Array:
        """The losses that are likely at these times; NaN if none was seen."""
        known = sorted(self.losses.items())
        if not known:
            return np.full(times.shape, np.nan)
        moments, losses = np.array([float(t) for t, _ in known]), np.array([loss for _, loss in known])
        between: Array = np.interp(times, moments, losses)
        if len(known) < 4:
            return between
        with np.errstate(all="ignore"):
            smooth = np.asarray(Akima1DInterpolator(moments, losses)(times))
        return np.where(np.isfinite(smooth), smooth, between)

    def highest(self) -> Fraction | None:
        """The time at which the loss is likely to be highest, near the highest that was seen; None if none was."""
        if not self.losses:
            return None
        known = sorted(self.losses)
        k = max(range(len(known)), key=lambda i: self.losses[known[i]])
        left, right = known[max(0, k - 1)], known[min(len(known) - 1, k + 1)]
        moments = [left + (right - left) * Fraction(i, 2 * CELLS) for i in range(2 * CELLS + 1)]
        return moments[int(self.expected(np.array([float(t) for t in moments])).argmax())]

    def bounded(self, left: Fraction, right: Fraction, upper: float, whole: Spread | None) -> Spread | None:
        """Remember a bound of a piece; `whole`: of one that it is a part of."""
        t, r = float((left + right) / 2), float((right - left) / 2)
        loss = float(self.expected(np.linspace(float(left), float(right), 5)).max())
        if not (math.isfinite(upper - loss) and r > 0.0):
            return None
        found = Spread(t, r, loss, max(upper - loss, 0.0) / (r * r))
        self.spreads.append(found)
        if whole is not None and whole.r > r and min(found.curvature, whole.curvature) > 0.0:
            growth = (math.log(whole.curvature) - math.log(found.curvature)) / (whole.r - r)
            if math.isfinite(growth):
                self.growths = [*self.growths, min(max(growth, 0.0), STEEPEST)][-LATEST:]
        return found

    def spread(self, left: Fraction, right: Fraction) -> Spread | None:
        """Of the piece itself if it was bounded, else of one near it."""
        t, r = float((left + right) / 2), float((right - left) / 2)
        return min(self.spreads, key=lambda one: (abs(one.t - t), abs(one.r - r)), default=None)

    def cuts(self, left: Fraction, right: Fraction, level: float, most: int) -> list[Fraction]:
        """The ends of the parts of a piece, at most so many, that are likely to be bounded by the level.

        As few as it takes, and cut so that the highest bound is lowest. One part if that is enough.
        """
        near = self.spread(left, right)
        if near is None:
            return [left, right]
        width = float(right - left)
        losses = self.expected(np.linspace(float(left), float(right), CELLS + 1))
        r = np.arange(CELLS + 1) * (0.5 * width / CELLS)
        growth = median(self.growths) if self.growths else GROWTH
        with np.errstate(all="ignore"):
            lower = min(math.sqrt(max(float(losses.max()), 0.0) / near.loss), 1.0) if near.loss > 0.0 else 1.0
            above = SAFE * near.curvature * lower * np.exp(np.minimum(growth * (r - near.r), 0.0)) * r * r
        if not (np.isfinite(losses).all() and np.isfinite(above).all()):
            return [left, (left + right) / 2, right]
        bounds = _bounds(losses, above)
        places = _parts(bounds, level, most)
        count = most if places is None else len(places) - 1
        low, high = float(losses.max()), float(bounds[0, -1])
        for _ in range(ROUNDS):
            middle = 0.5 * (low + high)
            low, high = (middle, high) if _parts(bounds, middle, count) is None else (low, middle)
        return [left + (right - left) * Fraction(k, CELLS) for k in _parts(bounds, high, count) or (0, CELLS)]


def _bounds(losses: Array, above: Array) -> Array:
    """`[i, j]`: what is foreseen between the i-th and the j-th time, for `i < j`."""
    count = len(losses)
    i, j = np.indices((count, count))
    highest = np.maximum.accumulate(np.where(i <= j, losses[None, :], -np.inf), axis=1)
    found: Array = highest + above[np.maximum(j - i, 0)]
    return found


def _parts(bounds: Array, level: float, most: int) -> list[int] | None:
    """Places of cuts, each as far to the right as the level allows; None if that makes more than `most` parts."""
    last = len(bounds) - 1
    places = [0]
    while places[-1] < last:
        if len(places) > most:
            return None
        k = places[-1]
        places.append(k + max(1, int(np.searchsorted(bounds[k, k + 1 :], level, side="right"))))
    return places
