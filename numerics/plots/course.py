"""What the picture of a path shows: the checker's bounds and exact corners, beside what float64 samples see.

A flat stretch, on which only silent or exact segments lie, takes little room: the loss does not change there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby

import numpy as np

from numerics.arithmetic.rationals import Enclosure, decimal
from numerics.common.shown import Shown
from numerics.losses.problem import Problem
from numerics.paths import Kind, Path
from numerics.plots.canvas import Loss
from numerics.plots.curves import named
from numerics.plots.samples import PASSES, Sample, samples
from numerics.questions.result import Result, SegmentClaim
from numerics.questions.text import KINDS, number, shortened

FOLDED = 0.35  # width of a flat stretch, of however many segments; any other segment has 1
NOTHING = Fraction(1, 10**6)  # of a loss: what is lower by less is no step down

Pieces = Sequence[tuple[int, Fraction, Fraction, Fraction, Fraction]]
"""Segment, its part `[left, right]`, and bounds of the loss there, from below and above."""


@dataclass(frozen=True)
class Band(Shown):
    """What bounds the loss from `left` to `right`, in path time: `lower` is None where only the upper end is known."""

    left: Fraction
    right: Fraction
    lower: Fraction | None
    upper: Fraction
    exact: bool
    words: str


@dataclass(frozen=True)
class Step(Shown):
    """A step of a way down: the losses at its two ends, the climb between them at most, and the gain.

    `refit`: whether the readout alone moves, without a climb.
    """

    begin: Fraction
    level: Fraction
    climb: Fraction
    gain: Fraction
    refit: bool = False


@dataclass(frozen=True, eq=False)
class Course(Shown):
    """Losses along a path: `corners` exact or enclosed (empty where no checker spoke), `bands` for every t between.

    `loss`: what it is called on an axis; `line`: losses in between, joined where they are drawn; `highest`: where the
    maximum's lower end is attained; `zero` the zero path's level (R0).
    """

    verdict: str
    question: str
    loss: str
    kinds: tuple[str, ...]
    corners: tuple[Enclosure, ...]
    bands: tuple[Band, ...]
    line: tuple[tuple[Fraction, Loss], ...]
    samples: tuple[Sample, ...]
    maximum: Enclosure | None = None
    highest: Fraction | None = None
    zero: Fraction | None = None
    errors: Enclosure | None = None  # of the share of wrong predictions over the whole path, certified
    followed: bool = False  # whether `line` knows breakpoints and ends of pieces, too

    @property
    def corner_times(self) -> tuple[Fraction, ...]:
        """Path times of the corners: segments share [0, 1] equally."""
        count = max(1, len(self.kinds))
        return tuple(Fraction(k, count) for k in range(count + 1))

    @property
    def flat(self) -> tuple[tuple[int, int], ...]:
        """First and last segment of every flat stretch; none where the whole path is one."""
        runs, first = [], 0
        for still, group in groupby(self.kinds, key=lambda kind: Kind(kind).keeps_outputs):
            count = len(list(group))
            if still and count < len(self.kinds):
                runs.append((first, first + count - 1))
            first += count
        return tuple(runs)

    def place(self) -> Callable[[Fraction | float], float]:
        """Where a path time is drawn, in [0, 1]: in proportion, but for flat stretches, which are folded."""
        widths = np.ones(max(1, len(self.kinds)))
        for first, last in self.flat:
            widths[first : last + 1] = FOLDED / (last + 1 - first)
        places = np.concatenate([[0.0], np.cumsum(widths)])
        places /= places[-1]
        times = np.array([float(time) for time in self.corner_times])
        return lambda time: float(np.interp(float(time), times, places))

    @property
    def heights(self) -> list[Loss]:
        """Every loss that is to be seen."""
        known: list[Loss] = [end for one in self.corners for end in (one.lower, one.upper) if end is not None]
        known += [end for band in self.bands for end in (band.lower, band.upper) if end is not None]
        known += [loss for _, loss in self.line] + [one.loss for one in self.samples]
        return known + ([] if self.zero is None else [self.zero])


def course(
    result: Result,
    path: Path,
    problem: Problem,
    *,
    line: Sequence[tuple[Fraction, Loss]] = (),
    pieces: Pieces = (),
    zero: Fraction | None = None,
    passes: int = PASSES,
) -> Course:
    """From the answer, the path in floats, and what it is about.

    `line`: losses that are known better than samples; `pieces`: what bounds the loss on parts of segments.
    """
    given, maximum = result.segments, result.maximum
    kinds = tuple(str(one.kind) for one in given or path.segments)
    checked = bool(given) or result.proved  # a path may have no segment
    ends = (result.start, *(one.end for one in given)) if given else (result.start, result.end)
    corners = tuple(one for one in ends if one is not None) if checked else ()
    seen = samples(path, kinds, problem, passes)
    highest = None if maximum is None or not kinds else (maximum.segment + maximum.t) / len(kinds)
    return Course(
        verdict=result.verdict,
        question=str(result.question or "path"),
        loss=named(problem),
        kinds=kinds,
        corners=corners,
        bands=_bands(given, pieces),
        line=_joined(kinds, corners, seen, maximum, highest, line),
        samples=seen,
        maximum=maximum,
        highest=highest,
        zero=zero,
        errors=result.error_rate,
        followed=bool(line),
    )


def _bands(given: Sequence[SegmentClaim], pieces: Pieces) -> tuple[Band, ...]:
    """The checker's bound on every segment, but for those of which pieces are known."""
    count, cut = len(given), {k for k, *_ in pieces}
    bands = [
        Band((k + left) / count, (k + right) / count, low, high, False, _words(k, "piece", "enclosure", high, False))
        for k, left, right, low, high in pieces
        if count
    ]
    for k, one in enumerate(given):
        if k in cut or one.upper is None:
            continue
        words = _words(k, KINDS.get(one.kind, one.kind), one.statement, one.upper, one.exact)
        bands.append(Band(Fraction(k, count), Fraction(k + 1, count), None, one.upper, one.exact, words))
    return tuple(sorted(bands, key=lambda one: one.left))


