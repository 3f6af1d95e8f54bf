"""Forged certificates of graphs, every digest right, only claim or network false: refused beside the true twin."""

from __future__ import annotations

import copy
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from numerics.checker.check import check
from numerics.checker.effort import Budget
from numerics.checker.errors import Unusable
from numerics.checker.reader import parse_certificate
from numerics.checker.report import Report
from numerics.checker.segments import require_room
from support import second_checker
from support.certificates import Change, Document, canonical, entries_of, pack, put, write_certificate
from support.graph_certificates import GraphForge, exchanged_channels, node, small_cnn

NETWORK = ("network", "nodes")


@pytest.fixture(scope="module")
def true() -> GraphForge:
    """The honest path."""
    return small_cnn()


@pytest.fixture(scope="module")
def honest(true: GraphForge) -> Document:
    """What it says."""
    return true.document()


@pytest.fixture
def says(tmp_path: Path, true: GraphForge, honest: Document) -> Callable[..., Report]:
    """What the checker says of a path on the true data, of the true ends unless others are asked for; as the second."""
    data = str(true.write_data(tmp_path / "data.npz"))
    files = [true.write_end(tmp_path / f"{k}.safetensors", k) for k in (0, 1)]

    def ask(forge: GraphForge, change: Change | None = None, *, ends: bool = True) -> Report:
        document = copy.deepcopy(honest) if forge is true else forge.document()
        if change is not None:
            change(document)
        cert = write_certificate(tmp_path / "path.cert", document, forge.arrays())
        report = check(cert, data, *(files if ends else ()))
        networks = {name: true.network(true.corners()[k]) for k, name in enumerate(("start", "end"))} if ends else {}
        second = second_checker.check(cert.read_bytes(), true.x, true.y, **networks)
        assert second.accepted == (report.verdict == "PROVED"), second.reason
        return report

    return ask


def refused(report: Report, *because: str) -> None:
    """In one line, without a number."""
    assert (report.verdict, report.exit_status) == ("UNDECIDED", 1)
    assert report.refused
    assert "\n" not in report.refused
    assert all(word in report.refused for word in because), report.refused
    assert report.to_json()["maximum"] is None


def with_nodes(forge: GraphForge, change: Callable[[list[dict[str, Any]]], Any]) -> GraphForge:
    """The same path with other nodes; digests and losses follow, as far as the oracle can compute them."""
    nodes = copy.deepcopy(forge.nodes)
    change(nodes)
    return replace(forge, nodes=nodes)


def test_the_true_twin_is_accepted(says: Callable[..., Report], true: GraphForge) -> None:
    assert says(true).verdict == "PROVED"
    assert says(true, ends=False).verdict == "PROVED"


def swap(first: int, second: int) -> Callable[[list[Any]], None]:
    def change(nodes: list[Any]) -> None:
        nodes[first], nodes[second] = nodes[second], nodes[first]

    return change


# Node 3 is a convolution in two groups, 5 the projection beside it, 8 and 9 the pools.
OTHER_NETWORKS: dict[str, Callable[[list[Any]], Any]] = {
    "two nodes change places": swap(4, 5),
    "a sum's parts change places": lambda nodes: nodes[6]["inputs"].reverse(),
    "a node is renamed": lambda nodes: nodes[11].update(name="top"),
    "padding moves to the other side": put(9, "padding", [1, 1, 0, 0]),
    "padding is counted": put(9, "counts_padding", True),
    "a mean for a maximum": lambda nodes: nodes[8].update(op="average_pool2d", counts_padding=True),
    "a ReLU is passed by": lambda nodes: nodes[6].update(inputs=["one", "past"]) or nodes.pop(4),
    "a bias is left out": put(1, "bias", None),
}


