"""Channels of a graph in groups: what is tied to one another by sums, and what enters and reads each group.

Behind an affine node channels are new; ReLU, pooling, a channel's scale and what rearranges none of them keep them,
and a sum ties the channels of what it adds. So the values of a chain of layers have a group each, all values of a
stream of residual blocks are of one group, and a shortcut by a convolution begins another.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import prod

import numpy as np

from numerics.common.shown import Shown
from numerics.errors import InputError
from numerics.networks.arrays import Array
from numerics.networks.base import Network
from numerics.networks.graph.graph import Graph
from numerics.networks.graph.images import AvgPool2d, Conv2d, GlobalAvgPool, MaxPool2d
from numerics.networks.graph.node import Node
from numerics.networks.graph.nodes import Add, Flatten, Input, Linear, ReLU, Reshape, Scale

KEEPING = (ReLU, MaxPool2d, AvgPool2d, GlobalAvgPool)  # nodes on whose value channels stay what they are
INPUT = -1
"""Stands for the channels of the input, where no layer enters them: they are read whole."""


@dataclass(frozen=True)
class Layer(Shown):
    """An affine node, by its place in the graph: rows of its parameters enter channels of one group, columns read those
    of another, or the `INPUT`.

    `entries`: columns for each channel that it reads, of a convolution 1; `reads_at`: the place of the node it reads.
    """

    place: int
    weight: str
    bias: str | None
    enters: int
    reads: int
    entries: int
    reads_at: int

    def columns(self, channels: np.ndarray) -> np.ndarray:
        """Indices along axis 1 of the weight that read these channels."""
        return (channels[:, None] * self.entries + np.arange(self.entries)).ravel()


@dataclass(frozen=True)
class Scaled(Shown):
    """A node that multiplies each channel of a group by a number of its own, and may add one."""

    place: int
    weight: str
    bias: str | None
    group: int


@dataclass(frozen=True)
class Channels(Shown):
    """`sizes`: channels of each group; `layers` from the input up, without the `last` one, which is the readout.

    `levels`, from the top: numbers of layers none of which reads what another one of its level makes, so that every
    layer reads what layers of lower levels make. `begun`: groups that the input belongs to.
    """

    sizes: tuple[int, ...]
    layers: tuple[Layer, ...]
    scales: tuple[Scaled, ...]
    last: Layer
    levels: tuple[tuple[int, ...], ...]
    begun: frozenset[int]
    readers: tuple[frozenset[int], ...]  # of each scale: numbers of the layers that read what it makes


def channels_of(network: Network) -> Channels:
    """The groups of a graph that ends in a linear node. Raises InputError where channels are mixed, scaled by constants
    or share weights, with the node's name.
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
    """Reads a graph node by node; a group is named by the first place at which its channels are."""

    def __init__(self, network: Graph) -> None:
        self._network, self._places = network, {node.name: k for k, node in enumerate(network.nodes)}
        self._tied = dict[int, int]()  # place -> an earlier place of the same channels, or itself
        self._size = dict[int, int]()  # place -> channels
        self._sources = dict[int, frozenset[int]]()  # place -> places of the layers whose outputs are in its value

    def found(self) -> Channels:
        nodes = self._network.nodes
        for place, node in enumerate(nodes):
            self._read(place, node)
        last = nodes[-1]
        if not isinstance(last, Linear) or not self._network.readout:
            raise InputError("this graph does not end in a linear node of its own")
        affine = [place for place, node in enumerate(nodes) if isinstance(node, Linear | Conv2d)]
        roots = sorted({self._root(place) for place in affine[:-1]})
        numbers = {root: number for number, root in enumerate(roots)}
        layers = [self._layer(place, numbers) for place in affine]
        if layers[-1].reads == INPUT:
            raise InputError("this graph's readout reads the input: there is no hidden layer")
        scales = [self._scaled(place, node, numbers) for place, node in enumerate(nodes) if isinstance(node, Scale)]
        kept = tuple(scale for scale in scales if scale.group != INPUT)
        self._refuse_constants(layers, kept)
        begun = {numbers[self._root(0)]} if self._root(0) in numbers else set()
        sizes = tuple(self._size[root] for root in roots)
        readers = tuple(self._readers(scale.place, layers[:-1]) for scale in kept)
        levels = self._levels(layers[:-1])
        return Channels(sizes, tuple(layers[:-1]), kept, layers[-1], levels, frozenset(begun), readers)

    def _read(self, place: int, node: Node) -> None:
        before = [self._places[name] for name in node.inputs]
        shape = self._network.shapes[node.name]
        if isinstance(node, Input):
            self._settle(place, place, shape[0], ())
        elif isinstance(node, Linear | Conv2d):
            if isinstance(node, Conv2d) and (node.groups != 1 or not self._in_front(before[0])):
                raise InputError(f"node {node.name[:80]} of this graph has groups, or reads channels that were moved")
            self._settle(place, place, shape[0], ())
            self._sources[place] = frozenset((place,))
        elif not any(self._sources[one] for one in before):
            self._settle(place, place, shape[0], ())  # what is done to the input alone
        elif isinstance(node, Add):
            if len({self._size[one] for one in before}) > 1:
                raise InputError(f"node {node.name[:80]} of this graph adds channels to entries of channels")
            for one in before[1:]:
                self._tied[max(self._root(one), self._root(before[0]))] = min(self._root(one), self._root(before[0]))
            self._settle(place, self._root(before[0]), self._size[before[0]], before)
        elif isinstance(node, (*KEEPING, Scale, Flatten, Reshape)):
            if isinstance(node, (*KEEPING[1:], Scale)) and not self._in_front(before[0]):
                raise InputError(f"node {node.name[:80]} ({node.op}) of this graph reads channels that were moved")
            self._settle(place, self._root(before[0]), self._size[before[0]], before)
        else:
            raise InputError(f"node {node.name[:80]} ({node.op}) of this graph mixes or moves channels")

    def _settle(self, place: int, root: int, size: int, before: Iterable[int]) -> None:
        self._tied[place], self._size[place] = root, size
        self._sources[place] = frozenset().union(*(self._sources[one] for one in before))

    def _root(self, place: int) -> int:
        while self._tied[place] != place:
            place = self._tied[place]
        return place

    def _in_front(self, place: int) -> bool:
        """Whether the first axis of a value is that of its channels."""
        return self._network.shapes[self._network.nodes[place].name][0] == self._size[place]

    def _layer(self, place: int, numbers: dict[int, int]) -> Layer:
        node = self._network.nodes[place]
        assert isinstance(node, Linear | Conv2d)
        at = self._places[node.inputs[0]]
        entries = 1
        if isinstance(node, Linear):
            entries = prod(self._network.shapes[node.inputs[0]]) // self._size[at]
        enters = numbers.get(self._root(place), INPUT)
        return Layer(place, node.weight, node.bias, enters, numbers.get(self._root(at), INPUT), entries, at)

    def _scaled(self, place: int, node: Scale, numbers: dict[int, int]) -> Scaled:
        return Scaled(place, node.weight, node.bias, numbers.get(self._root(place), INPUT))

    def _readers(self, place: int, layers: Sequence[Layer]) -> frozenset[int]:
        """Numbers of the layers, of all but the last one, that read what comes from this node by keeping nodes."""
        reached = {place}
        for k, node in enumerate(self._network.nodes[place + 1 :], place + 1):
            if not isinstance(node, Linear | Conv2d) and reached & {self._places[name] for name in node.inputs}:
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

    def _refuse_constants(self, layers: Sequence[Layer], scales: Sequence[Scaled]) -> None:
        """Numbers of the program stay where they are: so they may scale all channels alike, no more."""
        constants = {place for place, _ in self._network.origin.constants} if self._network.origin else set()
        parameters = [((layer.weight, layer.bias), False) for layer in layers]
        parameters += [((scale.weight, scale.bias), True) for scale in scales]
        for names, scaling in parameters:
            for name in filter(None, names):
                array = self._network.arrays[name]
                if name in constants and not (scaling and bool((array == array.flat[0]).all())):
                    raise InputError(f"{name[:80]} is a constant of the module's program, which no path may move")
