"""The picture of a certified path: bounds, corners, samples and levels; the error rate, and a way down's profile below.

Everything has a line or a marker of its own, so that it can be told apart in grey, too.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from numerics.arithmetic.rationals import Enclosure, brief
from numerics.common.shown import Shown
from numerics.plots import ticks
from numerics.plots.canvas import BLUE, GREY, INK, RED, Axis, Loss, Scale, plain, png, settings, title
from numerics.plots.course import Course, Step, time_words
from numerics.plots.staircase import draw_steps
from numerics.plots.svg import Tips, svg
from numerics.questions.text import number, shortened

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTH = 7.2  # inches
LOSS, ERRORS, LEGEND, PROFILE = 3.6, 1.3, 1.0, 4.6  # inches of height
RATIO = 30.0  # of the largest to the smallest loss from which on decades are drawn
APART = 0.12  # of the width: between two times that are written down
SHORT = 3  # significant digits of what is sampled


@dataclass(frozen=True, eq=False)
class Scene(Shown):
    """What is drawn: a course and its title; `line`: losses of the straight line; `steps`: of a way down; `bounds` of
    the depth, by statement.
    """

    course: Course
    words: str
    line: Sequence[tuple[Fraction, Loss]] = ()
    steps: Sequence[Step] = ()
    bounds: Mapping[str, Fraction] = field(default_factory=dict)


def path_figure(scene: Scene) -> Figure:
    """The figure, which no window shows."""
    with settings():
        return _drawn(scene)[0]


def path_picture(scene: Scene) -> bytes:
    """PNG bytes."""
    with settings():
        return png(_drawn(scene)[0])


def path_svg(scene: Scene, *, prefix: str = "", alone: bool = True) -> str:
    """SVG with a tip on every mark; `alone`: a file of its own, else a part of a page, its ids with that `prefix`."""
    with settings():
        figure, tips = _drawn(scene)
        return svg(figure, tips, described(scene), prefix=prefix, alone=alone)


def described(scene: Scene) -> str:
    """The picture in words, for who cannot see it."""
    course = scene.course
    count = len(course.kinds)
    parts = [f"{plain(scene.words)}: the loss along a path of {count} segment{'s' * (count != 1)}"]
    if course.corners:
        start, end = course.corners[0], course.corners[-1]
        parts.append(f"from {_amount(start)} at the start to {_amount(end)} at the end")
        if course.maximum is not None and course.maximum.upper is not None:
            parts.append(f"nowhere above {shortened(course.maximum.upper)}")
    else:
        parts.append("nothing is certified")
    if course.errors is not None and course.errors.upper is not None:
        parts.append(f"the error rate nowhere above {shortened(course.errors.upper)}")
    errors = [one.errors for one in course.samples if one.errors is not None]
    if errors:
        parts.append(f"the sampled error rate is at most {brief(Fraction(max(errors)), up=True, digits=SHORT)}")
    return ", ".join(parts)


def _drawn(scene: Scene) -> tuple[Figure, Tips]:
    from matplotlib.figure import Figure

    course, tips = scene.course, Tips()
    labelled = any(one.errors is not None for one in course.samples)
    profile = bool(scene.steps)
    rows = [LOSS, *([ERRORS] if labelled else []), *([PROFILE / 2] * 2 if profile else [])]
    figure = Figure(figsize=(WIDTH, sum(rows) + LEGEND), dpi=130, layout="constrained")
    grid = figure.add_gridspec(len(rows), 1, height_ratios=rows)
    if profile:
        upper = figure.add_subplot(grid[-2])
        draw_steps((upper, figure.add_subplot(grid[-1], sharex=upper)), scene.steps, scene.bounds)
        title(upper, "the way down: climb against level", fontsize=9)
    axes = figure.add_subplot(grid[0])
    below = figure.add_subplot(grid[1], sharex=axes) if labelled else axes
    handles = _losses(axes, scene, tips)
    if labelled:
        _errors(below, course, tips)
        axes.tick_params(labelbottom=False)
    _times(axes, below, course)
    title(axes, scene.words, fontsize=10)
    under = {"loc": "upper left", "bbox_to_anchor": (0.0, -0.55 if labelled else -0.2), "ncols": 2}
    below.legend(handles=handles, fontsize=7.5, frameon=False, borderaxespad=0.0, **under)
    return figure, tips


def _losses(axes: Any, scene: Scene, tips: Tips) -> list[Any]:
    """Everything about the loss; returns what the legend is about."""
    course, place = scene.course, scene.course.place()
    losses = [*course.heights, *(loss for _, loss in scene.line)]
    log = _wide(losses)
    scale = Scale.of(losses, log=log)
    scale.name(axes, f"loss, {plain(course.loss)}")
    handles = []
    for k, band in enumerate(course.bands):
        left, right, top = place(band.left), place(band.right), scale.height(band.upper)
        if band.lower is None:
            style = {"color": BLUE, "linewidth": 1.8, "alpha": 0.55, "linestyle": (0, (4, 1.5))}
            (drawn,) = axes.plot([left, right], [top] * 2, **style)
        else:
            edges = (scale.height(band.lower), top)
            drawn = axes.fill_between([left, right], *edges, color=BLUE, alpha=0.3, linewidth=0.5)
        tips.mark(drawn, f"bound-{k}", band.words)
        if not k:
            drawn.set_label("certified for every t, segment by segment")
            handles.append(drawn)
    joined = [(place(time), scale.height(loss)) for time, loss in course.line]
    what = "the loss, at breakpoints and piece ends too" if course.followed else "samples and corners, joined"
    (drawn,) = axes.plot(*_columns(joined), color=BLUE, linewidth=1.0, label=what, gid="curve")
    handles.append(drawn)
    seen = [(place(one.time), scale.height(one.loss), one) for one in course.samples]
    seen = [one for one in seen if math.isfinite(one[1])]
    lost = len(course.samples) - len(seen)
    label = "float64 samples" + (f", {lost} of {len(course.samples)} overflow" if lost else "")
    (drawn,) = axes.plot(*_columns(seen), ".", color=RED, markersize=3.5, label=label)
    tips.mark(drawn, "samples", *(f"T = {time_words(one.time)}: sampled loss {one.loss:.6g}" for *_, one in seen))
    handles.append(drawn)
    if course.corners:
        corners = "corners, exact" if all(one.exact is not None for one in course.corners) else "corners, enclosed"
        tops = [one.lower for one in course.corners]
        points = [(place(t), scale.height(loss)) for t, loss in zip(course.corner_times, tops, strict=True)]
        (drawn,) = axes.plot(*_columns(points), "s", color=BLUE, markersize=3.2, label=corners)
        tips.mark(drawn, "corners", *(_said(k, one, course) for k, one in enumerate(course.corners)))
        handles.append(drawn)
    if scene.line:
        points = [(float(t), scale.height(loss)) for t, loss in sorted(dict(scene.line).items())]
        style = {
            "color": RED,
            "linewidth": 1.0,
            "linestyle": "--",
            "label": "straight line (samples), in its own time",
        }
        (drawn,) = axes.plot(*_columns(points), gid="straight", **style)
        handles.append(drawn)
    handles += _levels(axes, course, scale, tips)
    _folds(axes, course, handles, tips)
    axes.set_xlim(0.0, 1.0)
    axes.set_ylim(*_window([scale.height(loss) for loss in losses], log=scale.axis is Axis.LOG))
    ticks.settle(axes, log=scale.axis is Axis.LOG)
    return handles


def _levels(axes: Any, course: Course, scale: Scale, tips: Tips) -> list[Any]:
    """The maximum, both ends, the zero path, and where the maximum is attained."""
    handles = []
    levels: list[tuple[Fraction, Any, str, str]] = []
    if course.maximum is not None and course.maximum.upper is not None:
        checked = "" if course.corners else ", not checked"
        levels.append((course.maximum.upper, "--", INK, f"maximum {number(course.maximum)}{checked}"))
    if course.corners:
        for name, style, one in (("start", ":", course.corners[0]), ("end", (0, (1, 4)), course.corners[-1])):
            if one.upper is not None:
                levels.append((one.upper, style, GREY, f"{name} <= {shortened(one.upper)}"))
    if course.zero is not None:
        levels.append((course.zero, "-.", GREY, f"zero path (R0) <= {shortened(course.zero)}"))
    for k, (level, style, colour, label) in enumerate(levels):
        drawn = axes.axhline(scale.height(level), color=colour, linestyle=style, linewidth=1.0, label=plain(label))
        tips.mark(drawn, f"level-{k}", label)
        handles.append(drawn)
    if course.highest is not None and course.maximum is not None:
        peak = scale.height(course.maximum.lower)
        (drawn,) = axes.plot([course.place()(course.highest)], [peak], "*", color=INK, markersize=9)
        drawn.set_label(f"attained at T = {time_words(course.highest)}")
        tips.mark(drawn, "attained", drawn.get_label())
        handles.append(drawn)
    return handles


def _folds(axes: Any, course: Course, handles: list[Any], tips: Tips, name: str = "fold") -> None:
    """Hatched where flat stretches are folded."""
    place, times = course.place(), course.corner_times
    for k, (first, last) in enumerate(course.flat):
        left, right = place(times[first]), place(times[last + 1])
        drawn = axes.axvspan(left, right, facecolor="0.93", edgecolor="0.75", hatch="////", linewidth=0.0, zorder=0)
        count = last + 1 - first
        where = f"segments {first} to {last}" if count > 1 else f"segment {first}"
        tips.mark(drawn, f"{name}-{k}", f"{where}: flat, the loss does not change; drawn folded")
        if not k:
            drawn.set_label("flat (silent or exact), folded")
            handles.append(drawn)


def _errors(axes: Any, course: Course, tips: Tips) -> None:
    """The share of wrong predictions, as samples see it."""
    place = course.place()
    seen = [(place(one.time), 100 * one.errors, one) for one in course.samples if one.errors is not None]
    (drawn,) = axes.plot(*_columns(seen), ".", color=RED, markersize=3.5)
    said = (f"T = {time_words(one.time)}: sampled error rate {percent:.4g}%" for _, percent, one in seen)
    tips.mark(drawn, "errors", *said)
    axes.set_ylabel("wrong, %", fontsize=8)
    top = max(percent for _, percent, _ in seen)
    if course.errors is not None and course.errors.upper is not None:
        bound = 100 * float(course.errors.upper)
        words = f"error rate <= {shortened(course.errors.upper)} for every t"
        tips.mark(axes.axhline(bound, color=BLUE, linestyle=(0, (4, 1.5)), linewidth=1.2), "errorbound", words)
        top = max(top, bound)
    axes.set_ylim(-0.05 * (top or 1.0), 1.1 * (top or 1.0))
    ticks.settle(axes)
    _folds(axes, course, [], tips, "errorfold")


def _times(axes: Any, below: Any, course: Course) -> None:
    """Some corners' times, far enough from each other to be read."""
    place, chosen = course.place(), [Fraction(0)]
    for time in course.corner_times if len(course.kinds) > 8 else [Fraction(k, 8) for k in range(9)]:
        if place(time) - place(chosen[-1]) >= APART and (time == 1 or 1 - place(time) >= APART):
            chosen.append(time)
    if chosen[-1] != 1:
        chosen.append(Fraction(1))
    axes.set_xticks([place(time) for time in chosen], [ticks.label(float(time), 3) for time in chosen])
    folded = "; hatched stretches are folded" if course.flat else ""
    count = len(course.kinds)
    shared = f", {count} segments share [0, 1] equally{folded}" if count > 1 else ""
    below.set_xlabel(f"path time T{shared}")


def _said(corner: int, loss: Enclosure, course: Course) -> str:
    return f"corner {corner} of {len(course.kinds)}, T = {time_words(course.corner_times[corner])}: {_amount(loss)}"


def _amount(loss: Enclosure) -> str:
    return "not bounded" if loss.upper is None else number(loss)


def _columns(points: Sequence[Sequence[Any]]) -> tuple[list[float], list[float]]:
    return [one[0] for one in points], [one[1] for one in points]


def _wide(losses: Sequence[Loss]) -> bool:
    """Whether decades show more: all losses above 0, and some many times others."""
    known = [loss for loss in losses if isinstance(loss, Fraction) or math.isfinite(loss)]
    return bool(known) and min(known) > 0 and max(known) >= RATIO * min(known)


def _window(heights: Sequence[float], *, log: bool) -> tuple[float, float]:
    known = [height for height in heights if math.isfinite(height)]
    low, high = min(known, default=0.0), max(known, default=1.0)
    if log:
        margin = (high / low) ** 0.05
        return low / margin, high * margin
    margin = 0.05 * ((high - low) or abs(high) or 1.0)
    return low - margin, high + margin
