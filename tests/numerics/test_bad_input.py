"""Unusable input: exit status 2, one line that names the file and the relation, no output, inputs as they were."""

import hashlib
import io
import json
import os
import struct
import subprocess
import sys
import tracemalloc
import zipfile
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
from safetensors.numpy import save as safetensors_bytes

import numerics
from numerics import cli
from numerics.checker.check import check
from numerics.checker.errors import Unusable
from numerics.errors import InputError

DRAW = np.random.default_rng(11)
W, V, A, U = (DRAW.integers(-8, 9, shape) / 8 for shape in ((6, 3), (2, 6), (2, 6), (2, 2)))
NET = {"class": "parallel", "bias": 1, "W": W, "V": V, "A": A, "a": np.ones(2), "U": U, "c": np.zeros(2)}
OTHER = NET | {"W": W[::-1] + 1.0}
REFERENCE = {"class": "two-layer", "bias": 1, "W": W[:3] / 2, "V": V[:, :3], "c": np.zeros(2)}
POINTS = {"X": DRAW.integers(-8, 9, (8, 2)) / 4, "Y": DRAW.integers(-8, 9, (8, 2)) / 4}
ABSENT = object()


def changed(arrays, changes):
    return {name: value for name, value in (arrays | changes).items() if value is not ABSENT}


def npz(arrays):
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return stream.getvalue()


def zipped(entries, compression=zipfile.ZIP_STORED):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return stream.getvalue()


def npy(header, values=b"\0" * 8):
    text = header.encode("latin-1")
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + values


def described(shape, descr="<f8"):
    return f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n"


def tensors(arrays, **metadata):
    plain = {name: np.ascontiguousarray(array) for name, array in arrays.items() if name not in ("class", "bias")}
    return safetensors_bytes(plain, metadata=metadata or None)


def raw_tensors(header, values=b""):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + values


def single(dtype, size):
    entry = {"dtype": dtype, "shape": [6, 3], "data_offsets": [0, 18 * size]}
    return raw_tensors({"__metadata__": {"class": "two-layer", "bias": "1"}, "W": entry}, b"\0" * 18 * size)


@pytest.fixture
def folder(tmp_path):
    """Two networks, a reference, data and a certificate between the networks."""
    for name, arrays in {"A": NET, "B": OTHER, "R": REFERENCE, "D": POINTS}.items():
        (tmp_path / f"{name}.npz").write_bytes(npz(arrays))
    return tmp_path


@pytest.fixture(autouse=True)
def near(monkeypatch):
    """The checker in this process, for speed."""

    def checked(certificate, data, start, end, *, level=None, memory=None):
        try:
            return check(certificate, data, start, end, level, int(memory * (1 << 30))).to_json()
        except Unusable as error:
            raise InputError(f"the independent checker could not run: {error}") from None

    monkeypatch.setattr("numerics.answers.checked", checked)


def skipscape(*arguments):
    """Exit status, standard output, standard error."""
    out, err = io.StringIO(), io.StringIO()
    with patch.object(sys, "argv", ["skipscape", *map(str, arguments)]), redirect_stdout(out), redirect_stderr(err):
        status = cli.exit_status()
    return status, out.getvalue(), err.getvalue()


def digests(folder):
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir()) if path.is_file()
    }


def require_refused(folder, arguments, *words):
    """Status 2, one line with the words, no output of any kind, every file as it was."""
    before = digests(folder)
    status, out, err = skipscape(*arguments)
    assert status == 2, (status, out, err)
    assert out == ""
    assert len(err.splitlines()) == 1, err
    assert "Traceback" not in err
    for word in words:
        assert str(word) in err
    assert digests(folder) == before
    return err


def connecting(folder, start="A.npz", end="B.npz", data="D.npz"):
    return ["connect", folder / start, folder / end, "--data", folder / data, "--out", folder / "new.cert"]


def asking(folder, network="A.npz", reference="R.npz", data="D.npz"):
    given = ["--reference", folder / reference, "--data", folder / data]
    return ["depth", folder / network, *given, "--out", folder / "new.cert"]


def test_the_unspoilt_input_is_answered(folder):
    """What every table below spoils is usable as it is."""
    assert skipscape(*connecting(folder))[0] == 0
    assert skipscape(*asking(folder), "--force")[0] in (0, 1)


