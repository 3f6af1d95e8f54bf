"""Damaged certificates and files of graphs, on the command line: one line, no traceback, little memory."""

from __future__ import annotations

import copy
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from support.broken_inputs import require_refused
from support.certificates import Change, entries_of, pack, put, raw_npy
from support.command_line import skipscape
from support.graph_certificates import GraphForge, bent, bounded, node, small_cnn, write_graph

NODES = ("network", "nodes")
LARGE = (1 << 31) - 1
FIELDS: dict[str, Change] = {
    "a truth value for a stride": put(1, "stride", [True, 1]),
    "a truth value for groups": put(3, "groups", True),
    "a number for a truth value": put(9, "counts_padding", 1),
    "a text for a stride": put(1, "stride", "11"),
    "nothing for a padding": put(1, "padding", None),
    "a padding below 0": put(1, "padding", [-1, 1, 1, 1]),
    "three strides": put(1, "stride", [1, 1, 1]),
    "a stride in a list": put(1, "stride", [[1], 1]),
    "inputs as a text": put(2, "inputs", "stem"),
    "an object for a name": put(2, "name", {"a": 1}),
    "a name of 501 characters": put(2, "name", "a" * 501),
    "a circle of two": lambda nodes: (nodes[2].update(inputs=["b"]), nodes[4].update(inputs=["a"])),
    "a node that reads itself": put(6, "inputs", ["sum", "past"]),
    "a name twice": put(4, "name", "a"),
    "an unknown node": put(4, "op", "softmax"),
    "a node that is none": put(4, None),
    "a window beyond all": put(8, "kernel", [LARGE, LARGE]),
    "a window of 1,025 rows": put(8, "kernel", [1025, 1]),
    "a padding beyond all": put(1, "padding", [LARGE] * 4),
    "a stride of 2^70": put(1, "stride", [1 << 70, 1]),
    "an image beyond all": put(0, "size", [LARGE, LARGE, LARGE]),
    "nine sizes": put(0, "size", [1] * 7 + [3, 3]),
    "a size of 0": put(0, "size", [0, 3, 3]),
    "no size": put(0, "size", []),
    "a bomb of sums": lambda nodes: nodes.extend(
        [node("concatenate", f"y{k}", *[f"y{k - 1}" if k else "head"] * 9_000) for k in range(4)]
    ),
    "no nodes": lambda nodes: nodes.clear(),
}
FEW = ("a circle of two", "a truth value for a stride", "a bomb of sums", "no size")
"""Of a network's file in every run; `tests/agreement/test_graph_files_agree.py` has both readers on many more."""


@pytest.fixture(scope="module")
def line() -> GraphForge:
    return small_cnn()


@pytest.fixture(scope="module")
def arc(line: GraphForge) -> GraphForge:
    return bounded(bent(line))


def refused(folder: Path, blob: bytes, forge: GraphForge, *, readable: bool = False) -> None:
    """`check` refuses in one sentence, status 1; `path` makes no network of it, status 2, unless it is `readable`."""
    cert, data = folder / "spoilt.cert", forge.write_data(folder / "data.npz")
    cert.write_bytes(blob)
    status, out, err = skipscape("check", cert, "--data", data)
    assert (status, err) == (1, ""), (status, out, err)
    assert "Traceback" not in out
    assert "PROVED" not in out
    assert "UNDECIDED" in out
    if not readable:
        require_refused(folder, ["path", cert, "--at", "1/3", "--out", folder / "new.safetensors"], cert)


@pytest.mark.parametrize("what", FIELDS)
def test_nodes_that_are_none(what: str, tmp_path: Path, line: GraphForge) -> None:
    """In a certificate, its archive's digest right."""
    document = copy.deepcopy(line.document())
    FIELDS[what](document["network"]["nodes"])
    refused(tmp_path, pack(entries_of(document, line.arrays())), line)


