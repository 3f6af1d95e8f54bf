"""Outputs of graphs in fractions: node by node with plain loops, and as an arithmetic for the interpreter itself.

`outputs` shares no line with `numerics.networks.graph`: it reads the nodes' fields and nothing else of theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from support.oracles import rational

Fractions = NDArray[Any]
"""An array of `fractions.Fraction`, dtype object."""


def exact(array: Any) -> Fractions:
    """The same values as fractions."""
    given = np.asarray(array)
    made = np.empty(given.shape, dtype=object)
    for place in np.ndindex(given.shape):
        made[place] = rational(given[place])
    return made


def outputs(graph: Any, x: Any, misread: Callable[[Any], Any] | None = None) -> list[Fraction]:
    """The outputs at one input, a flat list of numbers.

    `misread`: for forgers, of a node with windows what a wrong reader takes for it once he has counted its places.
    """
    arrays = {name: exact(array) for name, array in graph.arrays.items()}
    values: dict[str, Fractions] = {}
    for node in graph.nodes:
        given = [values[name] for name in node.inputs]
        values[node.name] = exact(x).reshape(node.size) if node.op == "input" else _value(node, given, arrays, misread)
    return list(values[graph.nodes[-1].name].ravel())


def _value(
    node: Any, given: list[Fractions], arrays: dict[str, Fractions], misread: Callable[[Any], Any] | None
) -> Fractions:
    x = given[0]
    weight = arrays.get(getattr(node, "weight", ""))
    bias = arrays.get(getattr(node, "bias", None) or "")
    match node.op:
        case "linear":
            assert weight is not None
            rows = [sum((w * h for w, h in zip(row, x, strict=True)), Fraction(0)) for row in weight]
            return _array([row + (0 if bias is None else bias[k]) for k, row in enumerate(rows)], (len(rows),))
        case "scale":
            assert weight is not None
            made = x.copy()
            for place in np.ndindex(x.shape):
                made[place] = weight[place[0]] * x[place] + (0 if bias is None else bias[place[0]])
            return made
        case "conv2d" | "average_pool2d" | "max_pool2d":
            return _windowed(node, x, weight, bias, misread)
        case "global_average_pool":
            means = [sum(channel.ravel(), Fraction(0)) / channel.size for channel in x]
            return _array(means, (len(x), 1, 1))
        case "relu":
            return _array([max(value, Fraction(0)) for value in x.ravel()], x.shape)
        case "add":
            total = x
            for other in given[1:]:
                total = total + other
            return total
        case "concatenate":
            return np.concatenate(given, axis=node.axis)
        case "flatten":
            return x.reshape(-1)
        case "reshape":
            return x.reshape(node.size)
        case "transpose":
            return x.transpose(node.order)
    raise ValueError(node.op)


def _windowed(
    node: Any,
    x: Fractions,
    weight: Fractions | None,
    bias: Fractions | None,
    misread: Callable[[Any], Any] | None = None,
) -> Fractions:
    """Convolution and pooling by their definition: for each output the entries that it sees, one by one."""
    channels, height, width = x.shape
    top, left, bottom, right = node.padding
    (kh, kw), (sh, sw), (dh, dw) = node.kernel, node.stride, node.dilation
    rows = (height + top + bottom - dh * (kh - 1) - 1) // sh + 1
    columns = (width + left + right - dw * (kw - 1) - 1) // sw + 1
    if misread is not None:
        node = misread(node)
        (sh, sw), (dh, dw), (top, left, _, _) = node.stride, node.dilation, node.padding
    count = channels if weight is None else len(weight)
    made = np.empty((count, rows, columns), dtype=object)
    for o, r, c in product(range(count), range(rows), range(columns)):
        inside = []
        for i, j in product(range(kh), range(kw)):
            y, z = r * sh - top + i * dh, c * sw - left + j * dw
            if 0 <= y < height and 0 <= z < width:
                inside.append((i, j, y, z))
        if weight is not None:
            per = channels // node.groups
            first = o // (count // node.groups) * per
            total = sum(
                (weight[o, k, i, j] * x[first + k, y, z] for k in range(per) for i, j, y, z in inside), Fraction(0)
            )
            made[o, r, c] = total + (0 if bias is None else bias[o])
        elif node.op == "max_pool2d":
            made[o, r, c] = max(x[o, y, z] for _, _, y, z in inside)
        else:
            total = sum((x[o, y, z] for _, _, y, z in inside), Fraction(0))
            made[o, r, c] = total / (kh * kw if node.counts_padding else len(inside))
    return made


class FractionOperations:
    """The interpreter's seven operations on arrays of fractions."""

    def affine(self, h: Fractions, weight: Fractions, bias: Fractions | None, groups: int) -> Fractions:
        rows = weight.reshape(groups, len(weight) // groups, -1)
        parts = h.reshape(*h.shape[:2], groups, rows.shape[2])
        made: Fractions = np.concatenate([parts[:, :, k] @ rows[k].T for k in range(groups)], axis=2)
        return made if bias is None else made + bias

    def plus(self, left: Fractions, right: Fractions) -> Fractions:
        return left + right

    def relu(self, h: Fractions) -> Fractions:
        zeros: Any = Fraction(0)
        return np.asarray(np.maximum(h, zeros))

    def largest(self, h: Fractions) -> Fractions:
        made: Fractions = h.max(axis=2, keepdims=True)
        return made

    def mean(self, h: Fractions, counts: NDArray[np.int64]) -> Fractions:
        sums: Fractions = h.sum(axis=2, keepdims=True)
        return np.asarray(sums * np.array([Fraction(1, int(count)) for count in counts], dtype=object)[:, None])

    def take(self, h: Fractions, index: NDArray[np.int64]) -> Fractions:
        flat = h.reshape(len(h), -1)
        zeros = np.full((len(h), 1), Fraction(0), dtype=object)
        return np.asarray(np.concatenate([flat, zeros], axis=1)[:, index])

    def join(self, parts: Sequence[Fractions]) -> Fractions:
        return np.concatenate([part.reshape(len(part), 1, -1) for part in parts], axis=2)


def _array(values: Sequence[Any], shape: tuple[int, ...]) -> Fractions:
    made = np.empty(len(values), dtype=object)
    made[:] = values
    return made.reshape(shape)
