"""The picture of a valley: the loss along the plain escape and along the skip's, of the same weights."""

from __future__ import annotations

from numerics.arithmetic.rationals import at_most
from numerics.data import Data
from numerics.losses import fraction
from numerics.losses.problem import Problem
from numerics.maxima.corners import corner_maximum
from numerics.plots.canvas import Scale, png, settings, title
from numerics.plots.curves import curve
from numerics.questions.text import SHORT
from numerics.routes.descent import downhill
from numerics.studies.separation.escapes import over_zero, with_skip
from numerics.studies.separation.witness import Valley

STEPS = 16  # parts of a segment, on which the loss is drawn between exact corners: they prove nothing


def separation_picture(valley: Valley, data: Data) -> bytes:
    """PNG bytes."""
    with settings():
        return _drawn(valley, data)


def _drawn(valley: Valley, data: Data) -> bytes:
    from matplotlib.figure import Figure

    over, down = over_zero(valley), downhill(with_skip(valley.bottom), Problem(data))
    corners = {path: corner_maximum(path, Problem(data)) for path in (over, down)}
    curves = {path: curve(path, corners[path], Problem(data), steps=STEPS) for path in (over, down)}
    scale = Scale.of(loss for along in curves.values() for loss in along.losses)
    figure = Figure(figsize=(8, 4.5), dpi=130, layout="constrained")
    axes = figure.add_subplot()
    for path, words, colour in ((over, "plain: over f = 0", "tab:red"), (down, "with the skip V z", "tab:blue")):
        times, losses = ([*map(float, curves[path].times)], [*map(scale.height, curves[path].losses)])
        axes.plot(times, losses, color=colour, label=words)
    bottom, top = map(fraction, corners[over].losses[:2])
    depth = at_most(top - bottom, digits=SHORT)  # as in the table
    words = "no plain path stays below (T5)"
    axes.axhline(scale.height(top), color="black", linestyle="--", linewidth=1.0, label=words)
    axes.axhline(scale.height(bottom), color="grey", linestyle=":", linewidth=1.0, label=f"the valley, depth {depth}")
    axes.set_xlabel("path time (drawn in float64)")
    scale.name(axes, "training loss, mean squared error")
    title(axes, f"{data.name}: width {valley.width}, branch {','.join(map(str, valley.branch))}")
    axes.legend(fontsize=8)
    return png(figure)
