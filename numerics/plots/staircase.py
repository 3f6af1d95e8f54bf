"""The picture of a way down: how far each step climbs against the level that it reaches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from numerics.plots import ticks
from numerics.plots.canvas import BLUE, RED, Axis, Scale, png, settings, title
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
    levels = Scale.of(value for step in steps for value in (step.begin, step.level))
    climbs = Scale.of(step.climb for step in slots)
    known = [bound for bound in bounds.values() if bound > 0]
    sizes = Scale.of([value for step in slots for value in (step.climb, step.gain)] + known, log=True)
    for step in steps[:1]:
        if step.refit:
            ends = levels.height(step.level), levels.height(step.begin)
            upper.axvspan(*ends, color="0.9", label="first refit: no cost, no news")
    start = slots[0].begin if slots else steps[0].level
    steepest, reached, tops = Fraction(0), [levels.height(start)], [climbs.height(Fraction(0))]
    for step in slots:  # the staircase: what one must be ready to climb at once to come down to this level
        steepest = max(steepest, step.climb)
        reached.append(levels.height(step.level))
        tops.append(climbs.height(steepest))
    upper.step(reached, tops, where="pre", color=BLUE, label="no step down to this level climbs more")
    if climbs.axis is Axis.LINEAR:
        upper.set_ylim(bottom=0.0, top=None if steepest > 0 else 1.0)
    climbs.name(upper, "climb")
    gains = [(levels.height(step.level), sizes.height(step.gain)) for step in slots if step.gain > 0]
    rises = [(levels.height(step.level), sizes.height(step.climb)) for step in slots if step.climb > 0]
    flat = [levels.height(step.level) for step in slots if not step.climb > 0]
    kinds = ((gains, "v", BLUE, "gain of the step"), (rises, "^", RED, "climb of the step, at most"))
    for points, marker, colour, what in kinds:
        if points:
            lower.plot(*zip(*points, strict=True), marker=marker, color=colour, linestyle="none", label=what)
    log = sizes.axis is Axis.LOG
    least = min((height for _, height in [*gains, *rises]), default=1.0)
    if flat:
        below = least / 10 if log else least - 1
        lower.plot(flat, [below] * len(flat), "|", color=RED, label="steps that climb nothing")
    sizes.name(lower, "loss")
    for name, colour in (("R0", "0.5"), ("C7", RED)):
        bound = bounds.get(name)
        if bound is not None and bound > 0:
            words = f"{name} <= {shortened(bound)}"
            lower.axhline(sizes.height(bound), color=colour, linestyle=":", label=words)
    lower.set_xlabel("level reached (loss)" if levels.axis is Axis.LINEAR else "log10 of the level reached (loss)")
    lower.invert_xaxis()
    ticks.settle(lower, "x")
    ticks.settle(upper)
    ticks.settle(lower, log=log)
    for axes in (upper, lower):
        if axes.get_legend_handles_labels()[0]:
            axes.legend(fontsize="small")
