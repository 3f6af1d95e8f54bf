"""What a forger changes of paths between graphs: nodes, kernels, arcs and shapes, each change by name."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import product
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.random import Generator

from support import forgery_edits
from support.certificates import Document, Forge, Moves, Weights, between, numbers
from support.forgery_edits import PathEdit, Saying, one
from support.graph_certificates import GraphForge, Rows, node
from support.honest_graphs import EIGHTHS, values

UNFIT = (ArithmeticError, AssertionError, AttributeError, IndexError, KeyError, TypeError, ValueError)
"""What is raised where a change does not apply, or nothing is defined."""
ATTEMPTS, QUARTERS = 3, EIGHTHS[::2]

WINDOWED = ("kernel", "stride", "padding", "dilation")


def _with_nodes(path: Forge, change: Callable[[Rows], object]) -> GraphForge:
    """The same path with other nodes."""
    assert isinstance(path, GraphForge)
    nodes = copy.deepcopy(path.nodes)
    change(nodes)
    return replace(path, nodes=nodes)


def _nodes(path: Forge) -> Rows:
    assert isinstance(path, GraphForge)
    return path.nodes


# Nodes


def geometry(path: Forge, rng: Generator) -> Forge:
    """A stride, a padding, a dilation or a kernel is another, mostly one that leaves the window as many places."""
    which = one(rng, [k for k, row in enumerate(_nodes(path)) if "kernel" in row])

    def with_window(fields: dict[str, Any]) -> GraphForge:
        return _with_nodes(path, lambda nodes: nodes[which].update(fields))

    others = [with_window(fields) for fields in _geometries(_nodes(path)[which])]
    return one(rng, [other for other in others if _fits(other)] if rng.random() < 0.8 else others)  # type: ignore[no-any-return]


def _geometries(row: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """One number of a window more or less, its padding on the other side, its axes exchanged."""
    for field in ("stride", "padding", "dilation", "kernel"):
        value = row[field]
        for k, amount in product(range(len(value)), (-1, 1, 2)):
            yield {field: [max(entry + amount * (i == k), 0) for i, entry in enumerate(value)]}
        yield {field: value[len(value) // 2 :] + value[: len(value) // 2]}


def _fits(path: GraphForge) -> bool:
    try:
        return len(path.outputs(path.start, path.x[:1])[0]) == int(path.y.shape[1])
    except UNFIT:
        return False


def another_field(path: Forge, rng: Generator) -> Forge:
    """Groups, an axis, an order, a size, whether padding counts; or a truth value for a number."""
    fields = ("groups", "axis", "order", "size", "counts_padding", "stride", "padding", "bias", "weight")
    which, field = one(rng, [(k, name) for k, row in enumerate(_nodes(path)) for name in fields if name in row])

    def change(nodes: Rows) -> None:
        value = nodes[which][field]
        match field:
            case "groups" | "axis":
                nodes[which][field] = one(rng, [value + 1, max(value - 1, 0), 2, bool(value)])
            case "counts_padding":
                nodes[which][field] = one(rng, [not value, not value, int(value)])
            case "order" | "size":
                nodes[which][field] = [value[int(k)] for k in rng.permutation(len(value))]
            case "bias" | "weight":
                nodes[which][field] = one(rng, [None, *path.start])
            case _:
                nodes[which][field] = [bool(entry) for entry in value]

    return _with_nodes(path, change)


def rewired(path: Forge, rng: Generator) -> Forge:
    """A node reads another value, or the same ones in another order."""
    which = int(rng.integers(1, len(_nodes(path))))

    def change(nodes: Rows) -> None:
        inputs = nodes[which]["inputs"]
        if len(inputs) > 1 and rng.random() < 0.5:
            inputs.reverse()
        else:
            inputs[int(rng.integers(0, len(inputs)))] = one(rng, nodes)["name"]

    return _with_nodes(path, change)


def reordered(path: Forge, rng: Generator) -> Forge:
    """Two nodes change places in the list."""
    i, j = (int(k) for k in rng.integers(0, len(_nodes(path)), 2))

    def change(nodes: Rows) -> None:
        nodes[i], nodes[j] = nodes[j], nodes[i]

    return _with_nodes(path, change)


def bypassed(path: Forge, rng: Generator) -> Forge:
    """A node is left out: what reads it reads what it read."""
    which = int(rng.integers(1, len(_nodes(path))))

    def change(nodes: Rows) -> None:
        gone = nodes.pop(which)
        for row in nodes:
            row["inputs"] = [gone["inputs"][0] if name == gone["name"] else name for name in row["inputs"]]

    return _with_nodes(path, change)


def rectified(path: Forge, rng: Generator) -> Forge:
    """A ReLU more, or a value twice as large by a sum with itself."""
    which = int(rng.integers(0, len(_nodes(path))))

    def change(nodes: Rows) -> None:
        name = nodes[which]["name"]
        more = node("relu", "more", name) if rng.random() < 0.6 else node("add", "more", name, name)
        for row in nodes[which + 1 :]:
            row["inputs"] = ["more" if read == name else read for read in row["inputs"]]
        nodes.insert(which + 1, more)

    return _with_nodes(path, change)


def other_op(path: Forge, rng: Generator) -> Forge:
    """A maximum for a mean, a mean for a maximum, no ReLU, one channel's mean for all entries."""
    others: dict[str, dict[str, Any]] = {
        "max_pool2d": {"op": "average_pool2d", "counts_padding": bool(rng.random() < 0.5)},
        "average_pool2d": {"op": "max_pool2d", "counts_padding": None},
        "relu": {"op": "add"},
        "flatten": {"op": "relu"},
        "global_average_pool": {"op": "max_pool2d", **{name: node("max_pool2d", "")[name] for name in WINDOWED}},
        "add": {"op": "concatenate", "axis": 0},
        "linear": {"op": "scale"},
    }
    which = one(rng, [k for k, row in enumerate(_nodes(path)) if row["op"] in others])

    def change(nodes: Rows) -> None:
        fields = nodes[which] | others[nodes[which]["op"]]
        nodes[which] = {name: value for name, value in fields.items() if value is not None or name == "bias"}

    return _with_nodes(path, change)


