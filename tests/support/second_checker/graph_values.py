"""The value of a graph at one point, with Fractions or intervals: entry by entry, for the second checker."""

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from itertools import product
from math import prod
from typing import Any

from support.second_checker.archive import flat
from support.second_checker.graphs import Node, positions
from support.second_checker.intervals import Interval, Number, highest, lowest, rectified

Values = Sequence[Number]
"""Entries in C order."""
Shape = Sequence[int]


def outputs(nodes: Sequence[Node], shapes: Mapping[str, Shape], weights: Mapping[str, Any], x: Values) -> list[Number]:
    """The last node's value. `shapes`: of the nodes' values; `weights`: nested lists of Numbers."""
    cells = {name: flat(array) for name, array in weights.items()}
    known: dict[str, Values] = {}
    for node in nodes:
        given = [(known[name], shapes[name]) for name in node["inputs"]]
        known[node["name"]] = x if node["op"] == "input" else value(node, given, shapes[node["name"]], cells)
    return list(known[nodes[-1]["name"]])


def value(node: Node, given: Sequence[tuple[Values, Shape]], made: Shape, cells: Mapping[str, Values]) -> Values:
    """The entries of a node's value."""
    entries, shape = given[0]
    match node["op"]:
        case "relu":
            return [rectified(one) for one in entries]
        case "add":
            return [total(parts) for parts in zip(*(one for one, _ in given), strict=True)]
        case "flatten" | "reshape":
            return entries
        case "transpose":
            return by_place(made, lambda place: entries[number(_back(place, node["order"]), shape)])
        case "concatenate":
            return joined(given, made, node["axis"])
        case "global_average_pool":
            size = prod(shape[1:])
            return [total(entries[k * size : (k + 1) * size]) * Fraction(1, size) for k in range(shape[0])]
        case "max_pool2d":
            return windowed(node, entries, shape, made, largest)
        case "average_pool2d":
            count = prod(node["kernel"]) if node["counts_padding"] else None
            return windowed(node, entries, shape, made, lambda seen: total(seen) * Fraction(1, count or len(seen)))
        case "linear":
            rows = rows_of(cells[node["weight"]], made[0])
            return with_bias([dot(row, entries) for row in rows], node, made, cells)
        case "scale":
            size = prod(shape[1:])
            factors = cells[node["weight"]]
            return with_bias([factors[k // size] * one for k, one in enumerate(entries)], node, made, cells)
    return with_bias(convolved(node, entries, shape, made, cells[node["weight"]]), node, made, cells)


def convolved(node: Node, entries: Values, shape: Shape, made: Shape, kernel: Values) -> list[Number]:
    """Each output channel sees the channels of its own group."""
    places, size, window = positions(node, shape, made), prod(shape[1:]), prod(node["kernel"])
    own, each = shape[0] // node["groups"], made[0] // node["groups"]
    found = []
    for o, row in enumerate(rows_of(kernel, made[0])):
        first = o // each * own
        for place in places:
            seen = [(i, at) for i, at in place if at is not None]
            pairs = [(row[c * window + i], entries[(first + c) * size + at]) for c in range(own) for i, at in seen]
            found.append(total([w * h for w, h in pairs]))
    return found


def windowed(
    node: Node, entries: Values, shape: Shape, made: Shape, pooled: Callable[[Values], Number]
) -> list[Number]:
    """Of each channel what the window sees at every position, pooled; the padding is not seen."""
    places, size = positions(node, shape, made), prod(shape[1:])
    return [
        pooled([entries[c * size + at] for _, at in place if at is not None])
        for c in range(shape[0])
        for place in places
    ]


def joined(given: Sequence[tuple[Values, Shape]], made: Shape, axis: int) -> list[Number]:
    """Side by side along an axis."""

    def entry(place: tuple[int, ...]) -> Number:
        along = place[axis]
        for entries, shape in given:
            if along < shape[axis]:
                return entries[number((*place[:axis], along, *place[axis + 1 :]), shape)]
            along -= shape[axis]
        raise AssertionError("shapes were checked")

    return by_place(made, entry)


def by_place(shape: Shape, entry: Callable[[tuple[int, ...]], Number]) -> list[Number]:
    """An entry for each place of a shape, in C order."""
    return [entry(place) for place in product(*map(range, shape))]


def number(place: Sequence[int], shape: Shape) -> int:
    """Where an entry stands in C order."""
    found = 0
    for at, size in zip(place, shape, strict=True):
        found = found * size + at
    return found


def _back(place: Sequence[int], order: Sequence[int]) -> list[int]:
    """The place before axis k became what axis `order[k]` was."""
    found = [0] * len(place)
    for at, axis in zip(place, order, strict=True):
        found[axis] = at
    return found


def rows_of(entries: Values, rows: int) -> list[Values]:
    """A matrix by its rows."""
    size = len(entries) // rows
    return [entries[k * size : (k + 1) * size] for k in range(rows)]


def with_bias(entries: Sequence[Number], node: Node, made: Shape, cells: Mapping[str, Values]) -> Values:
    """The bias of each channel added, if there is one."""
    if node["bias"] is None:
        return entries
    bias, size = cells[node["bias"]], prod(made[1:])
    return [one + bias[k // size] for k, one in enumerate(entries)]


def dot(row: Values, entries: Values) -> Number:
    """The sum of products."""
    return total([w * h for w, h in zip(row, entries, strict=True)])


def total(entries: Values) -> Number:
    """The sum; 0 of nothing."""
    return sum(entries, start=Fraction(0))


def largest(entries: Values) -> Number:
    """What holds the largest of some numbers."""
    return Interval.of(max(map(lowest, entries)), max(map(highest, entries)))