def spoilt(value, array=W):
    copy = array.copy()
    copy[0, 0] = value
    return copy


NETWORKS = {
    "nan": ({"W": spoilt(np.nan)}, "W has NaN"),
    "infinity": ({"V": spoilt(-np.inf, V)}, "V has NaN or inf"),
    "nan in a bias": ({"c": np.array([0.0, np.nan])}, "c has NaN"),
    "no neuron": ({"W": np.zeros((0, 3)), "V": np.zeros((2, 0)), "A": np.zeros((2, 0))}, "W has shape (0, 3)"),
    "no output": ({"V": np.zeros((0, 6))}, "V has shape (0, 6)"),
    "empty branch": ({"A": np.zeros((0, 6)), "a": np.zeros(0), "U": np.zeros((2, 0))}, "at least 1"),
    "W one-dimensional": ({"W": np.zeros(6)}, "W has shape (6,)"),
    "W three-dimensional": ({"W": np.zeros((6, 3, 1))}, "W has shape (6, 3, 1)"),
    "V transposed": ({"V": V.T}, "V has 2 columns but W has 6 rows"),
    "A too narrow": ({"A": A[:, :5]}, "A has 5 columns but W has 6 rows"),
    "a too long": ({"a": np.zeros(3)}, "a has length 3 but A has 2 rows"),
    "a a column": ({"a": np.zeros((2, 1))}, "a has shape (2, 1)"),
    "U too wide": ({"U": np.zeros((2, 3))}, "U has shape (2, 3)"),
    "c too long": ({"c": np.zeros(3)}, "c has length 3 but V has 2 rows"),
    "bool": ({"W": W > 0}, "W has type bool"),
    "complex": ({"W": W + 0j}, "W has type complex128"),
    "objects": ({"W": W.astype(object)}, "pickled"),
    "text": ({"W": W.astype(str)}, "W has type <U32"),
    "long double": ({"W": W.astype(np.longdouble)}, "W has type"),
    "records": ({"W": np.zeros((6, 3), [("x", "f8")])}, "W has type"),
    "integers beyond 2^53": ({"W": np.full((6, 3), (1 << 53) + 1)}, "2^53"),
    "unsigned beyond 2^53": ({"W": np.full((6, 3), (1 << 64) - 1, dtype=np.uint64)}, "2^53"),
    "without W": ({"W": ABSENT}, "needs W"),
    "without V": ({"V": ABSENT}, "needs V"),
    "without A": ({"A": ABSENT}, "needs A"),
    "without U": ({"U": ABSENT}, "needs U"),
    "unknown array": ({"Q": W}, "Q has no place"),
    "gap in the branch": ({"B2": np.zeros((2, 2))}, "B2 has no place"),
    "bias without its layer": ({"b1": np.zeros(2)}, "b1 has no place"),
    "batch norm": ({"bn.running_mean": np.zeros(2)}, "ReLU"),
    "stream": ({"blocks.0.A": A}, "blocks.0.A has no place"),
    "without class": ({"class": ABSENT}, "class"),
    "unknown class": ({"class": "foo"}, "'foo'"),
    "class of residual": ({"class": "residual"}, "U must be (m, r_last)"),
    "class of plain": ({"class": "plain"}, "V has no place in a plain network"),
    "class of stream": ({"class": "stream"}, "needs blocks.0.A"),
    "two classes": ({"class": np.array(["parallel", "parallel"])}, "class has shape (2,)"),
    "class of two-layer": ({"class": "two-layer"}, "has no place in a two-layer"),
    "without bias": ({"bias": ABSENT}, "bias"),
    "bias 2": ({"bias": 2}, "bias is '2'"),
    "bias -1": ({"bias": -1}, "bias is '-1'"),
    "bias nan": ({"bias": float("nan")}, "bias is 'nan'"),
    "bias a half": ({"bias": 0.5}, "bias is '0.5'"),
    "bias twice": ({"bias": np.array([1, 1])}, "bias has shape (2,)"),
    "bias empty": ({"bias": np.zeros(0)}, "bias has shape (0,)"),
    "bias leaves no input": ({"W": W[:, :1]}, "D = n + 1"),
}


