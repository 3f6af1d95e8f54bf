"""A network as a graph of nodes: any feed-forward network of affine maps, ReLU and max pooling."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import prod
from typing import ClassVar, NoReturn

import numpy as np
from numpy.typing import ArrayLike

from numerics.errors import InputError
from numerics.networks.arrays import Array, as_array, require, weights
from numerics.networks.base import H, Network, P
from numerics.networks.forward import Arithmetic
from numerics.networks.graph.layout import by_sample, stored
from numerics.networks.graph.node import LARGEST, Node
from numerics.networks.graph.nodes import Flatten, Input, Linear, Reshape
from numerics.networks.graph.operations import FloatOperations
from numerics.networks.graph.run import run
from numerics.networks.graph.windows import Shape

NO_CLASS = "a graph network has no first layer W with a width and a forward pass behind it, as the classes have"
MOST = 10_000  # nodes
CELLS = 1 << 22  # numbers of a value that are held at once, where several samples are evaluated together


@dataclass(frozen=True, eq=False)
class Graph(Network):
    """Nodes in an order in which each reads earlier ones, the first an `Input`, the last the output; arrays by name.

    Every value but the last is read. Called with X (N, n), whose rows are the input's entries in C order, or with
    X (N, ...) of the input's shape, it gives (N, p). Raises InputError naming the node that is wrong.
    """

    nodes: tuple[Node, ...]
    arrays: Mapping[str, Array]
    shapes: Mapping[str, Shape] = field(init=False)

    kind: ClassVar[str] = "graph"
    has_skip: ClassVar[bool] = False
    has_branch: ClassVar[bool] = False
    has_first_layer: ClassVar[bool] = False
    bias = False
    c = None

    def __post_init__(self) -> None:
        require(
            bool(self.nodes) and isinstance(self.nodes[0], Input) and len(self.nodes) <= MOST,
            f"a graph has {len(self.nodes)} nodes: an input and up to {MOST - 1} others after it are needed",
        )
        settled = {name: weights(name, array, np.ndim(array)) for name, array in self.arrays.items()}
        object.__setattr__(self, "arrays", settled)
        parameters: dict[str, Shape] = {name: array.shape for name, array in settled.items()}
        shapes: dict[str, Shape] = {}
        for node in self.nodes:
            if isinstance(node, Input) and shapes:
                node.refuse("is a second input: one is covered")
            node.require(node.name not in shapes and node.name != "", "has a name that another node has, or none")
            for name in node.inputs:
                node.require(name in shapes, f"reads {name[:80]}, which is no earlier node")
            for name in node.weights:
                node.require(name in parameters, f"has the parameter {name[:80]}, which is missing")
            given = [shapes[name] for name in node.inputs]
            shapes[node.name] = node.shape(given, parameters)
            node.require(
                node.cells(given, shapes[node.name]) <= LARGEST, "sees more than 2^31 entries: it is too large"
            )
        object.__setattr__(self, "shapes", shapes)
        read = {name for node in self.nodes for name in node.inputs}
        for node in self.nodes[:-1]:
            node.require(node.name in read, "makes a value that nobody reads, and is not the last node")
        used = {name for node in self.nodes for name in node.weights}
        for name in settled:
            require(name in used, f"{name[:80]} belongs to no node of the graph")

    def __call__(self, X: ArrayLike) -> Array:
        """Outputs (N, p) of inputs `X` (N, n), in float64: for looking, never for proving. Raises InputError."""
        given = as_array("X", X)
        if given.ndim > 2 and given.shape[1:] == self.shapes[self.nodes[0].name]:
            given = given.reshape(len(given), -1)
        points = weights("X", given, 2)
        if points.shape[1] != self.inputs:
            raise InputError(f"X has {points.shape[1]} columns, but the network {self.inputs} inputs")
        return self.floats(points)

    def floats(self, X: Array) -> Array:
        count = max(1, CELLS // self.cells)
        return np.vstack([self._outputs(X[k : k + count]) for k in range(0, len(X), count)])

    def _outputs(self, points: Array) -> Array:
        return by_sample(run(self.nodes, self.shapes, self.arrays, stored(points), FloatOperations()))

    @cached_property
    def cells(self) -> int:
        """The most numbers of one sample that are held at once."""
        return max(
            node.cells([self.shapes[name] for name in node.inputs], self.shapes[node.name]) for node in self.nodes
        )

    @property
    def inputs(self) -> int:
        """`n`, the number of entries of the input."""
        return prod(self.shapes[self.nodes[0].name])

    @property
    def outputs(self) -> int:
        """`p`, the number of entries of the output."""
        return prod(self.shapes[self.nodes[-1].name])

    @property
    def width(self) -> int:
        """No graph has one: raises InputError."""
        return _refuse()

    @property
    def readout(self) -> tuple[str, ...]:
        """Names of the parameters of the last node, if it is linear and no other node reads them."""
        last = self.nodes[-1]
        others = {name for node in self.nodes[:-1] for name in node.weights}
        return tuple(name for name in last.weights if name not in others) if isinstance(last, Linear) else ()

    @property
    def output_bias(self) -> str | None:
        """The bias of the last node, if it is of the readout."""
        last = self.nodes[-1]
        return last.bias if isinstance(last, Linear) and last.bias in self.readout else None

    @property
    def without_features(self) -> str | None:
        """What the readout reads instead of the features of a first layer."""
        last = self.nodes[-1]
        if not isinstance(last, Linear):
            return f"this graph's output is node {last.name[:80]} ({last.op}), which is no readout"
        if not self.readout:
            return f"the parameters of this graph's last node {last.name[:80]} are read by other nodes as well"
        by_name = {node.name: node for node in self.nodes}
        read = by_name[last.inputs[0]]
        while isinstance(read, Flatten | Reshape):
            read = by_name[read.inputs[0]]
        return f"this graph's readout reads node {read.name[:80]} ({read.op})"

    @classmethod
    def of(cls, parameters: Mapping[str, Array], *, bias: bool) -> Graph:
        """Arrays alone are no graph: raises InputError."""
        return _refuse()

    def parameters(self) -> dict[str, Array]:
        """Name -> array, by the names that the arrays had."""
        return dict(self.arrays)

    def _replaced(self, changes: Mapping[str, Array]) -> Graph:
        return Graph(self.nodes, {**self.arrays, **changes})

    @classmethod
    def forward(cls, weights: Mapping[str, P], z: H, arithmetic: Arithmetic[H, P]) -> H:
        """A graph has no first layer by itself: raises InputError."""
        return _refuse()

    def space(self) -> tuple[object, ...]:
        """What two graphs must share: nodes, and names and shapes of parameters."""
        return (*super().space(), self.nodes)


def _refuse() -> NoReturn:
    raise InputError(NO_CLASS)
