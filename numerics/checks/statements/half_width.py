"""T9, T9C: the routes through half of every layer against their corners."""

from __future__ import annotations

from fractions import Fraction
from functools import partial

import numpy as np
from hypothesis import strategies as st

from numerics.checks.check import about
from numerics.checks.graph_joining import GraphJoining, graphs_below_corners, shape_of, with_weights
from numerics.checks.joining import below_corners, joinings
from numerics.checks.problems import states
from numerics.checks.states import State
from numerics.data import Data
from numerics.losses import exact_losses
from numerics.losses.problem import Problem
from numerics.networks.graph.graph import Graph
from numerics.networks.graph.images import AvgPool2d, Conv2d, GlobalAvgPool, MaxPool2d
from numerics.networks.graph.node import Node
from numerics.networks.graph.nodes import Flatten, Input, Linear, ReLU
from numerics.networks.plain import Plain
from numerics.routes.chains import layers_of
from numerics.routes.half_channels import half_channels
from numerics.routes.half_width import half_width
from numerics.testing import times
from theory import corners as theory
from theory.catalogue import STATEMENTS
from theory.proof import ProofResult, Verdict


def halves_exist(start: State) -> bool:
    """Whether every hidden layer has two units."""
    network = start.network()
    return all(len(network.parameters()[one.matrix]) > 1 for one in layers_of(network))


CHAINS = states((Plain.kind,), width=(2, 5)).filter(halves_exist)


@st.composite
def channel_joinings(draw: st.DrawFn) -> GraphJoining:
    """Images of 4 x 4, one or two convolutions with stride or padding, every kind of pooling, a dense layer or none."""
    size = draw(st.integers(2, 4))
    image = (draw(st.integers(1, 2)), 4, 4)
    nodes: list[Node] = [Input("x", (), size=image)]
    shapes: dict[str, tuple[int, ...]] = {}

    def weighted(kind: type[Conv2d] | type[Linear], name: str, shape: tuple[int, ...], **fields: object) -> None:
        shapes[f"{name}.w"] = shape
        bias = f"{name}.b" if draw(st.booleans()) else None
        if bias is not None:
            shapes[bias] = shape[:1]
        nodes.append(kind(name, (nodes[-1].name,), weight=f"{name}.w", bias=bias, **fields))  # type: ignore[arg-type]

    stride, pad = draw(st.sampled_from(((1, 1), (2, 1), (1, 2)))), draw(st.integers(0, 1))
    weighted(Conv2d, "c", (size, image[0], 2, 2), kernel=(2, 2), stride=stride, padding=(pad,) * 4)
    nodes.append(ReLU("rc", ("c",)))
    match draw(st.sampled_from(("none", "max", "average"))):
        case "max":
            nodes.append(MaxPool2d("p", ("rc",), kernel=(2, 1), stride=(1, 1)))
        case "average":
            nodes.append(AvgPool2d("p", ("rc",), kernel=(1, 2), stride=(1, 1)))
        case _:
            pass
    if draw(st.booleans()):
        wider = draw(st.integers(2, 4))
        weighted(Conv2d, "d", (wider, size, 1, 1), kernel=(1, 1))
        nodes.append(ReLU("rd", ("d",)))
        size = wider
    if draw(st.booleans()):
        nodes.append(GlobalAvgPool("g", (nodes[-1].name,)))
    nodes.append(Flatten("flat", (nodes[-1].name,)))
    entries = int(np.prod(shape_of(nodes, shapes)))
    if draw(st.booleans()):
        wide = draw(st.integers(2, 4))
        weighted(Linear, "e", (wide, entries))
        nodes.append(ReLU("re", ("e",)))
        entries = wide
    weighted(Linear, "f", (draw(st.integers(1, 2)), entries))
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    start, end = (with_weights(nodes, shapes, rng) for _ in range(2))
    X, Y = (rng.integers(-8, 9, (2, columns)) / 4 for columns in (int(np.prod(image)), shapes["f.w"][0]))
    return GraphJoining(start, end, Data(X, Y), draw(times()))


def one_pixel_each() -> ProofResult:
    """Two channels of two pixels, the larger pixel of each, y = 2: one channel read by 1/2 loses nothing, by
    3/8 a quarter.
    """
    nodes: tuple[Node, ...] = (
        Input("x", (), size=(1, 1, 2)),
        Conv2d("c", ("x",), weight="c.w", kernel=(1, 1)),
        ReLU("r", ("c",)),
        MaxPool2d("p", ("r",), kernel=(1, 2), stride=(1, 1)),
        Flatten("flat", ("p",)),
        Linear("f", ("flat",), weight="f.w"),
    )
    given = Problem(Data(np.array([[1.0, 4.0]]), np.array([[2.0]])))

    def loss(readout: tuple[float, float]) -> Fraction:
        network = Graph(nodes, {"c.w": np.ones((2, 1, 1, 1)), "f.w": np.array([readout])})
        return exact_losses([network], given)[0]

    losses = [loss(readout) for readout in ((0.25, 0.25), (0.5, 0.0), (0.0, 0.5), (0.375, 0.0))]
    held = losses[:3] == [0, 0, 0] and theory.highest(losses) == Fraction(1, 4)
    claim = "all corners have loss 0; with the readout 3/8 of one channel the maximum is 1/4"
    return ProofResult("T9C", claim, "this instance", Verdict.PROVED if held else Verdict.REFUTED)


CHECKS = (
    about(STATEMENTS["T9"], joinings(CHAINS), partial(below_corners, half_width)),
    about(STATEMENTS["T9C"], channel_joinings(), partial(graphs_below_corners, half_channels)),
)
CONSTRUCTIONS = {"exact.half_channels": one_pixel_each}