@pytest.mark.parametrize("which", NETWORKS)
def test_networks(folder, which):
    """At either end of connect, and in depth: the file's name and the violated relation."""
    changes, relation = NETWORKS[which]
    (folder / "bad.npz").write_bytes(npz(changed(NET, changes)))
    require_refused(folder, connecting(folder, start="bad.npz"), folder / "bad.npz", relation)
    require_refused(folder, connecting(folder, end="bad.npz"), folder / "bad.npz", relation)
    require_refused(folder, asking(folder, network="bad.npz"), folder / "bad.npz", relation)


# A state dict from torch, or a file that says what else its network does: name or metadata -> words of the refusal.
FOREIGN_TENSORS = {
    "batch normalisation": ({"bn1.running_mean": np.zeros(2)}, "bn1.running_mean belongs to batch normalisation"),
    "its counter": ({"bn1.num_batches_tracked": np.array(3)}, "num_batches_tracked belongs to batch normalisation"),
    "its scale": ({"bn1.weight": np.ones(2)}, "bn1.weight belongs to batch normalisation"),
    "layer normalisation": ({"blocks.0.norm.weight": np.ones(2)}, "normalisation"),
    "a slope": ({"prelu.weight": np.ones(1)}, "prelu.weight speaks of an activation"),
    "dropout": ({"dropout_rate": np.ones(1)}, "dropout"),
    "a state dict": ({"fc1.weight": W}, "fc1.weight is a name of a torch state dict"),
}
FOREIGN_METADATA = {
    "activation": "gelu",
    "Activation": "leaky_relu",
    "hidden_activation": "tanh",
    "nonlinearity": "silu",
    "dropout": "0.1",
    "batch_norm": "true",
    "layernorm": "1",
    "norm": "rms",
}
NOTES = {"format": "pt", "activation": "ReLU", "dropout": "0.0", "batch_norm": "False", "beta1": "0.9", "seed": "3"}


@pytest.mark.parametrize("which", FOREIGN_TENSORS)
def test_state_dicts_are_refused_in_words(folder, which):
    """In `.npz` and in `.safetensors`, whatever the type of the array: what it belongs to, and what is covered."""
    arrays, words = FOREIGN_TENSORS[which]
    (folder / "bad.npz").write_bytes(npz(NET | arrays))
    (folder / "bad.safetensors").write_bytes(tensors(NET | arrays, **{"class": "parallel", "bias": "1"}))
    for file in (folder / "bad.npz", folder / "bad.safetensors"):
        require_refused(folder, connecting(folder, start=file.name), file, words)
        require_refused(folder, ["certify", file, folder / "B.npz", "--data", folder / "D.npz"], file, words)


@pytest.mark.parametrize("key", FOREIGN_METADATA)
def test_metadata_that_describes_another_function_is_refused(folder, key):
    """By both programs: the weights alone would be read as those of a ReLU network, and the claim be false."""
    value = FOREIGN_METADATA[key]
    file = folder / "bad.safetensors"
    assert skipscape(*connecting(folder), "--force")[0] == 0
    file.write_bytes(tensors(NET, **{"class": "parallel", "bias": "1", key: value}))
    command = ["certify", file, folder / "B.npz", "--data", folder / "D.npz"]
    require_refused(folder, command, file, f"{key} = {value!r}", "ReLU")
    with pytest.raises(Unusable, match="only ReLU networks"):
        check(folder / "new.cert", str(folder / "D.npz"), file, folder / "B.npz")


def test_notes_in_the_metadata_are_no_reason_to_refuse(folder):
    """Not even those that say that there is nothing but ReLU."""
    file = folder / "noted.safetensors"
    file.write_bytes(tensors(NET, **{"class": "parallel", "bias": "1"}, **NOTES))
    assert skipscape(*connecting(folder, start=file.name))[0] == 0
    assert check(folder / "new.cert", str(folder / "D.npz"), file, folder / "B.npz").verdict == "PROVED"


LOOSE = {
    "class as bytes": {"class": b"parallel"},
    "class in a list": {"class": np.array(["parallel"])},
    "bias as bool": {"bias": True},
    "bias as float": {"bias": 1.0},
    "bias as text": {"bias": "1"},
    "bias in a list": {"bias": np.array([1])},
    "integer weights": {"W": (W * 8).astype(np.int32)},
}


