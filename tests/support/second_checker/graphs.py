"""Which lists of nodes are a graph, and the shape of every value: section 9 of the page, for the second checker."""

from collections.abc import Mapping, Sequence
from itertools import product
from math import prod
from typing import Any

from support.second_checker.archive import is_index, need

Node = Mapping[str, Any]
"""As the file has it, no field left out."""
Shapes = Mapping[str, Sequence[int]]
Position = list[tuple[int, int | None]]
"""Entries of a kernel, by number, and the entries of a channel that they meet; None in the padding."""
MAX_NODES, MAX_NAME, MAX_SIZES, MAX_SIZE, MAX_ENTRIES, MAX_WINDOW = 10_000, 500, 8, 2**31 - 1, 2**31, 1024
WINDOW = {"kernel": 2, "stride": 2, "padding": 4, "dilation": 2}
FIELDS: dict[str, list[str]] = {
    "input": ["size"],
    "linear": ["weight", "bias"],
    "scale": ["weight", "bias"],
    "conv2d": ["weight", "bias", "groups", *WINDOW],
    "average_pool2d": ["counts_padding", *WINDOW],
    "max_pool2d": [*WINDOW],
    "global_average_pool": [],
    "relu": [],
    "add": [],
    "concatenate": ["axis"],
    "flatten": [],
    "reshape": ["size"],
    "transpose": ["order"],
}


def check_graph(nodes: Any, parameters: Shapes) -> dict[str, list[int]]:
    """The shape of every node's value, by name; raises Refused."""
    need(type(nodes) is list and 1 <= len(nodes) <= MAX_NODES, "graph: not 1 to 10,000 nodes")
    for node in nodes:
        check_fields(node)
    need(nodes[0]["op"] == "input", "graph: the first node is not the input")
    found = dict[str, list[int]]()
    for node in nodes:
        name, inputs = node["name"], node["inputs"]
        need(name and name not in found, "graph: a node without a name of its own")
        need(all(one in found for one in inputs), "graph: a node reads what is no earlier node")
        several = node["op"] in ("add", "concatenate")
        need(len(inputs) >= 1 if several else len(inputs) == (node["op"] != "input"), "graph: reads too few or many")
        need(node["op"] != "input" or not found, "graph: a second input")
        need(all(one in parameters for one in parameters_of(node)), "graph: a parameter is missing")
        shape = shape_after(node, [found[one] for one in inputs], parameters)
        need(shape and all(size >= 1 for size in shape) and prod(shape) <= MAX_ENTRIES, "graph: too many entries")
        need(looked_at(node, [found[one] for one in inputs], shape) <= MAX_ENTRIES, "graph: looks at too many entries")
        found[name] = shape
    read = {one for node in nodes for one in node["inputs"]}
    need(read >= set(found) - {nodes[-1]["name"]}, "graph: a node that nobody reads")
    need({one for node in nodes for one in parameters_of(node)} == set(parameters), "graph: a parameter nobody reads")
    return found


def check_fields(node: Any) -> None:
    """Exactly the fields of the vocabulary, each of its kind."""
    need(type(node) is dict and type(node.get("op")) is str and node["op"] in FIELDS, "graph: no such node")
    need(set(node) == {"op", "name", "inputs", *FIELDS[node["op"]]}, "graph: not the fields of such a node")
    for field, value in node.items():
        match field:
            case "name" | "weight":
                fits = is_name(value)
            case "bias":
                fits = value is None or is_name(value)
            case "inputs":
                fits = type(value) is list and len(value) <= MAX_NODES and all(map(is_name, value))
            case "axis" | "groups":
                fits = is_size(value)
            case "counts_padding":
                fits = type(value) is bool
            case "size" | "order":
                fits = type(value) is list and len(value) <= MAX_SIZES and all(map(is_size, value))
            case _:
                fits = field == "op" or (
                    type(value) is list and len(value) == WINDOW[field] and all(map(is_size, value))
                )
        need(fits, f"graph: no value of a field {field}")


def is_name(value: Any) -> bool:
    """Any text of at most 500 characters."""
    return type(value) is str and len(value) <= MAX_NAME


def is_size(value: Any) -> bool:
    """An integer (True is none) below 2^31."""
    return is_index(value, MAX_SIZE + 1)


def parameters_of(node: Node) -> list[str]:
    """The parameters that a node reads."""
    return [node[field] for field in ("weight", "bias") if node.get(field) is not None]


def readout_of(nodes: Sequence[Node]) -> list[str]:
    """The parameters of a last linear node that no other node reads."""
    elsewhere = {name for node in nodes[:-1] for name in parameters_of(node)}
    return [name for name in parameters_of(nodes[-1]) if name not in elsewhere and nodes[-1]["op"] == "linear"]


