"""The picture of a way down: how far each step climbs against the level that it reaches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from numerics.plots import ticks
from numerics.plots.canvas import BLUE, RED, png, settings, title
from numerics.plots.course import Step
from numerics.plots.svg import Tips, svg
from numerics.questions.result import Result
from numerics.questions.text import shortened

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def staircase_picture(result: Result, *, words: str) -> bytes:
    """PNG bytes: the certified profile of a depth without a reference; `words` are the title. Raises ValueError."""
    with settings():
        return png(_drawn(result, words))


def staircase_svg(result: Result, *, words: str, prefix: str) -> str:
    """The same as an element of a page, its ids with that `prefix`. Raises ValueError."""
    with settings():
        steps = [step for step in steps_of(result) if not step.refit]
        most = max((step.climb for step in steps), default=Fraction(0))
        said = f"{words}: a refit, then {len(steps)} steps down, of which none climbs more than {shortened(most)}"
        return svg(_drawn(result, words), Tips(), said, prefix=prefix, alone=False)


def steps_of(result: Result) -> tuple[Step, ...]:
    """The stairs of a profile as they are drawn; one without a bound, which an interrupt can leave, is none."""
    return tuple(
        Step(stair.begin.top, stair.level.top, stair.climb.upper, stair.gain.lower, stair.refit)
        for stair in result.profile
        if stair.climb.upper is not None
    )


def _drawn(result: Result, words: str) -> Figure:
    from matplotlib.figure import Figure

    if not result.profile:
        raise ValueError("there is no profile to draw")
    figure = Figure(figsize=(7.0, 6.0), layout="constrained")
    bounds = {name: result.bounds[name].value for name in ("R0", "C7") if name in result.bounds}
    draw_steps(figure.subplots(2, 1, sharex=True), steps_of(result), bounds)
    title(figure.axes[0], f"{words}, climb against level")
    return figure


def draw_steps(pair: Sequence[Any], steps: Sequence[Step], bounds: Mapping[str, Fraction]) -> None:
    """On the upper axes the steepest climb down to each level; on the lower what each step climbs and gains, in
    decades; `bounds`: of the depth, by statement.
    """
    upper, lower = pair
    slots = [step for step in steps if not step.refit]
    for step in steps[:1]:
        if step.refit:
            upper.axvspan(float(step.level), float(step.begin), color="0.9", label="first refit: no cost, no news")
    start = slots[0].begin if slots else steps[0].level
    steepest, levels, climbs = 0.0, [float(start)], [0.0]
    for step in slots:  # the staircase: what one must be ready to climb at once to come down to this level
        steepest = max(steepest, float(step.climb))
        levels.append(float(step.level))
        climbs.append(steepest)
    upper.step(levels, climbs, where="pre", color=BLUE, label="no step down to this level climbs more")
    upper.set_ylim(bottom=0.0, top=None if steepest > 0.0 else 1.0)
    upper.set_ylabel("climb")
    gains = [(float(step.level), float(step.gain)) for step in slots if float(step.gain) > 0.0]
    rises = [(float(step.level), float(step.climb)) for step in slots if float(step.climb) > 0.0]
    flat = [float(step.level) for step in slots if not float(step.climb) > 0.0]
    kinds = ((gains, "v", BLUE, "gain of the step"), (rises, "^", RED, "climb of the step, at most"))
    for points, marker, colour, what in kinds:
        if points:
            lower.plot(*zip(*points, strict=True), marker=marker, color=colour, linestyle="none", label=what)
    least = min((height for _, height in [*gains, *rises]), default=1.0)
    if flat:
        lower.plot(flat, [least / 10] * len(flat), "|", color=RED, label="steps that climb nothing")
    lower.set_yscale("log")
    lower.set_ylabel("loss")
    for name, colour in (("R0", "0.5"), ("C7", RED)):
        bound = bounds.get(name)
        if bound is not None and bound > 0:
            lower.axhline(float(bound), color=colour, linestyle=":", label=f"{name} <= {shortened(bound)}")
    lower.set_xlabel("level reached (loss)")
    lower.invert_xaxis()
    ticks.settle(lower, "x")
    ticks.settle(upper)
    ticks.settle(lower, log=True)
    for axes in (upper, lower):
        if axes.get_legend_handles_labels()[0]:
            axes.legend(fontsize="small")
