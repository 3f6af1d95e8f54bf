"""Which weights feed a unit that is read, by the graph of units: for the second checker, from the format page alone."""

from collections.abc import Callable, Iterable
from typing import Any

from support.second_checker.archive import Corner
from support.second_checker.classes import blocks_of, branch_depth

Unit = tuple[Any, ...]
"""A kind or a branch's prefix, then numbers."""
Edge = tuple[str | None, int, int, Unit, Unit]


def edges_of(network_class: str, weights: Corner) -> list[Edge]:
    """`(name, row, column, source, target)` of every weight, and of the skips of a stream with the name None.

    Units: `("z", k, j)` is coordinate j after k residual blocks, `(prefix, layer, i)` a unit of a branch, `("x",)`,
    `("one",)` and `("f", i)` the ends. A weight's source and target are the units that it reads and enters.
    """
    m, stage, edges = len(weights["W"]), 0, list[Edge]()

    def matrix(name: str, source: Callable[[int], Unit], target: Callable[[int], Unit]) -> None:
        for i, row in enumerate(weights[name]):
            edges.extend((name, i, j, source(j), target(i)) for j in range(len(row)))

    def offset(name: str, target: Callable[[int], Unit]) -> None:
        edges.extend((name, i, 0, ("one",), target(i)) for i in range(len(weights.get(name, []))))

    matrix("W", lambda j: ("x",), units("z", 0))
    for prefix in blocks_of(network_class, weights):
        below = units("z", stage)
        for layer in range(branch_depth(weights, prefix)):
            here = units(prefix, layer)
            matrix(prefix + (f"B{layer}" if layer else "A"), below, here)
            offset(prefix + (f"b{layer}" if layer else "a"), here)
            below = here
        if network_class in ("residual", "stream", "post"):
            stage += 1
            edges.extend((None, j, j, ("z", stage - 1, j), ("z", stage, j)) for j in range(m))
            matrix(f"{prefix}U", below, units("z", stage))
        else:
            matrix(f"{prefix}U", below, units("f"))
    if "V" in weights:
        matrix("V", units("z", stage), units("f"))
    offset("c", units("f"))
    return edges


def entry(weights: Corner, name: str | None, i: int, j: int) -> Any:
    """A weight by its place; a bias has one column, and a skip (name None) is 1."""
    if name is None:
        return 1
    row = weights[name][i]
    return row[j] if isinstance(row, list) else row


def alive_and_reached(edges: Iterable[Edge], before: Corner, after: Corner) -> tuple[set[Unit], set[Unit]]:
    """Units that some output hears, and units but for coordinates to which nothing is written; over a segment."""
    held = [
        edge
        for edge in edges
        if entry(before, *edge[:3]) or entry(after, *edge[:3])  # zero at both corners is zero throughout
    ]
    units = {unit for edge in held for unit in edge[3:]}
    alive, reached = {unit for unit in units if unit[0] == "f"}, {unit for unit in units if unit[0] != "z"}
    while True:
        more = {source for _, _, _, source, target in held if target in alive} - alive
        more_reached = {target for _, _, _, source, target in held if source in reached} - reached
        if not more and not more_reached:
            return alive, reached
        alive, reached = alive | more, reached | more_reached


def units(*place: Any) -> Callable[[int], Unit]:
    """The units of a layer, by their number."""
    return lambda i: (*place, i)
