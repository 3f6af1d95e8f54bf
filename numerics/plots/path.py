"""The picture of a certified path: the loss along it, its corners and levels, and the straight line beside it."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from numerics.arithmetic.rationals import at_most
from numerics.losses.problem import Problem
from numerics.maxima.corners import CornerMaximum
from numerics.maxima.pieces import PathMaximum
from numerics.paths import Path
from numerics.plots.canvas import Loss, Scale, plain, png, settings, title
from numerics.plots.curves import Point, curve, drawn, named

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def path_picture(
    path: Path,
    corners: CornerMaximum | PathMaximum,
    problem: Problem,
    *,
    words: str,
    line: Sequence[Point],
    zero_level: Fraction | None = None,
) -> bytes:
    """PNG bytes of `path_figure`."""
    with settings():
        return png(_drawn(path, corners, problem, words, sorted(dict(line).items()), zero_level))


def path_figure(
    path: Path,
    corners: CornerMaximum | PathMaximum,
    problem: Problem,
    *,
    words: str,
    line: Sequence[Point],
    zero_level: Fraction | None = None,
) -> Figure:
    """The loss along a path, `words` the title; `line`: losses of the straight line, samples and the highest known."""
    with settings():
        return _drawn(path, corners, problem, words, sorted(dict(line).items()), zero_level)


def _drawn(
    path: Path,
    corners: CornerMaximum | PathMaximum,
    problem: Problem,
    words: str,
    line: Sequence[Point],
    zero_level: Fraction | None,
) -> Figure:
    from matplotlib.figure import Figure

    along = curve(path, corners, problem)
    levels = [] if zero_level is None else [zero_level]
    beside: list[Loss] = [loss for _, loss in line]
    scale = Scale.of([*along.losses, *map(drawn, corners.losses), *levels, *beside, corners.maximum], log=True)
    quality = "exact" if corners.attained == corners.maximum else "at most"
    figure = Figure(figsize=(9, 5), dpi=130, layout="constrained")
    axes = figure.add_subplot()
    scale.name(axes, f"training loss, {named(problem)}")
    heights = [scale.height(loss) for loss in beside]
    label = "straight line (float64 samples)"
    axes.plot([float(t) for t, _ in line], heights, color="tab:red", label=label)
    times = [float(t) for t in along.times]
    heights = [scale.height(loss) for loss in along.losses]
    axes.plot(times, heights, color="tab:blue", linewidth=1.0, label="certified path (drawn in float64)")
    corner_times = np.arange(len(path.segments) + 1) / len(path.segments)
    heights = [scale.height(drawn(loss)) for loss in corners.losses]
    axes.plot(corner_times, heights, "o", color="tab:blue", markersize=3, label="corners, exact")
    ends = max(corners.start.top, corners.end.top)
    for level, style, colour, width, label in (
        (corners.maximum, "--", "black", 1.0, f"maximum ({quality}) {at_most(corners.maximum, digits=5)}"),
        (ends, ":", "tab:green", 1.2, f"higher end {at_most(ends, digits=5)}"),
        *((level, "-.", "grey", 1.0, f"zero path (R0) {at_most(level, digits=3)}") for level in levels),
    ):
        axes.axhline(scale.height(level), color=colour, linestyle=style, linewidth=width, label=plain(label))
    axes.set_xlabel("path time T (segments share [0, 1] equally)")
    title(axes, words)
    axes.legend(fontsize=8, loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure
