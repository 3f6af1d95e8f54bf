"""Damaged, hostile and oversized archives."""

import io
import struct
import tracemalloc
import zipfile

import numpy as np
import pytest

from support.broken_inputs import (
    ENCRYPTED,
    HEADER,
    NET,
    POINTS,
    WHOLE,
    W,
    connect_arguments,
    depth_arguments,
    described,
    npy,
    npz,
    raw_tensors,
    require_refused,
    single,
    spoilt,
    tensors,
    zipped,
)

NPZ_FILES = {
    "empty": b"",
    "one byte": b"P",
    "truncated": WHOLE[: len(WHOLE) // 2],
    "last byte missing": WHOLE[:-1],
    "garbage": np.random.default_rng(0).bytes(3000),
    "no entries": zipped([]),
    "no npy": zipped([("W.npy", b"hello")]),
    "empty npy": zipped([("W.npy", b"")]),
    "encrypted": bytes(ENCRYPTED),
    "shape larger than the file": zipped([("W.npy", npy(described("(1152921504606846976,)")))]),
    "shape beyond 64 bits": zipped([("W.npy", npy(described("(99999999999999999999999,)")))]),
    "negative shape": zipped([("W.npy", npy(described("(-1, -1)")))]),
    "seventy dimensions": zipped([("W.npy", npy(described("(" + "1," * 70 + ")")))]),
    "items of no size": zipped([("W.npy", npy(described("(1152921504606846976, 9, 9)", "|V0"), b""))]),
    "code in the header": zipped([("W.npy", npy("{'descr': __import__('os'), 'shape': ()}\n"))]),
    "header cut off": zipped([("W.npy", npy(HEADER))]),
    "header of brackets": zipped([("W.npy", npy("(" * 5000))]),
    "header in quotes": zipped([("W.npy", npy("'''\n"))]),
    "header of Python 2": zipped([("W.npy", npy(described("(1L,)")))]),
    "unknown version": zipped([("W.npy", b"\x93NUMPY\x09\x00" + npy(described("(1,)"))[8:])]),
    "path out of the folder": zipped([("../../W.npy", npy(described("(1,)")))]),
    "pickle": b"\x80\x04N.",
    "safetensors": tensors(NET, **{"class": "parallel", "bias": "1"}),
    "bzip2": zipped([("W.npy", b"hello" * 99)], zipfile.ZIP_BZIP2),
}
SAFETENSORS_FILES = {
    "empty": b"",
    "eight bytes": b"\0" * 8,
    "truncated": tensors(NET, **{"class": "parallel", "bias": "1"})[:-1],
    "too long": tensors(NET, **{"class": "parallel", "bias": "1"}) + b"x",
    "garbage": np.random.default_rng(1).bytes(3000),
    "npz": WHOLE,
    "no metadata": tensors(NET),
    "bias 2": tensors(NET, **{"class": "parallel", "bias": "2"}),
    "nan": tensors(NET | {"W": spoilt(np.nan)}, **{"class": "parallel", "bias": "1"}),
    "bool": tensors(NET | {"W": W > 0}, **{"class": "parallel", "bias": "1"}),
    "bfloat16 without its readout": single("BF16", 2),
    "float8": single("F8_E4M3", 1),
    "float8 of the other kind": single("F8_E5M2", 1),
    "unknown type": single("XX", 1),
    "header without end": struct.pack("<Q", 1 << 63) + b"{}",
    "header is a list": raw_tensors(b"[]"),
    "header too deep": raw_tensors(b"[" * 50_000),
    "huge shape": raw_tensors({"W": {"dtype": "F64", "shape": [1 << 40, 1 << 40], "data_offsets": [0, 8]}}, b"\0" * 8),
}


@pytest.mark.parametrize("which", NPZ_FILES)
def test_damaged_npz_files(folder, which):
    """As a network, as data and as a reference."""
    (folder / "bad.npz").write_bytes(NPZ_FILES[which])
    for command in (
        connect_arguments(folder, start="bad.npz"),
        connect_arguments(folder, data="bad.npz"),
        depth_arguments(folder, reference="bad.npz"),
    ):
        require_refused(folder, command, folder / "bad.npz")


@pytest.mark.parametrize("which", SAFETENSORS_FILES)
def test_damaged_safetensors_files(folder, which):
    """As a network and as a reference."""
    (folder / "bad.safetensors").write_bytes(SAFETENSORS_FILES[which])
    for command in (
        connect_arguments(folder, end="bad.safetensors"),
        depth_arguments(folder, reference="bad.safetensors"),
    ):
        require_refused(folder, command, folder / "bad.safetensors")


def test_no_advice_to_unpickle(folder):
    """A header of unusual length is refused without numpy's advice to trust the file."""
    long_header = b"\x93NUMPY\x02\x00" + struct.pack("<I", 20_000) + b" " * 20_000
    (folder / "bad.npz").write_bytes(zipped([("W.npy", long_header)]))
    err = require_refused(folder, connect_arguments(folder, start="bad.npz"), folder / "bad.npz")
    assert "allow_pickle=True" not in err


def test_two_arrays_of_one_name_are_refused(folder):
    """`W` and `W.npy` are both the array W: which one is meant is not guessed."""
    entries = []
    for name, value in NET.items():
        stream = io.BytesIO()
        np.save(stream, np.asarray(value))
        entries.append((f"{name}.npy", stream.getvalue()))
    stream = io.BytesIO()
    np.save(stream, W * 2)
    (folder / "bad.npz").write_bytes(zipped([*entries, ("W", stream.getvalue())]))
    require_refused(folder, connect_arguments(folder, start="bad.npz"), folder / "bad.npz", "twice")


def test_a_zip_bomb_is_refused_before_it_goes_off(folder):
    """An entry that unpacks to far more than its directory says takes no more memory than it says."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("W.npy", b"\0" * (64 << 20))
    content = bytearray(stream.getvalue())
    directory = content.find(b"PK\1\2")
    content[directory + 24 : directory + 28] = content[22:26] = struct.pack("<I", 200)
    (folder / "bomb.npz").write_bytes(content)
    tracemalloc.start()
    try:
        require_refused(folder, connect_arguments(folder, start="bomb.npz"), folder / "bomb.npz")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 16 << 20


def test_an_honest_zip_above_the_budget_is_refused_by_its_directory(folder):
    """Sizes are added up before anything is unpacked."""
    (folder / "large.npz").write_bytes(npz(POINTS | {"X": np.zeros((100_000, 2))}))
    words = [*connect_arguments(folder, data="large.npz"), "--memory", "0.002"]
    require_refused(folder, words, folder / "large.npz", "unpacked", "budget")
