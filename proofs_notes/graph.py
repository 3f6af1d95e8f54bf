"""The dependency graph of the statements: mermaid for README.md, SVG for the page.

Drawn are the edges that no longer way implies; an arrow leads from a statement to what rests on it.
"""

from collections.abc import Mapping, Sequence
from html import escape

from theory.statement import Statement

STEP_X, STEP_Y, BOX_X, BOX_Y, MARGIN = 74, 92, 50, 26, 16

Edge = tuple[str, str]


def edges(statements: Mapping[str, Statement]) -> list[Edge]:
    """(from, to): `to` rests on `from`, and on nothing else that rests on `from`."""
    below: dict[str, set[str]] = {}

    def reach(id_: str) -> set[str]:
        if id_ not in below:
            direct = statements[id_].depends_on
            below[id_] = set(direct).union(*(reach(other) for other in direct))
        return below[id_]

    return [
        (other, id_)
        for id_, item in statements.items()
        for other in item.depends_on
        if not any(other in reach(between) for between in item.depends_on)
    ]


def mermaid(statements: Mapping[str, Statement]) -> str:
    """A flowchart, one edge a line, in mermaid's words; a `+` needs a label of its own."""
    names = {id_: id_.replace("+", "plus") for id_ in statements}
    labels = [f'    {name}["{id_}"]' for id_, name in names.items() if name != id_]
    return "\n".join(["flowchart TD", *labels, *(f"    {names[a]} --> {names[b]}" for a, b in edges(statements))])


def layers(statements: Mapping[str, Statement]) -> list[list[str]]:
    """Statements by the length of the longest way down; each layer ordered to lie near what it rests on."""
    depth: dict[str, int] = {}

    def measure(id_: str) -> int:
        if id_ not in depth:
            depth[id_] = 1 + max((measure(other) for other in statements[id_].depends_on), default=-1)
        return depth[id_]

    for id_ in statements:
        measure(id_)
    rows: list[list[str]] = [[] for _ in range(max(depth.values()) + 1)]
    for id_ in statements:
        rows[depth[id_]].append(id_)
    place = {id_: index / len(row) for row in rows for index, id_ in enumerate(row)}
    for row in rows[1:]:
        row.sort(key=lambda id_: _mean([place[other] for other in statements[id_].depends_on]))
        place |= {id_: index / len(row) for index, id_ in enumerate(row)}
    return rows


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def svg(statements: Mapping[str, Statement]) -> str:
    """The graph, each box a link to its statement; colours are the page's."""
    rows = layers(statements)
    width = 2 * MARGIN + STEP_X * max(map(len, rows))
    height = 2 * MARGIN + BOX_Y + STEP_Y * (len(rows) - 1)
    at = {
        id_: (width / 2 + STEP_X * (index - (len(row) - 1) / 2), MARGIN + BOX_Y / 2 + STEP_Y * level)
        for level, row in enumerate(rows)
        for index, id_ in enumerate(row)
    }
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        'aria-label="dependencies of the statements">',
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path d="M0 0 L8 4 L0 8 z"/></marker></defs>',
    ]
    for below, above in edges(statements):
        (x, y), (u, v) = at[below], at[above]
        y, v = y + BOX_Y / 2, v - BOX_Y / 2
        bend = (v - y) / 2
        parts.append(
            f'<path class="edge" d="M{x:.1f} {y:.1f} C{x:.1f} {y + bend:.1f} {u:.1f} {v - bend:.1f} {u:.1f} {v:.1f}"'
            ' marker-end="url(#tip)"/>'
        )
    for id_, (x, y) in at.items():
        parts.append(
            f'<a href="#{id_}"><title>{escape(statements[id_].title)}</title>'
            f'<rect x="{x - BOX_X / 2:.1f}" y="{y - BOX_Y / 2:.1f}" width="{BOX_X}" height="{BOX_Y}" rx="5"/>'
            f'<text x="{x:.1f}" y="{y + 4.5:.1f}">{id_}</text></a>'
        )
    return "\n".join([*parts, "</svg>"])