def shape_after(node: Node, given: list[list[int]], parameters: Shapes) -> list[int]:
    """The shape of the value, by what the node reads; raises Refused."""
    op, weight = node["op"], list(parameters.get(node.get("weight", ""), []))
    if op == "input":
        return list(node["size"])
    first = given[0]
    made = first
    if op == "linear":
        need(len(first) == 1 and len(weight) == 2 and weight[1] == first[0], "graph: a linear node of another shape")
        made = weight[:1]
    elif op == "scale":
        need(weight == first[:1], "graph: a scale of another shape")
    elif op in ("conv2d", "average_pool2d", "max_pool2d"):
        made = [first[0], *check_window(node, first)]
        if op == "conv2d":
            groups = node["groups"]
            need(groups >= 1 and first[0] % groups == 0, "graph: channels that groups do not divide")
            fits = len(weight) == 4 and weight[1:] == [first[0] // groups, *node["kernel"]] and weight[0] % groups == 0
            need(fits, "graph: a kernel of another shape")
            made[0] = weight[0]
    elif op == "global_average_pool":
        made = [first[0], 1, 1]
    elif op == "add":
        need(all(one == first for one in given), "graph: a sum of different shapes")
    elif op == "concatenate":
        axis = node["axis"]
        need(axis < len(first) and all(len(one) == len(first) for one in given), "graph: no such axis")
        rest = [[*one[:axis], *one[axis + 1 :]] for one in given]
        need(all(one == rest[0] for one in rest), "graph: values that do not fit side by side")
        made = [*first[:axis], sum(one[axis] for one in given), *first[axis + 1 :]]
    elif op == "flatten":
        made = [prod(first)]
    elif op == "reshape":
        need(prod(node["size"]) == prod(first), "graph: another number of entries")
        made = list(node["size"])
    elif op == "transpose":
        need(sorted(node["order"]) == list(range(len(first))), "graph: no order of the axes")
        made = [first[axis] for axis in node["order"]]
    if node.get("bias") is not None:
        need(list(parameters[node["bias"]]) == made[:1], "graph: a bias of another shape")
    return made


def check_window(node: Node, image: Sequence[int]) -> list[int]:
    """The number of positions downwards and sideways; raises Refused."""
    need(len(image) == 3, "graph: a window on what is no image")
    need(min([*node["kernel"], *node["stride"], *node["dilation"]]) >= 1, "graph: kernel, stride or dilation of 0")
    spans = [(size - 1) * apart + 1 for size, apart in zip(node["kernel"], node["dilation"], strict=True)]
    need(max([*spans, *node["padding"]]) <= MAX_WINDOW, "graph: a window or padding too wide")
    made = []
    for axis in (0, 1):
        room = image[1 + axis] + node["padding"][axis] + node["padding"][2 + axis] - spans[axis]
        need(room >= 0, "graph: a window that does not fit")
        count = room // node["stride"][axis] + 1
        made.append(count)
        if node["op"] != "conv2d":
            need(count <= MAX_WINDOW * MAX_WINDOW, "graph: too many positions for this checker")
            sees = all(any(line is not None for _, line in met(node, image, axis, at)) for at in range(count))
            need(sees, "graph: a pool that sees nothing but padding")
    return made


def met(node: Node, image: Sequence[int], axis: int, at: int) -> Position:
    """The rows (columns) that a window's rows meet at a position of the axis."""
    first = at * node["stride"][axis] - node["padding"][axis]
    lines = [first + i * node["dilation"][axis] for i in range(node["kernel"][axis])]
    return [(i, line if 0 <= line < image[1 + axis] else None) for i, line in enumerate(lines)]


def positions(node: Node, image: Sequence[int], made: Sequence[int]) -> list[Position]:
    """For every position, in C order, the entries of one channel that the window meets."""
    found = []
    for down, across in product(range(made[1]), range(made[2])):
        pairs = product(met(node, image, 0, down), met(node, image, 1, across))
        width = node["kernel"][1]
        found.append([(i * width + j, _entry(row, column, image[2])) for (i, row), (j, column) in pairs])
    return found


def _entry(row: int | None, column: int | None, width: int) -> int | None:
    return None if row is None or column is None else row * width + column


def looked_at(node: Node, given: list[list[int]], shape: Sequence[int]) -> int:
    """Entries that a node looks at and makes, together."""
    if "kernel" in node:
        return prod(shape) + given[0][0] * prod(shape[1:]) * prod(node["kernel"])
    return prod(shape) + sum(map(prod, given))
