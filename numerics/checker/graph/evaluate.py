"""The value of a graph, in any arithmetic: everything is gathered entries, small dense matrices, and a few rules.

A value is a matrix (samples, entries), entries in C order. Of what a convolution reads each place sees a window, a row
for each sample and place, which the kernel multiplies as a matrix; no matrix of a whole layer is ever made.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from math import prod
from typing import Protocol, TypeVar

import numpy as np

from numerics.checker.arrays import Array, Integers, Weights

from .nodes import Node
from .shapes import Graph
from .windows import OUTSIDE, Windows, windows

H = TypeVar("H")
# Groups whose matrices are put side by side, zeros between them, until they have so many rows or columns.
_BUNDLE = 32


class Arithmetic(Protocol[H]):
    """What the value of a graph is made of; an `H` is whatever is known of a matrix with a row for each sample, or
    several for each.
    """

    def given(self) -> H:
        """The inputs (samples, n)."""

    def affine(self, layer: H, matrix: str, bias: str | None) -> H:
        """The layer times the transposed matrix of this key, plus a row of this key if there is one."""

    def windowed(self, layer: H, seen: Windows, matrix: str, bias: str | None) -> H:
        """(rows, ...) -> (rows, places * o): the same of what every place sees, place by place."""

    def plus(self, one: H, other: H) -> H:
        """The sum of two layers."""

    def relu(self, layer: H) -> H:
        """[.]_+."""

    def gathered(self, layers: Sequence[H], index: Integers) -> H:
        """(rows, ...) side by side -> (rows * q, k): of each row the entries with these numbers (q, k), or 0."""

    def spread(self, layer: H, q: int) -> H:
        """(rows * q, o) -> (rows, q * o): the same entries in the same order."""

    def largest(self, layer: H) -> H:
        """(rows, k) -> (rows, 1): the largest of each row."""

    def mean(self, layer: H, counts: Integers) -> H:
        """(rows * q, k) -> (rows * q, 1): the sum of each row over its count, one of (q,), again for every sample."""


def outputs(graph: Graph, arithmetic: Arithmetic[H]) -> H:
    """f at all samples that `arithmetic` knows of."""
    readers = Counter(name for node in graph.nodes for name in node.inputs)
    values = {graph.nodes[0].name: arithmetic.given()}
    for k, node in enumerate(graph.nodes[1:], start=1):
        given = [values[name] for name in node.inputs]
        values[node.name] = _value(graph, k, node, given, arithmetic)
        readers.subtract(node.inputs)
        for name in node.inputs:
            if not readers[name]:
                values.pop(name, None)  # nobody reads it again
    return values[graph.nodes[-1].name]


def _value(graph: Graph, k: int, node: Node, given: Sequence[H], arithmetic: Arithmetic[H]) -> H:
    if node.op == "relu":
        return arithmetic.relu(given[0])
    if node.op == "add":
        return reduce(arithmetic.plus, given)
    if node.op in ("flatten", "reshape"):
        return given[0]  # the entries in C order are the same
    if node.op in ("transpose", "concatenate"):
        return arithmetic.gathered(given, table(graph, node))
    if node.op == "max_pool2d":
        found = arithmetic.largest(arithmetic.gathered(given, table(graph, node)))
        return arithmetic.spread(found, prod(graph.shapes[node.name]))
    if node.op in ("average_pool2d", "global_average_pool"):
        index = table(graph, node)
        counts = (index != OUTSIDE).sum(axis=1)
        if node.op == "average_pool2d" and node.counts_padding:
            counts[:] = prod(node.kernel)
        return arithmetic.spread(arithmetic.mean(arithmetic.gathered(given, index), counts), len(index))
    return _affine(graph, k, node, given, arithmetic)


def _affine(graph: Graph, k: int, node: Node, given: Sequence[H], arithmetic: Arithmetic[H]) -> H:
    """A linear map, a convolution, or a channel's scale: one kernel for all places."""
    if node.op == "linear":
        return arithmetic.affine(given[0], *_keys(k, 0, node))
    groups, plane, parts = groups_of(graph, node), table(graph, node), list[H]()
    (channels, *image), out = graph.given(node)[0], graph.shapes[node.name][0] // groups
    starts, order = 0, list[Integers]()
    for number, (first, last) in enumerate(_bundles(graph, node)):
        seen = Windows(plane, first * channels // groups, last * channels // groups, prod(image))
        parts.append(arithmetic.windowed(given[0], seen, *_keys(k, number, node)))
        # Of each bundle place by place, its channels together; wanted is channel by channel.
        size = (last - first) * out
        order.append(starts + np.arange(seen.places * size, dtype=np.int64).reshape(seen.places, size).T)
        starts += seen.places * size
    return arithmetic.gathered(parts, np.concatenate(order).reshape(1, -1))


def _keys(k: int, bundle: int, node: Node) -> tuple[str, str | None]:
    """What the matrix and the bias of one bundle of a node's groups are called."""
    return f"{k}.{bundle}", None if node.bias is None else f"{k}.{bundle}{BIAS}"


BIAS = " bias"
"""How the keys of biases end."""


def matrices(graph: Graph, weights: Weights) -> Iterator[tuple[str, Array]]:
    """The matrices (o, k) and biases (1, o) that `outputs` asks for, by their keys, of the weights of a corner."""
    for k, node in enumerate(graph.nodes):
        if node.weight is None:
            continue
        groups = groups_of(graph, node)
        kernel = weights[node.weight].reshape(groups, len(weights[node.weight]) // groups, -1, prod(node.kernel))
        for number, (first, last) in enumerate(_bundles(graph, node)):
            matrix, bias = _keys(k, number, node)
            yield matrix, _side_by_side(kernel[first:last])
            if bias is not None and node.bias is not None:
                yield bias, weights[node.bias].reshape(groups, -1)[first:last].reshape(1, -1)


def _side_by_side(parts: Array) -> Array:
    """The block-diagonal matrix of kernels (g, o, channels, entries of a window), columns in the order of `Windows`."""
    count, rows, channels, entries = parts.shape
    whole = np.zeros((count, rows, entries, count, channels))
    numbers = np.arange(count)
    whole[numbers, :, :, numbers] = parts.transpose(0, 1, 3, 2)
    return whole.reshape(count * rows, -1)


def groups_of(graph: Graph, node: Node) -> int:
    """Into how many groups the channels that an affine node reads are divided."""
    return graph.given(node)[0][0] if node.op == "scale" else node.groups


def _bundles(graph: Graph, node: Node) -> list[tuple[int, int]]:
    """First and last group of each bundle."""
    groups = groups_of(graph, node)
    channels = max(graph.given(node)[0][0] * prod(node.kernel), graph.shapes[node.name][0]) // groups
    size = max(1, _BUNDLE // channels)
    return [(first, min(groups, first + size)) for first in range(0, groups, size)]


def table(graph: Graph, node: Node) -> Integers:
    """The entries that a node gathers (places, entries): of each channel for an affine map, else of all."""
    if node.name not in graph.tables:
        found = _table(node, graph.given(node))
        found.flags.writeable = False
        graph.tables[node.name] = found
    return graph.tables[node.name]


def _table(node: Node, given: Sequence[tuple[int, ...]]) -> Integers:
    before = given[0]
    own = np.arange(prod(before), dtype=np.int64)
    if node.op == "scale":
        return np.arange(prod(before[1:]), dtype=np.int64)[:, None]
    if node.op == "transpose":
        return own.reshape(before).transpose(node.order).reshape(1, -1)
    if node.op == "concatenate":
        parts, start = [], 0
        for shape in given:
            parts.append(start + np.arange(prod(shape), dtype=np.int64).reshape(shape))
            start += prod(shape)
        return np.concatenate(parts, axis=node.axis).reshape(1, -1)
    if node.op == "global_average_pool":
        return own.reshape(before[0], -1)
    plane = windows(node, before)
    if node.op == "conv2d":
        return plane
    # Of each channel all places.
    channels = np.arange(before[0], dtype=np.int64)[:, None, None] * prod(before[1:])
    seen = np.where(plane == OUTSIDE, OUTSIDE, plane + channels).reshape(-1, plane.shape[1])
    if node.op == "max_pool2d":
        # What is seen of the padding is never the largest: some entry of the same window stands for it.
        return np.where(seen == OUTSIDE, seen.max(axis=1, keepdims=True), seen)
    return seen


@dataclass(frozen=True)
class Work:
    """`weights`: entries of all matrices. For one sample: `products` of entries, `cells` that are made in all, those of
    the `widest` node, of the one that is widest with all that its places see (`gathered`); the `longest` sum.
    """

    weights: int
    products: int
    cells: int
    widest: int
    gathered: int
    longest: int


def work_of(graph: Graph) -> Work:
    """What an evaluation takes, predicted from shapes alone."""
    cells, weights, products, longest = list[int](), 0, 0, 1
    for node in graph.nodes:
        before, own = graph.given(node), graph.shapes[node.name]
        # What the places of an affine map see is not kept.
        cells.append(graph.cells(node) if node.weight is None else prod(own) + prod(before[0]))
        if node.weight is not None:
            groups = groups_of(graph, node)
            for first, last in _bundles(graph, node):
                columns = (last - first) * before[0][0] // groups * prod(node.kernel)
                entries = (last - first) * own[0] // groups * columns
                weights, products = weights + entries, products + prod(own[1:]) * entries
                longest = max(longest, columns)
        elif node.op == "average_pool2d":
            longest = max(longest, prod(node.kernel))
        elif node.op == "global_average_pool":
            longest = max(longest, prod(before[0][1:]))
    return Work(weights, products, sum(cells), max(cells), max(map(graph.cells, graph.nodes)), longest)