@pytest.mark.parametrize("what", OTHER_NETWORKS)
def test_another_graph_is_not_the_given_one(what: str, says: Callable[..., Report], true: GraphForge) -> None:
    """Every digest and every loss is that of the other graph; as stored it holds, but of other networks."""
    if what == "a bias is left out":
        other = with_nodes(true, OTHER_NETWORKS[what])
        start = {name: array for name, array in true.start.items() if name != "stem.bias"}
        moves = {name: move for name, move in true.segments[0][1].items() if name != "stem.bias"}
        other = replace(other, start=start, segments=[("general", moves)])
    else:
        other = with_nodes(true, OTHER_NETWORKS[what])
    peak = max((Fraction(k, 16) for k in range(17)), key=lambda t: other.loss_at(0, t))
    other = replace(other, peak=(0, peak), upper=other.loss_at(0, peak) * Fraction(11, 10))
    assert says(other, ends=False).verdict == "PROVED"
    refused(says(other), "given start")


@pytest.mark.parametrize("what", [what for what in OTHER_NETWORKS if what != "a bias is left out"])
def test_the_digests_hold_the_nodes(what: str, says: Callable[..., Report], true: GraphForge) -> None:
    """Other nodes under the digests of the true ones."""
    other = with_nodes(true, OTHER_NETWORKS[what])
    refused(says(true, put(*NETWORK, other.nodes), ends=False), "digest")


def test_a_parameter_under_another_name_is_another_network(says: Callable[..., Report], true: GraphForge) -> None:
    """The same numbers, the same digestible whole, but the given networks have no such parameter."""

    def renamed(name: str) -> str:
        return "skip.kernel" if name == "skip.weight" else name

    other = with_nodes(true, put(5, "weight", "skip.kernel"))
    start = {renamed(name): array for name, array in true.start.items()}
    moves = {renamed(name): move for name, move in true.segments[0][1].items()}
    other = replace(other, start=start, segments=[("general", moves)])
    assert says(other, ends=False).verdict == "PROVED"
    refused(says(other), "given start")
    refused(says(true, put("network", "shapes", {renamed(n): list(np.shape(a)) for n, a in true.start.items()})))


LIES: dict[str, tuple[Change, str]] = {
    "a stride that the shapes do not allow": (put(*NETWORK, 1, "stride", [2, 2]), "node 11"),
    "a stride of 0": (put(*NETWORK, 1, "stride", [0, 1]), "node 1"),
    "a kernel unlike its weight": (put(*NETWORK, 3, "kernel", [3, 1]), "node 3"),
    "groups that do not divide": (put(*NETWORK, 3, "groups", 3), "node 3"),
    "no groups": (put(*NETWORK, 3, "groups", 0), "node 3"),
    "a shape that is another": (put("network", "shapes", "head.weight", [8, 2]), "node 11"),
    "a shape of an axis more": (put("network", "shapes", "head.bias", [2, 1]), "node 11"),
    "a shape of 2^31 rows": (put("network", "shapes", "head.weight", [1 << 31, 8]), "node 11"),
    "an input of another size": (put(*NETWORK, 0, "size", [1, 3, 4]), "node 11"),
    "an input of 2^62 entries": (put(*NETWORK, 0, "size", [1, (1 << 31) - 1, (1 << 31) - 1]), "node 0"),
    "a node that reads a later one": (put(*NETWORK, 2, "inputs", ["sum"]), "no earlier node"),
    "a node that reads itself": (put(*NETWORK, 2, "inputs", ["a"]), "no earlier node"),
    "a name twice": (put(*NETWORK, 4, "name", "a"), "name of its own"),
    "no name": (put(*NETWORK, 4, "name", ""), "name of its own"),
    "a parameter that is missing": (put(*NETWORK, 5, "weight", "skip"), "missing"),
    "a parameter that nobody reads": (put("network", "shapes", "extra", [1]), "no node"),
    "a node that nobody reads": (put(*NETWORK, 6, "inputs", ["past", "past"]), "read by no other"),
    "a node of another vocabulary": (put(*NETWORK, 4, "op", "gelu"), "must be one of"),
    "a second input": (put(*NETWORK, 4, node("input", "b", size=[2, 3, 3])), "second input"),
    "a field too many": (put(*NETWORK, 4, "slope", 1), "no such node has"),
    "a window of nothing but padding": (put(*NETWORK, 9, "padding", [2, 0, 1, 1]), "nothing but padding"),
    "class and bias": (put("network", "bias", 1), "bias"),
    "no nodes": (put("network", {"class": "graph", "bias": 0, "shapes": {}}), "exactly the keys"),
    "nodes of another class": (put("network", "class", "parallel"), "exactly the keys"),
    "a field left out": (lambda document: document["network"]["nodes"][3].pop("groups"), "no groups"),
    "a kind that graphs have not": (
        lambda d: d["segments"][0].update(kind="hidden", statement="breakpoints", cuts=None),
        "kind",
    ),
    "an exact segment": (lambda d: d["segments"][0].update(kind="exact", statement="identities", cuts=None), "kind"),
    "a question that graphs have not": (put("question", "escape"), "question"),
    "slots": (put("segments", 0, "moves", "head.weight", [0]), "all"),
    "units in another order": (put("renamed", {"head.weight": [1, 0]}), "renamed"),
    "rationals": (put("rationals", {"segment.0000.p0001": ["1/3"]}), "rationals"),
}  # fmt: skip


