"""A plane through both ends of a path and one of its corners: float64 losses there, the path's projection drawn on it.

Nothing here proves anything: the loss is sampled, and the path leaves the plane.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from numerics.common.shown import Shown
from numerics.errors import InputError
from numerics.losses import float_loss
from numerics.losses.problem import Problem
from numerics.networks.base import Network
from numerics.paths import Path
from numerics.plots import ticks
from numerics.plots.canvas import INK, png, settings, title
from numerics.plots.html import page, picture, text, verdict
from numerics.plots.svg import Tips, svg

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Vector = NDArray[np.float64]

GRID = 25  # points in each direction
MARGIN = 0.2  # of the extent of the projected path, on each side
FLAT = 1e-9  # of the distance of the ends: what leaves their line by less gives no plane
RATIO = 5.0  # of the largest to the smallest loss from which on the colours are decades
LEAST = 1e-300  # a loss that has a colour of its own
CEILING = 100.0  # times the highest loss on the path: what is higher has one colour
NOTICE = (
    "float64 samples of the loss in one plane, which prove nothing; the certified path leaves the plane, and its"
    " projection is drawn: the colours under it are the plane's losses, not the path's"
)


@dataclass(frozen=True, eq=False)
class Landscape(Shown):
    """Losses (G, G), `losses[j, i]` at `(x[i], y[j])`; the start is at (0, 0), the end at (1, 0), both axes in units of
    their distance. `corners`: of the path, projected, so that straight segments join them; `chosen`: the corner in the
    plane; `away`: how far a corner lies outside the plane, at most; `highest`: the float64 loss of a corner.
    """

    x: Vector
    y: Vector
    losses: Vector
    corners: tuple[tuple[float, float], ...]
    chosen: int
    away: float
    highest: float


def landscape(path: Path, problem: Problem, *, grid: int = GRID) -> Landscape:
    """The plane through the corner farthest from the line between the ends. Raises InputError where there is none."""
    corners = path.corners
    start = _vector(corners[0])
    along = _vector(corners[-1]) - start
    length = float(np.linalg.norm(along))
    if not 0.0 < length < math.inf:
        raise InputError("both ends of the path are the same parameter: there is no plane through them and a corner")
    along /= length
    offsets = [_vector(corner) - start for corner in corners]
    beside = [one - (one @ along) * along for one in offsets]
    chosen = int(np.argmax([np.linalg.norm(one) for one in beside]))
    across = float(np.linalg.norm(beside[chosen]))
    if not across > FLAT * length:
        raise InputError("the path is the straight line between its ends: there is no plane through them and a corner")
    up = beside[chosen] / across

    def place(network: Network) -> tuple[float, float]:
        offset = _vector(network) - start
        return float(offset @ along) / length, float(offset @ up) / length

    spots = tuple(place(corner) for corner in corners)
    away = max(float(np.linalg.norm(one - (one @ up) * up)) for one in beside) / length
    x, y = (_ticks([spot[k] for spot in spots], grid) for k in (0, 1))
    losses = np.array([[_loss(corners[0], start + length * (a * along + b * up), problem) for a in x] for b in y])
    highest = max(float_loss(corner, problem) for corner in corners)
    return Landscape(x, y, losses, spots, chosen, away, highest)


def landscape_file(found: Landscape, ending: str, words: str, answer: str, claim: str) -> bytes:
    """The picture by the ending of its name; `answer` and `claim`: the checker's, on a page."""
    with settings():
        figure = _drawn(found, words)
        if ending.lower() == ".png":
            return png(figure)
        if ending.lower() == ".svg":
            return svg(figure, Tips(), described(found)).encode()
        drawn = svg(figure, Tips(), described(found), prefix="p-", alone=False)
    body = f"<main>\n<h1>{text(words)}</h1>\n{verdict(answer, claim)}{picture(drawn, described(found))}</main>"
    return page(words, body).encode("utf-8", "backslashreplace")


def described(found: Landscape) -> str:
    """What is seen, and what it does not show."""
    size, far = f"{len(found.x)} by {len(found.y)} points", f"{found.away:.2g}"
    return (
        f"The plane through the start (A), the end (B) and corner {found.chosen} (C) of the path, {size}: {NOTICE}. No"
        f" corner lies farther outside the plane than {far} times the distance of A and B"
    )


def _drawn(found: Landscape, words: str) -> Figure:
    import matplotlib.patheffects as effects
    from matplotlib.colors import LogNorm
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.2, 5.6), dpi=130, layout="constrained")
    axes: Any = figure.subplots()
    known = found.losses[np.isfinite(found.losses)]
    path = found.highest if math.isfinite(found.highest) else float(known.max(initial=1.0))
    low, most = float(known.min(initial=path)), float(known.max(initial=path))
    top = max(min(most, CEILING * path), low * (1.0 + RATIO * FLAT), LEAST)
    shown = np.clip(np.where(np.isfinite(found.losses), found.losses, top), low, top)
    norm = LogNorm(low, top) if low > LEAST and top >= RATIO * low else None
    drawn = axes.pcolormesh(found.x, found.y, shown, cmap="cividis", norm=norm, shading="gouraud", rasterized=True)
    bar = figure.colorbar(drawn, ax=axes)
    bar.set_label(f"loss in the plane, float64{'' if most <= top else '; higher ones in the last colour'}")
    ticks.settle(bar.ax, log=norm is not None)
    if low < path < top:
        style = {"colors": "white", "linewidths": 1.0, "linestyles": "dotted"}
        axes.contour(found.x, found.y, shown, levels=[path], **style)
    outline = [effects.withStroke(linewidth=4.0, foreground="white")]
    axes.plot(*zip(*found.corners, strict=True), color=INK, linewidth=1.8, path_effects=outline)
    axes.plot(*zip(*found.corners, strict=True), "o", color=INK, markersize=4.5, markeredgecolor="white")
    axes.plot([0.0, 1.0], [0.0, 0.0], color="white", linestyle="--", linewidth=1.2)
    named = {0: "A", found.chosen: "C", len(found.corners) - 1: "B"}
    for k, letter in named.items():
        style = {"fontsize": 12, "fontweight": "bold", "path_effects": outline, "color": INK}
        axes.annotate(letter, found.corners[k], xytext=(7, 7), textcoords="offset points", **style)
    axes.set_xlabel("from A to B, their distance is 1; dashes: the straight line")
    axes.set_ylabel("towards C, same unit")
    title(axes, f"{words}: a slice, float64", fontsize=10)
    figure.supxlabel(
        "no proof: the path leaves the plane, drawn is its projection; dotted: the loss of its highest corner",
        fontsize=8,
        parse_math=False,
    )
    return figure


def _vector(network: Network) -> Vector:
    return np.concatenate([array.ravel() for array in network.parameters().values()])


def _loss(like: Network, vector: Vector, problem: Problem) -> float:
    """At the parameter with these numbers; infinite on overflow."""
    arrays, first = {}, 0
    for name, array in like.parameters().items():
        arrays[name] = vector[first : first + array.size].reshape(array.shape)
        first += array.size
    with np.errstate(over="ignore", invalid="ignore"):
        loss = float(float_loss(like.replace(arrays), problem))
    return loss if math.isfinite(loss) else math.inf


def _ticks(places: Sequence[float], grid: int) -> Vector:
    low, high = min(places), max(places)
    room = MARGIN * (high - low)
    return np.linspace(low - room, high + room, grid)
