"""The dependency graph as SVG: arrows from each statement to what its proof uses, coloured by status now.

An arrow that others imply is left out.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

COLOURS = {
    "proved": "#2e7d32",
    "proved-by-parts": "#00838f",
    "tested": "#f9a825",
    "open": "#8e24aa",
    "refuted": "#c62828",
}
FIXED = {"svg.hashsalt": "skipscape", "svg.fonttype": "none", "font.family": "sans-serif"}


def graph_picture(statements: Sequence[Mapping[str, Any]]) -> bytes:
    """SVG bytes, the same for the same statements and statuses: no date, fixed ids, layout by rank and order."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib.figure import Figure

    below = {one["id"]: list(one["depends_on"]) for one in statements}
    places = _places(below)
    figure = Figure(figsize=(13, 8))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_xlim(-0.06, 1.06)
    axes.set_ylim(-0.1, 1.06)
    for one in statements:
        for used in _directly(one["id"], below):
            if used in places:
                axes.annotate(
                    "",
                    xy=places[used],
                    xytext=places[one["id"]],
                    arrowprops={"arrowstyle": "->", "color": "#9e9e9e", "shrinkA": 14, "shrinkB": 14, "lw": 0.7},
                )
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


def _directly(id_: str, below: Mapping[str, Sequence[str]]) -> list[str]:
    """What a statement uses and does not reach through another one that it uses."""

    def reached(start: str) -> set[str]:
        return {start}.union(*(reached(used) for used in below.get(start, ())))

    return [used for used in below[id_] if not any(used in reached(other) for other in below[id_] if other != used)]


def _places(below: Mapping[str, Sequence[str]]) -> dict[str, tuple[float, float]]:
    """Rows by the longest chain below a statement, what uses nothing at the bottom; columns in blueprint order."""
    rank: dict[str, int] = {}

    def depth(id_: str) -> int:
        if id_ not in rank:
            rank[id_] = 1 + max((depth(used) for used in below[id_] if used in below), default=-1)
        return rank[id_]

    rows: dict[int, list[str]] = {}
    for id_ in below:
        rows.setdefault(depth(id_), []).append(id_)
    height = max(rows, default=0) or 1
    return {id_: ((k + 1) / (len(row) + 1), level / height) for level, row in rows.items() for k, id_ in enumerate(row)}
