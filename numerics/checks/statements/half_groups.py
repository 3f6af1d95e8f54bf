"""T9G: the route through half of every group of channels against its corners."""

from __future__ import annotations

from fractions import Fraction
from functools import partial

import numpy as np
from hypothesis import strategies as st

from numerics.checks.check import about
from numerics.checks.graph_joining import GraphJoining, graphs_below_corners, shape_of, with_weights
from numerics.data import Data
from numerics.losses import exact_losses
from numerics.losses.problem import Problem
from numerics.networks.arrays import Array
from numerics.networks.graph.graph import Graph
from numerics.networks.graph.images import AvgPool2d, Conv2d, GlobalAvgPool, MaxPool2d
from numerics.networks.graph.node import Node
from numerics.networks.graph.nodes import Add, Concatenate, Flatten, Input, Linear, ReLU, Scale
from numerics.routes.half_channels import half_groups
from numerics.testing import times
from theory import corners as theory
from theory.catalogue import STATEMENTS
from theory.proof import ProofResult, Verdict

BLOCKS = ("identity", "shortcut", "scaled", "two branches", "dense", "chosen")


class _Drawn:
    """Nodes and shapes of parameters, as they are drawn."""

    def __init__(self, draw: st.DrawFn, image: tuple[int, ...]) -> None:
        self.draw = draw
        self.nodes: list[Node] = [Input("x", (), size=image)]
        self.shapes: dict[str, tuple[int, ...]] = {}
        self.constants: dict[str, Array] = {}

    @property
    def parameters(self) -> dict[str, tuple[int, ...]]:
        """Shapes of all."""
        return self.shapes | {name: array.shape for name, array in self.constants.items()}

    def add(self, node: Node) -> str:
        self.nodes.append(node)
        return node.name

    def weighted(self, name: str, shape: tuple[int, ...]) -> tuple[str, str | None]:
        """Names of a weight of this shape, and of a bias or none."""
        self.shapes[f"{name}.w"] = shape
        if not self.draw(st.booleans()):
            return f"{name}.w", None
        self.shapes[f"{name}.b"] = shape[:1]
        return f"{name}.w", f"{name}.b"

    def conv(self, name: str, source: str, size: int, before: int, *, wide: bool = True, stride: int = 1) -> str:
        """3 x 3, the padding such that images keep their size, or 1 x 1."""
        k = 3 if wide else 1
        weight, bias = self.weighted(name, (size, before, k, k))
        around = (k // 2,) * 4
        node = Conv2d(name, (source,), weight=weight, bias=bias, kernel=(k, k), stride=(stride,) * 2, padding=around)
        return self.add(node)

    def relu(self, source: str) -> str:
        return self.add(ReLU(f"{source}.relu", (source,)))

    def block(self, k: int, kind: str, source: str, size: int) -> tuple[str, int]:
        """What is added to the stream, or to a shortcut of it, with a rectifier behind the sum or none."""
        inner, width, skip, read = self.draw(st.integers(2, 3)), size, source, source
        if kind == "dense":
            made = self.relu(self.conv(f"{k}.d", source, inner, size))
            return self.add(Concatenate(f"{k}.cat", (source, made), axis=0)), size + inner
        if kind == "chosen":
            width = size + 2
            self.constants[f"{k}.one"] = np.eye(width, size)[:, :, None, None]
            skip = self.add(Conv2d(f"{k}.skip", (source,), weight=f"{k}.one", kernel=(1, 1)))
        if kind == "shortcut":
            width = self.draw(st.integers(2, 3))
            skip = self.conv(f"{k}.skip", source, width, size, wide=False, stride=2)
        if kind == "scaled":
            weight, bias = self.weighted(f"{k}.scale", (size,))
            read = self.relu(self.add(Scale(f"{k}.scale", (source,), weight=weight, bias=bias)))
        h = self.relu(self.conv(f"{k}.a", read, inner, size, stride=2 if kind == "shortcut" else 1))
        parts = [skip, self.conv(f"{k}.u", h, width, inner)]
        if kind == "two branches":
            parts.append(self.conv(f"{k}.v", self.relu(self.conv(f"{k}.c", source, 2, size, wide=False)), width, 2))
        total = self.add(Add(f"{k}.sum", tuple(parts)))
        return (self.relu(total) if self.draw(st.booleans()) else total), width


@st.composite
def group_joinings(draw: st.DrawFn) -> GraphJoining:
    """Images of 2 x 2, a stem, one or two blocks of every kind, every kind of pooling or none, a dense readout."""
    image = (draw(st.integers(1, 2)), 2, 2)
    drawn, size = _Drawn(draw, image), draw(st.integers(2, 3))
    source = drawn.relu(drawn.conv("stem", "x", size, image[0]))
    for k in range(draw(st.integers(1, 2))):
        source, size = drawn.block(k, draw(st.sampled_from(BLOCKS)), source, size)
    _, rows, columns = shape_of(drawn.nodes, drawn.parameters)
    match draw(st.sampled_from(("none", "max", "average", "global"))):
        case "max":
            source = drawn.add(MaxPool2d("pool", (source,), kernel=(rows, columns)))
        case "average":
            source = drawn.add(AvgPool2d("pool", (source,), kernel=(1, columns)))
        case "global":
            source = drawn.add(GlobalAvgPool("pool", (source,)))
        case _:
            pass
    source = drawn.add(Flatten("flat", (source,)))
    outputs, entries = draw(st.integers(1, 2)), int(np.prod(shape_of(drawn.nodes, drawn.parameters)))
    weight, bias = drawn.weighted("f", (outputs, entries))
    drawn.add(Linear("f", (source,), weight=weight, bias=bias))
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    start, end = (with_weights(drawn.nodes, drawn.shapes, rng, drawn.constants) for _ in range(2))
    X, Y = (rng.integers(-8, 9, (2, width)) / 4 for width in (int(np.prod(image)), outputs))
    return GraphJoining(start, end, Data(X, Y), draw(times()))


def one_number_twice() -> ProofResult:
    """A stream of two channels that both hold x = 1, a block that adds nothing, y = 2: half of the stream, read by 2,
    loses nothing, read by 3/2 a quarter.
    """
    nodes: tuple[Node, ...] = (
        Input("x", (), size=(1,)),
        Linear("stem", ("x",), weight="stem.w"),
        Linear("a", ("stem",), weight="a.w"),
        ReLU("h", ("a",)),
        Linear("u", ("h",), weight="u.w"),
        Add("sum", ("stem", "u")),
        Linear("f", ("sum",), weight="f.w"),
    )
    given = Problem(Data(np.array([[1.0]]), np.array([[2.0]])))

    def loss(readout: tuple[float, float]) -> Fraction:
        arrays = {"stem.w": np.ones((2, 1)), "a.w": np.ones((2, 2)), "u.w": np.zeros((2, 2))}
        return exact_losses([Graph(nodes, {**arrays, "f.w": np.array([readout])})], given)[0]

    losses = [loss(readout) for readout in ((1.0, 1.0), (2.0, 0.0), (0.0, 2.0), (1.5, 0.0))]
    held = losses[:3] == [0, 0, 0] and theory.highest(losses) == Fraction(1, 4)
    claim = "all corners have loss 0; with the readout 3/2 of one channel the maximum is 1/4"
    return ProofResult("T9G", claim, "this instance", Verdict.PROVED if held else Verdict.REFUTED)


CHECKS = (about(STATEMENTS["T9G"], group_joinings(), partial(graphs_below_corners, half_groups)),)
CONSTRUCTIONS = {"exact.half_groups": one_number_twice}
