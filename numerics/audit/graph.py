"""The dependency graph as SVG: arrows from each statement to what its proof uses, coloured by status now.

An arrow that others imply is left out; one that would run through the box of a third statement goes round it.
"""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

COLOURS = {
    "proved": "#2e7d32",
    "proved-by-parts": "#00838f",
    "tested": "#f9a825",
    "open": "#8e24aa",
    "refuted": "#c62828",
}
WIDTH, HEIGHT = 18.0, 11.0
SPAN_X, SPAN_Y = (-0.06, 1.06), (-0.1, 1.06)
BOX = (0.26, 0.15)
"""Half a box in inches, and a little more."""
CLEAR = 1.6
"""How far an arrow should keep from other boxes, in halves of a box from its middle; at 1 it touches."""
BENDS = (0.0, *(sign * k / 20 for k in range(1, 17) for sign in (1, -1)))
SWEEPS = 8
FIXED = {"svg.hashsalt": "skipscape", "svg.fonttype": "none", "font.family": "sans-serif"}


Place: TypeAlias = tuple[float, float]


def graph_picture(statements: Sequence[Mapping[str, Any]]) -> bytes:
    """SVG bytes, the same for the same statements and statuses: no date, fixed ids, layout by rank and order."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib.figure import Figure

    below = {one["id"]: list(one["depends_on"]) for one in statements}
    places = places_of(below)
    figure = Figure(figsize=(WIDTH, HEIGHT))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_xlim(*SPAN_X)
    axes.set_ylim(*SPAN_Y)
    for one in statements:
        for used in directly(one["id"], below):
            if used in places:
                style = {"arrowstyle": "->", "color": "#9e9e9e", "shrinkA": 14, "shrinkB": 14, "lw": 0.7}
                style["connectionstyle"] = f"arc3,rad={bend(places, one['id'], used)}"
                axes.annotate("", xy=places[used], xytext=places[one["id"]], arrowprops=style)
    for one in statements:
        colour = COLOURS[one["status"]]
        box = {"boxstyle": "round,pad=0.35", "facecolor": colour, "edgecolor": "none"}
        axes.text(*places[one["id"]], one["id"], ha="center", va="center", color="white", fontsize=11, bbox=box)
    for k, (status, colour) in enumerate(COLOURS.items()):
        axes.text(0.02 + 0.16 * k, -0.07, status, color=colour, fontsize=11, fontweight="bold")
    stream = io.BytesIO()
    with matplotlib.rc_context(FIXED):
        figure.savefig(stream, format="svg", metadata={"Date": None})
    return stream.getvalue()


def bend(places: Mapping[str, Place], start: str, end: str) -> float:
    """matplotlib's `rad` for the arrow: the least bend that keeps it clear of all other boxes, else the clearest."""
    return max(BENDS, key=lambda rad: (min(CLEAR, clearance(places, start, end, rad)), -abs(rad)))


def clearance(places: Mapping[str, Place], start: str, end: str, rad: float) -> float:
    """How near the arc `arc3,rad`, a quadratic Bezier curve at 65 points, comes to other boxes: 1 touches one, 0
    leaves the picture.
    """
    (x_0, y_0), (x_1, y_1) = _inches(places[start]), _inches(places[end])
    x_m, y_m = (x_0 + x_1) / 2 + rad * (y_1 - y_0), (y_0 + y_1) / 2 - rad * (x_1 - x_0)
    others = [_inches(place) for id_, place in places.items() if id_ not in (start, end)]
    low, high = _inches((SPAN_X[0], -0.05)), _inches((SPAN_X[1], SPAN_Y[1]))  # the legend stands below
    nearest = math.inf
    for k in range(65):
        first, second, third = (1 - k / 64) ** 2, 2 * k / 64 * (1 - k / 64), (k / 64) ** 2
        x, y = first * x_0 + second * x_m + third * x_1, first * y_0 + second * y_m + third * y_1
        nearest = min([nearest, *(max(abs(x - u) / BOX[0], abs(y - v) / BOX[1]) for u, v in others)])
        if not (low[0] < x < high[0] and low[1] < y < high[1]):
            return 0.0
    return nearest


def _inches(place: Place) -> Place:
    return place[0] * WIDTH / (SPAN_X[1] - SPAN_X[0]), place[1] * HEIGHT / (SPAN_Y[1] - SPAN_Y[0])


def directly(id_: str, below: Mapping[str, Sequence[str]]) -> list[str]:
    """What a statement uses and does not reach through another one that it uses."""

    def reached(start: str) -> set[str]:
        return {start}.union(*(reached(used) for used in below.get(start, ())))

    return [used for used in below[id_] if not any(used in reached(other) for other in below[id_] if other != used)]


def places_of(below: Mapping[str, Sequence[str]]) -> dict[str, Place]:
    """Rows by the longest chain below a statement, what uses nothing at the bottom; in them each near what it uses and
    what uses it (sweeps up and down).
    """
    rank: dict[str, int] = {}

    def depth(id_: str) -> int:
        if id_ not in rank:
            rank[id_] = 1 + max((depth(used) for used in below[id_] if used in below), default=-1)
        return rank[id_]

    rows: dict[int, list[str]] = {}
    for id_ in below:
        rows.setdefault(depth(id_), []).append(id_)
    height = max(rows, default=0) or 1
    uses = {id_: directly(id_, below) for id_ in below}
    users = {id_: [other for other in below if id_ in uses[other]] for id_ in below}
    places: dict[str, Place] = {}

    def settle(level: int, neighbours: Mapping[str, Sequence[str]]) -> None:
        """A row in the order of the mean columns of its neighbours; who has none keeps its place among the others."""

        def mean(id_: str) -> float:
            columns = [places[other][0] for other in neighbours[id_] if other in places]
            return sum(columns) / len(columns) if columns else places.get(id_, (0.0, 0.0))[0]

        row = sorted(rows[level], key=mean)
        places.update({id_: ((k + 1) / (len(row) + 1), level / height) for k, id_ in enumerate(row)})

    for _ in range(SWEEPS):
        for level in sorted(rows):
            settle(level, uses)
        for level in sorted(rows, reverse=True):
            settle(level, users)
    return places