def _words(segment: int, kind: str, statement: str, upper: Fraction, exact: bool) -> str:
    proved = f"maximum {number(Enclosure.of(upper))}" if exact else f"for every t at most {shortened(upper)}"
    return f"segment {segment}, {kind} ({statement}): {proved}"


def _joined(
    kinds: Sequence[str],
    corners: Sequence[Enclosure],
    seen: Sequence[Sample],
    maximum: Enclosure | None,
    highest: Fraction | None,
    known: Sequence[tuple[Fraction, Loss]],
) -> tuple[tuple[Fraction, Loss], ...]:
    """What is known best of the loss at each time; where nothing is given between corners, samples."""
    if known:
        general = [(k, k + 1) for k, kind in enumerate(kinds) if Kind(kind).is_enclosed]
        inside = {one.time: one.loss for one in seen if any(a < one.time * len(kinds) < b for a, b in general)}
        return tuple(sorted({**inside, **dict(known)}.items()))
    points: dict[Fraction, Loss] = {one.time: one.loss for one in seen}
    points |= {Fraction(k, max(1, len(corners) - 1)): one.lower for k, one in enumerate(corners)}
    if maximum is not None and highest is not None:
        points[highest] = maximum.lower
    return tuple(sorted(points.items()))


def steps_down(course: Course) -> tuple[Step, ...]:
    """From each corner that is lower than all before it to the next one that is so by more than `NOTHING`, by certified
    bounds alone.

    Empty where a segment has no bound.
    """
    times = course.corner_times
    if len(course.corners) < 2:
        return ()
    begin, top = course.corners[0], course.corners[0].lower
    found: list[Step] = []
    for k, corner in enumerate(course.corners[1:]):
        bounds = [band.upper for band in course.bands if times[k] <= band.left < times[k + 1]]
        if not bounds or corner.upper is None:
            return ()
        top = max(top, *bounds)
        if corner.upper < begin.lower * (1 - NOTHING):
            climb = top - begin.lower
            refit = k == 0 and course.kinds[0] == Kind.READOUT and top == begin.upper
            found.append(Step(begin.top, corner.upper, climb, begin.lower - corner.upper, refit))
            begin, top = corner, corner.lower
    return tuple(found)


def time_words(time: Fraction) -> str:
    """A path time to so many digits."""
    return decimal(time, up=False, digits=4) if time else "0"
