"""Which graphs are networks of a class: a chain of dense layers, or one with a branch, residual blocks, a stream.

Only what is exact and can be undone is recognised: every array becomes one parameter, and the first layer's bias the
last column of W. A block of RESIDUAL, STREAM or POST has no output bias, and PARALLEL one in all: where a graph has
more, it stays a graph.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from numerics.common.shown import Shown
from numerics.networks.base import Network
from numerics.networks.forward import layer_names
from numerics.networks.graph.graph import Graph
from numerics.networks.graph.node import Node
from numerics.networks.graph.nodes import Add, Flatten, Input, Linear, ReLU, Reshape
from numerics.networks.origin import ONES, Origin
from numerics.networks.parallel import Parallel
from numerics.networks.plain import Plain
from numerics.networks.post import Post
from numerics.networks.residual import Residual
from numerics.networks.stream import MOST_BLOCKS, Stream
from numerics.networks.two_layer import TwoLayer


@dataclass(frozen=True)
class Found(Shown):
    """A class, and for each parameter of the file format the name of the array in the graph."""

    kind: type[Network]
    places: dict[str, str]


def lowered(graph: Graph) -> Network:
    """The network of a class that the graph is, of the same function and with all its names; else the graph itself."""
    found = _Reader(graph).found()
    if found is None or len(set(found.places.values())) < len(found.places):
        return graph
    fixed = {name for name, _ in graph.origin.constants} if graph.origin else set()
    if any(graph.arrays[name].ndim == 2 for name in fixed & set(found.places.values())):
        return graph  # a matrix of the program, which no path may move
    first, bias = found.places["W"], found.places.get(ONES)
    parameters = {name: graph.arrays[former] for name, former in found.places.items() if name != ONES}
    if bias is not None:
        parameters["W"] = np.hstack([graph.arrays[first], graph.arrays[bias][:, None]])
    origin = graph.origin or Origin()
    place_of = {former: place for place, former in found.places.items()}
    order = [former for former, _ in origin.names] or list(graph.arrays)
    names = tuple((former, place_of[former]) for former in order)
    constants = tuple((place_of[former], digest) for former, digest in origin.constants)
    network = found.kind.of(parameters, bias=bias is not None)
    return network.with_origin(replace(origin, names=names, constants=constants))


BACK_BIAS = "u"
"""What a block's output bias is called here, which no class has."""


def stream_places(graph: Graph) -> Found | None:
    """The class RESIDUAL, STREAM or POST that the graph is but for its blocks' output biases, and all places."""
    found = _Reader(graph, biased=True).found()
    return found if found is not None and found.kind.has_stream else None


