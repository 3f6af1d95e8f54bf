"""Operators that move, repeat or leave out entries of a value, and how many entries they make."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil, prod
from typing import Any

import numpy as np

from numerics.networks.files.onnx.values import Attributes, Const, Given
from numerics.networks.graph.windows import Shape

MOVING = {"Slice", "Gather", "Split", "Pad", "Tile", "Expand", "DepthToSpace", "SpaceToDepth", "Resize"}
"""Those that the reference evaluator is asked about, on the numbers of the entries."""


def refused_moves(op: str, given: Given, attributes: Attributes) -> Iterator[tuple[str, bool]]:
    """What keeps an operator from moving entries alone, and whether it does not."""
    if op == "Pad" and _text(attributes.get("mode", b"constant")) == "constant":
        number = given[2] if len(given) > 2 else None
        filled = number.array if isinstance(number, Const) else attributes.get("value", 0.0)
        yield "pads with a number that is not 0", not np.any(filled)
    if op == "Resize":
        yield "interpolates: the nearest entry is covered", _text(attributes.get("mode", b"nearest")) == "nearest"


def moved_entries(op: str, full: Shape, given: Given, attributes: Attributes) -> int:
    """At most so many entries. Raises what numpy does where its arguments make no sense."""
    numbers = [
        one.array.astype(np.float64).reshape(-1).tolist()
        if isinstance(one, Const) and one.array.dtype.kind in "iuf"
        else []
        for one in given
    ]
    numbers += [[]] * 4
    match op:
        case "Tile":
            return prod(full) * prod(max(0, int(one)) for one in numbers[1])
        case "Expand":
            return prod(np.broadcast_shapes(full, tuple(int(one) for one in numbers[1])))
        case "Pad":
            pads = numbers[1] or list(attributes.get("pads", []))
            return prod(size + int(sum(abs(one) for one in pads)) for size in full)
        case "Resize":
            if numbers[3]:
                return prod(max(0, int(one)) for one in numbers[3])
            return prod(ceil(size * max(0.0, by)) for size, by in zip(full, numbers[2] or numbers[1], strict=False))
        case "Gather":
            return prod(full) * max(1, len(numbers[1]))
    return prod(full)


def _text(given: Any) -> str:
    return given.decode("ascii", "replace") if isinstance(given, bytes) else str(given)
