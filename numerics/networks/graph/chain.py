"""Graphs that are chains of layers: convolutions and dense layers, each but the last with a ReLU behind it."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

import numpy as np

from numerics.common.shown import Shown
from numerics.errors import InputError
from numerics.networks.arrays import Array
from numerics.networks.base import Network
from numerics.networks.graph.graph import Graph
from numerics.networks.graph.images import AvgPool2d, Conv2d, GlobalAvgPool, MaxPool2d
from numerics.networks.graph.nodes import Flatten, Linear, ReLU

KEEPING = (ReLU, MaxPool2d, AvgPool2d, GlobalAvgPool)  # nodes on whose value channels stay what they are


@dataclass(frozen=True)
class ChainLayer(Shown):
    """A hidden layer: its `size` channels (of a dense layer its units), the parameters that enter them, and the node
    behind whose ReLU they are ready. `entries`: columns, of a dense layer that reads it, for each of them.
    """

    weight: str
    bias: str | None
    size: int
    ready: int
    entries: int


@dataclass(frozen=True)
class ChannelChain(Shown):
    """The hidden layers from the input up, and the last node, which is linear."""

    layers: tuple[ChainLayer, ...]
    last: Linear

    def columns(self, k: int, units: np.ndarray) -> np.ndarray:
        """Indices, along axis 1 of what reads layer k, of these of its units."""
        entries = self.layers[k].entries
        return (units[:, None] * entries + np.arange(entries)).ravel()


def channel_chain(network: Network) -> ChannelChain:
    """The layers of a graph in which every node reads the one before it alone. Raises InputError: it is no such chain,
    or weights are shared.
    """
    if not isinstance(network, Graph):
        raise InputError("it is no graph")
    before, layers, ready = network.nodes[0], list[ChainLayer](), True
    weighted: Conv2d | Linear | None = None
    names = [name for node in network.nodes for name in node.weights]
    if len(set(names)) < len(names):
        raise InputError("two nodes of this graph read one parameter")
    for place, node in enumerate(network.nodes[1:], 1):
        if node.inputs != (before.name,):
            raise InputError(f"node {node.name[:80]} of this graph does not read the one before it alone")
        if isinstance(node, Conv2d | Linear):
            if not ready or (isinstance(node, Conv2d) and node.groups != 1):
                raise InputError(f"node {node.name[:80]} of this graph reads a layer without a ReLU, or has groups")
            if layers and isinstance(node, Linear):
                layers[-1] = _read_by(layers[-1], network, node)
            weighted, ready = node, False
        elif isinstance(node, ReLU) and weighted is not None and not ready:
            size = network.arrays[weighted.weight].shape[0]
            layers.append(ChainLayer(weighted.weight, weighted.bias, size, place, 1))
            ready = True
        elif not isinstance(node, (*KEEPING, Flatten)):
            raise InputError(f"node {node.name[:80]} ({node.op}) of this graph mixes or scales what layers give")
        before = node
    if not isinstance(before, Linear) or not layers:
        raise InputError("this graph does not end in a linear node behind a hidden layer")
    return ChannelChain(tuple(layers), before)


def value_at(network: Graph, place: int, X: Array) -> Array:
    """What node `place` gives, (N, entries in C order), in float64, which may overflow."""
    nodes = network.nodes[: place + 1]
    used = {name for node in nodes for name in node.weights}
    with np.errstate(over="ignore", invalid="ignore"):
        return Graph(nodes, {name: array for name, array in network.arrays.items() if name in used}).floats(X)


def _read_by(layer: ChainLayer, network: Graph, node: Linear) -> ChainLayer:
    """With the number of columns that each of its units has in a dense layer's weight."""
    return ChainLayer(
        layer.weight, layer.bias, layer.size, layer.ready, prod(network.shapes[node.inputs[0]]) // layer.size
    )
