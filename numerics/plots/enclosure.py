"""The picture of an enclosure: the finder's bounds on every piece of the path, and what samples would have seen."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from numerics.arithmetic.rationals import brief
from numerics.plots import ticks
from numerics.plots.canvas import BLUE, RED, Loss, Scale, png, settings, title
from numerics.plots.curves import Curve, curve, named
from numerics.questions.enclose import Certified, Samples

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ZOOM = 3.0  # the right panel shows this many pieces (or sampling steps, or widths of the peak) beside the maximum
NARROWEST = 1e-12  # of the right panel: float64 times are told apart
DIGITS = 8

Enclosed = tuple[float, float, Fraction, Fraction]  # left and right in path time, lower and upper bound


def enclosure_picture(found: Certified, seen: Samples, *, words: str, verdict: str) -> bytes:
    """PNG bytes: the whole path on the left, the neighbourhood of its maximum on the right; `words` are the title."""
    with settings():
        return png(_drawn(found, seen, words, verdict))


def _drawn(found: Certified, seen: Samples, words: str, verdict: str) -> Figure:
    from matplotlib.figure import Figure

    maximum, count = found.maximum, len(found.path.segments)
    along = curve(found.path, maximum, found.problem, samples=seen.losses)
    enclosed, exact = _enclosed(found), _exact(found)
    scale = Scale.of([*along.losses, *(bound for *_, low, high in enclosed for bound in (low, high))])
    limits = _limits(found, seen, along, enclosed)
    figure = Figure(figsize=(11, 4.6), dpi=130, layout="constrained")
    whole, near = figure.subplots(1, 2)
    times = [float(time) for time in along.times]
    heights = [scale.height(loss) for loss in along.losses]
    samples = [(k + t) / count for k in range(count) for t in np.linspace(0, 1, seen.times)]
    sampled = [scale.height(loss) for losses in seen.losses for loss in losses]
    lost = sum(map(math.isnan, sampled))
    said = f"{seen.times} float64 samples a segment" + (f", {lost} of {len(sampled)} overflow" if lost else "")
    segment, t = maximum.at
    top, peak = float((segment + t) / count), scale.height(maximum.attained)
    for axes in (whole, near):
        for k, (left, right, low, high) in enumerate(enclosed):
            label = "enclosed for every t" if k == 0 else None
            edges = (scale.height(low), scale.height(high))
            axes.fill_between([left, right], *edges, color=BLUE, alpha=0.3, linewidth=0.5, label=label)
        for k, (left, right, highest) in enumerate(exact):
            label = "exact maximum of the segment" if k == 0 else None
            style = {"color": BLUE, "linewidth": 1.0, "linestyle": "--"}
            axes.plot([left, right], [scale.height(highest)] * 2, **style, label=label)
        axes.plot(times, heights, color=BLUE, linewidth=1.0, label="the loss, at breakpoints and piece ends too")
        axes.plot(samples, sampled, ".", color=RED, markersize=4, label=said)
        axes.plot([top], [peak], "k*", markersize=9, label="attained, exact")
    whole.set_xlabel("path time T (segments share [0, 1] equally)")
    near.set_xlabel("path time T")
    scale.name(whole, f"loss, {named(found.problem)}")
    whole.set_ylim(*_window([value for value in heights if math.isfinite(value)], peak))
    near.set_xlim(*limits)
    near.set_ylim(*_near(times, heights, [(a, b, scale.height(x), scale.height(y)) for a, b, x, y in enclosed], limits))
    for axes in (whole, near):
        ticks.settle(axes)
        ticks.settle(axes, "x")
    bound = "not bounded" if maximum.upper is None else f"at most {brief(found.claims[-1], up=True, digits=DIGITS)}"
    attained = brief(maximum.attained, up=False, digits=DIGITS)
    title(near, f"{verdict}: maximum at least {attained}, {bound}", fontsize=9)
    title(whole, words, fontsize=9)
    whole.legend(fontsize=8)
    return figure


def _limits(found: Certified, seen: Samples, along: Curve, enclosed: Sequence[Enclosed]) -> tuple[float, float]:
    """The times of the right panel: a peak that samples could miss, else some pieces, or sampling steps, beside it."""
    segment, t = found.maximum.at
    count = len(found.path.segments)
    top = (segment + t) / count
    beside = [right - left for left, right, _, _ in enclosed if left <= top <= right]
    step, peak = 1.0 / (count * (seen.times - 1)), along.half_width(top)
    reach = peak if peak < step else max(beside, default=step)
    reach = max(ZOOM * reach, NARROWEST)
    return max(0.0, float(top) - reach), min(1.0, float(top) + reach)


def _near(
    times: Sequence[float],
    heights: Sequence[float],
    enclosed: Sequence[tuple[float, float, float, float]],
    limits: tuple[float, float],
) -> tuple[float, float]:
    """The heights of the right panel: of what is drawn between its limits."""
    left, right = limits
    shown = [height for t, height in zip(times, heights, strict=True) if left <= t <= right and math.isfinite(height)]
    for first, last, low, high in enclosed:
        if last >= left and first <= right:
            shown += [low, high]
    return _window(shown, max(shown, default=0.0))


def _enclosed(found: Certified) -> list[Enclosed]:
    """The pieces of general segments that are bounded."""
    count = len(found.path.segments)
    return sorted(
        (
            float((piece.segment + piece.left) / count),
            float((piece.segment + piece.right) / count),
            piece.lower,
            piece.upper,
        )
        for piece in found.maximum.pieces
        if piece.upper is not None
    )


def _exact(found: Certified) -> list[tuple[float, float, Loss]]:
    """`(left, right, maximum)` in path time for the segments whose maximum is exact: readout and hidden ones."""
    maximum, count = found.maximum, len(found.path.segments)
    between = {k: hidden.loss for k, hidden in maximum.hidden}
    corners = [loss.top for loss in maximum.losses]
    return [
        (
            k / count,
            (k + 1) / count,
            max(between.get(k, Fraction(0)), *corners[k : k + 2]),
        )
        for k, segment in enumerate(found.path.segments)
        if not segment.kind.is_enclosed
    ]


def _window(lows: Sequence[float], high: float) -> tuple[float, float]:
    low = min(lows, default=high)
    margin = 0.05 * (max(high - low, 1e-12 * abs(high)) or 1.0)  # a loss of 0 throughout still needs a window
    return low - margin, high + margin
