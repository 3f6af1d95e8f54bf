"""The dependency graph of the statements: mermaid for README.md, SVG for the page.

Drawn are the edges that no longer way implies, as `skipscape audit --graph` draws them. In mermaid's words an
arrow leads from a statement to what rests on it.
"""

import textwrap
from collections.abc import Mapping
from html import escape

from numerics.audit.layout import BOX, curves, directly, layout
from theory.statement import Statement

UNIT = 72
"""Pixels of an inch: text of the page's graph is as large as the page's other small text."""
TITLE = 26
"""Characters in a line of a title."""

Edge = tuple[str, str]


def edges(statements: Mapping[str, Statement]) -> list[Edge]:
    """(from, to): `to` rests on `from`, and on nothing else that rests on `from`."""
    below = {id_: item.depends_on for id_, item in statements.items()}
    return [(used, id_) for id_ in statements for used in directly(id_, below)]


def mermaid(statements: Mapping[str, Statement]) -> str:
    """A flowchart, one edge a line, in mermaid's words; a `+` needs a label of its own."""
    names = {id_: id_.replace("+", "plus") for id_ in statements}
    labels = [f'    {name}["{id_}"]' for id_, name in names.items() if name != id_]
    return "\n".join(["flowchart TD", *labels, *(f"    {names[a]} --> {names[b]}" for a, b in edges(statements))])


def svg(statements: Mapping[str, Statement]) -> str:
    """The graph, each box a link to its statement with id and title; colours are the page's."""
    drawn = layout({id_: item.depends_on for id_, item in statements.items()})
    width, height = (round(UNIT * length) for length in drawn.size)
    half, tall = UNIT * BOX[0] / 2, UNIT * BOX[1]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        'role="img" aria-label="dependencies of the statements: an arrow leads from each to what it rests on">',
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path d="M0 0 L8 4 L0 8 z"/></marker></defs>',
    ]
    for (id_, _), stations in drawn.arrows.items():
        way = ""
        for start, end in curves(drawn.boxes[id_], stations):
            (x, y), (u, v) = ((round(UNIT * a), round(UNIT * b)) for a, b in (start, end))
            way += f"{'L' if way else 'M'}{x} {y} C{(x + u) // 2} {y} {(x + u) // 2} {v} {u} {v} "
        parts.append(f'<path class="edge" d="{way.strip()}" marker-end="url(#tip)"/>')
    for id_, place in drawn.boxes.items():
        left, middle = UNIT * place[0] - half, UNIT * place[1]
        lines = textwrap.wrap(statements[id_].title, TITLE)
        first = middle + 3.5 - 5.5 * (len(lines) - 1)
        words = "".join(
            f'<tspan x="{left + 43:.1f}" y="{first + 11 * k:.1f}">{escape(line)}</tspan>'
            for k, line in enumerate(lines)
        )
        parts.append(
            f'<a href="#{id_}"><rect x="{left:.1f}" y="{middle - tall / 2:.1f}" width="{2 * half:.1f}" '
            f'height="{tall:.1f}" rx="5"/><text class="id" x="{left + 5:.1f}" y="{middle + 4.5:.1f}">{id_}</text>'
            f"<text>{words}</text></a>"
        )
    return "\n".join([*parts, "</svg>"])
