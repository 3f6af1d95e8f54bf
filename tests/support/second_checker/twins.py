"""Twins hand over what reads them: for the second checker, from the format page alone."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from typing import Any

from support.second_checker.archive import Corner, need
from support.second_checker.silence import Unit, edges_of, entry


def check_twins(network_class: str, before: Corner, after: Corner) -> None:
    """Whoever moves reads a hidden unit, and what it reads of that unit and all like it together stays."""
    edges = [edge for edge in edges_of(network_class, before) if edge[0] is not None]
    entering = defaultdict[Unit, list[Any]](list)
    for name, i, j, _, target in edges:
        entering[whole(target)].append((name, j, entry(before, name, i, j), entry(after, name, i, j)))
    changes = defaultdict[Any, Fraction](Fraction)
    for name, i, j, source, _ in edges:
        old, new = entry(before, name, i, j), entry(after, name, i, j)
        if old != new:
            need(source[0] not in ("x", "one"), f"kind: a segment of twins moves {name}, which reads no hidden unit")
            changes[name, i, tuple(entering[whole(source)])] += Fraction(new) - Fraction(old)
    for (name, i, _), change in changes.items():
        need(change == 0, f"kind: row {i} of {name} reads another sum of twins")


def whole(unit: Unit) -> Unit:
    """A coordinate of the stream is one unit through all blocks."""
    return ("z", unit[2]) if unit[0] == "z" else unit
