"""The picture of an enclosure: proved bounds on every piece of the path, and what samples would have seen."""

from __future__ import annotations

import io

import numpy as np

from numerics.certify import Certified, Sampled
from numerics.paths import Kind

ZOOM = 3.0  # the right panel shows this many times the widths of the pieces beside the maximum, on each side


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
    reach = ZOOM * max(beside, default=0.1)
    limits = (max(0.0, top - reach), min(1.0, top + reach))
    for axes in (whole, near):
        for k, (left, right, low, high) in enumerate(bands):
            axes.fill_between(
                [left, right], low, high, color="tab:blue", alpha=0.3, linewidth=0.5, label="proved" if k == 0 else None
            )
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
    upper = maximum.upper
    bound = "not bounded" if upper is None else f"at most {float(upper):.8g}"
    near.set_title(f"{verdict}: maximum attained {float(maximum.attained):.8g}, {bound}", fontsize=9)
    whole.set_title(title, fontsize=9)
    whole.legend(fontsize=8)
    stream = io.BytesIO()
    figure.savefig(stream, format="png", metadata={"Software": None})
    return stream.getvalue()


def _bands(found: Certified) -> list[tuple[float, float, float, float]]:
    """`(left, right, lower, upper)` in path time: pieces of general segments, other segments whole."""
    maximum, count = found.maximum, len(found.path.segments)
    bands = []
    for piece in maximum.pieces:
        if piece.upper is not None:
            left, right = ((piece.segment + t) / count for t in (piece.left, piece.right))
            bands.append((float(left), float(right), float(piece.lower), float(piece.upper)))
    for k, segment in enumerate(found.path.segments):
        if segment.kind is not Kind.GENERAL:
            highest = float(
                max(maximum.losses[k], maximum.losses[k + 1], *(h.loss for at, h in maximum.hidden if at == k))
            )
            bands.append((k / count, (k + 1) / count, 0.0, highest))
    return sorted(bands)


def _window(lows: list[float], high: float) -> tuple[float, float]:
    low = min(lows)
    margin = 0.05 * max(high - low, 1e-12 * abs(high), 1e-300)
    return low - margin, high + margin