def renamed_node(path: Forge, rng: Generator) -> Forge:
    """A node under another name everywhere, or in one place, or under one that another has."""
    which, everywhere = int(rng.integers(0, len(_nodes(path)))), rng.random() < 0.6

    def change(nodes: Rows) -> None:
        old, new = nodes[which]["name"], one(rng, ["n", "n", "", nodes[0]["name"]])
        nodes[which]["name"] = new
        for row in nodes:
            row["inputs"] = [new if name == old and everywhere else name for name in row["inputs"]]

    return _with_nodes(path, change)


# Parameters and arcs


def renamed_parameter(path: Forge, rng: Generator) -> Forge:
    """A parameter under another name everywhere: another network, whose arrays stand in another order."""
    assert isinstance(path, GraphForge)
    old, new = one(rng, path.start), str(rng.choice(["0", "zz", "a b"]))
    nodes = [{key: new if value == old else value for key, value in row.items()} for row in path.nodes]

    def under(values: Any) -> Any:
        return {new if name == old else name: value for name, value in values.items()}

    return replace(
        path,
        nodes=nodes,
        start=under(path.start),
        segments=[(kind, under(moves)) for kind, moves in path.segments],
        controls={k: under(control) for k, control in path.controls.items()},
    )


def _each_array(path: GraphForge, name: str, change: Callable[[np.ndarray], np.ndarray]) -> GraphForge:
    """The same change of a parameter wherever it is stored."""

    def changed(arrays: Weights) -> Weights:
        return {one: change(numbers(array)) if one == name else array for one, array in arrays.items()}

    def moved(moves: Moves) -> Moves:
        return {one: (slots, change(numbers(array)) if one == name else array) for one, (slots, array) in moves.items()}

    return replace(
        path,
        start=changed(path.start),
        segments=[(kind, moved(moves)) for kind, moves in path.segments],
        controls={k: changed(bends) for k, bends in path.controls.items()},
    )


def turned(path: Forge, rng: Generator) -> Forge:
    """A kernel's axes change places, with the node's; its arrays are stored so too, or as they were."""
    assert isinstance(path, GraphForge)
    which = one(rng, [k for k, row in enumerate(path.nodes) if row["op"] == "conv2d"])
    row = path.nodes[which]
    name, shape = row["weight"], list(np.shape(path.start[row["weight"]]))
    turned = [shape[0], shape[1], shape[3], shape[2]]
    other = _with_nodes(path, lambda nodes: nodes[which].update(kernel=row["kernel"][::-1]))
    other = _each_array(other, name, lambda array: np.asarray(array).reshape(turned))
    return replace(other, stored={name: shape}) if rng.random() < 0.5 else other


