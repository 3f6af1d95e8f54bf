"""What a segment stores and may move, kind by kind (sections 2 and 3), for the second checker."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from support import breakpoints
from support.second_checker.archive import Corner, exact, is_index, need, rational
from support.second_checker.classes import Shapes
from support.second_checker.graph_silence import an_output_changes
from support.second_checker.identities import has_rationals
from support.second_checker.silence import alive_and_reached, edges_of, entry
from support.second_checker.space import Space
from support.second_checker.twins import check_twins

STATEMENTS = {
    "readout": "L7",
    "silent": "L9",
    "twins": "L4",
    "hidden": "breakpoints",
    "exact": "identities",
    "general": "enclosure",
    "curve": "enclosure",
}
ENCLOSED = ("general", "curve")
OF_GRAPHS = ("readout", "silent", "general", "curve")
MAX_CUTS = 200_000


def check_moves(moves: Any, space: Space) -> Shapes:
    """The shape of each stored array of a segment."""
    shapes = space.shapes
    need(type(moves) is dict, "moves: not an object")
    stored = {}
    for name, where in moves.items():
        need(name in shapes, f"moves: {name[:20]!r} is no parameter of the space")
        stored[name] = shapes[name]
        if where == "all":
            continue
        slots = space.nodes is None and name in ("W", "V", "A")
        need(type(where) is list and slots, f"moves: {name} can only move as a whole")
        need(all(is_index(j, shapes["W"][0]) for j in where), f"moves: {name} names a slot that is none")
        need(where == sorted(set(where)), f"moves: the slots of {name} do not increase")
        stored[name] = [len(where), shapes["W"][1]] if name == "W" else [shapes[name][0], len(where)]
    return stored


def move(corner: Corner, moves: Mapping[str, Any], arrays: Corner) -> Corner:
    """The next corner."""
    after = {name: [row[:] if isinstance(row, list) else row for row in a] for name, a in corner.items()}
    for name, where in moves.items():
        if where == "all":
            after[name] = arrays[name]
            continue
        stored = arrays[name]
        if has_rationals({"before": after[name], "stored": stored}):
            after[name], stored = exact(after[name]), exact(stored)
        if name == "W":
            for j, row in zip(where, stored, strict=True):
                after[name][j] = row
        else:
            for target, row in zip(after[name], stored, strict=True):
                for j, value in zip(where, row, strict=True):
                    target[j] = value
    return after


def check_kind(kind: str, space: Space, before: Corner, after: Corner) -> None:
    """The rule of the kind; equality of floats is equality of the numbers."""
    network_class = space.network_class
    need(
        not (has_rationals(before) or has_rationals(after)) or kind not in ("hidden", "twins", *ENCLOSED),
        f"kind: weights of a {kind} segment are no floats",
    )
    if kind in (*ENCLOSED, "exact"):
        return  # anything may move; exact segments are judged on the data
    moved = {name for name in before if before[name] != after[name]}
    if kind == "hidden":
        need(breakpoints.is_hidden(network_class, before, moved), "kind: two on one route of a hidden segment move")
        return
    if kind == "readout":
        need(moved <= set(space.readout), f"kind: a readout segment moves more than {space.readout}")
        return
    if space.nodes is not None:
        silent = not moved or not an_output_changes(space.nodes, space.values, before, after)
        need(silent, "kind: a silent segment of a graph moves what an output hears")
        return
    if kind == "twins":
        check_twins(network_class, before, after)
        return
    edges = edges_of(network_class, before)
    moving = [edge for edge in edges if entry(before, *edge[:3]) != entry(after, *edge[:3])]
    for name, *_, target in moving:
        need(target[0] != "f", f"kind: a silent segment moves {name}, which enters the output")
    alive, reached = alive_and_reached(edges, before, after)
    for name, i, _, source, target in moving:
        lost = target not in alive or source not in reached
        need(lost, f"kind: a silent segment moves {name}, an entry into live unit {i}")


def check_cuts(cuts: Any) -> list[Fraction]:
    """The times between the pieces of a general segment."""
    need(type(cuts) is list and len(cuts) <= MAX_CUTS, "cuts: no list, or too many")
    times = [rational(cut) for cut in cuts]
    need(times == sorted(set(times)), "cuts: not strictly increasing")
    for time in times:
        need(0 < time < 1, "cuts: not strictly between 0 and 1")
        power = time.denominator
        need(power <= 2**200 and power & (power - 1) == 0, "cuts: not dyadic with a denominator up to 2^200")
    return times