@pytest.mark.parametrize(
    ("which", "suffix"), [*((which, ".npz") for which in LOOSE), ("integer weights", ".safetensors")]
)
def test_what_the_finder_reads_the_checker_reads(folder, which, suffix):
    """A file is usable for both or refused at once in its own name, never refused by the checker after the search."""
    arrays = NET | LOOSE[which]
    file = folder / f"loose{suffix}"
    file.write_bytes(npz(arrays) if suffix == ".npz" else tensors(arrays, **{"class": "parallel", "bias": "1"}))
    status, _, err = skipscape(*connecting(folder, start=file.name))
    assert status == 0 or (status == 2 and err.startswith(f"skipscape: {file}")), err


DATA = {
    "nan": ({"X": spoilt(np.nan, POINTS["X"])}, "X has NaN"),
    "infinity": ({"Y": spoilt(np.inf, POINTS["Y"])}, "Y has NaN or inf"),
    "Y one-dimensional": ({"Y": POINTS["Y"][:, 0]}, "(8,)"),
    "X one-dimensional": ({"X": POINTS["X"][:, 0]}, "X has shape (8,)"),
    "fewer targets": ({"Y": POINTS["Y"][:5]}, "X has 8 rows but Y has 5"),
    "no point": ({"X": np.zeros((0, 2)), "Y": np.zeros((0, 2))}, "X has shape (0, 2)"),
    "no input": ({"X": np.zeros((8, 0))}, "X has shape (8, 0)"),
    "without X": ({"X": ABSENT}, "X"),
    "without Y": ({"Y": ABSENT}, "labels"),
    "Y and labels": ({"labels": np.arange(8)}, "labels"),
    "bool": ({"X": POINTS["X"] > 0}, "X has type bool"),
    "complex": ({"Y": POINTS["Y"] + 0j}, "Y has type complex128"),
    "objects": ({"X": POINTS["X"].astype(object)}, "pickled"),
    "negative labels": ({"Y": ABSENT, "labels": np.arange(8) - 1}, "labels"),
    "real labels": ({"Y": ABSENT, "labels": np.zeros(8)}, "labels"),
    "labels in a column": ({"Y": ABSENT, "labels": np.zeros((8, 1), int)}, "labels has shape (8, 1)"),
    "no label": ({"Y": ABSENT, "labels": np.zeros(0, int)}, "labels has shape (0,)"),
    "labels without end": ({"Y": ABSENT, "labels": np.full(8, 1 << 62)}, "renumber"),
    "fewer labels": ({"Y": ABSENT, "labels": np.array([0, 1])}, "rows"),
}


@pytest.mark.parametrize("which", DATA)
def test_data(folder, which):
    """For connect, depth and training: the file's name and the violated relation."""
    changes, relation = DATA[which]
    (folder / "bad.npz").write_bytes(npz(changed(POINTS, changes)))
    require_refused(folder, connecting(folder, data="bad.npz"), folder / "bad.npz", relation)
    require_refused(folder, asking(folder, data="bad.npz"), folder / "bad.npz", relation)


MISFITS = {
    "data with other inputs": ("D", {"X": np.ones((8, 3))}, "columns of X"),
    "data with other outputs": ("D", {"Y": np.ones((8, 3))}, "columns of Y"),
    "labels with a gap": ("D", {"Y": ABSENT, "labels": np.array([0, 5, 0, 0, 0, 0, 0, 0])}, "6 columns of Y"),
    "ends of two widths": ("B", {"W": W[:5], "V": V[:, :5], "A": A[:, :5]}, "width is 6 in one and 5"),
    "ends of two biases": ("B", {"bias": 0}, "bias"),
    "ends of two branches": ("B", {"B1": np.ones((2, 2))}, "B1 is absent in one and (2, 2)"),
    "reference of the width": ("R", {"W": W, "V": V}, "l = 6"),
    "reference with other inputs": ("R", {"W": np.ones((3, 4))}, "inputs is 2"),
    "reference with other outputs": ("R", {"V": np.ones((3, 3)), "c": np.ones(3)}, "outputs is 2"),
    "reference with another bias": ("R", {"bias": 0}, "bias"),
    "reference that is deep": ("R", dict(NET), "a two-layer network is needed"),
}


@pytest.mark.parametrize("which", MISFITS)
def test_files_that_do_not_fit_together(folder, which):
    """The relation between two files, and the name of the one that does not fit."""
    place, changes, relation = MISFITS[which]
    original = {"D": POINTS, "B": OTHER, "R": REFERENCE}[place]
    file = folder / f"{place}.npz"
    file.write_bytes(npz(changed(original, changes)))
    command = asking(folder) if place == "R" else connecting(folder)
    require_refused(folder, command, relation, file)


