"""Reading takes no more memory than was predicted: measured in processes of their own, for both programs.

What is hostile is small on disk: directories of a hundred thousand entries, headers of brackets, deflated zeros.
"""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest

import numerics
from support.written_files import Entry, npy, zipped
from support.written_files import safetensors as tensors

PROGRAM = """
import json, os, sys
from pathlib import Path
from numerics.checker.errors import Unusable
from numerics.checker.inputs import read_data as checkers_data
from numerics.checker.networks import read_network as checkers_network
from numerics.data import read_data as finders_data
from numerics.errors import InputError
from numerics.networks.files import read_network as finders_network

READ = {
    ("finder", "net"): finders_network,
    ("checker", "net"): checkers_network,
    ("finder", "data"): lambda path, budget: finders_data(str(path), budget),
    ("checker", "data"): lambda path, budget: checkers_data(str(path), budget),
}

def memory(field):
    line = next(line for line in open("/proc/self/status") if line.startswith(field))
    return int(line.split()[1]) << 10

for who, what, path, budget in json.loads(sys.stdin.read()):
    answer, tell = os.pipe()
    if os.fork() == 0:
        try:
            at_first = memory("VmRSS")
            try:
                READ[who, what](Path(path), budget)
                words = "read"
            except (InputError, Unusable) as error:
                words = str(error)[:300]
            except BaseException as error:
                words = "fault " + repr(error)[:300]
            os.write(tell, json.dumps([memory("VmHWM") - at_first, words]).encode())
        finally:
            os._exit(0)
    os.close(tell)
    print(os.read(answer, 9999).decode(), flush=True)
    os.close(answer)
    os.wait()
"""
SLACK = 3 << 20  # pages of the interpreter that a first read touches
SIZE = 200_000
DATA = [Entry(b"X.npy", npy(np.ones((1, 1)))), Entry(b"Y.npy", npy(np.ones((1, 1))))]
pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from /proc")


def measured(asked: list[tuple[str, str, Path, int]]) -> list[tuple[int, str]]:
    """Peak memory in bytes over that of the process before, and what was said, of each reading."""
    environment = {**os.environ, "PYTHONPATH": str(Path(numerics.__file__).parents[1])}
    command, given = [sys.executable, "-c", PROGRAM], json.dumps([[*map(str, one[:3]), one[3]] for one in asked])
    done = subprocess.run(command, input=given, env=environment, capture_output=True, text=True, check=True)
    return [tuple(json.loads(line)) for line in done.stdout.splitlines()]


def many_entries(count: int) -> bytes:
    """An honest data set, and as many entries of no content that all point to its first one."""
    return zipped([*DATA, *(Entry(b"%x" % k, b"", central={"offset": 0}) for k in range(count))], zip64=count > 65_000)


def bomb(size: int) -> bytes:
    """X deflated to next to nothing."""
    engine = zlib.compressobj(9, zlib.DEFLATED, -15)
    text = f"{{'descr': '<f8', 'fortran_order': False, 'shape': (1, {size // 8}), }}\n"
    content = npy(np.zeros((1, 0)), text=text) + bytes(size)
    packed = engine.compress(content) + engine.flush()
    return zipped([Entry(b"X.npy", content, method=8, packed=packed), DATA[1]])


HEADERS = {
    "lists": "[],",
    "objects": "{},",
    "lists in lists": "[" * 90 + "]" * 90 + ",",
    "deep lists": "[" * 900 + "]" * 900 + ",",
    "objects in objects": '{"":' * 90 + "0" + "}" * 90 + ",",
    "objects of one": '{"":1},',
    "texts": '"ab",',
    "long letters": '"\U0001f600",',
    "sizes": "300,",
}


