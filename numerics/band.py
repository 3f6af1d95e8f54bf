"""The picture of an enclosure: the finder's bounds on every piece of the path, and what samples would have seen."""

from __future__ import annotations

import io
from fractions import Fraction

import numpy as np

from numerics.certify import Certified, Sampled
from numerics.paths import Kind

ZOOM = 3.0  # the right panel shows this many pieces (or sampling steps) on each side of the maximum


def enclosure_picture(found: Certified, seen: Sampled, *, title: str, verdict: str) -> bytes:
    """PNG bytes: the whole path on the left, the neighbourhood of its maximum on the right."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib.figure import Figure

    maximum, count = found.maximum, len(found.path.segments)
    segment, t = maximum.at
    top = float((segment + t) / count)
    figure = Figure(figsize=(11, 4.6), dpi=130, layout="constrained")
    whole, near = figure.subplots(1, 2)
    bands = _bands(found)
    beside = [b - a for a, b, _, _ in bands if a <= top <= b]
    reach = ZOOM * max(beside, default=1.0 / (count * (seen.times - 1)))
    limits = (max(0.0, top - reach), min(1.0, top + reach))
    for axes in (whole, near):
        for k, (left, right, low, high) in enumerate(bands):
            words = "enclosed for every t" if k == 0 else None
            axes.fill_between([left, right], low, high, color="tab:blue", alpha=0.3, linewidth=0.5, label=words)
        for k, (left, right, highest) in enumerate(_exact(found)):
            words = "exact maximum of the segment" if k == 0 else None
            axes.plot([left, right], [highest, highest], color="tab:blue", linewidth=1.5, label=words)
        for k, losses in enumerate(seen.losses):
            times = (k + np.linspace(0, 1, seen.times)) / count
            words = f"{seen.times} float64 samples a segment" if k == 0 else None
            axes.plot(times, losses, ".", color="tab:red", markersize=4, label=words)
        axes.plot([top], [float(maximum.attained)], "k*", markersize=9, label="attained, exact")
        axes.set_xlabel("path time T (segments share [0, 1] equally)")
    whole.set_ylabel("loss, mean squared error")
    whole.set_ylim(*_window([value for losses in seen.losses for value in losses], float(maximum.attained)))
    near.set_xlim(*limits)
    shown = [(low, high) for left, right, low, high in bands if right >= limits[0] and left <= limits[1]]
    if shown:
        near.set_ylim(*_window([low for low, _ in shown], max(high for _, high in shown)))
    bound = "not bounded" if maximum.upper is None else f"at most {float(found.claims[-1]):.8g}"
    near.set_title(f"{verdict}: maximum attained {float(maximum.attained):.8g}, {bound}", fontsize=9)
    whole.set_title(title, fontsize=9)
    whole.legend(fontsize=8)
    stream = io.BytesIO()
    figure.savefig(stream, format="png", metadata={"Software": None})
    return stream.getvalue()


def _bands(found: Certified) -> list[tuple[float, float, float, float]]:
    """`(left, right, lower, upper)` in path time for the pieces of general segments."""
    count = len(found.path.segments)
    return sorted(
        (
            float((piece.segment + piece.left) / count),
            float((piece.segment + piece.right) / count),
            float(piece.lower),
            float(piece.upper),
        )
        for piece in found.maximum.pieces
        if piece.upper is not None
    )


def _exact(found: Certified) -> list[tuple[float, float, float]]:
    """`(left, right, maximum)` in path time for the segments whose maximum is exact: readout and hidden ones."""
    maximum, count = found.maximum, len(found.path.segments)
    between = {k: hidden.loss for k, hidden in maximum.hidden}
    return [
        (k / count, (k + 1) / count, float(max(between.get(k, Fraction(0)), *maximum.losses[k : k + 2])))
        for k, segment in enumerate(found.path.segments)
        if segment.kind is not Kind.GENERAL
    ]


def _window(lows: list[float], high: float) -> tuple[float, float]:
    low = min(lows)
    margin = 0.05 * max(high - low, 1e-12 * abs(high), 1e-300)
    return low - margin, high + margin
