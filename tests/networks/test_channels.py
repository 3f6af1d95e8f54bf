"""Groups of channels of a graph: what is tied, what enters and reads each, in which levels, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from numerics.errors import InputError
from numerics.networks.graph.channels import channels_of, value_at
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
    assert found.sizes == [2, 3, 4, 5]
    groups = {int(one): g for g, group in enumerate(found.groups) for one in group}

    def of(ids: np.ndarray) -> set[int]:
        """Groups, -1 for what is in none."""
        return {groups.get(one, -1) for one in ids.tolist()}

    layers = {layer.weight: (of(layer.enters), of(layer.reads), len(layer.reads)) for layer in found.layers}
    assert layers == {
        "stem.w": ({0}, {-1}, 1),
        "a.w": ({1}, {0}, 2),
        "b.w": ({0}, {1}, 3),
        "skip.w": ({2}, {0}, 2),
        "c.w": ({3}, {0}, 2),
        "d.w": ({2}, {3}, 5),
    }
    assert (of(found.last.reads), len(found.last.reads)) == ({2}, 16)
    assert found.last.reads.tolist() == np.repeat(found.groups[2], 4).tolist()
    names = [sorted(found.layers[number].weight for number in level) for level in found.levels]
    assert names == [["d.w"], ["c.w", "skip.w"], ["b.w"], ["a.w"], ["stem.w"]]
    (scale,) = found.scales
    assert (scale.weight, scale.bias, scale.channels.tolist()) == ("norm.w", "norm.b", found.groups[0].tolist())
    assert {found.layers[number].weight for number in scale.readers} == {"c.w"}
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
    assert found.sizes == [2, 3]
    assert found.begun == frozenset(found.groups[0].tolist())
    assert found.layers[0].reads.tolist() == found.layers[1].enters.tolist() == found.groups[0].tolist()


DENSE: tuple[Node, ...] = (
    Input("x", (), size=(1, 4, 4)),
    conv("stem", "x"),
    conv("a", "stem"),
    Concatenate("cat", ("stem", "a"), axis=0),
    conv("b", "cat"),
    Flatten("left", ("b",)),
    GlobalAvgPool("mean", ("cat",)),
    Flatten("right", ("mean",)),
    Concatenate("both", ("right", "left"), axis=0),
    Linear("f", ("both",), weight="f.w"),
)
DENSE_SHAPES = {"stem.w": (2, 1, 3, 3), "a.w": (3, 2, 3, 3), "b.w": (2, 5, 3, 3), "f.w": (1, 5 + 32)}


def test_parts_of_a_concatenation_keep_their_channels() -> None:
    """As images and as vectors: what a layer of a dense block makes is read by all behind it."""
    found = channels_of(graph(DENSE, DENSE_SHAPES))
    stem, a, b = (layer.enters for layer in found.layers)
    assert found.layers[2].reads.tolist() == [*stem, *a]
    assert found.last.reads.tolist() == [*stem, *a, *np.repeat(b, 16)]
    assert [group.tolist() for group in found.groups] == [stem.tolist(), a.tolist(), b.tolist()]
    assert [[found.layers[k].weight for k in level] for level in found.levels] == [["b.w"], ["a.w"], ["stem.w"]]


OPTION_A: tuple[Node, ...] = (
    Input("x", (), size=(1, 4, 4)),
    conv("stem", "x"),
    Conv2d("every", ("stem",), weight="every.w", kernel=(1, 1), stride=(2, 2), groups=2),
    Conv2d("wider", ("every",), weight="wider.w", kernel=(1, 1)),
    conv("a", "stem", stride=(2, 2)),
    Add("s", ("wider", "a")),
    Flatten("flat", ("s",)),
    Linear("f", ("flat",), weight="f.w"),
)
OPTION_SHAPES = {"stem.w": (2, 1, 3, 3), "every.w": (2, 1, 1, 1), "wider.w": (4, 2, 1, 1), "a.w": (4, 2, 3, 3),
                 "f.w": (1, 16)}  # fmt: skip


def constants(network: Graph, *names: str) -> Graph:
    return network.with_origin(Origin(constants=tuple((name, digest_of(network.arrays[name])) for name in names)))


def test_constant_maps_that_choose_channels_keep_them() -> None:
    """Every second pixel, channels of zeros around: the middle of what is added is the stem's."""
    chosen = {"every.w": np.ones((2, 1, 1, 1)), "wider.w": np.eye(4, 2, -1)[:, :, None, None]}
    network = graph(OPTION_A, OPTION_SHAPES).replace(chosen)
    found = channels_of(constants(network, "every.w", "wider.w"))
    stem, a = (layer.enters for layer in found.layers)
    assert a[1:3].tolist() == stem.tolist()
    assert sorted(group.tolist() for group in found.groups) == [stem.tolist(), [a[0], a[3]]]
    for name, other in (
        ("every.w", np.array([1.0, 2.0]).reshape(2, 1, 1, 1)),
        ("wider.w", np.ones((4, 2, 1, 1))),
        ("wider.w", 2.0 * np.eye(4, 2)[:, :, None, None] - np.eye(4, 2, -1)[:, :, None, None]),
    ):
        with pytest.raises(InputError, match=f"{name} is a constant"):
            channels_of(constants(network.replace({name: other}), "every.w", "wider.w"))


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
    r"node c \(conv2d\) of this graph mixes channels": (
        (*HEAD, Transpose("t", ("r",), order=(1, 0, 2)), conv("c", "t"), ReLU("v", ("c",)), *LAST),
        {"a.w": (2, 2, 3, 3), "c.w": (2, 2, 3, 3), "f.w": (1, 8)},
    ),
    r"node p \(max_pool2d\) of this graph mixes channels": (
        (
            *HEAD,
            Reshape("turned", ("r",), size=(1, 4, 2)),
            MaxPool2d("p", ("turned",), kernel=(4, 1)),
            ReLU("v", ("p",)),
            *LAST,
        ),
        {"a.w": (2, 2, 3, 3), "f.w": (1, 2)},
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
        assert channels_of(fixed(alike)).sizes == [2, 3, 4, 5]
