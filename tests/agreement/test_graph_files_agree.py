"""Both programs read a file of class graph alike: the same nodes and arrays bit for bit, or both refuse.

The readers share no line. Lists of nodes are those of random graphs, spoiled in one place or two, or asked by name for
more than there is.
"""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.checker.errors import Unusable
from numerics.checker.graph import written as checkers_nodes
from numerics.checker.networks import read_network as checkers_network
from numerics.errors import InputError
from numerics.networks.files import read_network as finders_network
from numerics.networks.graph import Graph
from numerics.networks.graph.text import written as finders_nodes
from numerics.testing.graphs import graphs
from support.graph_certificates import node, small_cnn, vocabulary, write_graph

BUDGET = 1 << 28
Read = tuple[Any, ...] | str
LARGE = (1 << 31) - 1
NUMBERS = [0, 1, 2, 3, -1, 5, 1024, 1025, LARGE, 1 << 31, 1 << 70, 0.5, True, False, None]
TEXTS = ["", "x", "relu", "a" * 500, "b" * 501, "\ud800", "ä\u202e"]
LISTS = [
    [],
    [1],
    [3],
    [1, 1],
    [0, 0],
    [2, 2],
    [2, 3],
    [3, 2],
    [-1, 1],
    [True, 1],
    [LARGE] * 2,
    [2, 1, 0],
    [1] * 8,
    [1] * 9,
]
FOURS = [[1, 1, 1, 1], [1, 0, 1, 0], [1024] * 4, [LARGE] * 4]
ODD: list[Any] = [*NUMBERS, *TEXTS, *LISTS, *FOURS, ["x"], [["x"]], {}]


def finders(path: Path) -> Read:
    try:
        network = finders_network(path, BUDGET)
    except InputError as error:
        return "refused" if "\n" not in str(error) else str(error)
    assert isinstance(network, Graph)
    arrays = sorted((name, array.shape, array.tobytes()) for name, array in network.parameters().items())
    return json.loads(finders_nodes(network.nodes)), arrays, network.inputs, network.outputs, network.readout


def checkers(path: Path) -> Read:
    try:
        network = checkers_network(path, BUDGET)
    except Unusable as error:
        return "refused" if "\n" not in str(error) else str(error)
    space = network.space
    assert space.graph is not None
    arrays = sorted((name, array.shape, array.tobytes()) for name, array in network.weights.items())
    return checkers_nodes(space.graph.nodes), arrays, space.inputs, space.outputs, space.readout


def agree(path: Path, nodes: object, arrays: Any, **metadata: str) -> Read:
    """What both make of the file."""
    found = finders(write_graph(path, nodes, arrays, **metadata))
    assert found == checkers(path), nodes
    return found


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("graphs") / "net.safetensors"


@st.composite
def spoiled(draw: st.DrawFn) -> tuple[list[Any], dict[str, Any]]:
    """Nodes and arrays of a random graph, with up to two changes."""
    graph = draw(graphs(most=4))
    nodes, arrays = json.loads(finders_nodes(graph.nodes)), {name: np.array(a) for name, a in graph.arrays.items()}
    for _ in range(draw(st.integers(0, 2))):
        k = draw(st.integers(0, len(nodes) - 1))
        field = draw(st.sampled_from(sorted(nodes[k])))
        match draw(
            st.sampled_from(["value", "value", "value", "near", "near", "drop", "swap", "double", "op", "array"])
        ):
            case "value":
                nodes[k][field] = draw(st.sampled_from(ODD))
            case "near" if isinstance(nodes[k][field], list) and nodes[k][field] and type(nodes[k][field][0]) is int:
                nodes[k][field] = [size + draw(st.integers(-1, 2)) for size in nodes[k][field]]
            case "near" if field in ("weight", "bias", "inputs"):
                other = draw(st.sampled_from(nodes if field == "inputs" else sorted(arrays)))
                nodes[k][field] = [other["name"]] if field == "inputs" else other
            case "drop":
                del nodes[k][field]
            case "swap":
                other = draw(st.integers(0, len(nodes) - 1))
                nodes[k], nodes[other] = nodes[other], nodes[k]
            case "double":
                nodes.insert(k, copy.deepcopy(nodes[k]))
            case "op":
                nodes[k]["op"] = draw(
                    st.sampled_from(["relu", "add", "flatten", "input", "softmax", "Relu", "transpose"])
                )
            case "array" if arrays:
                name = draw(st.sampled_from(sorted(arrays)))
                arrays[name] = draw(st.sampled_from([np.ones(()), np.ones(1), np.ones((2, 2)), arrays[name][None]]))
        if not all(isinstance(row, dict) and "name" in row and "op" in row for row in nodes):
            break
    return nodes, arrays


@settings(max_examples=2 * settings.default.max_examples)
@given(spoiled())
def test_nodes_are_read_alike(path: Path, drawn: tuple[list[Any], dict[str, Any]]) -> None:
    """Refused by both, or the same graph with every field that was left out filled in alike."""
    agree(path, *drawn)