@pytest.mark.parametrize("what", [what for what in FIELDS if "beyond" in what or "bomb" in what])
def test_bombs_take_some_megabytes(what: str, tmp_path: Path, line: GraphForge) -> None:
    """Nothing is made before its size is known."""
    document = copy.deepcopy(line.document())
    FIELDS[what](document["network"]["nodes"])
    cert = tmp_path / "bomb.cert"
    cert.write_bytes(pack(entries_of(document, line.arrays())))
    tracemalloc.start()
    try:
        assert skipscape("check", cert, "--data", line.write_data(tmp_path / "data.npz"))[0] == 1
        assert tracemalloc.get_traced_memory()[1] < 1 << 26
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "what", [what if what in FEW else pytest.param(what, marks=pytest.mark.slow) for what in FIELDS]
)
def test_a_file_of_such_nodes(what: str, tmp_path: Path, line: GraphForge) -> None:
    """As a network: unusable, for the checker as for the finder; its true twin is read."""
    cert, data = line.write(tmp_path / "path.cert"), line.write_data(tmp_path / "data.npz")
    whole = line.write_end(tmp_path / "whole", 0)
    assert skipscape("check", cert, "--data", data, "--start", whole)[0] == 0
    nodes = copy.deepcopy(line.nodes)
    FIELDS[what](nodes)
    spoilt = write_graph(tmp_path / "spoilt.safetensors", nodes, line.start)
    require_refused(tmp_path, ["check", cert, "--data", data, "--start", spoilt], spoilt.name)
    require_refused(tmp_path, ["certify", spoilt, whole, "--data", data], spoilt.name)


ARRAYS: dict[str, Callable[[dict[str, bytes]], object]] = {
    "a kernel that is not a number": lambda e: e.update({"start.p0005.npy": raw_npy(np.full((2, 1, 3, 3), np.nan))}),
    "an infinite control": lambda e: e.update({"control.0000.p0002.npy": raw_npy(np.full(2, np.inf))}),
    "a kernel of other axes": lambda e: e.update({"start.p0005.npy": raw_npy(np.zeros((1, 2, 3, 3)))}),
    "a kernel as a matrix": lambda e: e.update({"segment.0000.p0005.npy": raw_npy(np.zeros((2, 9)))}),
    "a header of 2^60 entries": lambda e: e.update({"start.p0005.npy": raw_npy([0.0], shape=(1 << 30, 1 << 30))}),
    "single precision": lambda e: e.update({"start.p0002.npy": raw_npy(np.zeros(2), descr="<f4")}),
    "columns first": lambda e: e.update({"start.p0003.npy": raw_npy(np.zeros((2, 8)), order=True)}),
    "an array left out": lambda e: e.pop("segment.0000.p0001.npy"),
    "a control left out": lambda e: e.pop("control.0000.p0001.npy"),
    "an array too many": lambda e: e.update({"start.p0006.npy": raw_npy([0.0])}),
    "a number in five digits": lambda e: e.update({"start.p00001.npy": e.pop("start.p0001.npy")}),
    "an array by its own name": lambda e: e.update({"start.stem.bias.npy": e.pop("start.p0004.npy")}),
    "no bytes": lambda e: e.update({"start.p0001.npy": b""}),
}


@pytest.mark.parametrize("what", ARRAYS)
def test_arrays_that_are_none(what: str, tmp_path: Path, arc: GraphForge) -> None:
    entries: dict[str, Any] = entries_of(arc.document(), arc.arrays())
    ARRAYS[what](entries)
    refused(tmp_path, pack(entries), arc, readable=what == "an array too many")


def test_a_certificate_cut_short_or_with_a_byte_changed(tmp_path: Path, arc: GraphForge) -> None:
    """At lengths and places all over the file; whole it is proved."""
    blob = pack(entries_of(arc.document(), arc.arrays()))
    (tmp_path / "whole.cert").write_bytes(blob)
    assert skipscape("check", tmp_path / "whole.cert", "--data", arc.write_data(tmp_path / "data.npz"))[0] == 0
    for place in np.linspace(0, len(blob) - 1, 8).astype(int).tolist():
        refused(tmp_path, blob[:place], arc)
        refused(tmp_path, blob[:place] + bytes([blob[place] ^ 0x15]) + blob[place + 1 :], arc)