@pytest.mark.parametrize("what", LIES)
def test_what_no_graph_says_is_refused(what: str, says: Callable[..., Report], true: GraphForge) -> None:
    """The archive's digest is right, and so is all else."""
    change, because = LIES[what]
    refused(says(true, change, ends=False), because)


def test_a_bound_below_the_loss_is_refused(tmp_path: Path, says: Callable[..., Report], true: GraphForge) -> None:
    """Both ends have the loss 0, and the middle has not; a bound that an end exceeds is refuted."""
    path = exchanged_channels()
    assert path.losses() == [0, 0]
    assert path.peak is not None
    highest = path.loss_at(*path.peak)
    assert highest > Fraction(1, 100)
    data = str(path.write_data(tmp_path / "own.npz"))
    assert check(path.write(tmp_path / "c.cert"), data).verdict == "PROVED"
    for claim in (highest / 2, highest * Fraction(999, 1000)):
        forged = replace(path, peak=(0, Fraction(0)), upper=claim)
        refused(check(forged.write(tmp_path / "c.cert"), data), "not established")
        # The place is true, and the bound is below it.
        assert check(replace(path, upper=claim).write(tmp_path / "c.cert"), data).verdict == "REFUTED"
    assert says(replace(true, upper=max(true.losses()) - Fraction(1, 100)), ends=False).verdict == "REFUTED"


def test_a_kind_that_is_another_is_refused(says: Callable[..., Report], true: GraphForge) -> None:
    """Everything moves: neither readout nor silent."""
    everything = true.segments[0][1]
    for kind in ("readout", "silent"):
        forge = replace(true, segments=[(kind, everything)], peak=None, upper=None, cuts={})
        refused(says(forge), f"called {kind}", "moves")


def test_a_readout_that_another_node_reads_is_none(tmp_path: Path) -> None:
    """One weight in both linear maps: moving it is no readout segment, though it is the last node's."""
    nodes = [
        node("input", "x", size=[2]),
        node("linear", "a", "x", weight="w"),
        node("relu", "r", "a"),
        node("linear", "f", "r", weight="w"),
    ]
    forge = GraphForge("graph", 0, {"w": np.eye(2)}, np.eye(2), np.zeros((2, 2)), nodes=nodes)
    forge.segments = [("readout", {"w": ("all", 2 * np.eye(2))})]
    data = str(forge.write_data(tmp_path / "d.npz"))
    refused(check(forge.write(tmp_path / "c.cert"), data), "called readout", "none may")
    # A last node that is no linear map has no readout either, and one that is its own has.
    scaled = replace(forge, nodes=[nodes[0], node("scale", "f", "x", weight="w")], start={"w": np.ones(2)})
    scaled.segments = [("readout", {"w": ("all", np.zeros(2))})]
    refused(check(scaled.write(tmp_path / "c.cert"), data), "called readout", "none may")
    own = with_nodes(forge, lambda rows: rows[3].update(weight="v"))
    own = replace(own, start={"v": np.eye(2), "w": np.eye(2)}, segments=[("readout", {"v": ("all", 2 * np.eye(2))})])
    assert check(own.write(tmp_path / "c.cert"), data).verdict == "PROVED"