def test_a_two_layer_network_is_not_joined_with_a_deep_one(folder):
    """They are no two parameters of one space; one of the files is named."""
    require_refused(folder, connecting(folder, end="R.npz"), "parallel", "two-layer", folder / "R.npz")


HEADER = "{'descr': '<f8', 'fortran_order'\n"
WHOLE = npz(NET)
ENCRYPTED = bytearray(WHOLE)
ENCRYPTED[6] |= 1
ENCRYPTED[ENCRYPTED.find(b"PK\1\2") + 8] |= 1
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
    "bfloat16": single("BF16", 2),
    "float8": single("F8_E4M3", 1),
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
        connecting(folder, start="bad.npz"),
        connecting(folder, data="bad.npz"),
        asking(folder, reference="bad.npz"),
    ):
        require_refused(folder, command, folder / "bad.npz")


@pytest.mark.parametrize("which", SAFETENSORS_FILES)
def test_damaged_safetensors_files(folder, which):
    """As a network and as a reference."""
    (folder / "bad.safetensors").write_bytes(SAFETENSORS_FILES[which])
    for command in (connecting(folder, end="bad.safetensors"), asking(folder, reference="bad.safetensors")):
        require_refused(folder, command, folder / "bad.safetensors")


def test_no_advice_to_unpickle(folder):
    """A header of unusual length is refused without numpy's advice to trust the file."""
    long_header = b"\x93NUMPY\x02\x00" + struct.pack("<I", 20_000) + b" " * 20_000
    (folder / "bad.npz").write_bytes(zipped([("W.npy", long_header)]))
    err = require_refused(folder, connecting(folder, start="bad.npz"), folder / "bad.npz")
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
    require_refused(folder, connecting(folder, start="bad.npz"), folder / "bad.npz", "twice")


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
        require_refused(folder, connecting(folder, start="bomb.npz"), folder / "bomb.npz")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 16 << 20


def test_an_honest_zip_above_the_budget_is_refused_by_its_directory(folder, monkeypatch):
    """Sizes are added up before anything is unpacked; the budget is lowered here to keep the test small."""
    monkeypatch.setattr("numerics.archives.DEFAULT", 1 << 10)
    (folder / "large.npz").write_bytes(npz(POINTS | {"X": np.zeros((1000, 2))}))
    require_refused(folder, connecting(folder, data="large.npz"), folder / "large.npz", "budget")


PLACES = ["missing.npz", "folder.npz", "folder.npz/missing.npz", "A.npz/inside.npz", "dangling.npz", "loop.npz"]
PLACES += ["x" * 300 + ".npz", "new\nline.npz", "[/red].npz"]


@pytest.mark.parametrize("place", PLACES)
def test_places_that_hold_no_file(folder, place):
    """Missing, a folder, behind a dead or circular link, a name too long, a name of two lines."""
    (folder / "folder.npz").mkdir()
    (folder / "dangling.npz").symlink_to("nowhere")
    (folder / "loop.npz").symlink_to("loop.npz")
    shown = " ".join(str(folder / place).split())
    for command in (
        connecting(folder, start=place),
        connecting(folder, data=place),
        asking(folder, reference=place),
        ["path", folder / place, "--at", "0", "--out", folder / "new.npz"],
        ["check", folder / place, "--data", folder / "D.npz"],
        ["check", folder / "A.npz", "--data", folder / place],
    ):
        require_refused(folder, command, shown)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
@pytest.mark.parametrize("place", ["pipe.npz", "pipe.safetensors", "/dev/zero"])
def test_pipes_and_devices_are_not_read(folder, place):
    """A pipe that nobody writes to and a device without an end are refused at once."""
    if not place.startswith("/"):
        os.mkfifo(folder / place)
    program = "import sys\nfrom numerics import cli\nstart, end, data, place = sys.argv[1:]\nstatuses = []\n"
    program += "for command in (['connect', place, end, '--data', data], ['connect', start, end, '--data', place],\n"
    program += (
        "                ['path', place, '--at', '0', '--out', 'never.npz'], ['check', place, '--data', data]):\n"
    )
    program += "    sys.argv = ['skipscape', *command]\n    statuses.append(cli.exit_status())\nprint(statuses)\n"
    files = [str(folder / f"{name}.npz") for name in "ABD"]
    env = {**os.environ, "PYTHONPATH": str(Path(numerics.__file__).parents[1])}
    command = [sys.executable, "-c", program, *files, str(folder / place)]
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout == "[2, 2, 2, 2]\n"
    assert len(done.stderr.splitlines()) == 4
    assert all(place in line for line in done.stderr.splitlines())


