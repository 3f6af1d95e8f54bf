"""Convolutions joined through half of every group of channels: outputs stay on loads, tails are trained."""

from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest

import skipscape as sk
from numerics import torch_bridge
from numerics.data import Data
from numerics.errors import InputError
from numerics.losses import exact_loss_between, exact_losses, float_loss
from numerics.losses.problem import Problem
from numerics.losses.registry import loss_named
from numerics.networks.arrays import Array
from numerics.networks.graph.channels import Layer
from numerics.networks.graph.graph import Graph
from numerics.networks.graph.images import AvgPool2d, Conv2d, GlobalAvgPool, MaxPool2d
from numerics.networks.graph.node import Node
from numerics.networks.graph.nodes import Add, Flatten, Input, Linear, ReLU, Scale, Transpose
from numerics.paths import Kind
from numerics.routes import half_channels as route
from numerics.routes.chains import Units
from numerics.routes.half_channels import half_channels, half_groups
from numerics.routes.route import Between
from numerics.torch_bridge.tails import trained_tail

NODES: tuple[Node, ...] = (
    Input("x", (), size=(1, 4, 4)),
    Conv2d("c", ("x",), weight="c.w", bias="c.b", kernel=(3, 3), padding=(1, 1, 1, 1)),
    ReLU("rc", ("c",)),
    MaxPool2d("p", ("rc",), kernel=(2, 2), stride=(2, 2)),
    Conv2d("d", ("p",), weight="d.w", kernel=(1, 1)),
    ReLU("rd", ("d",)),
    Flatten("flat", ("rd",)),
    Linear("e", ("flat",), weight="e.w", bias="e.b"),
    ReLU("re", ("e",)),
    Linear("f", ("re",), weight="f.w", bias="f.b"),
)
SHAPES = {"c.w": (3, 1, 3, 3), "c.b": (3,), "d.w": (2, 3, 1, 1), "e.w": (4, 8), "e.b": (4,), "f.w": (2, 4), "f.b": (2,)}


def network(seed: int) -> Graph:
    """Weights in sixteenths."""
    rng = np.random.default_rng(seed)
    return Graph(NODES, {name: rng.integers(-12, 13, shape) / 16 for name, shape in SHAPES.items()})


def problem(loss: str = "squared") -> Problem:
    rng = np.random.default_rng(9)
    return Problem(Data(rng.integers(-8, 9, (3, 16)) / 8, np.eye(2)[[0, 1, 1]]), loss=loss_named(loss))


RESNET: tuple[Node, ...] = (
    Input("x", (), size=(1, 4, 4)),
    Conv2d("stem", ("x",), weight="stem.w", kernel=(2, 2)),
    ReLU("z", ("stem",)),
    Conv2d("a", ("z",), weight="a.w", bias="a.b", kernel=(3, 3), padding=(1, 1, 1, 1)),
    ReLU("ra", ("a",)),
    Conv2d("b", ("ra",), weight="b.w", kernel=(1, 1)),
    Add("s1", ("z", "b")),
    ReLU("z1", ("s1",)),
    Scale("norm", ("z1",), weight="norm.w", bias="norm.b"),
    Conv2d("c", ("norm",), weight="c.w", kernel=(2, 2), bias="c.b", stride=(2, 2)),
    ReLU("rc", ("c",)),
    Conv2d("d", ("rc",), weight="d.w", kernel=(1, 1)),
    Conv2d("skip", ("z1",), weight="skip.w", kernel=(1, 1), stride=(2, 2)),
    AvgPool2d("shrunk", ("skip",), kernel=(2, 2)),
    Add("s2", ("d", "shrunk")),
    ReLU("z2", ("s2",)),
    GlobalAvgPool("pool", ("z2",)),
    Flatten("flat", ("pool",)),
    Linear("f", ("flat",), weight="f.w", bias="f.b"),
)
RESNET_SHAPES = {
    "stem.w": (2, 1, 2, 2),
    "a.w": (3, 2, 3, 3),
    "a.b": (3,),
    "b.w": (2, 3, 1, 1),
    "norm.w": (2,),
    "norm.b": (2,),
    "c.w": (2, 2, 2, 2),
    "c.b": (2,),
    "d.w": (4, 2, 1, 1),
    "skip.w": (4, 2, 1, 1),
    "f.w": (2, 4),
    "f.b": (2,),
}