def test_arrays_are_numbered_in_the_order_of_their_names(tmp_path: Path, true: GraphForge) -> None:
    """Two arrays of one shape under each other's number are another network, whose digest is not the one stated."""
    document, arrays = true.document(), true.arrays()
    data = str(true.write_data(tmp_path / "d.npz"))
    first, second = "start.p0000.npy", "start.p0005.npy"
    assert arrays[first].shape == arrays[second].shape
    arrays[first], arrays[second] = arrays[second], arrays[first]
    (tmp_path / "c.cert").write_bytes(pack(entries_of(document, arrays)))
    refused(check(tmp_path / "c.cert", data), "digest")
    names = {"start.p0000.npy": "start.stem.npy", "start.p0001.npy": "start.p001.npy", "start.p0002.npy": "start.W.npy"}
    for old, new in names.items():
        entries = entries_of(document, true.arrays())
        entries[new] = entries.pop(old)
        (tmp_path / "c.cert").write_bytes(pack(entries))
        refused(check(tmp_path / "c.cert", data))


def test_every_bit_counts(tmp_path: Path, true: GraphForge) -> None:
    """One bit of any byte: never PROVED, never an exception."""
    blob = true.write(tmp_path / "c.cert").read_bytes()
    data = str(true.write_data(tmp_path / "d.npz"))
    rng = np.random.default_rng(0)
    for place in rng.integers(0, len(blob), 60).tolist():
        damaged = bytearray(blob)
        damaged[place] ^= 1 << int(rng.integers(0, 8))
        (tmp_path / "c.cert").write_bytes(bytes(damaged))
        refused(check(tmp_path / "c.cert", data))


def hostile() -> dict[str, list[Any]]:
    """Lists of nodes that ask for more than there is."""
    start = node("input", "x0", size=[2])
    doubled = [node("concatenate", f"x{k}", f"x{k - 1}", f"x{k - 1}") for k in range(1, 40)]
    chain = [node("relu", f"x{k}", f"x{k - 1}") for k in range(1, 10_000)]
    image = node("input", "x0", size=[1, 1 << 15, 1 << 15])
    pool = {"kernel": [1, 1], "stride": [1, 1], "padding": [0, 0, 0, 0], "dilation": [1, 1]}
    large = (1 << 31) - 1
    return {
        "doubled forty times": [start, *doubled],
        "more than ten thousand": [start, *chain, node("relu", "last", "x9999")],
        "an image of 2^30 pixels, pooled": [image, node("max_pool2d", "y", "x0", **pool)],
        "a huge stride": [
            node("input", "x0", size=[1, 4, 4]),
            node("average_pool2d", "y", "x0", counts_padding=True, **pool | {"stride": [large, large]}),
        ],
        "a huge window": [
            node("input", "x0", size=[1, 4, 4]),
            node("max_pool2d", "y", "x0", **pool | {"kernel": [large, large], "dilation": [large, large]}),
        ],
        "a huge padding": [
            node("input", "x0", size=[1, 4, 4]),
            node("max_pool2d", "y", "x0", **pool | {"padding": [large] * 4}),
        ],
        "sizes beyond words": [node("input", "x0", size=[1 << 70])],
        "an image of 2^31 pixels": [node("input", "x0", size=[1, 1 << 16, 1 << 15]), node("relu", "y", "x0")],
        "ten thousand summands of one value": [start, node("add", "y", *["x0"] * 10_000)],
        "too many summands": [start, node("add", "y", *["x0"] * 10_001)],
    }


