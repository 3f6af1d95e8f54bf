"""The dependency graph as SVG: arrows from each statement to what its proof uses, coloured by status now."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from numerics.audit.layout import BOX, Place, curves, layout
from numerics.plots.svg import Tips, svg

COLOURS = {
    "proved": "#2e7d32",
    "proved-by-parts": "#00838f",
    "tested": "#f9a825",
    "open": "#8e24aa",
    "refuted": "#c62828",
}
INK = {status: "#1c1c1c" if status == "tested" else "white" for status in COLOURS}
LEGEND = 0.45
"""Inches below the graph."""
TITLE = 30
"""Characters in a line of a title."""
FIXED = {"font.family": "sans-serif"}


def graph_picture(statements: Sequence[Mapping[str, Any]]) -> bytes:
    """SVG bytes, the same for the same statements and statuses: no date, fixed ids, boxes with id and title."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib.figure import Figure
    from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

    drawn = layout({one["id"]: list(one["depends_on"]) for one in statements})
    width, height = drawn.size[0], drawn.size[1] + LEGEND
    figure = Figure(figsize=(width, height))
    axes = figure.add_axes((0, 0, 1, 1))
    tips = Tips()
    axes.set_axis_off()
    axes.set_xlim(0, width)
    axes.set_ylim(height, 0)
    for (id_, _), stations in drawn.arrows.items():
        path = course(curves(drawn.boxes[id_], stations))
        axes.add_patch(FancyArrowPatch(path=path, arrowstyle="->", mutation_scale=8, color="#9e9e9e", lw=0.7, zorder=1))
    for one in statements:
        x, y = drawn.boxes[one["id"]]
        corner, style = (x - BOX[0] / 2, y - BOX[1] / 2), "round,pad=0,rounding_size=0.06"
        box = FancyBboxPatch(corner, *BOX, boxstyle=style, facecolor=COLOURS[one["status"]], edgecolor="none", zorder=2)
        axes.add_patch(box)
        tips.mark(box, f"statement-{one['id']}", f"{one['id']}: {one['title']}; {one['status']}")
        ink: dict[str, Any] = {"color": INK[one["status"]], "va": "center", "zorder": 3}
        axes.text(corner[0] + 0.07, y, one["id"], fontsize=9, fontweight="bold", **ink)
        title = textwrap.fill(one["title"], TITLE)
        axes.text(corner[0] + 0.5, y, title, fontsize=6.5, linespacing=1.1, parse_math=False, **ink)
    for k, (status, colour) in enumerate(COLOURS.items()):
        axes.text(0.3 + 1.6 * k, height - 0.2, status, color=colour, fontsize=11, fontweight="bold")
    said = f"dependencies of {len(statements)} statements: an arrow leads from a statement to what its proof uses"
    with matplotlib.rc_context(FIXED):
        return svg(figure, tips, said).encode()


def course(gaps: Sequence[tuple[Place, Place]]) -> Any:
    """An arrow's path: a curve between two columns, a straight line along its lane in one."""
    from matplotlib.path import Path

    points: list[Place] = []
    for start, end in gaps:
        middle = (start[0] + end[0]) / 2
        points += [start, (middle, start[1]), (middle, end[1]), end]
    codes = [Path.LINETO, *[Path.CURVE4] * 3] * len(gaps)
    return Path(points, [Path.MOVETO, *codes[1:]])
