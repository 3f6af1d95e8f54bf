"""The nodes of a graph as JSON and back: the metadata `graph` of a file, which is text of others."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import MISSING, fields
from typing import Any

from numerics.common.strict_json import canonical
from numerics.errors import InputError
from numerics.networks.graph.graph import MOST
from numerics.networks.graph.node import Node
from numerics.networks.graph.nodes import VOCABULARY
from numerics.networks.origin import LONGEST

KEY = "graph"  # of the metadata of a `.safetensors`
DEEPEST = 8  # sizes of a tuple


def written(nodes: Sequence[Node]) -> str:
    """`as_json` as text."""
    return canonical(as_json(nodes)).decode("ascii")


def as_json(nodes: Sequence[Node]) -> list[dict[str, Any]]:
    """A list of objects: `op`, and the node's fields by their names."""
    return [{"op": node.op} | {one.name: _plain(getattr(node, one.name)) for one in fields(node)} for node in nodes]


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def parsed(text: str) -> tuple[Node, ...]:
    """The nodes. Raises InputError in one line for whatever is not exactly such a list; shapes are not looked at."""
    try:
        rows = json.loads(text, object_pairs_hook=_object, parse_float=_reject, parse_constant=_reject)
    except (ValueError, RecursionError) as error:
        words = " ".join(str(error).split())[:100]
        raise InputError(f"its metadata {KEY} is no JSON of a graph ({words}): convert the network again") from None
    return nodes_of(rows)


def nodes_of(rows: object) -> tuple[Node, ...]:
    """The nodes of `as_json`. Raises InputError."""
    if not isinstance(rows, list) or not 1 <= len(rows) <= MOST:
        raise InputError(f"its metadata {KEY} is no list of 1 to {MOST} nodes: convert the network again")
    return tuple(_node(k, row) for k, row in enumerate(rows))


def _node(k: int, row: object) -> Node:
    if not isinstance(row, dict) or not isinstance(row.get("op"), str) or row["op"] not in VOCABULARY:
        op = str(row.get("op") if isinstance(row, dict) else row)[:40]
        raise InputError(f"node {k} of its graph is {op!r}: one of {', '.join(VOCABULARY)} is needed")
    kind = VOCABULARY[row["op"]]
    named = {one.name: one for one in fields(kind)}
    wrong = sorted((row.keys() - {"op"}) ^ named.keys())
    if missing := [name for name in wrong if name in row or named[name].default is MISSING]:
        raise InputError(f"node {k} of its graph ({kind.op}) lacks {missing[0][:40]!r}, or has it without a place")
    values: dict[str, Any] = {}
    for name, value in row.items():
        if name == "op":
            continue
        words = str(named[name].type)
        if not _HOLDS[words](value):
            raise InputError(f"node {k} of its graph ({kind.op}) has {name} {str(value)[:40]!r}: {words} is needed")
        values[name] = tuple(value) if isinstance(value, list) else value
    return kind(**values)


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST


def _is_size(value: Any) -> bool:
    return type(value) is int and 0 <= value < 1 << 31


def _sizes(count: int | None) -> Callable[[Any], bool]:
    def holds(value: Any) -> bool:
        return (
            isinstance(value, list)
            and all(map(_is_size, value))
            and (len(value) <= DEEPEST if count is None else len(value) == count)
        )

    return holds


_HOLDS: dict[str, Callable[[Any], bool]] = {
    "str": _is_name,
    "str | None": lambda value: value is None or _is_name(value),
    "bool": lambda value: isinstance(value, bool),
    "int": _is_size,
    "tuple[str, ...]": lambda value: isinstance(value, list) and len(value) <= MOST and all(map(_is_name, value)),
    "tuple[int, ...]": _sizes(None),
    "tuple[int, int]": _sizes(2),
    "tuple[int, int, int, int]": _sizes(4),
}
"""What a field of each type may be in JSON."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    entries = dict(pairs)
    if len(entries) < len(pairs):
        raise ValueError("a key stands twice in one object")
    return entries


def _reject(number: str) -> Any:
    raise ValueError(f"{number[:30]} is no size")
