"""The picture of a way down: how far each step climbs against the level that it reaches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from numerics.plots.canvas import png, settings, title
from numerics.questions.result import Result

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def staircase_picture(result: Result, *, words: str) -> bytes:
    """PNG bytes of `staircase_figure`."""
    with settings():
        return png(_drawn(result, words))


def staircase_figure(result: Result, *, words: str) -> Figure:
    """The certified profile of a depth without a reference, `words` the title. Raises ValueError without a profile."""
    with settings():
        return _drawn(result, words)


def _drawn(result: Result, words: str) -> Figure:
    """Above: the steepest climb down to each level. Below: what each step climbs and gains, in decades."""
    from matplotlib.figure import Figure

    if not result.profile:
        raise ValueError("there is no profile to draw")
    figure = Figure(figsize=(7.0, 6.0), layout="constrained")
    upper, lower = figure.subplots(2, 1, sharex=True)
    title(upper, f"{words}, climb against level")
    slots = [stair for stair in result.profile if not stair.refit]
    for stair in result.profile[:1]:
        if stair.refit:
            upper.axvspan(float(stair.level), float(stair.begin), color="0.9", label="first refit: no cost, no news")
    start = slots[0].begin if slots else result.profile[0].level
    steepest, levels, climbs = 0.0, [float(start)], [0.0]
    for stair in slots:  # the staircase: what one must be ready to climb at once to come down to this level
        steepest = max(steepest, float(stair.climb))
        levels.append(float(stair.level))
        climbs.append(steepest)
    upper.step(levels, climbs, where="pre", color="C0", label="no step down to this level climbs more")
    upper.set_ylim(bottom=0.0, top=None if steepest > 0.0 else 1.0)
    upper.set_ylabel("climb")
    gains = [(float(stair.level), float(stair.gain)) for stair in slots if float(stair.gain) > 0.0]
    rises = [(float(stair.level), float(stair.climb)) for stair in slots if float(stair.climb) > 0.0]
    flat = [float(stair.level) for stair in slots if not float(stair.climb) > 0.0]
    for points, marker, what in ((gains, "v", "gain of the step"), (rises, "^", "climb of the step, at most")):
        if points:
            lower.plot(*zip(*points, strict=True), marker=marker, linestyle="none", label=what)
    least = min((height for _, height in [*gains, *rises]), default=1.0)
    if flat:
        lower.plot(flat, [least / 10] * len(flat), "|", color="C1", label="steps that climb nothing")
    lower.set_yscale("log")
    lower.set_ylabel("loss")
    for name, colour in (("R0", "0.5"), ("C7", "C3")):
        bound = result.bounds.get(name)
        if bound is not None and bound.value > 0:
            lower.axhline(float(bound.value), color=colour, linestyle=":", label=f"{name} <= {float(bound.value):.3g}")
    lower.set_xlabel("level reached (loss)")
    lower.invert_xaxis()
    for axes in (upper, lower):
        if axes.get_legend_handles_labels()[0]:
            axes.legend(fontsize="small")
    return figure