class _Reader:
    """Reads a graph from its output, as a sum of dense chains; `biased`: blocks may have output biases."""

    def __init__(self, graph: Graph, *, biased: bool = False) -> None:
        self._nodes = {node.name: node for node in graph.nodes}
        self._output, self._biased = graph.nodes[-1], biased

    def found(self) -> Found | None:
        """The class and its places, or None."""
        output = self._through(self._output)
        if isinstance(output, Add) and len(output.inputs) == 2:
            return self._parallel(output)
        if not isinstance(output, Linear):
            return None
        before = self._before(output)
        if self._sum(before, rectified=False) or self._sum(before, rectified=True):
            return self._stream(output, before)
        chain = self._chain(before)
        if chain is None or not isinstance(chain.root, Input) or not chain.layers:
            return None
        first, *rest = chain.layers
        if not rest:
            return Found(TwoLayer, self._first(first) | _affine("V", "c", output))
        return Found(Plain, self._first(first) | _layers(rest) | _affine("U", "c", output))

    def _parallel(self, output: Add) -> Found | None:
        """`V z + U h + c`: two chains that end in the same features z."""
        ends = [self._through(self._nodes[name]) for name in output.inputs]
        for skip, deep in (ends, ends[::-1]):
            if not isinstance(skip, Linear) or not isinstance(deep, Linear):
                return None
            z = self._before(skip)
            branch = self._chain(self._before(deep), stop=z)
            first = self._features(z)
            if first is None or branch is None or branch.root is not z or not branch.layers:
                continue
            if skip.bias is not None and deep.bias is not None:
                return None
            offset = skip.bias or deep.bias
            bias = {} if offset is None else {"c": offset}
            return Found(Parallel, first | {"V": skip.weight} | _layers(branch.layers) | {"U": deep.weight} | bias)
        return None

    def _sum(self, node: Node, *, rectified: bool) -> Add | None:
        """The sum that the node is, or the one that it is the rectifier of."""
        found = self._before(node) if rectified and isinstance(node, ReLU) else node
        return found if isinstance(found, Add) and rectified is isinstance(node, ReLU) else None

    def _stream(self, output: Linear, node: Node) -> Found | None:
        """`V z_K + c`, `z_{k+1} = z_k + U h_k` or its positive part: a dense chain is added to what it reads."""
        blocks: list[tuple[list[Linear], Linear]] = []
        rectified = isinstance(node, ReLU)
        while (total := self._sum(node, rectified=rectified)) is not None:
            block = self._block(total)
            if block is None or len(blocks) == MOST_BLOCKS:
                return None
            layers, back, node = block
            blocks.insert(0, (layers, back))
        first = self._features(node)
        if first is None:
            return None
        one = len(blocks) == 1 and not rectified
        places = dict(first) | {"V": output.weight}
        for k, (layers, back) in enumerate(blocks):
            prefix = "" if one else f"blocks.{k}."
            places |= _layers(layers, prefix) | _affine(f"{prefix}U", f"{prefix}{BACK_BIAS}", back)
        bias = {} if output.bias is None else {"c": output.bias}
        return Found(Residual if one else Post if rectified else Stream, places | bias)

    def _block(self, node: Add) -> tuple[list[Linear], Linear, Node] | None:
        """Layers, way back and what both read of `z + U h`."""
        if len(node.inputs) != 2:
            return None
        ends = [self._through(self._nodes[name]) for name in node.inputs]
        for z, back in (ends, ends[::-1]):
            if isinstance(back, Linear) and (self._biased or back.bias is None):
                branch = self._chain(self._before(back), stop=z)
                if branch is not None and branch.root is z and branch.layers:
                    return branch.layers, back, z
        return None

    def _features(self, z: Node) -> dict[str, str] | None:
        """The places of W and its bias if z is `[W x]_+`."""
        chain = self._chain(z)
        if chain is None or len(chain.layers) != 1 or not isinstance(chain.root, Input):
            return None
        return self._first(chain.layers[0])

    def _first(self, layer: Linear) -> dict[str, str]:
        return _affine("W", ONES, layer)

    def _chain(self, node: Node, stop: Node | None = None) -> _Chain | None:
        """`[B ... [A .]_+ ...]_+` down to the node `stop`, or as far as it goes."""
        layers: list[Linear] = []
        while node is not stop and isinstance(node, ReLU):
            inner = self._before(node)
            if not isinstance(inner, Linear):
                return None
            layers.insert(0, inner)
            node = self._before(inner)
        return _Chain(layers, node)

    def _before(self, node: Node) -> Node:
        """What a node with one input reads, whatever its shape."""
        return self._through(self._nodes[node.inputs[0]])

    def _through(self, node: Node) -> Node:
        """The node whose entries it has, in the same order."""
        while isinstance(node, Flatten | Reshape):
            node = self._nodes[node.inputs[0]]
        return node


@dataclass(frozen=True)
class _Chain(Shown):
    """Dense layers, each with a ReLU behind it, and what the first one reads."""

    layers: list[Linear]
    root: Node


def _layers(layers: list[Linear], prefix: str = "") -> dict[str, str]:
    return dict(pair for k, layer in enumerate(layers) for pair in _named(*layer_names(k, prefix), layer))


def _affine(matrix: str, offset: str, layer: Linear) -> dict[str, str]:
    return dict(_named(matrix, offset, layer))


def _named(matrix: str, offset: str, layer: Linear) -> Iterator[tuple[str, str]]:
    yield matrix, layer.weight
    if layer.bias is not None:
        yield offset, layer.bias
