"""The picture of a certified path: the loss along it, its corners and levels, and the straight line beside it."""

from __future__ import annotations

import io
from fractions import Fraction

import numpy as np

from numerics.data import Data
from numerics.losses import float_loss
from numerics.paths import Kind, Path, Segment, mixed
from numerics.supremum.corners import CornerMaximum
from numerics.supremum.pieces import PathMaximum

SHARES = [k / 8 for k in range(1, 9)]  # local times that are drawn; they illustrate and prove nothing


def path_picture(
    path: Path,
    corners: CornerMaximum | PathMaximum,
    data: Data,
    *,
    title: str,
    line: list[float],
    zero_level: Fraction | None = None,
) -> bytes:
    """PNG bytes. `line`: losses of the straight line at equally spaced times; drawn points are float64."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib.figure import Figure

    count = len(path.segments)
    times, losses = [0.0], [float(corners.start)]
    for k, segment in enumerate(path.segments):
        times += [(k + t) / count for t in SHARES]
        losses += _along(segment, float(corners.losses[k]), float(corners.losses[k + 1]), data)
    quality = "exact" if corners.attained == corners.maximum else "at most"
    figure = Figure(figsize=(9, 5), dpi=130, layout="constrained")
    axes = figure.add_subplot()
    axes.semilogy(np.linspace(0, 1, len(line)), line, color="tab:red", label="straight line (float64 samples)")
    axes.semilogy(times, losses, color="tab:blue", linewidth=1.0, label="certified path (drawn in float64)")
    corner_times = np.arange(count + 1) / count
    axes.semilogy(
        corner_times,
        [float(loss) for loss in corners.losses],
        "o",
        color="tab:blue",
        markersize=3,
        label="corners, exact",
    )
    axes.axhline(
        float(corners.maximum),
        color="black",
        linestyle="--",
        linewidth=1.0,
        label=f"maximum, {quality}: {float(corners.maximum):.5g}",
    )
    ends = max(corners.start, corners.end)
    axes.axhline(float(ends), color="tab:green", linestyle=":", linewidth=1.2, label=f"higher end {float(ends):.5g}")
    if zero_level is not None:
        axes.axhline(
            float(zero_level),
            color="grey",
            linestyle="-.",
            linewidth=1.0,
            label=f"R0, zero path {float(zero_level):.3g}",
        )
    axes.set_xlabel("path time T (segments share [0, 1] equally)")
    axes.set_ylabel("training loss, mean squared error")
    axes.set_title(title)
    axes.legend(fontsize=8, loc="center left", bbox_to_anchor=(1.0, 0.5))
    stream = io.BytesIO()
    figure.savefig(stream, format="png", metadata={"Software": None})
    return stream.getvalue()


def _along(segment: Segment, first: float, last: float, data: Data) -> list[float]:
    """The loss at `SHARES` of a segment: constant if silent or exact, on a readout line the quadratic through ends and
    middle (L7), else float64 samples.
    """
    if segment.kind in (Kind.SILENT, Kind.EXACT):
        return [last for _ in SHARES]
    if segment.kind is not Kind.READOUT:
        return [float_loss(mixed(segment.start, segment.end, t), data) for t in SHARES]
    sag = 2.0 * (first + last) - 4.0 * float_loss(mixed(segment.start, segment.end, 0.5), data)
    return [(1 - t) * first + t * last - t * (1 - t) * sag for t in SHARES]
