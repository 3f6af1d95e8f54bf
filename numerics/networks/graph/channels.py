"""Channels of a graph: which of different values are one another's, and what enters and reads each.

Behind an affine node channels are new; ReLU, pooling, a channel's scale and what rearranges whole channels keep them,
constant maps that choose channels or look at each by itself among it; a sum ties the channels that it adds, a
concatenation has those of all its parts. Channels that the same layers enter and read are one *group*: a layer of a
chain, the stream of residual blocks, the part of a dense block that one of its layers makes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from numerics.common.shown import Shown
from numerics.errors import InputError
from numerics.networks.arrays import Array
from numerics.networks.base import Network
from numerics.networks.graph.graph import Graph
from numerics.networks.graph.images import AvgPool2d, Conv2d, GlobalAvgPool, MaxPool2d
from numerics.networks.graph.node import Node
from numerics.networks.graph.nodes import Add, Concatenate, Flatten, Input, Linear, ReLU, Reshape, Scale, Transpose
from numerics.networks.graph.windows import Shape

Ids = npt.NDArray[np.int64]
"""Numbers of channels: the same where they are tied."""
NONE = -1
"""Stands for a channel of zeros."""


@dataclass(frozen=True, eq=False)
class Layer(Shown):
    """An affine node, by its place in the graph: its rows enter the channels `enters` (o,), its columns read `reads`,
    of a convolution one for each channel, of a dense layer one for each entry. `reads_at`: the place of what it reads.
    """

    place: int
    weight: str
    bias: str | None
    enters: Ids
    reads: Ids
    reads_at: int


@dataclass(frozen=True, eq=False)
class Scaled(Shown):
    """A node that multiplies each of its channels (c,) by a number of its own, and may add one. `readers`: numbers of
    the layers that read what it makes, the last one left out.
    """

    place: int
    weight: str
    bias: str | None
    channels: Ids
    readers: frozenset[int]


@dataclass(frozen=True, eq=False)
class Channels(Shown):
    """`groups`: channels that the same layers enter and read; those of no group are read whole, as the input's are.

    `layers` from the input up, without the `last` one, which is the readout. `levels`, from the top: numbers of layers
    none of which reads what another one of its level makes, so that every layer reads what layers of lower levels make.
    `begun`: channels that the input has too. `count`: of all channels.
    """

    groups: tuple[Ids, ...]
    layers: tuple[Layer, ...]
    scales: tuple[Scaled, ...]
    last: Layer
    levels: tuple[tuple[int, ...], ...]
    begun: frozenset[int]
    count: int

    @property
    def sizes(self) -> list[int]:
        """Channels of each group."""
        return [len(group) for group in self.groups]


def channels_of(network: Network) -> Channels:
    """The channels of a graph that ends in a linear node. Raises InputError, with the node's name, where channels are
    mixed, or moved by constants, or layers share weights.
    """
    if not isinstance(network, Graph):
        raise InputError("it is no graph")
    names = [name for node in network.nodes for name in node.weights]
    if len(set(names)) < len(names):
        raise InputError("two nodes of this graph read one parameter")
    return _Reader(network).found()


def value_at(network: Graph, place: int, X: Array) -> Array:
    """What node `place` gives, (N, entries in C order), in float64, which may overflow."""
    wanted, nodes = {network.nodes[place].name}, list[Node]()
    for node in network.nodes[place::-1]:
        if node.name in wanted:
            nodes.insert(0, node)
            wanted.update(node.inputs)
    used = {name for node in nodes for name in node.weights}
    arrays = {name: array for name, array in network.arrays.items() if name in used}
    given = network.nodes[0]
    with np.errstate(over="ignore", invalid="ignore"):
        return Graph(tuple(nodes if given in nodes else [given, *nodes]), arrays).floats(X)


class _Reader:
    """Reads a graph node by node; every entry of a value has the number of its channel."""

    def __init__(self, network: Graph) -> None:
        self._network, self._places = network, {node.name: k for k, node in enumerate(network.nodes)}
        self._constants = {place for place, _ in network.origin.constants} if network.origin else set[str]()
        self._ids = list[Ids]()  # by place, of the value's shape
        self._sources = list[frozenset[int]]()  # by place: of the layers whose outputs are in its value
        self._tied = list[int]()  # of each channel an earlier one that is the same, or itself
        self._affine = list[int]()  # places of layers

    def found(self) -> Channels:
        nodes = self._network.nodes
        for place, node in enumerate(nodes):
            self._read(place, node)
        if not isinstance(nodes[-1], Linear) or not self._network.readout or self._affine[-1:] != [len(nodes) - 1]:
            raise InputError("this graph does not end in a linear node of its own")
        layers = [self._layer(place) for place in self._affine]
        *inner, last = layers
        entered = np.unique(np.concatenate([NONE * np.ones(1, dtype=np.int64), *(one.enters for one in inner)]))[1:]
        if not np.isin(last.reads, entered).any():
            raise InputError("this graph's readout reads the input: there is no hidden layer")
        begun = frozenset(entered[np.isin(entered, self._settled(self._ids[0]))].tolist())
        scales = [
            Scaled(place, node.weight, node.bias, self._by_channel(place, node), self._readers(place, inner))
            for place, node in enumerate(nodes)
            if isinstance(node, Scale) and np.isin(self._settled(self._ids[place]), entered).any()
        ]
        self._refuse_constants(scales)
        groups = _groups(entered, layers)
        return Channels(groups, tuple(inner), tuple(scales), last, self._levels(inner), begun, len(self._tied))

    def _read(self, place: int, node: Node) -> None:
        before = [self._places[name] for name in node.inputs]
        shape = self._network.shapes[node.name]
        sources = frozenset[int]().union(*(self._sources[one] for one in before))
        if isinstance(node, Input):
            ids = self._new(shape)
        elif isinstance(node, Linear | Conv2d) and node.weight not in self._constants:
            if isinstance(node, Conv2d) and node.groups != 1:
                raise InputError(f"node {node.name[:80]} of this graph has groups")
            self._affine.append(place)
            ids, sources = self._new(shape), frozenset((place,))
        elif not sources:
            ids = self._new(shape)  # what is done to the input alone
        elif isinstance(node, Conv2d):
            ids = self._kept_by(node, self._by_channel(before[0], node), shape)
        elif isinstance(node, Add):
            ids = self._sum([self._ids[one] for one in before])
        elif isinstance(node, MaxPool2d | AvgPool2d | GlobalAvgPool):
            ids = _spread(self._by_channel(before[0], node), shape)
        elif isinstance(node, Scale):
            self._by_channel(before[0], node)
            ids = self._ids[before[0]]
        elif isinstance(node, ReLU | Flatten | Reshape):
            ids = self._ids[before[0]].reshape(shape)
        elif isinstance(node, Transpose):
            ids = self._ids[before[0]].transpose(node.order)
        elif isinstance(node, Concatenate):
            ids = np.concatenate([self._ids[one] for one in before], axis=node.axis)
        else:
            raise InputError(f"node {node.name[:80]} ({node.op}) of this graph mixes channels")
        self._ids.append(ids)
        self._sources.append(sources)

    def _new(self, shape: Shape) -> Ids:
        """A channel of its own for each entry of the first axis."""
        first = len(self._tied)
        self._tied += range(first, first + shape[0])
        return _spread(np.arange(first, first + shape[0]), shape)

    def _root(self, one: int) -> int:
        while self._tied[one] != one:
            one = self._tied[one]
        return one

    def _settled(self, ids: Ids) -> Ids:
        """With the earliest of each channel that is tied."""
        roots = np.array([self._root(one) for one in range(len(self._tied))], dtype=np.int64)
        return np.where(ids == NONE, NONE, roots[ids])

    def _sum(self, parts: Sequence[Ids]) -> Ids:
        total = parts[0]
        for part in parts[1:]:
            both = np.unique(np.stack([total.ravel(), part.ravel()]), axis=1).T
            for one, other in both[(both != NONE).all(axis=1)].tolist():
                low, high = sorted((self._root(one), self._root(other)))
                self._tied[high] = low
            total = np.where(total == NONE, part, total)
        return total

    def _by_channel(self, place: int, node: Node) -> Ids:
        """One channel for each entry of the first axis. Raises InputError where it has several."""
        ids = self._settled(self._ids[place])
        rows = ids.reshape(len(ids), -1)
        if (rows != rows[:, :1]).any():
            raise InputError(f"node {node.name[:80]} ({node.op}) of this graph mixes channels")
        return rows[:, 0]

    def _kept_by(self, node: Conv2d, channels: Ids, shape: Shape) -> Ids:
        """What a constant convolution makes of channels: one of them each, all in the same way."""
        kernel = self._network.arrays[node.weight]
        alone = node.groups == len(channels) == len(kernel)
        wide = np.zeros((len(kernel), len(channels), *kernel.shape[2:]))
        if alone:
            wide[np.arange(len(kernel)), np.arange(len(kernel))] = kernel[:, 0]
        elif node.groups == 1:
            wide = kernel
        reads = np.asarray(wide.any(axis=(2, 3)))
        used = [row[one] for row, one in zip(wide, reads, strict=True) if bool(np.any(one))]
        same = all(len(one) == 1 and np.array_equal(one, used[0]) for one in used)
        if node.bias is not None or not (same and (alone or node.groups == 1)):
            raise InputError(f"{node.weight[:80]} is a constant of the module's program, which no path may move")
        chosen: Ids = np.where(reads.any(axis=1), channels[reads.argmax(axis=1)], NONE)
        return _spread(chosen, shape)

    def _layer(self, place: int) -> Layer:
        node = self._network.nodes[place]
        assert isinstance(node, Linear | Conv2d)
        at = self._places[node.inputs[0]]
        reads = self._settled(self._ids[at]) if isinstance(node, Linear) else self._by_channel(at, node)
        return Layer(place, node.weight, node.bias, self._by_channel(place, node), reads, at)

    def _readers(self, place: int, layers: Sequence[Layer]) -> frozenset[int]:
        """Numbers of the layers that read what comes from this node by nodes that are none."""
        reached = {place}
        for k, node in enumerate(self._network.nodes[place + 1 :], place + 1):
            if k not in self._affine and reached & {self._places[name] for name in node.inputs}:
                reached.add(k)
        return frozenset(number for number, layer in enumerate(layers) if layer.reads_at in reached)

    def _levels(self, layers: Sequence[Layer]) -> tuple[tuple[int, ...], ...]:
        found, taken = list[tuple[int, ...]](), set[int]()
        for number in range(len(layers) - 1, -1, -1):
            if layers[number].place in taken or not found:
                found, taken = [*found, ()], set()
            found[-1] = (number, *found[-1])
            taken |= self._sources[layers[number].reads_at]
        return tuple(found)

    def _refuse_constants(self, scales: Sequence[Scaled]) -> None:
        """Numbers of the program stay where they are: they may scale all channels alike; no layer's bias is one."""
        nodes = [self._network.nodes[place] for place in self._affine]
        biases = [(node.bias, False) for node in nodes if isinstance(node, Linear | Conv2d)]
        for name, scaling in [*biases, *((one, True) for scale in scales for one in (scale.weight, scale.bias))]:
            if name in self._constants and name is not None:
                array = self._network.arrays[name]
                if not (scaling and bool((array == array.flat[0]).all())):
                    raise InputError(f"{name[:80]} is a constant of the module's program, which no path may move")


def _spread(channels: Ids, shape: Shape) -> Ids:
    """Of every entry that of its first axis."""
    return np.broadcast_to(channels.reshape(-1, *[1] * (len(shape) - 1)), shape)


def _groups(entered: Ids, layers: Sequence[Layer]) -> tuple[Ids, ...]:
    """Channels that the same layers enter and read, in the order of the first of each."""
    marks: dict[int, list[tuple[int, int]]] = {one: [] for one in entered.tolist()}
    for number, layer in enumerate(layers):
        for side, ids in enumerate((layer.enters, layer.reads)):
            for one, count in zip(*np.unique(ids, return_counts=True), strict=True):
                if int(one) in marks:
                    marks[int(one)].append((2 * number + side, int(count)))
    groups: dict[tuple[tuple[int, int], ...], list[int]] = {}
    for one, pattern in marks.items():
        groups.setdefault(tuple(pattern), []).append(one)
    return tuple(np.array(one, dtype=np.int64) for one in groups.values())
