"""Chains of convolutions joined through half of every layer's channels: outputs stay on loads, and what is refused."""

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import pytest

import skipscape as sk
from numerics.data import Data
from numerics.errors import InputError
from numerics.losses import exact_loss_between, exact_losses
from numerics.losses.problem import Problem
from numerics.losses.registry import loss_named
from numerics.networks.base import Network
from numerics.networks.graph.chain import channel_chain
from numerics.networks.graph.graph import Graph
from numerics.networks.graph.images import Conv2d, MaxPool2d
from numerics.networks.graph.node import Node
from numerics.networks.graph.nodes import Add, Flatten, Input, Linear, ReLU, Scale
from numerics.paths import Kind
from numerics.routes import half_channels as route
from numerics.routes.chains import Units
from numerics.routes.half_channels import half_channels

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


def changes_on_loads(seed: int) -> list[bool]:
    """Of every load, whether its exact loss at a time inside is another one than at its ends; silent ones never."""
    found = half_channels(network(seed), network(seed + 50), given := problem())
    path, rng = found.path, np.random.default_rng(seed)
    assert (path.start.identical(network(seed)), path.end.identical(network(seed + 50))) == (True, True)
    losses = exact_losses(path.corners, given)
    changed = []
    for k, segment in enumerate(path.segments):
        if segment.kind is not Kind.READOUT:
            t = Fraction(int(rng.integers(1, 32)), 32)
            between = exact_loss_between(segment.start, segment.end, t, given)
            changed.append(not between == losses[k] == losses[k + 1])
            assert not changed[-1] or segment.kind is Kind.GENERAL
    return changed


@pytest.mark.parametrize("seed", range(6))
def test_no_output_changes_while_channels_are_loaded(seed: int) -> None:
    """In fractions, at a random time of every load; so the highest loss is a corner's."""
    changed = changes_on_loads(seed)
    assert len(changed) >= 4
    assert not any(changed)


def test_a_channel_that_is_still_read_changes_outputs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted fault: one column too many of what reads a layer is kept."""
    true = route._Descent._loaded

    def still_read(self: route._Descent, here: Network, slots: Sequence[Units], first: int) -> dict[str, np.ndarray]:
        changed = true(self, here, slots, first)
        name = self.chain.layers[first + 1].weight
        changed[name] = changed[name] + (changed[name] == 0) / 4
        return changed

    monkeypatch.setattr(route._Descent, "_loaded", still_read)
    assert any(any(changes_on_loads(seed)) for seed in range(3))


def test_its_path_is_proved() -> None:
    """By the checker; the loss on the whole path is at most that of the route's corners."""
    given = problem("cross-entropy")
    result = sk.connect(network(1), network(2), given.data, loss="cross-entropy", route="half-channels")
    assert result.verdict == "PROVED"
    assert {one.kind for one in result.segments} == {"silent", "readout"}
    estimate = half_channels(network(1), network(2), given).estimate
    assert result.maximum.top <= Fraction(estimate) * (1 + Fraction(1, 10**12))


def test_layers_and_their_columns() -> None:
    """Known answer: three channels, two read at four places each, four units."""
    chain = channel_chain(network(0))
    assert [(one.weight, one.bias, one.size, one.entries) for one in chain.layers] == [
        ("c.w", "c.b", 3, 1),
        ("d.w", None, 2, 4),
        ("e.w", "e.b", 4, 1),
    ]
    assert chain.columns(1, np.array([1])).tolist() == [4, 5, 6, 7]
    assert chain.last.weight == "f.w"


WRONG: dict[str, tuple[tuple[Node, ...], dict[str, tuple[int, ...]]]] = {
    "does not read the one before it alone": (
        (Input("x", (), size=(2,)), Linear("a", ("x",), weight="a.w"), ReLU("r", ("a",)), Add("s", ("r", "x")),
         Linear("z", ("s",), weight="z.w")),
        {"a.w": (2, 2), "z.w": (1, 2)},
    ),
    "mixes or scales": (
        (Input("x", (), size=(2,)), Linear("a", ("x",), weight="a.w"), ReLU("r", ("a",)),
         Scale("s", ("r",), weight="s.w"), Linear("z", ("s",), weight="z.w")),
        {"a.w": (2, 2), "s.w": (2,), "z.w": (1, 2)},
    ),
    "read one parameter": (
        (Input("x", (), size=(2,)), Linear("a", ("x",), weight="a.w"), ReLU("r", ("a",)),
         Linear("b", ("r",), weight="a.w"), ReLU("q", ("b",)), Linear("z", ("q",), weight="z.w")),
        {"a.w": (2, 2), "z.w": (1, 2)},
    ),
    "without a ReLU": (
        (Input("x", (), size=(2,)), Linear("a", ("x",), weight="a.w"), Linear("b", ("a",), weight="b.w"),
         ReLU("q", ("b",)), Linear("z", ("q",), weight="z.w")),
        {"a.w": (2, 2), "b.w": (2, 2), "z.w": (1, 2)},
    ),
    "does not end in a linear node": (
        (Input("x", (), size=(2,)), Linear("a", ("x",), weight="a.w"), ReLU("r", ("a",))),
        {"a.w": (2, 2)},
    ),
}  # fmt: skip


@pytest.mark.parametrize("words", WRONG)
def test_what_is_no_chain_is_refused_in_words(words: str) -> None:
    nodes, shapes = WRONG[words]
    graph = Graph(nodes, {name: np.ones(shape) for name, shape in shapes.items()})
    with pytest.raises(InputError, match=words):
        channel_chain(graph)
    assert words in (route.chain_lacks(graph) or "")


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