@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="everything is readable for root")
def test_unreadable_files(folder):
    """A file without permission to read is named with the reason."""
    (folder / "A.npz").chmod(0)
    status, out, err = skipscape(*connecting(folder))
    assert (status, out) == (2, "")
    assert "A.npz" in err


OUTPUTS = {
    "in no folder": ("nowhere/new.cert", "nowhere"),
    "a folder": ("folder", "folder"),
    "inside a file": ("A.npz/new.cert", "A.npz"),
    "a name too long": ("x" * 300, "x" * 300),
}


@pytest.mark.parametrize("which", OUTPUTS)
def test_outputs_that_cannot_be_written(folder, which):
    """Refused before the work, in the output's name, with and without --force."""
    (folder / "folder").mkdir()
    name, shown = OUTPUTS[which]
    ends = [folder / "A.npz", folder / "B.npz", "--data", folder / "D.npz"]
    for force in ([], ["--force"]):
        require_refused(folder, ["connect", *ends, "--out", folder / name, *force], shown)


def test_a_name_that_is_no_networks_is_refused_before_the_work(folder):
    """The ending decides the format; train refuses another one before it trains."""
    pytest.importorskip("torch")
    command = ["train", folder / "D.npz", "--width", 2, "--steps", 10**9, "--out", folder / "net.txt"]
    with patch("numerics.torch_bridge.train", side_effect=AssertionError("trained")):
        require_refused(folder, command, "net.txt", ".safetensors")


NUMBERS = ["nan", "inf", "-inf", "-1", "1e999999999", "1e-999999999", "1/0", "", " ", "abc", "1/2/3", "1e", "[red]"]
NUMBERS += ["0x10", "1\n2", "1e99999999999999999999", "9" * 30_000]


@pytest.mark.parametrize("given", NUMBERS, ids=lambda given: repr(given[:24]))
def test_levels_and_times_that_are_no_numbers(folder, given):
    """`--level` of connect and check, `--at` of path: the option is named, in one line of ordinary length."""
    certificate = folder / "A.npz"
    for command, option in (
        ([*connecting(folder), f"--level={given}"], "--level"),
        (["check", certificate, "--data", folder / "D.npz", f"--level={given}"], "--level"),
        (["path", certificate, f"--at={given}", "--out", folder / "new.npz"], "--at"),
    ):
        assert len(require_refused(folder, command, option)) < 1000


@pytest.mark.parametrize("given", ["5", "1e3", " 3 ", "+4", "1000000/3", "1_000", "1e19999", "1" + "0" * 5000, "٣"])
def test_a_level_means_the_same_to_finder_and_checker(folder, given):
    """Read by both or refused at once by its option's name, never refused by the checker after the search."""
    status, _, err = skipscape(*connecting(folder), f"--level={given}")
    assert status in (0, 1) or (status == 2 and err.startswith("skipscape: --level")), err


@pytest.mark.parametrize("at", ["-0.1", "1.1", "2/1", "-1/3"])
def test_times_outside_the_path(folder, at):
    """Path times run from 0 to 1."""
    assert skipscape(*connecting(folder))[0] == 0
    command = ["path", folder / "new.cert", f"--at={at}", "--out", folder / "new.npz"]
    require_refused(folder, command, "--at", "[0, 1]")


OPTIONS = {
    "memory 0": (["--memory", "0"], "--memory"),
    "memory negative": (["--memory", "-1"], "--memory"),
    "memory nan": (["--memory", "nan"], "--memory"),
    "memory infinite": (["--memory", "inf"], "--memory"),
    "memory beyond everything": (["--memory", "1e300"], "--memory"),
    "memory a word": (["--memory", "much"], "--memory"),
    "route unknown": (["--route", "foo"], "foo"),
    "route of a reference": (["--route", "pigeonhole"], "give one with --reference"),
    "route empty": (["--route", ""], "route"),
    "loss unknown": (["--loss", "logistic"], "logistic"),
    "refit without reference": (["--route", "refit"], "--reference"),
    "option unknown": (["--bogus"], "--bogus"),
}