def headers() -> dict[str, bytes]:
    """Files whose header is made of what takes most memory for its length, in the header and in a text of metadata."""
    texts = {}
    for name, piece in HEADERS.items():
        body = "[" + piece * (SIZE // len(piece)) + "0]"
        texts[name] = f'{{"a":{body}}}'
        metadata = {"class": "plain", "bias": "0", "note": body}
        texts[f"{name}, in a text"] = json.dumps({"__metadata__": metadata}, ensure_ascii=False)
    keys = ",".join(f'"{k:05x}":""' for k in range(SIZE // 11))
    texts["keys"] = f'{{"__metadata__":{{{keys}}}}}'
    below = "{" + ",".join(f'"{k:05x}":0' for k in range(SIZE // 20)) + "}"
    texts["a long key with many below"] = json.dumps(
        {"__metadata__": {"class": "plain", "bias": "0", "k" * SIZE: below}}
    )
    return {name: struct.pack("<Q", len(text.encode())) + text.encode() for name, text in texts.items()}


def require_within(cases: dict[str, tuple[str, bytes, str, int]], folder: Path) -> dict[tuple[str, str], str]:
    """Every case keeps to its budget in both programs. Returns what was said, by case and program."""
    asked = []
    for k, (what, content, ending, budget) in enumerate(cases.values()):
        path = folder / f"{k}{ending}"
        path.write_bytes(content)
        asked += [("finder", what, path, budget), ("checker", what, path, budget)]
    said = {}
    for name, (who, _, _, budget), (peak, words) in zip(
        [name for name in cases for _ in range(2)], asked, measured(asked), strict=True
    ):
        assert not words.startswith("fault"), (name, who, words)
        assert peak <= budget + SLACK, (name, who, peak, budget, words)
        said[name, who] = words
    return said


def test_headers_take_what_is_predicted(tmp_path: Path) -> None:
    """At a budget that just lets the header be read, and beyond it, where one line says so and nothing is built."""
    enough = {name: ("net", content, ".safetensors", 65 * len(content) + 1000) for name, content in headers().items()}
    assert not any("budget" in words or "--memory" in words for words in require_within(enough, tmp_path).values())
    short = {name: ("net", content, "", 2 * len(content)) for name, (_, content, _, _) in enough.items()}
    assert all("budget" in words or "--memory" in words for words in require_within(short, tmp_path).values())


@pytest.mark.slow
def test_directories_take_what_is_predicted(tmp_path: Path) -> None:
    """A directory is counted, and refused by its length, before any entry of it is looked at."""
    some, most, more = many_entries(20_000), many_entries(65_533), many_entries(200_000)
    cases = {
        "some": ("data", some, ".npz", 22 << 20),
        "some, too little": ("data", some, ".npz", 2 * len(some)),
        "most": ("data", most, ".npz", 80 << 20),
        "more": ("data", more, ".npz", 2 * len(more)),
    }
    said = require_within(cases, tmp_path)
    for who in ("finder", "checker"):
        assert said["some", who] == said["most", who] == "read"
        assert "memory" in said["some, too little", who]
        assert "65535" in said["more", who]


def test_unpacking_and_converting_take_what_is_predicted(tmp_path: Path) -> None:
    """Deflated zeros, bytes that become floats eight times as long, bfloat16, labels that become many columns."""
    size = 8 << 20
    deflated = bomb(size)
    honest = len(deflated) + 3 * 1024 + size + 400 + 2 * size + 400
    bytes_ = zipped(
        [Entry(b"X.npy", npy(np.ones((size // 8, 1), "u1"))), Entry(b"Y.npy", npy(np.ones((size // 8, 1), "i1")))]
    )
    weights = {"W": ("BF16", np.ones((size // 16, 1), "<u2")), "V": ("BF16", np.ones((1, size // 16), "<u2"))}
    halves = tensors(weights, {"class": "two-layer", "bias": "0"})
    labels = zipped([Entry(b"X.npy", npy(np.ones((2000, 1)))), Entry(b"labels.npy", npy(np.arange(2000)))])
    cases = {
        "deflated": ("data", deflated, ".npz", honest),
        "deflated, too little": ("data", deflated, ".npz", honest // 3),
        "bytes": ("data", bytes_, ".npz", 2 * len(bytes_) + 4 * size + 4096),
        "bytes, too little": ("data", bytes_, ".npz", 2 * len(bytes_) + 2 * size),
        "halves": ("net", halves, ".safetensors", len(halves) + 2 * size + 20_000),
        "halves, too little": ("net", halves, ".safetensors", len(halves) + size),
        "labels": ("data", labels, ".npz", 2 * len(labels) + 4000 * 16 + 4096 + 36_000_000),
        "labels, too little": ("data", labels, ".npz", 2 * len(labels) + 4000 * 16 + 4096 + 35_000_000),
    }
    said = require_within(cases, tmp_path)
    for (name, _), words in said.items():
        assert ("memory" in words) if "too little" in name else words == "read", (name, words)