@pytest.mark.parametrize("what", hostile())
def test_hostile_lists_are_answered_in_one_line(what: str, tmp_path: Path) -> None:
    """Refused, before anything large is allocated; what is a graph, as a huge stride is, for other reasons."""
    nodes = hostile()[what]
    document = small_cnn().document()
    inputs = nodes[0]["size"]
    entries = int(np.prod([int(size) for size in inputs], dtype=object))
    document["network"] = {"class": "graph", "bias": 0, "shapes": {}, "nodes": nodes}
    document["data"] |= {"n": entries if 0 < entries < 1 << 62 else 2, "p": 2}
    document["segments"][0]["moves"] = {}
    (tmp_path / "c.cert").write_bytes(pack({"certificate.json": canonical(document)}))
    np.savez(tmp_path / "d.npz", X=np.zeros((1, 2)), Y=np.zeros((1, 2)))
    refused(check(tmp_path / "c.cert", str(tmp_path / "d.npz"), memory=1 << 28))


def test_what_a_graph_takes_is_foreseen(tmp_path: Path) -> None:
    """Two numbers doubled 22 times are a graph of 24 nodes: unusable here before its tables are made."""
    doubled = [node("concatenate", f"x{k}", f"x{k - 1}", f"x{k - 1}") for k in range(1, 23)]
    forge = small_cnn()
    document = forge.document()
    nodes = [node("input", "x0", size=[2]), *doubled]
    document["network"] = {"class": "graph", "bias": 0, "shapes": {}, "nodes": nodes}
    document["data"] |= {"N": 1, "n": 2, "p": 1 << 23, "digest": "0" * 64}
    document["segments"][0]["moves"] = {}
    parsed = parse_certificate(pack({"certificate.json": canonical(document)}), 1 << 30)
    tracemalloc.start()
    with pytest.raises(Unusable, match="raise --memory"):
        require_room(parsed, Budget(1 << 28))
    assert tracemalloc.get_traced_memory()[1] < 1 << 20
    tracemalloc.stop()
    # And the work of a small one is counted.
    data, cert = str(forge.write_data(tmp_path / "d.npz")), forge.write(tmp_path / "c.cert")
    with pytest.raises(Unusable, match="raise --effort"):
        check(cert, data, effort=1 << 16)


def test_deep_nesting_and_doubled_keys_are_refused(tmp_path: Path, true: GraphForge) -> None:
    """What only looks like nodes."""
    data = str(true.write_data(tmp_path / "d.npz"))
    deep: Any = []
    for _ in range(300):
        deep = [deep]
    lists: list[Any] = [
        deep,
        [deep],
        [[deep]],
        {},
        None,
        [],
        "[]",
        [None],
        [{"op": ["relu"]}],
        [{"op": "input", "name": {}}],
    ]
    for nodes in lists:
        refused(check(true.write(tmp_path / "c.cert", put(*NETWORK, nodes)), data))
    document: Document = true.document()
    text = canonical(document).replace(b'"op":"relu"', b'"op":"relu","op":"relu"', 1)
    (tmp_path / "c.cert").write_bytes(pack(entries_of(document, true.arrays()) | {"certificate.json": text}))
    refused(check(tmp_path / "c.cert", data), "canonical")


def test_names_of_strangers_are_shown_escaped(tmp_path: Path, true: GraphForge) -> None:
    """Any text may name a node or a parameter; what is printed of it neither steers a terminal nor hides."""
    names = {name: f"\x1b[2K{name}\u202e\ud800 ä\n" for name in true.start}
    nodes = [row | {key: names[row[key]] for key in ("weight", "bias") if row.get(key)} for row in true.nodes]
    start = {names[name]: array for name, array in true.start.items()}
    moves = {names[name]: move for name, move in true.segments[0][1].items()}
    forge = replace(true, nodes=nodes, start=start, segments=[("general", moves)])
    data = str(forge.write_data(tmp_path / "d.npz"))
    found = check(forge.write(tmp_path / "c.cert"), data)
    assert found.verdict == "PROVED", found.refused
    said = found.to_json()["segments"][0]["moves"]
    assert said.isascii() or said.replace("ä", "").isascii()
    assert said.isprintable()
    assert "\\x1b" in said
    silent = replace(forge, segments=[("silent", moves)], peak=None, upper=None, cuts={})
    reason = check(silent.write(tmp_path / "c.cert"), data).to_json()["refused"]
    assert reason.isprintable()
    assert "\\u202e" in reason