def resnet(seed: int) -> Graph:
    """A stream with a block on it, a scale before a block with a shortcut."""
    rng = np.random.default_rng(seed)
    return Graph(RESNET, {name: rng.integers(-12, 13, shape) / 16 for name, shape in RESNET_SHAPES.items()})


NETWORKS: dict[str, tuple[Callable[[int], Graph], Between]] = {
    "chain": (network, half_channels),
    "residual": (resnet, half_groups),
}


def changes_on_loads(seed: int, kind: str = "chain") -> list[bool]:
    """Of every load, whether its exact loss at a time inside is another one than at its ends; silent ones never."""
    made, joined = NETWORKS[kind]
    found = joined(made(seed), made(seed + 50), given := problem())
    path, rng = found.path, np.random.default_rng(seed)
    assert (path.start.identical(made(seed)), path.end.identical(made(seed + 50))) == (True, True)
    losses = exact_losses(path.corners, given)
    changed = []
    for k, segment in enumerate(path.segments):
        if segment.kind is not Kind.READOUT:
            t = Fraction(int(rng.integers(1, 32)), 32)
            between = exact_loss_between(segment.start, segment.end, t, given)
            changed.append(not between == losses[k] == losses[k + 1])
            assert not changed[-1] or segment.kind is Kind.GENERAL
    return changed


@pytest.mark.parametrize("kind", NETWORKS)
@pytest.mark.parametrize("seed", range(6))
def test_no_output_changes_while_channels_are_loaded(seed: int, kind: str) -> None:
    """In fractions, at a random time of every load; so the highest loss is a corner's."""
    changed = changes_on_loads(seed, kind)
    assert len(changed) >= 4
    assert not any(changed)


def still_read(self: route._Descent, layer: Layer, mine: Units, step: int) -> Array:
    """One column too many of what reads a group is kept."""
    rows = TRUE_ROWS(self, layer, mine, step)
    return rows + (rows == 0) / 4


def out_of_turn(self: route._Descent, g: int, step: int) -> Units:
    """A group that never changes its half: the next tail is loaded on channels that are read."""
    return self.kept[g]


TRUE_ROWS = route._Descent._rows
FAULTS = {"a column too many": ("_rows", still_read), "no turns": ("slots", out_of_turn)}


@pytest.mark.parametrize("kind", NETWORKS)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_channel_that_is_still_read_changes_outputs(monkeypatch: pytest.MonkeyPatch, fault: str, kind: str) -> None:
    """Planted faults: the loads are no silent segments any more, and are not called so."""
    monkeypatch.setattr(route._Descent, *FAULTS[fault])
    assert any(any(changes_on_loads(seed, kind)) for seed in range(3))


@pytest.mark.parametrize("kind", NETWORKS)
def test_its_path_is_proved(kind: str) -> None:
    """By the checker; the loss on the whole path is at most that of the route's corners."""
    given, (made, joined) = problem("cross-entropy"), NETWORKS[kind]
    name = {"chain": "half-channels", "residual": "half-groups"}[kind]
    result = sk.connect(made(1), made(2), given.data, loss="cross-entropy", route=name)
    assert result.verdict == "PROVED"
    assert {one.kind for one in result.segments} == {"silent", "readout"}
    found = joined(made(1), made(2), given)
    assert found.route == name
    assert result.maximum.top <= Fraction(found.estimate) * (1 + Fraction(1, 10**12))


