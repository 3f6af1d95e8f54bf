"""One picture of depths from both sides: exact depths of valleys at each width, and what C7 says at most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from numerics.common.shown import Shown
from numerics.plots import ticks
from numerics.plots.canvas import BLUE, INK, RED, png, settings, title
from numerics.plots.svg import Tips, svg
from numerics.questions.text import shortened

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MARKERS = (("o", BLUE), ("s", RED), ("^", INK), ("v", "#767676"))


@dataclass(frozen=True)
class Series(Shown):
    """Numbers above 0 by width; `exact`: depths that are proved, drawn full, else bounds, drawn hollow and joined."""

    words: str
    points: tuple[tuple[int, Fraction], ...]
    exact: bool


def both_sides_picture(series: Sequence[Series]) -> bytes:
    """PNG bytes."""
    with settings():
        return png(_drawn(series)[0])


def both_sides_svg(series: Sequence[Series], *, prefix: str) -> str:
    """An element of a page, with a tip on every mark."""
    said = "; ".join(
        f"{one.words}: " + ", ".join(f"{shortened(value)} at width {width}" for width, value in one.points)
        for one in series
    )
    with settings():
        figure, tips = _drawn(series)
        return svg(figure, tips, f"depth against width, both axes in powers. {said}", prefix=prefix, alone=False)


def _drawn(series: Sequence[Series]) -> tuple[Figure, Tips]:
    from matplotlib.figure import Figure

    figure, tips = Figure(figsize=(7.2, 5.4), dpi=130, layout="constrained"), Tips()
    axes: Any = figure.subplots()
    for k, one in enumerate(series):
        marker, colour = MARKERS[k % len(MARKERS)]
        face = colour if one.exact else "none"
        style = {"marker": marker, "color": colour, "markerfacecolor": face, "markersize": 6 if one.exact else 10}
        joined = {"linestyle": "none"} if one.exact else {"linestyle": "--", "linewidth": 1.0}
        columns = [width for width, _ in one.points], [float(value) for _, value in one.points]
        (drawn,) = axes.plot(*columns, **style, **joined, label=one.words)
        tips.mark(drawn, f"series-{k}", *(f"{one.words}, width {w}: {shortened(value)}" for w, value in one.points))
    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    widths = sorted({width for one in series for width, _ in one.points})
    axes.set_xticks(widths, [str(width) for width in widths])
    axes.minorticks_off()
    ticks.settle(axes, log=True)
    axes.set_xlabel("width m of the skip layer")
    axes.set_ylabel("depth")
    title(axes, "How deep valleys are, from both sides", fontsize=10)
    axes.legend(fontsize="small", loc="upper left", bbox_to_anchor=(0.0, -0.14), frameon=False)
    return figure, tips