@pytest.mark.parametrize("which", OPTIONS)
def test_options_of_connect(folder, which):
    """The option or its value is named."""
    options, word = OPTIONS[which]
    require_refused(folder, [*connecting(folder), *options], word)


@pytest.mark.parametrize("memory", ["nan", "inf", "1e300", "0", "-1", "much"])
def test_memory_of_check(folder, memory):
    """A budget that is no number of bytes is refused, never a traceback."""
    require_refused(folder, ["check", folder / "A.npz", "--data", folder / "D.npz", "--memory", memory], "--memory")


PLAIN = {name: array for name, array in NET.items() if name != "V"} | {"class": "plain"}


def test_networks_without_a_skip_connection_are_no_matter_of_connect_and_depth(folder):
    """A usable network of the data's sizes: the class and what takes it are named, at either end and in depth."""
    (folder / "other.npz").write_bytes(npz(PLAIN))
    words = "certify takes it, connect and depth take two-layer, parallel, residual, stream"
    for question, command in (
        ("connect", connecting(folder, start="other.npz")),
        ("connect", connecting(folder, end="other.npz")),
        ("connect", connecting(folder, start="other.npz", end="other.npz")),
        ("depth", asking(folder, network="other.npz")),
    ):
        sentence = f"class plain has no skip connection, which is what {question} is about: {words}"
        require_refused(folder, command, folder / "other.npz", sentence)
    require_refused(folder, asking(folder, reference="other.npz"), "the reference is of class plain")


TRAINING = {
    "width 0": (["--width", "0"], "--width"),
    "width a word": (["--width", "x"], "--width"),
    "width beyond memory": (["--width", str(10**17)], "--width"),
    "width beyond 64 bits": (["--width", "9" * 20], "--width"),
    "branch 0": (["--branch", "0"], "branch"),
    "branch negative": (["--branch", "2,-1"], "branch"),
    "branch empty": (["--branch", ""], "branch"),
    "branch a word": (["--branch", "a"], "--branch"),
    "branch beyond 64 bits": (["--branch", "9" * 20], "branch"),
    "class unknown": (["--class", "foo"], "foo"),
    "no blocks": (["--class", "stream", "--blocks", "0"], "--blocks"),
    "blocks of another class": (["--class", "residual", "--blocks", "2"], "class residual with 2 blocks"),
    "steps negative": (["--steps", "-1"], "--steps"),
    "seed beyond 64 bits": (["--seed", "9" * 24], "seed"),
}


@pytest.mark.parametrize("which", TRAINING)
def test_options_of_train(folder, which):
    """The option or its value is named; nothing is written."""
    pytest.importorskip("torch")
    options, word = TRAINING[which]
    command = ["train", folder / "D.npz", "--width", "2", "--steps", "1", "--out", folder / "new.npz"]
    require_refused(folder, [*command, *options], word)


@pytest.mark.parametrize("words", [[], ["connect"], ["connect", "A.npz"], ["nothing"], ["check"], ["path", "x.cert"]])
def test_incomplete_commands(folder, words):
    """One line that points to --help."""
    require_refused(folder, words, "--help")


def sealed(body):
    return body + hashlib.sha256(body).hexdigest().encode()