def misshapen(path: Forge, rng: Generator) -> Forge:
    """A parameter's arrays are stored under another shape: axes in another order, in one, one more."""
    assert isinstance(path, GraphForge)
    name = one(rng, path.start)
    shape = list(np.shape(path.start[name]))
    others = [shape[::-1], [int(np.prod(shape))], [*shape, 1], [1, *shape]]
    return replace(path, stored={name: one(rng, [other for other in others if other != shape])})


def just_below(path: Forge, rng: Generator) -> Forge:
    """The bound lies between the corners' losses and one on the way; what is stated is the highest corner."""
    losses = path.losses()
    places = [(k, t) for k in range(len(path.segments)) for t in QUARTERS[1:-1]]
    top = max(path.loss_at(*place) for place in places)
    corner = losses.index(max(losses))
    segment = min(corner, len(path.segments) - 1)
    if top <= losses[corner]:
        raise ValueError("no loss on the way is higher")
    upper = losses[corner] + (top - losses[corner]) * one(rng, [Fraction(1, 2), Fraction(3, 4), Fraction(15, 16)])
    return replace(path, peak=(segment, Fraction(corner - segment)), upper=upper)


def kernel_entry(path: Forge, rng: Generator) -> Forge:
    """An entry of one parameter at every corner and control."""
    assert isinstance(path, GraphForge)
    name, amount = one(rng, path.start), float(one(rng, [1.0, -1.0, 0.5, 2.0**-30]))
    at = int(rng.integers(0, path.start[name].size))

    def change(array: np.ndarray) -> np.ndarray:
        found = np.array(array)
        found.reshape(-1)[at] += amount
        return found

    return _each_array(path, name, change)


def control(path: Forge, rng: Generator) -> Forge:
    """An arc's control is another, or changes places with the end, or is the end; or a line becomes an arc."""
    curves = [k for k, (kind, _) in enumerate(path.segments) if kind == "curve"]
    if not curves or rng.random() < 0.2:
        k = int(rng.integers(0, len(path.segments)))
        moves = path.segments[k][1]
        bends = {name: numbers(array) + float(one(rng, [0.0, 0.5, 2.0])) for name, (_, array) in moves.items()}
        segments = [*path.segments[:k], ("curve", moves), *path.segments[k + 1 :]]
        return replace(path, segments=segments, controls={**path.controls, k: bends})
    k = one(rng, curves)
    moves, bends = dict(path.segments[k][1]), dict(path.controls[k])
    name = one(rng, bends)
    match int(rng.integers(0, 4)):
        case 0:
            ends = {one: ("all", array) for one, array in bends.items()}
            bends = {one: numbers(array) for one, (_, array) in moves.items()}
            moves = dict(ends)
        case 1:
            bends[name] = numbers(moves[name][1])
        case 2:
            bends[name] = forgery_edits.changed(bends[name], rng)
        case _:
            bends[name] = bends[name] * float(one(rng, [2.0, -1.0, 8.0]))
    segments = [*path.segments[:k], ("curve", moves), *path.segments[k + 1 :]]
    return replace(path, segments=segments, controls={**path.controls, k: bends})


def straightened(path: Forge, rng: Generator) -> Forge:
    """An arc is called a line, its control left out or left there."""
    k = one(rng, path.controls)
    controls = {other: bends for other, bends in path.controls.items() if other != k or rng.random() < 0.3}
    return replace(
        path,
        segments=[*path.segments[:k], ("general", path.segments[k][1]), *path.segments[k + 1 :]],
        controls=controls,
    )


def misreading(path: Forge, rng: Generator) -> GraphForge:
    """The same path with the numbers of a wrong reader, who claims little more than he finds; only what is false."""
    assert isinstance(path, GraphForge)
    windows = [SimpleNamespace(**row) for row in path.nodes if "kernel" in row]
    readings = [read for read in MISREAD if any(read(row) != row for row in windows)]
    for _ in range(ATTEMPTS):
        other = replace(path, misread=one(rng, [*readings * 2, None, None]), segments=list(path.segments))
        if other.misread is None:
            lingering = rng.random() < 0.7
            other = _CutOff(**vars(_lingering(other, rng))) if lingering else _Straightened(**vars(other))
        places = [(k, t) for k in range(len(other.segments)) for t in QUARTERS]
        found = {place: other.loss_at(*place) for place in places}
        upper = max(found.values()) * Fraction(65, 64) + Fraction(1, 64)
        corners = [place for place in places if place[1] in (0, 1)]
        peak = max(corners if rng.random() < 0.5 else places, key=found.__getitem__)
        true = GraphForge(**(vars(other) | {"misread": None}))
        if found[peak] != true.loss_at(*peak) or any(true.loss_at(*place) > upper for place in places):
            return replace(other, peak=peak, upper=upper)
    raise ValueError("what is said is true")


