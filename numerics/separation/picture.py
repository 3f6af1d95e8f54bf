"""The picture of a valley: the loss along the plain escape and along the skip's, of the same weights."""

from __future__ import annotations

import io

import numpy as np

from numerics.arithmetic.rationals import decimal
from numerics.data import Data
from numerics.losses import exact_losses, float_loss
from numerics.paths import Path, mixed
from numerics.report import shortened
from numerics.routes.descent import downhill
from numerics.separation.escapes import over_zero, with_skip
from numerics.separation.witness import Valley

TIMES = 17  # losses drawn on each segment, in float64: they illustrate and prove nothing


def separation_picture(valley: Valley, data: Data) -> bytes:
    """PNG bytes."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 4.5), dpi=130, layout="constrained")
    axes = figure.add_subplot()
    over, down = over_zero(valley), downhill(with_skip(valley.bottom), data)
    for path, words, colour in ((over, "plain: over f = 0", "tab:red"), (down, "with the skip V z", "tab:blue")):
        losses = _losses(path, data)
        axes.plot(np.linspace(0, 1, len(losses)), losses, color=colour, label=words)
    exact = exact_losses(over.corners[:2], data)
    depth = shortened(decimal(exact[1] - exact[0], up=True))  # as in the table
    bottom, top = (float(loss) if loss < 10**300 else np.inf for loss in exact)
    axes.axhline(top, color="black", linestyle="--", linewidth=1.0, label="no plain path stays below (T5)")
    axes.axhline(bottom, color="grey", linestyle=":", linewidth=1.0, label=f"the valley, depth {depth}")
    axes.set_xlabel("path time (drawn in float64)")
    axes.set_ylabel("training loss, mean squared error")
    axes.set_title(f"{data.name}: width {valley.width}, branch {','.join(map(str, valley.branch))}")
    axes.legend(fontsize=8)
    stream = io.BytesIO()
    figure.savefig(stream, format="png", metadata={"Software": None})
    return stream.getvalue()


def _losses(path: Path, data: Data) -> list[float]:
    times = np.linspace(0.0, 1.0, TIMES).tolist()
    return [float_loss(mixed(one.start, one.end, t), data) for one in path.segments for t in times]
