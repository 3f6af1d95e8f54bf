"""The nodes of a graph: a closed vocabulary, and every field of every node within its range.

What is read here is text of strangers: each node is known by its number, and what is quoted of it is cut short.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from numerics.checker.shown import shown

MOST_NODES = 10_000
LONGEST_NAME = 500
_MOST_SIZES = 8
_LARGEST_SIZE = (1 << 31) - 1


@dataclass(frozen=True)
class Node:
    """One step. `inputs`: names of earlier nodes; the other fields are those of its `op`, the rest at their default.

    `padding`: rows above, columns to the left, rows below, columns to the right.
    """

    op: str
    name: str
    inputs: tuple[str, ...]
    weight: str | None = None
    bias: str | None = None
    size: tuple[int, ...] = ()
    order: tuple[int, ...] = ()
    axis: int = 0
    groups: int = 1
    kernel: tuple[int, int] = (1, 1)
    stride: tuple[int, int] = (1, 1)
    padding: tuple[int, int, int, int] = (0, 0, 0, 0)
    dilation: tuple[int, int] = (1, 1)
    counts_padding: bool = True

    __repr__ = shown

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the parameters that it reads."""
        return tuple(name for name in (self.weight, self.bias) if name is not None)


_WINDOW = "kernel stride? padding? dilation?"
FIELDS = {
    op: ("name", "inputs", *fields.split())
    for op, fields in {
        "input": "size",
        "linear": "weight bias?",
        "scale": "weight bias?",
        "conv2d": f"weight bias? groups? {_WINDOW}",
        "average_pool2d": f"counts_padding? {_WINDOW}",
        "max_pool2d": _WINDOW,
        "global_average_pool": "",
        "relu": "",
        "add": "",
        "concatenate": "axis?",
        "flatten": "",
        "reshape": "size",
        "transpose": "order",
    }.items()
}
"""The vocabulary: what each node says besides its `op`; `?`: it may be left out of a network's file."""


def _is_name(value: object) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST_NAME


def _is_size(value: object) -> bool:
    # `true` is an int in Python.
    return type(value) is int and 0 <= value <= _LARGEST_SIZE


def _are(what: Callable[[object], bool], most: int, least: int = 0) -> Callable[[object], bool]:
    return lambda value: isinstance(value, list) and least <= len(value) <= most and all(map(what, value))


_HOLDS: dict[str, Callable[[object], bool]] = {
    "name": _is_name,
    "inputs": _are(_is_name, MOST_NODES),
    "weight": _is_name,
    "bias": lambda value: value is None or _is_name(value),
    "size": _are(_is_size, _MOST_SIZES),
    "order": _are(_is_size, _MOST_SIZES),
    "axis": _is_size,
    "groups": _is_size,
    "kernel": _are(_is_size, 2, 2),
    "stride": _are(_is_size, 2, 2),
    "padding": _are(_is_size, 4, 4),
    "dilation": _are(_is_size, 2, 2),
    "counts_padding": lambda value: isinstance(value, bool),
}


def parse_text(text: str) -> tuple[Node, ...]:
    """The nodes in a network's file, where fields may be left out. Raises ValueError."""
    try:
        rows = json.loads(text, object_pairs_hook=_no_key_twice, parse_float=_no_number, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"its metadata graph is no json of nodes ({str(error)[:80]})") from None
    return parse_nodes(rows, whole=False)


def parse_nodes(rows: object, *, whole: bool) -> tuple[Node, ...]:
    """The nodes that a list of objects describes; `whole`: no field may be left out.

    How they hang together is not looked at. Raises ValueError naming the node.
    """
    if not isinstance(rows, list) or not 1 <= len(rows) <= MOST_NODES:
        raise ValueError(f"its graph must be a list of 1 to {MOST_NODES} nodes")
    return tuple(_parsed(f"node {k} of its graph", row, whole) for k, row in enumerate(rows))


def written(nodes: tuple[Node, ...]) -> list[dict[str, Any]]:
    """The list of objects that describes them, no field left out."""
    return [
        {"op": node.op} | {field.rstrip("?"): _plain(getattr(node, field.rstrip("?"))) for field in FIELDS[node.op]}
        for node in nodes
    ]


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _parsed(which: str, row: object, whole: bool) -> Node:
    if not isinstance(row, dict) or not isinstance(row.get("op"), str) or row["op"] not in FIELDS:
        op = row.get("op") if isinstance(row, dict) else row
        raise ValueError(f"{which} is {str(op)[:40]!r}: it must be one of {', '.join(FIELDS)}")
    which = f"{which} ({row['op']})"
    fields = FIELDS[row["op"]]
    known = {field.rstrip("?") for field in fields}
    needed = known if whole else {field for field in fields if not field.endswith("?")}
    for name in row:
        if name != "op" and name not in known:
            raise ValueError(f"{which} has {name[:40]!r}, which no such node has")
    for name in sorted(needed):
        if name not in row:
            raise ValueError(f"{which} has no {name}")
    values: dict[str, Any] = {}
    for name in known & row.keys():
        value = row[name]
        if not _HOLDS[name](value):
            raise ValueError(f"{which} has {name} {str(value)[:40]!r}: that is no value of such a field")
        values[name] = tuple(value) if isinstance(value, list) else value
    return Node(op=row["op"], **values)


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _no_number(number: str) -> Any:
    raise ValueError(f"a number that is no size: {number[:20]}")
