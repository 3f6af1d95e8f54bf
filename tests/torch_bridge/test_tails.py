"""Training of some entries of a graph: torch's functions give the graph's values, and what is not free stays."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.data import Data
from numerics.losses import float_loss
from numerics.losses.problem import Problem
from numerics.losses.registry import loss_named
from numerics.networks.graph.graph import Graph
from numerics.networks.graph.images import AvgPool2d, Conv2d, GlobalAvgPool, MaxPool2d
from numerics.networks.graph.nodes import Add, Concatenate, Flatten, Input, Linear, ReLU, Reshape, Scale, Transpose
from numerics.torch_bridge.image_tensors import values_of
from numerics.torch_bridge.tails import trained_tail

WINDOWS = st.tuples(
    st.tuples(st.integers(1, 2), st.integers(1, 2)),  # stride
    st.tuples(*[st.integers(0, 1)] * 4),  # padding
    st.tuples(st.integers(1, 2), st.integers(1, 2)),  # dilation
)


@st.composite
def graphs(draw):
    """Every node that is trained through, with strides, paddings and dilations of all kinds."""
    stride, padding, dilation = draw(WINDOWS)
    groups = draw(st.sampled_from([1, 2]))
    places = {"stride": stride, "padding": padding, "dilation": dilation, "kernel": (2, 2)}
    pools = {
        "max": MaxPool2d("p", ("turned",), **places),
        "mean": AvgPool2d("p", ("turned",), **places, counts_padding=draw(st.booleans())),
        "global": GlobalAvgPool("p", ("turned",)),
    }
    nodes = [
        Input("x", (), size=(50,)),
        Reshape("image", ("x",), size=(2, 5, 5)),
        Conv2d(
            "c",
            ("image",),
            weight="c.w",
            bias="c.b",
            kernel=(3, 3),
            padding=(1, 1, 1, 1),
            groups=groups,
        ),
        Scale("n", ("c",), weight="n.w", bias=draw(st.sampled_from([None, "n.b"]))),
        ReLU("r", ("n",)),
        Conv2d("d", ("r",), weight="d.w", kernel=(1, 1)),
        Add("s", ("r", "d", "c")),
        Concatenate("joined", ("s", "r"), axis=draw(st.integers(0, 2))),
        Transpose("turned", ("joined",), order=draw(st.permutations((0, 1, 2)).map(tuple))),
        pools[draw(st.sampled_from(sorted(pools)))],
        Flatten("flat", ("p",)),
    ]
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    shapes = {"c.w": (4, 2 // groups, 3, 3), "c.b": (4,), "n.w": (4,), "n.b": (4,), "d.w": (4, 4, 1, 1)}
    if nodes[3].bias is None:
        del shapes["n.b"]
    pooled = Graph(tuple(nodes), {name: rng.normal(size=shape) for name, shape in shapes.items()})
    shapes |= {"f.w": (2, pooled.outputs), "f.b": (2,)}
    nodes.append(Linear("f", ("flat",), weight="f.w", bias="f.b"))
    return Graph(tuple(nodes), {name: rng.normal(size=shape) for name, shape in shapes.items()})


@settings(max_examples=25)
@given(graphs())
def test_values_are_those_of_the_graph(network):
    X = np.random.default_rng(0).normal(size=(3, 50))
    weights = {name: torch.tensor(np.array(array)) for name, array in network.arrays.items()}
    found = values_of(network.nodes[1:], network.shapes, weights, {"x": torch.tensor(X)})
    np.testing.assert_allclose(found["f"].numpy(), network(X), rtol=1e-10, atol=1e-10)


def problem() -> Problem:
    rng = np.random.default_rng(1)
    return Problem(Data(rng.normal(size=(30, 50)), np.eye(2)[rng.integers(0, 2, 30)]), loss=loss_named("cross-entropy"))


NETWORK = Graph(
    (
        Input("x", (), size=(2, 5, 5)),
        Conv2d("c", ("x",), weight="c.w", bias="c.b", kernel=(3, 3)),
        ReLU("r", ("c",)),
        Flatten("flat", ("r",)),
        Linear("f", ("flat",), weight="f.w"),
    ),
    {name: np.random.default_rng(2).normal(size=shape) / 3
     for name, shape in {"c.w": (4, 2, 3, 3), "c.b": (4,), "f.w": (2, 36)}.items()},
)  # fmt: skip


def test_only_what_is_free_moves_and_the_loss_falls():
    """A mask of rows and columns of a kernel, one of rows alone; float32 where something moved, bits elsewhere."""
    pairs = np.zeros((4, 2), dtype=np.bool_)
    pairs[1, 0] = True
    free = {"c.w": pairs, "c.b": np.array([False, True, False, False])}
    found = trained_tail(NETWORK, free, problem(), 0.0)
    assert float_loss(found, problem()) < float_loss(NETWORK, problem())
    moved = found.arrays["c.w"] != NETWORK.arrays["c.w"]
    assert moved[1, 0].any()
    assert not moved[~pairs].any()
    assert np.array_equal(found.arrays["c.b"] != NETWORK.arrays["c.b"], [False, True, False, False])
    assert np.array_equal(found.arrays["f.w"], NETWORK.arrays["f.w"])
    assert np.array_equal(found.arrays["c.w"][1, 0], found.arrays["c.w"][1, 0].astype(np.float32))
    again = trained_tail(NETWORK, free, problem(), 0.0)
    assert all(np.array_equal(found.arrays[name], again.arrays[name]) for name in found.arrays)


@pytest.mark.parametrize("free", [{"f.w": np.ones((2, 36), dtype=np.bool_)}, {"f.w": np.ones(2, dtype=np.bool_)}])
def test_training_ends_where_the_goal_is_reached(free):
    """What the readout reads is evaluated once; the goal is not far below."""
    found = trained_tail(NETWORK, free, problem(), 0.6)
    assert 0.3 < float_loss(found, problem()) <= 0.6 < float_loss(NETWORK, problem())