SMALL: tuple[Node, ...] = (
    Input("x", (), size=(1, 4, 4)),
    Conv2d("stem", ("x",), weight="stem.w", bias="stem.b", kernel=(3, 3), padding=(1, 1, 1, 1)),
    ReLU("z", ("stem",)),
    Conv2d("a", ("z",), weight="a.w", bias="a.b", kernel=(3, 3), padding=(1, 1, 1, 1)),
    ReLU("h", ("a",)),
    Conv2d("b", ("h",), weight="b.w", kernel=(3, 3), padding=(1, 1, 1, 1)),
    Add("s", ("z", "b")),
    ReLU("z1", ("s",)),
    AvgPool2d("pool", ("z1",), kernel=(2, 2), stride=(2, 2)),
    Flatten("flat", ("pool",)),
    Linear("f", ("flat",), weight="f.w", bias="f.b"),
)
SMALL_SHAPES = {
    "stem.w": (4, 1, 3, 3),
    "stem.b": (4,),
    "a.w": (4, 4, 3, 3),
    "a.b": (4,),
    "b.w": (4, 4, 3, 3),
    "f.w": (2, 16),
    "f.b": (2,),
}


def small(seed: int) -> Graph:
    rng = np.random.default_rng(seed)
    arrays = {
        name: rng.normal(size=shape) / max(1.0, np.prod(shape[1:])) ** 0.5 for name, shape in SMALL_SHAPES.items()
    }
    return Graph(SMALL, arrays)


def test_tails_are_trained_where_refits_leave_them_above_the_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """With trained tails the path is as low as its ends; with refits alone it is not."""
    rng = np.random.default_rng(5)
    X = rng.normal(size=(60, 16))
    labels = (X[:, :8].sum(axis=1) * X[:, 8:].sum(axis=1) > 0).astype(int)
    given = Problem(Data(X, np.eye(2)[labels]), loss=loss_named("cross-entropy"))
    everything = {name: np.ones(shape[:1], dtype=np.bool_) for name, shape in SMALL_SHAPES.items()}
    ends = [trained_tail(small(seed), everything, given, 0.05) for seed in (0, 1)]
    level = max(float_loss(end, given) for end in ends)
    assert half_groups(ends[0], ends[1], given).estimate <= level
    monkeypatch.setattr(torch_bridge, "has_torch", lambda: False)
    assert half_groups(ends[0], ends[1], given).estimate > level


def test_each_route_says_what_it_is_for() -> None:
    """A chain, a graph of sums and a stream of dense blocks: one route each."""
    dense = (
        Input("x", (), size=(2,)),
        Linear("w", ("x",), weight="w"),
        ReLU("z", ("w",)),
        Linear("a", ("z",), weight="a"),
        ReLU("h", ("a",)),
        Linear("u", ("h",), weight="u"),
        Add("s", ("z", "u")),
        Linear("v", ("s",), weight="v"),
    )
    stream = Graph(dense, {name: np.ones((2, 2)) for name in "wauv"})
    for one, chain, groups in (
        (network(0), None, "which route half-channels carries"),
        (resnet(0), "this graph has sums, or more", None),
        (stream, "this graph has sums, or more", "which route half-stream carries"),
    ):
        for found, words in ((route.chain_lacks(one), chain), (route.groups_lack(one), groups)):
            assert (found is None) if words is None else words in (found or "")
    mixed = (
        Input("x", (), size=(2, 2, 2)),
        Conv2d("c", ("x",), weight="c", kernel=(1, 1)),
        Transpose("t", ("c",), order=(1, 2, 0)),
        Conv2d("d", ("t",), weight="d", kernel=(1, 1)),
        Flatten("flat", ("d",)),
        Linear("v", ("flat",), weight="v"),
    )
    graph = Graph(mixed, {"c": np.ones((2, 2, 1, 1)), "d": np.ones((2, 2, 1, 1)), "v": np.ones((1, 8))})
    assert "mixes channels" in (route.chain_lacks(graph) or "")
    assert "mixes channels" in (route.groups_lack(graph) or "")


def test_a_single_channel_cannot_be_halved() -> None:
    nodes = (
        Input("x", (), size=(2,)),
        Linear("a", ("x",), weight="a.w"),
        ReLU("r", ("a",)),
        Linear("z", ("r",), weight="z.w"),
    )
    graph = Graph(nodes, {"a.w": np.ones((1, 2)), "z.w": np.ones((1, 1))})
    with pytest.raises(InputError, match="two channels in every layer"):
        half_channels(graph, graph, Problem(Data([[1.0, 2.0]], [[0.0]])))
