"""Where the boxes and arrows of the dependency graph go: in columns, what uses nothing on the left.

An arrow leads from a statement to what its proof uses; one that others imply is left out. Where it passes a column it
has a lane between the boxes, which all arrows to the same statement share: so none runs through a box.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from numerics.common.shown import Shown

BOX = (2.15, 0.4)
"""Width and height of a box, in inches."""
STEP = (2.75, 0.48)
"""From one column, and one box of a column, to the next."""
LANE = 0.13
MARGIN = 0.2
SWEEPS = 12

Place: TypeAlias = tuple[float, float]
Item: TypeAlias = tuple[str, int]
"""A statement and a column: its box in its own column, the lane of the arrows that lead to it in a later one."""


@dataclass(frozen=True, eq=False)
class Layout(Shown):
    """Middles of the boxes by id; of each arrow, by who uses what, the places where it crosses a column, the last one
    that of the box it leads to; the size of the whole. Inches, y downwards.
    """

    boxes: Mapping[str, Place]
    arrows: Mapping[tuple[str, str], Sequence[Place]]
    size: Place


def directly(id_: str, below: Mapping[str, Sequence[str]]) -> list[str]:
    """What a statement uses and does not reach through another one that it uses; of those that are there."""

    def reached(start: str) -> set[str]:
        return {start}.union(*(reached(used) for used in below.get(start, ())))

    used = [one for one in below[id_] if one in below]
    return [one for one in used if not any(one in reached(other) for other in below[id_] if other != one)]


def layout(below: Mapping[str, Sequence[str]]) -> Layout:
    """`below`: what each statement uses; what is not among them is left out. The same for the same graph."""
    column = _columns(below)
    uses = {id_: directly(id_, below) for id_ in below}
    last = dict(column)  # how far to the right arrows to it begin
    for id_, used in uses.items():
        last |= {one: max(last[one], column[id_] - 1) for one in used}
    items = [(id_, k) for id_ in below for k in range(column[id_], last[id_] + 1)]
    left: dict[Item, list[Item]] = {}
    right: dict[Item, list[Item]] = {item: [] for item in items}
    for item in items:
        id_, k = item
        left[item] = [(used, k - 1) for used in uses[id_]] if k == column[id_] else [(id_, k - 1)]
        for other in left[item]:
            right[other].append(item)
    rows = {k: [item for item in items if item[1] == k] for k in range(max(column.values(), default=0) + 1)}
    heights = {item: STEP[1] if item[1] == column[item[0]] else LANE for item in items}
    y: dict[Item, float] = {}
    for k in rows:
        y |= _stacked(rows[k], heights)
    for _ in range(SWEEPS):
        for order, beside in ((sorted(rows), left), (sorted(rows, reverse=True), right)):
            for k in order:
                means = {item: _mean([y[one] for one in beside[item]], y[item]) for item in rows[k]}
                rows[k].sort(key=means.__getitem__)
                y |= _stacked(rows[k], heights)
    top = min(y[row[0]] - heights[row[0]] / 2 for row in rows.values() if row) if y else 0.0
    bottom = max(y[row[-1]] + heights[row[-1]] / 2 for row in rows.values() if row) if y else 0.0

    def place(item: Item) -> Place:
        return MARGIN + BOX[0] / 2 + STEP[0] * item[1], MARGIN + y[item] - top

    arrows = {
        (id_, used): [place((used, k)) for k in range(column[id_] - 1, column[used] - 1, -1)]
        for id_ in below
        for used in uses[id_]
    }
    size = 2 * MARGIN + BOX[0] + STEP[0] * max(rows), 2 * MARGIN + bottom - top
    return Layout({id_: place((id_, column[id_])) for id_ in below}, arrows, size)


def curves(start: Place, stations: Sequence[Place]) -> list[tuple[Place, Place]]:
    """An arrow between the columns: where it leaves the one on the right, where it reaches the one on the left."""
    sides = [(x - BOX[0] / 2, y) for x, y in (start, *stations[:-1])]
    return list(zip(sides, [(x + BOX[0] / 2, y) for x, y in stations], strict=True))


def _columns(below: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """The length of the longest chain below each statement."""
    column: dict[str, int] = {}

    def depth(id_: str) -> int:
        if id_ not in column:
            column[id_] = 1 + max((depth(used) for used in below[id_] if used in below), default=-1)
        return column[id_]

    for id_ in below:
        depth(id_)
    return column


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _stacked(row: Sequence[Item], heights: Mapping[Item, float]) -> dict[Item, float]:
    """A column's items one below the other, around 0."""
    found: dict[Item, float] = {}
    reached = -sum(heights[item] for item in row) / 2
    for item in row:
        found[item] = reached + heights[item] / 2
        reached += heights[item]
    return found