def _read_as(**fields: Callable[[Any], Any]) -> Callable[[SimpleNamespace], SimpleNamespace]:
    return lambda node: SimpleNamespace(**{**vars(node), **{name: read(node) for name, read in fields.items()}})


MISREAD = (
    _read_as(stride=lambda node: [1, 1]),
    _read_as(stride=lambda node: node.stride[::-1]),
    _read_as(padding=lambda node: [0, 0, 0, 0]),
    _read_as(padding=lambda node: [*node.padding[2:], *node.padding[:2]]),
    _read_as(dilation=lambda node: [1, 1]),
)
"""Of windows what may be read wrong while they have as many places."""


class _Straightened(GraphForge):
    """Its arcs are lines between their ends."""

    def control(self, segment: int, before: Weights) -> None:
        return None


def _lingering(path: GraphForge, rng: Generator) -> GraphForge:
    """Lines become arcs, to other ends too, that stay where they begin for a while: they pass what lies on the line."""
    for k, (kind, moves) in enumerate(path.segments):
        if kind == "general" or (kind == "curve" and rng.random() < 0.5):
            here, ends = path.corners()[k], dict(moves)
            if rng.random() < 0.6:
                ends = {name: ("all", values(rng, *here[name].shape)) for name in moves}
            segments = [*path.segments[:k], ("curve", ends), *path.segments[k + 1 :]]
            path = replace(path, segments=segments, controls={**path.controls, k: {name: here[name] for name in moves}})
    return path


class _CutOff(GraphForge):
    """Its arcs are lines to their controls, but for the corner behind them."""

    def weights_at(self, segment: int, t: Fraction) -> Weights:
        if segment not in self.controls or t == 1:
            return super().weights_at(segment, t)
        before = self.corners()[segment]
        return between(before, {**before, **self.controls[segment]}, t)


OF_CLASSES = (forgery_edits.other_slots, forgery_edits.other_class, forgery_edits.other_bias, forgery_edits.without)
PATHS: tuple[PathEdit, ...] = (
    *(edit for edit in forgery_edits.PATHS if edit not in OF_CLASSES),
    *[geometry] * 6,
    *[just_below] * 4,
    *[control] * 4,
    *[turned, kernel_entry] * 2,
    *(another_field, rewired, reordered, bypassed, rectified, other_op),
    *(renamed_node, renamed_parameter, misshapen, straightened),
)


# What is said of it


def a_node(document: Document, rng: Generator) -> None:
    """A field of a node, with digests that are now wrong."""
    row = one(rng, document["network"]["nodes"])
    name = one(rng, row)
    value = row[name]
    if isinstance(value, bool) or value is None:
        row[name] = one(rng, [not value, 1, "w0"])
    elif isinstance(value, int):
        row[name] = one(rng, [value + 1, -1, 1 << 40, True])
    elif isinstance(value, str):
        row[name] = one(rng, [*document["network"]["shapes"], "", "relu", None])
    else:
        row[name] = one(rng, [value[::-1], [*value, 1], value[:-1], [1 << 40, *value[1:]], 7])


def a_stated_shape(document: Document, rng: Generator) -> None:
    """A parameter's shape, or a parameter less."""
    shapes = document["network"]["shapes"]
    name = one(rng, shapes)
    if rng.random() < 0.2:
        del shapes[name]
    else:
        shapes[name] = one(rng, [shapes[name][::-1], [*shapes[name], 1], [1 << 31], [True, *shapes[name][1:]]])


def a_class(document: Document, rng: Generator) -> None:
    """Another class, with nodes or without; a bias."""
    network = document["network"]
    match int(rng.integers(0, 3)):
        case 0:
            network["class"] = one(rng, ["plain", "two-layer"])
        case 1:
            del network["nodes"]
        case _:
            network["bias"] = 1


NOT_OF_GRAPHS = (forgery_edits.a_move, forgery_edits.a_shape, forgery_edits.a_rational)
SAYINGS: tuple[Saying, ...] = tuple(saying for saying in forgery_edits.SAYINGS if saying not in NOT_OF_GRAPHS)
SAYINGS += (a_node, a_stated_shape, a_class)