def test_each_field_alone_is_read_alike(path: Path) -> None:
    """Every field of every node left out, and with a few odd values; what is whole is read."""
    forge = vocabulary()
    assert agree(path, forge.nodes, forge.start) != "refused"
    for k, row in enumerate(forge.nodes):
        for field in row:
            for value in ("left out", None, [2, 2], [1, 0, 0, 1]):
                changed = row | {field: value}
                if value == "left out":
                    del changed[field]
                agree(path, [*forge.nodes[:k], changed, *forge.nodes[k + 1 :]], forge.start)


def pooled(*size: int, **fields: Any) -> list[Any]:
    """A maximum over windows on an image."""
    window = {"kernel": [1, 1], "stride": [1, 1], "padding": [0, 0, 0, 0], "dilation": [1, 1]}
    return [node("input", "x", size=[1, *size]), node("max_pool2d", "y", "x", **window | fields)]


def twice(op: str, count: int) -> list[Any]:
    """A node that reads the one before it two times, again and again."""
    return [node("input", "x0", size=[2]), *(node(op, f"x{k}", f"x{k - 1}", f"x{k - 1}") for k in range(1, count))]


def hostile() -> dict[str, Any]:
    """What asks for much, or is no list of nodes."""
    chain = [node("input", "x0", size=[1]), *(node("relu", f"x{k}", f"x{k - 1}") for k in range(1, 10_001))]
    alone = '[{"op":"input","name":"x","inputs":[],"size":[2]}]'
    side = 1 << 15
    return {
        "ten thousand nodes": chain[:10_000],
        "one more": chain,
        "doubled": twice("add", 99),
        "joined too often": twice("concatenate", 40),
        "2^30 pixels one by one": pooled(side, side),
        "2^30 pixels with a stride": pooled(side, side, stride=[LARGE, LARGE]),
        "2^30 pixels in windows of 1024": pooled(side, side, kernel=[1024, 1024], stride=[1024, 1024], padding=[9] * 4),
        "2^31 pixels": [node("input", "x", size=[1, 2 * side, side])],
        "2^31 pixels, looked at": [node("input", "x", size=[1, 2 * side, side]), node("relu", "y", "x")],
        "huge sizes": [node("input", "x", size=[LARGE] * 8)],
        "a huge stride": pooled(4, 4, stride=[LARGE, LARGE]),
        "a huge window": pooled(4, 4, kernel=[LARGE, 1], dilation=[LARGE, 1]),
        "padding alone": pooled(4, 4, padding=[1, 0, 0, 0]),
        "padding behind a stride": pooled(4, 4, padding=[1, 0, 0, 0], stride=[2, 1]),
        "dilated over the image": pooled(4, 4, kernel=[2, 1], dilation=[6, 1], padding=[1, 0, 1, 0]),
        "too much padding": pooled(4, 4, kernel=[1024, 1], padding=[1025, 0, 0, 0]),
        "nothing": "",
        "no list": "{}",
        "null": "null",
        "no json": "[{]",
        "no number": "[NaN]",
        "half a number": alone.replace("2", "1.0"),
        "a key twice": alone.replace('"op"', '"op":"input","op"'),
        "deep": "[" * 5000 + "]" * 5000,
        "deeper": '[{"op":' + "[" * 80 + "]" * 80 + "}]",
        "many digits": "[" + "9" * 5000 + "]",
        "an input alone": alone,
        "spaces": f" {alone} ",
    }


@pytest.mark.parametrize("what", hostile())
def test_hostile_lists_are_read_alike(path: Path, what: str) -> None:
    """In one line, and before anything large is allocated."""
    agree(path, hostile()[what], {})


METADATA = [{"bias": "none"}, {"bias": "1"}, {"bias": "x"}, {"graph": "none"}, {"class": "none"}, {"class": "plain"}]
OTHERS = [{"activation": "gelu"}, {"class": "Graph"}, {"note": "mine"}]


@pytest.mark.parametrize("metadata", METADATA + OTHERS, ids=str)
def test_metadata_are_read_alike(path: Path, metadata: dict[str, str]) -> None:
    """The bias of a graph is 0: its nodes have their own."""
    found = agree(path, small_cnn().nodes, small_cnn().start, **metadata)
    assert (found != "refused") == ("note" in metadata)


@pytest.mark.parametrize("name", ["", "ä\u202e", "a" * 500, "b" * 501, "x\n\x1b[2K", "__metadata__x", "p0000", "W"])
def test_names_are_read_alike(path: Path, name: str) -> None:
    """Of a node and of its parameter."""
    rows = [node("input", "x", size=[1]), node("scale", name, "x", weight=name)]
    assert (agree(path, rows, {name: np.ones(1)}) == "refused") == (len(name) in (0, 501))
