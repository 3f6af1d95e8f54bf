"""Groups of channels of a graph: what is tied, what enters and reads each, in which levels, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from numerics.errors import InputError
from numerics.networks.graph.channels import INPUT, channels_of, value_at
from numerics.networks.graph.graph import Graph
from numerics.networks.graph.images import Conv2d, GlobalAvgPool, MaxPool2d
from numerics.networks.graph.node import Node
from numerics.networks.graph.nodes import Add, Concatenate, Flatten, Input, Linear, ReLU, Reshape, Scale, Transpose
from numerics.networks.origin import Origin, digest_of
from numerics.networks.two_layer import TwoLayer

AROUND = (1, 1, 1, 1)


def conv(name: str, source: str, size: int = 3, **more: object) -> Conv2d:
    around = (size // 2,) * 4
    return Conv2d(name, (source,), weight=f"{name}.w", kernel=(size, size), padding=around, **more)  # type: ignore[arg-type]


RESNET: tuple[Node, ...] = (
    Input("x", (), size=(16,)),
    Reshape("image", ("x",), size=(1, 4, 4)),
    conv("stem", "image"),
    ReLU("z0", ("stem",)),
    conv("a", "z0"),
    ReLU("ra", ("a",)),
    conv("b", "ra"),
    Add("s1", ("z0", "b")),
    ReLU("z1", ("s1",)),
    conv("skip", "z1", 1, stride=(2, 2)),
    Scale("norm", ("z1",), weight="norm.w", bias="norm.b"),
    conv("c", "norm", stride=(2, 2)),
    ReLU("rc", ("c",)),
    conv("d", "rc"),
    Add("s2", ("d", "skip")),
    ReLU("z2", ("s2",)),
    Flatten("flat", ("z2",)),
    Linear("f", ("flat",), weight="f.w", bias="f.b"),
)
SHAPES = {
    "stem.w": (2, 1, 3, 3),
    "a.w": (3, 2, 3, 3),
    "b.w": (2, 3, 3, 3),
    "skip.w": (4, 2, 1, 1),
    "norm.w": (2,),
    "norm.b": (2,),
    "c.w": (5, 2, 3, 3),
    "d.w": (4, 5, 3, 3),
    "f.w": (2, 16),
    "f.b": (2,),
}


def graph(nodes: tuple[Node, ...], shapes: dict[str, tuple[int, ...]]) -> Graph:
    rng = np.random.default_rng(0)
    return Graph(nodes, {name: rng.integers(-8, 9, shape) / 8 for name, shape in shapes.items()})


def test_a_residual_network() -> None:
    """By hand: stream, inner layer, strided stream and its inner layer; a shortcut stands in the level of what it is
    added to.
    """
    found = channels_of(graph(RESNET, SHAPES))
    assert found.sizes == (2, 3, 4, 5)
    layers = {layer.weight: (layer.enters, layer.reads, layer.entries) for layer in (*found.layers, found.last)}
    assert layers == {
        "stem.w": (0, INPUT, 1),
        "a.w": (1, 0, 1),
        "b.w": (0, 1, 1),
        "skip.w": (2, 0, 1),
        "c.w": (3, 0, 1),
        "d.w": (2, 3, 1),
        "f.w": (INPUT, 2, 4),
    }
    names = [sorted(found.layers[number].weight for number in level) for level in found.levels]
    assert names == [["d.w"], ["c.w", "skip.w"], ["b.w"], ["a.w"], ["stem.w"]]
    (scale,), (readers,) = found.scales, found.readers
    assert (scale.weight, scale.bias, scale.group) == ("norm.w", "norm.b", 0)
    assert {found.layers[number].weight for number in readers} == {"c.w"}
    assert found.last.columns(np.array([1])).tolist() == [4, 5, 6, 7]
    assert not found.begun


def test_levels_read_lower_ones_alone() -> None:
    """What a layer makes is read by layers of upper levels, never of its own."""
    network = graph(RESNET, SHAPES)
    found = channels_of(network)
    level = {number: k for k, numbers in enumerate(found.levels) for number in numbers}
    assert sorted(level) == list(range(len(found.layers)))
    for number, layer in enumerate(found.layers):
        changed = network.replace({layer.weight: network.arrays[layer.weight] + 1.0})
        X = np.random.default_rng(1).normal(size=(3, 16))
        for other, reader in enumerate(found.layers):
            differs = not np.array_equal(value_at(network, reader.reads_at, X), value_at(changed, reader.reads_at, X))  # type: ignore[arg-type]
            assert not differs or level[other] < level[number]


def test_an_input_that_is_added_belongs_to_a_group() -> None:
    nodes: tuple[Node, ...] = (
        Input("x", (), size=(2, 2, 2)),
        conv("a", "x"),
        ReLU("r", ("a",)),
        conv("b", "r"),
        Add("s", ("x", "b")),
        GlobalAvgPool("g", ("s",)),
        Flatten("flat", ("g",)),
        Linear("f", ("flat",), weight="f.w"),
    )
    found = channels_of(graph(nodes, {"a.w": (3, 2, 3, 3), "b.w": (2, 3, 3, 3), "f.w": (1, 2)}))
    assert (found.sizes, found.begun) == ((2, 3), frozenset({0}))
    assert [layer.reads for layer in found.layers] == [0, 1]


HEAD: tuple[Node, ...] = (Input("x", (), size=(2, 2, 2)), conv("a", "x"), ReLU("r", ("a",)))
LAST: tuple[Node, ...] = (Flatten("flat", ("v",)), Linear("f", ("flat",), weight="f.w"))
WRONG: dict[str, tuple[tuple[Node, ...], dict[str, tuple[int, ...]]]] = {
    "two nodes of this graph read one parameter": (
        (*HEAD, Conv2d("v", ("r",), weight="a.w", kernel=(3, 3), padding=AROUND), *LAST),
        {"a.w": (2, 2, 3, 3), "f.w": (1, 8)},
    ),
    "node v of this graph has groups": (
        (*HEAD, conv("v", "r", groups=2), *LAST),
        {"a.w": (2, 2, 3, 3), "v.w": (2, 1, 3, 3), "f.w": (1, 8)},
    ),
    r"node v \(concatenate\) of this graph mixes or moves channels": (
        (*HEAD, Concatenate("v", ("r", "a"), axis=0), *LAST),
        {"a.w": (2, 2, 3, 3), "f.w": (1, 16)},
    ),
    r"node v \(transpose\) of this graph mixes or moves channels": (
        (*HEAD, Transpose("v", ("r",), order=(1, 0, 2)), *LAST),
        {"a.w": (2, 2, 3, 3), "f.w": (1, 8)},
    ),
    "node v of this graph adds channels to entries of channels": (
        (*HEAD, Flatten("flat0", ("r",)), Linear("l", ("flat0",), weight="l.w"), Add("v", ("flat0", "l")), *LAST),
        {"a.w": (2, 2, 3, 3), "l.w": (8, 8), "f.w": (1, 8)},
    ),
    r"node p \(max_pool2d\) of this graph reads channels that were moved": (
        (
            *HEAD,
            Reshape("turned", ("r",), size=(4, 2, 1)),
            MaxPool2d("p", ("turned",), kernel=(2, 1)),
            ReLU("v", ("p",)),
            *LAST,
        ),
        {"a.w": (2, 2, 3, 3), "f.w": (1, 4)},
    ),
    "does not end in a linear node": (HEAD, {"a.w": (2, 2, 3, 3)}),
    "readout reads the input": (
        (Input("x", (), size=(2,)), Linear("f", ("x",), weight="f.w")),
        {"f.w": (1, 2)},
    ),
}


@pytest.mark.parametrize("words", WRONG)
def test_what_has_no_groups_is_refused_in_words(words: str) -> None:
    with pytest.raises(InputError, match=words):
        channels_of(graph(*WRONG[words]))


def test_a_network_of_a_class_is_no_graph() -> None:
    with pytest.raises(InputError, match="it is no graph"):
        channels_of(TwoLayer(W=np.ones((2, 1)), V=np.ones((1, 2))))


@pytest.mark.parametrize("name", ["a.w", "norm.w", "norm.b"])
def test_constants_of_a_program_do_not_move(name: str) -> None:
    """But a number that scales all channels alike may stand there."""
    network = graph(RESNET, SHAPES)
    network = network.replace({"norm.w": np.array([0.5, 0.25]), "norm.b": np.array([1.0, 2.0])})

    def fixed(network: Graph) -> Graph:
        return network.with_origin(Origin(constants=((name, digest_of(network.arrays[name])),)))

    with pytest.raises(InputError, match=f"{name} is a constant"):
        channels_of(fixed(network))
    alike = network.replace({name: np.full_like(network.arrays[name], 0.5)})
    if name == "a.w":
        with pytest.raises(InputError, match="is a constant"):
            channels_of(fixed(alike))
    else:
        assert channels_of(fixed(alike)).sizes == (2, 3, 4, 5)