def forged(content, edit):
    """The certificate with its document and entries edited, sealed again."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    document = json.loads(entries["certificate.json"])
    document = edit(document, entries) or document
    entries["certificate.json"] = document if isinstance(document, bytes) else json.dumps(document).encode()
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, entry in entries.items():
            archive.writestr(name, entry)
        archive.comment = b"0" * 64
    return sealed(stream.getvalue()[:-64])


def entry(name, content):
    return lambda document, entries: entries.update({name: content})


def segment(**fields):
    return lambda document, entries: document["segments"][0].update(fields)


FORGERIES = {
    "no json": lambda document, entries: b"{",
    "json without end": lambda document, entries: b"[" * 100_000,
    "no segments": lambda document, entries: document.update(segments=[]),
    "segments as text": lambda document, entries: document.update(segments="abc"),
    "no network": lambda document, entries: document.update(network=None),
    "class later": lambda document, entries: document["network"].update({"class": "residual"}),
    "kind unknown": segment(kind="foo"),
    "kind wrong": segment(kind="silent"),
    "slots of U": segment(moves={"U": [0]}),
    "slot out of range": segment(moves={"V": [99]}),
    "array missing": segment(moves={"W": "all"}),
    "array empty": entry("start.W.npy", b""),
    "array garbage": entry("start.W.npy", b"xx"),
    "array header cut off": entry("start.W.npy", npy(HEADER)),
    "array beyond memory": entry("start.W.npy", npy(described("(1099511627776,)"))),
    "array beyond 64 bits": entry("start.W.npy", npy(described("(99999999999999999999999,)"))),
    "array of nan": entry("start.c.npy", npy(described("(2,)"), struct.pack("<2d", np.nan, 0.0))),
}


@pytest.mark.parametrize("which", FORGERIES)
def test_forged_certificates_give_no_network(folder, which):
    """`path` on a certificate with a right digest and a wrong content: one line that names it, no network."""
    assert skipscape(*connecting(folder))[0] == 0
    bad = folder / "forged.cert"
    bad.write_bytes(forged((folder / "new.cert").read_bytes(), FORGERIES[which]))
    require_refused(folder, ["path", bad, "--at", "1/3", "--out", folder / "new.npz"], bad)


@pytest.mark.parametrize("content", [b"", b"x" * 64, sealed(b""), sealed(b"hello"), sealed(bytes(ENCRYPTED))])
def test_files_that_are_no_certificates_give_no_network(folder, content):
    """With or without a right digest at the end."""
    (folder / "bad.cert").write_bytes(content)
    command = ["path", folder / "bad.cert", "--at", "1/3", "--out", folder / "new.npz"]
    require_refused(folder, command, folder / "bad.cert")


SCALES = {
    "weights of all sizes": ("A", {"W": np.where(W > 0, 1e300, 5e-324)}),
    "weights of all sizes throughout": ("A", {"W": np.where(W > 0, 1e308, 5e-324), "V": V * 1e300, "U": U * 5e-324}),
    "weights too large for float64's squares": ("A", {"V": V * 1e200, "U": U * 1e200}),
    "subnormal weights": ("A", {"W": W * 5e-324}),
    "inputs of 1e300": ("D", {"X": POINTS["X"] * 1e300}),
    "subnormal inputs": ("D", {"X": POINTS["X"] * 1e-320}),
    "targets of 1e200": ("D", {"Y": POINTS["Y"] * 1e200}),
    "targets at the end of float64": ("D", {"Y": np.where(POINTS["Y"] > 0, 1.7e308, -1.7e308)}),
    "one large target": ("D", {"Y": spoilt(1e300, POINTS["Y"])}),
    "targets and inputs of 1e155": ("D", {"X": POINTS["X"] * 1e155, "Y": POINTS["Y"] * 1e155}),
}


@pytest.mark.parametrize("question", ["connect", "depth"])
@pytest.mark.parametrize("which", SCALES)
def test_weights_and_data_of_any_exponent(folder, which, question):
    """Finite numbers are answered exactly or refused by the memory budget; a search that overflows is no error."""
    place, changes = SCALES[which]
    (folder / f"{place}.npz").write_bytes(npz(changed({"A": NET, "D": POINTS}[place], changes)))
    status, out, err = skipscape(*(connecting if question == "connect" else asking)(folder), "--json")
    if status == 2:
        assert "--memory" in err, err
    else:
        answer = json.loads(out)
        assert answer["refused"] is None
        assert answer["verdict"] in (["PROVED"] if question == "connect" else ["PROVED", "UNDECIDED"])
        assert err == ""


def test_a_budget_that_is_too_small_says_what_was_needed(folder):
    """One line with both sizes, different in print, and the option that raises the budget."""
    draw, m = np.random.default_rng(3), 3000
    sizes = 10.0 ** draw.integers(-300, 300, (m, 3))
    wide = {"class": "parallel", "bias": 1, "W": draw.standard_normal((m, 3)) * sizes, "V": np.ones((2, m))}
    wide |= {"A": np.ones((2, m)), "U": np.ones((2, 2))}
    (folder / "A.npz").write_bytes(npz(wide))
    (folder / "B.npz").write_bytes(npz(wide | {"V": -wide["V"]}))
    err = require_refused(folder, [*connecting(folder), "--route", "zero", "--memory", "0.001"], "--memory")
    assert "0.0 GiB" not in err
