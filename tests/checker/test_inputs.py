"""Data and network files of the user: what is read exactly, and what is refused in one line that says what to do."""

import io
import json
import os
import struct
import zipfile
from types import SimpleNamespace

import numpy as np
import pytest
import safetensors.numpy

from numerics.checker.errors import Unusable
from numerics.checker.inputs import read_data
from numerics.checker.networks import read_network
from support.certificates import npy
from support.oracles import prefixes

BUDGET = 1 << 26
X = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
Y = np.array([[0.0], [1.0], [0.5]])
NET = {"W": np.ones((4, 3)), "V": np.ones((1, 4))}


@pytest.fixture
def save(tmp_path):
    """Write an .npz and return its path as text."""

    def run(**arrays):
        np.savez(tmp_path / "file.npz", **arrays)
        return str(tmp_path / "file.npz")

    return run


def refuse(path, reason, read=read_data, budget=BUDGET):
    with pytest.raises(Unusable, match=reason) as caught:
        read(path, budget)
    message = str(caught.value)
    assert "\n" not in message
    assert str(path).split("/")[-1].split(".")[0].replace("\0", "\\x00") in message


def test_matrices_are_read_exactly(save):
    data = read_data(save(X=X, Y=Y), BUDGET)
    assert data.x.tobytes() == X.tobytes()
    assert data.y.tobytes() == Y.tobytes()


@pytest.mark.parametrize("dtype", ["i1", "i2", "<i4", ">i4", "i8", "u1", "u2", "u4", "u8", "f2", "<f4", ">f4", ">f8"])
def test_exactly_representable_types(save, dtype):
    data = read_data(save(X=X.astype(dtype), Y=Y.astype("f4")), BUDGET)
    assert data.x.dtype == np.float64
    assert data.x.tolist() == X.tolist()


def test_memory_order_and_compression_do_not_matter(tmp_path):
    np.savez_compressed(tmp_path / "file.npz", X=np.asfortranarray(X), Y=Y)
    assert read_data(str(tmp_path / "file.npz"), BUDGET).digest == read_data_of(tmp_path, X=X, Y=Y).digest


def read_data_of(folder, **arrays):
    np.savez(folder / "other.npz", **arrays)
    return read_data(str(folder / "other.npz"), BUDGET)


def test_labels_become_one_hot(save):
    assert read_data(save(X=X, labels=np.array([2, 0, 2])), BUDGET).y.tolist() == [[0, 0, 1], [1, 0, 0], [0, 0, 1]]
    assert read_data(save(X=X, labels=np.array([0, 0, 0], dtype=np.uint8)), BUDGET).y.tolist() == [[1], [1], [1]]


def test_other_arrays_of_a_data_file_are_not_even_read(save):
    assert len(read_data(save(X=X, Y=Y, names=np.array([{}], dtype=object)), BUDGET).x) == 3


@pytest.mark.parametrize(
    ("arrays", "reason"),
    [
        ({"X": X}, "X with either Y or labels"),
        ({"Y": Y}, "X with either Y or labels"),
        ({"X": X, "Y": Y, "labels": np.array([0, 1, 2])}, "X with either Y or labels"),
        ({"Z": X}, "none of the arrays"),
        ({"X": X, "Y": Y[:, 0]}, r"Y has shape \(3,\): reshape it to \(3, 1\)"),
        ({"X": X[:, 0], "Y": Y}, r"X has shape \(3,\): reshape it to \(3, 1\)"),
        ({"X": X[None], "Y": Y}, "must be a matrix"),
        ({"X": np.array(1.0), "Y": Y}, "must be a matrix"),
        ({"X": X[:0], "Y": Y[:0]}, "at least one row"),
        ({"X": X[:, :0], "Y": Y}, "at least one row"),
        ({"X": X, "Y": Y[:2]}, "X has 3 rows but Y has 2"),
        ({"X": X, "labels": np.array([0, 1])}, "X has 3 rows but labels has 2"),
        ({"X": X, "labels": np.array([0, -1, 1])}, "integers >= 0"),
        ({"X": X, "labels": np.array([0.0, 1.0, 2.0])}, "integers >= 0"),
        ({"X": X, "labels": np.array([[0], [1], [2]])}, r"labels has shape \(3, 1\)"),
        ({"X": X, "labels": np.array([], dtype=int)}, "labels has shape"),
        ({"X": X, "labels": np.array([0, 1, 10**9])}, "too many one-hot columns"),
        ({"X": X * np.nan, "Y": Y}, "X has a value that is not finite"),
        ({"X": X, "Y": Y + np.inf}, "Y has a value that is not finite"),
        ({"X": X > 2, "Y": Y}, "X has dtype bool: store integers or float"),
        ({"X": X.astype(complex), "Y": Y}, "dtype"),
        ({"X": X.astype(np.longdouble), "Y": Y}, "dtype"),
        ({"X": X.astype(object), "Y": Y}, "nothing pickled"),
        ({"X": X.astype(str), "Y": Y}, "X has dtype"),
        ({"X": X.astype("M8[s]"), "Y": Y}, "dtype"),
        ({"X": np.zeros(3, dtype=[("a", float)]), "Y": Y}, "structured"),
        ({"X": np.full((3, 1), 2**53 + 1), "Y": Y}, r"beyond 2\^53"),
        ({"X": np.full((3, 1), -(2**53) - 1), "Y": Y}, r"beyond 2\^53"),
        ({"X": np.full((3, 1), 2**63, dtype=np.uint64), "Y": Y}, r"beyond 2\^53"),
    ],
)
def test_unusable_data(save, arrays, reason):
    refuse(save(**arrays), reason)


def test_integers_up_to_2_to_the_53_are_exact(save):
    assert read_data(save(X=np.array([[2**53], [-(2**53)]]), Y=Y[:2]), BUDGET).x.tolist() == [[2.0**53], [-(2.0**53)]]
    unsigned = np.array([[2**53], [2**53 + 1]], dtype=np.uint64)
    assert read_data(save(X=unsigned[:1], Y=Y[:1]), BUDGET).x.tolist() == [[2.0**53]]
    refuse(save(X=unsigned, Y=Y[:2]), r"beyond 2\^53")


def test_numbers_are_counted_as_float64(save):
    """A byte each in the file: sixteen of them, with what converting takes, are predicted for each."""
    path = save(X=np.ones((100_000, 1), dtype=np.int8), Y=np.ones((100_000, 1), dtype=np.int8))
    refuse(path, "takes, as float64", budget=3_000_000)
    assert len(read_data(path, BUDGET).x) == 100_000


def test_one_hot_targets_are_counted_before_they_are_made(save):
    """And there is a number of them that no memory allows."""
    high = np.full(100, 9_999)
    refuse(save(X=np.ones((100, 1)), labels=high), "takes, one-hot encoded, about", budget=1 << 20)
    assert read_data(save(X=np.ones((100, 1)), labels=high), BUDGET).y.shape == (100, 10_000)
    high = np.full(2684, 99_999)
    refuse(save(X=np.ones((2684, 1)), labels=high), "takes, one-hot encoded, about")
    high = np.full(2685, 99_999)
    refuse(save(X=np.ones((2685, 1)), labels=high), "too many one-hot columns")


def test_a_file_that_grows_while_it_is_read_is_refused(save, monkeypatch):
    """Its size is what it was when it was looked at."""
    path = save(X=X, Y=Y)
    status = list(os.stat(path))
    status[6] -= 1
    seen = SimpleNamespace(stat=lambda _: os.stat_result(status), fspath=os.fspath)
    monkeypatch.setattr("numerics.checker.files.os", seen)
    refuse(path, "it grew while it was being read as the data: try again")


def test_files_that_are_none(tmp_path):
    refuse(str(tmp_path / "missing.npz"), "no such file")
    refuse(str(tmp_path), "regular file")
    refuse("/dev/zero", "regular file")
    refuse("nul\0byte.npz", "cannot be read")
    os.mkfifo(tmp_path / "pipe.npz")
    refuse(str(tmp_path / "pipe.npz"), "regular file")


def garbage():
    stream = io.BytesIO()
    np.savez_compressed(stream, X=X, Y=Y)
    good = stream.getvalue()
    yield from [b"", b"PK", b"hello", b"\x93NUMPY", good[:100], good[:-1], good[50:], b"\0" * 1000]
    yield b"PK\5\6" + b"\xff" * 18
    rng = np.random.default_rng(0)
    for _ in range(150):
        spoiled = bytearray(good)
        for place in rng.integers(0, len(good), 3):
            spoiled[place] = rng.integers(0, 256)
        yield bytes(spoiled)


def test_garbage_is_one_line_at_worst(tmp_path):
    path = tmp_path / "file.npz"
    for blob in garbage():
        path.write_bytes(blob)
        for read in (read_data, read_network):
            assert "\n" not in complaint(read, path)


def complaint(read, path):
    """What is said about the file; nothing if it happens to be usable."""
    try:
        read(str(path), BUDGET)
    except Unusable as error:
        return str(error)
    return ""


def write_zip(path, entries, compression=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, contents in entries:
            archive.writestr(name, contents)
    return str(path)


def test_bombs_are_refused_before_they_go_off(tmp_path):
    bomb = npy(np.zeros((1 << 20, 1)))
    path = write_zip(tmp_path / "file.npz", [("X.npy", bomb), ("Y.npy", bomb)])
    assert os.stat(path).st_size < 1 << 16
    refuse(path, "unpacks to .* more than the", budget=1 << 20)
    refuse(path, "allowed", budget=100)
    assert len(read_data(path, BUDGET).x) == 1 << 20


def test_a_header_that_promises_more_than_the_entry_holds_is_refused(tmp_path):
    lying = npy(np.zeros((1, 1))).replace(b"(1, 1)", b"(9, 9)")
    refuse(write_zip(tmp_path / "file.npz", [("X.npy", lying), ("Y.npy", npy(Y))]), "number of bytes")


@pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning")
def test_repeated_names_and_odd_compressions_are_refused(tmp_path):
    twice = [("X.npy", npy(X)), ("X.npy", npy(X)), ("Y.npy", npy(Y))]
    refuse(write_zip(tmp_path / "file.npz", twice), "same name")
    refuse(write_zip(tmp_path / "file.npz", twice[1:], zipfile.ZIP_LZMA), "neither stored nor deflated")


# Networks


def test_networks_are_read_exactly(save):
    network = read_network(save(**{"class": "two-layer", "bias": 1}, **NET), BUDGET)
    assert (network.space.kind, network.space.bias, network.space.slots) == ("two-layer", 1, 4)
    assert network.weights["W"].tolist() == NET["W"].tolist()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"class": None}, "class must be a string scalar"),
        ({"class": np.array(["two-layer"])}, "class must be a string scalar"),
        ({"class": 1}, "class must be a string scalar"),
        ({"class": "deep"}, "class 'deep' is not covered by this checker: it covers two-layer, parallel, residual"),
        ({"class": "residual"}, "A is missing: class residual needs A, U, V, W"),
        ({"class": "plain"}, "A is missing: class plain needs A, U, W"),
        ({"class": "stream"}, "blocks.0.A is missing"),
        ({"bias": None}, "bias must be 0 or 1, a scalar"),
        ({"bias": 0.5}, "bias is 0.5: it must be 0 or 1"),
        ({"bias": np.nan}, "bias is nan: it must be 0 or 1"),
        ({"bias": [1, 1]}, "bias must be 0 or 1, a scalar"),
        ({"bias": "1"}, "bias must be 0 or 1, a scalar"),
        ({"bias": 2}, "bias is 2: it must be 0 or 1"),
        ({"V": np.ones((1, 12)), "W": np.ones((16, 3))}, r"V has 12 columns but W has 16 rows: V must be \(p, m\)"),
        ({"V": None}, "V is missing"),
        ({"gain": np.ones(3)}, "'gain' is not a parameter"),
        ({"A": np.ones((2, 4))}, "A is no parameter of class two-layer"),
        ({"class": "parallel"}, "A is missing"),
        ({"c": np.ones(2)}, r"c has 2 entries but V has 1 rows: c must be \(p,\)"),
        ({"c": np.ones((1, 1))}, "1 dimension"),
        ({"c": np.array([np.inf])}, "c has a value that is not finite"),
        ({"c": np.array(["x"])}, "c has dtype"),
    ],
)
def test_unusable_networks(save, changes, reason):
    arrays = {"class": "two-layer", "bias": 1} | NET | changes
    refuse(save(**{name: array for name, array in arrays.items() if array is not None}), reason, read_network)


ONE = np.ones((1, 4))
SPACES = {
    "two-layer": NET | {"c": np.ones(1)},
    "parallel": NET | {"A": ONE, "a": np.ones(1), "B1": np.ones((2, 1)), "U": np.ones((1, 2))},
    "residual": NET | {"A": ONE, "U": np.ones((4, 1)), "c": np.ones(1)},
    "stream": NET
    | {"blocks.0.A": ONE, "blocks.0.U": np.ones((4, 1)), "blocks.1.A": np.ones((2, 4))}
    # The second block is deeper than the first.
    | {"blocks.1.b1": np.ones(3), "blocks.1.B1": np.ones((3, 2)), "blocks.1.U": np.ones((4, 3))},
    "post": NET | {f"blocks.{k}.A": ONE for k in range(2)} | {f"blocks.{k}.U": np.ones((4, 1)) for k in range(2)},
    "plain": {"W": NET["W"], "A": ONE, "U": np.ones((1, 1)), "c": np.ones(1)},
}


@pytest.mark.parametrize("kind", SPACES)
def test_networks_of_every_class_are_read(save, save_tensors, kind):
    """From both formats, with the names of a stream's blocks."""
    tensors = save_tensors(SPACES[kind], {"class": kind, "bias": "0"})
    for path in (save(**{"class": kind, "bias": 0}, **SPACES[kind]), tensors):
        network = read_network(path, BUDGET)
        assert (network.space.kind, network.space.inputs, network.space.outputs) == (kind, 3, 1)
        assert set(network.weights) == set(SPACES[kind])
    assert network.space.blocks == prefixes(kind)


@pytest.mark.parametrize(
    ("kind", "changes", "reason"),
    [
        ("residual", {"U": np.ones((1, 1))}, r"U has 1 rows but W has 4 rows: U must be \(m, r_last\)"),
        ("plain", {"V": np.ones((1, 4))}, "V is no parameter of class plain"),
        ("plain", {"c": np.ones(2)}, "c has 2 entries but U has 1 rows"),
        ("stream", {"blocks.1.A": None}, "blocks.1.A is missing"),
        ("stream", {"blocks.3.A": ONE, "blocks.3.U": np.ones((4, 1))}, "blocks.2.A is missing"),
        ("stream", {"A": ONE}, "A is no parameter of class stream"),
        ("stream", {"blocks.1.b2": np.ones(3)}, "blocks.1.b2 is no parameter of class stream with 1 inner layers"),
        ("stream", {"blocks.1.B1": np.ones((3, 5))}, "blocks.1.B1 has 5 columns but blocks.1.A has 2 rows"),
        ("stream", {"blocks.00.A": ONE}, "is not a parameter"),
        ("stream", {"blocks.100.A": ONE}, "is not a parameter"),
        ("stream", {"blocks.0.W": ONE}, "is not a parameter"),
        ("stream", {"blocks.0.a": np.ones((1, 1))}, "blocks.0.a has shape .* 1 dimension"),
        ("parallel", {"blocks.0.A": ONE}, "blocks.0.A is no parameter of class parallel"),
    ],
)
def test_unusable_networks_of_other_classes(save, kind, changes, reason):
    """One line, as for all others."""
    arrays = {"class": kind, "bias": 0} | SPACES[kind] | changes
    refuse(save(**{name: array for name, array in arrays.items() if array is not None}), reason, read_network)


@pytest.fixture
def save_tensors(tmp_path):
    def run(arrays, metadata):
        path = tmp_path / "file.safetensors"
        safetensors.numpy.save_file(arrays, str(path), metadata)
        return str(path)

    return run


METADATA = {"class": "two-layer", "bias": "1", "format": "pt"}


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_safetensors_are_read_exactly(save_tensors, dtype):
    rng = np.random.default_rng(0)
    arrays = {name: rng.normal(size=array.shape).astype(dtype) for name, array in NET.items()}
    network = read_network(save_tensors(arrays, METADATA), BUDGET)
    assert all(network.weights[name].tolist() == array.astype(float).tolist() for name, array in arrays.items())


def test_unusable_safetensors(save_tensors):
    refuse(save_tensors(NET, {"class": "two-layer"}), "must hold class and bias", read_network)
    refuse(save_tensors(NET, None), "must hold class and bias", read_network)
    refuse(save_tensors(NET, METADATA | {"bias": "yes"}), "must hold class and bias", read_network)
    refuse(save_tensors({"W": NET["W"]}, METADATA), "V is missing", read_network)
    integers = {name: array.astype(np.int64) for name, array in NET.items()}
    refuse(save_tensors(integers, METADATA), "use BF16, F16, F32 or F64", read_network)


def test_all_of_the_metadata_is_looked_at(save_tensors):
    """What comes after a json object, and what lies as deep as json may nest."""
    later = METADATA | {"a": '{"x": 1}', "activation": "gelu"}
    refuse(save_tensors(NET, later), "its metadata says activation = 'gelu'", read_network)
    for depth in (99, 100):
        deep = METADATA | {"a": "[" * (depth - 1) + '{"activation": "gelu"}' + "]" * (depth - 1)}
        refuse(save_tensors(NET, deep), "activation = 'gelu'", read_network)
    wide = METADATA | {"a": "[" + "[]," * 200 + "[" * 150 + '{"activation": "gelu"}' + "]" * 151}
    assert read_network(save_tensors(NET, wide), BUDGET).space.slots == 4  # too deep to be opened


def raw_safetensors(header, values):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + values


def tensor(first, last, shape, dtype="F64"):
    return {"dtype": dtype, "shape": shape, "data_offsets": [first, last]}


GOOD = {"__metadata__": METADATA, "W": tensor(0, 48, [2, 3]), "V": tensor(48, 64, [1, 2])}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"V": tensor(40, 56, [1, 2])}, "tile"),
        ({"V": tensor(56, 72, [1, 2])}, "tile"),
        ({"V": tensor(48, 80, [1, 4])}, "tile"),
        ({"V": tensor(64, 48, [1, 2])}, "tile"),
        ({"V": tensor(48, 64, [1, 3])}, "tile"),
        ({"V": tensor(48, 64, [10**18, 2])}, "takes, as float64"),  # 19 digits, as the largest of all sizes has
        ({"V": tensor(48, 64, [10**19, 2])}, "malformed"),
        ({"V": tensor(48, 56, [1, 1])}, "8 bytes that belong to no tensor"),
        ({"V": tensor(48, 64, [1, -2])}, "malformed"),
        ({"V": tensor(48, 64, [1, 2.0])}, "malformed"),
        ({"V": tensor(48, 64, [True, 2])}, "malformed"),
        ({"V": tensor(48, 64, [1 << 63, 2])}, "malformed"),
        ({"V": tensor(48, 64, [10**4000] * 100)}, "malformed"),  # once their product was computed, in minutes
        ({"V": {"dtype": "F64", "shape": [1, 2], "data_offsets": [48]}}, "malformed"),
        ({"V": {"dtype": "F64", "shape": [1, 2]}}, "other keys"),
        ({"V": tensor(48, 64, [1, 2], "F8_E4M3")}, "F8_E4M3: use BF16, F16, F32 or F64"),
        ({"V": tensor(48, 64, [1, 2], None)}, "use BF16, F16, F32 or F64"),
        ({"V": 3}, "other keys"),
        ({"__metadata__": {"class": 1}}, "metadata"),
        ({"__metadata__": []}, "metadata"),
    ],
)
def test_safetensors_headers_are_checked(tmp_path, changes, reason):
    path = tmp_path / "file.safetensors"
    path.write_bytes(raw_safetensors(GOOD, bytes(64)))
    assert read_network(path, BUDGET).space.slots == 2
    path.write_bytes(raw_safetensors(GOOD | changes, bytes(64)))
    refuse(path, reason, read_network)


def test_a_header_longer_than_its_file_is_none(tmp_path):
    """By one byte too."""
    path = tmp_path / "file.safetensors"
    path.write_bytes(struct.pack("<Q", 3) + b"{}")
    refuse(path, "neither a zip archive nor a safetensors file", read_network)


def test_safetensors_have_no_gaps(tmp_path):
    path = tmp_path / "file.safetensors"
    path.write_bytes(raw_safetensors(GOOD | {"V": tensor(56, 72, [1, 2])}, bytes(72)))
    refuse(path, "tile", read_network)


@pytest.mark.parametrize(
    "blob",
    [
        b"",
        b"\x00" * 7,
        b"\xff" * 8,
        struct.pack("<Q", 2) + b"[]",
        struct.pack("<Q", 1) + b"{",
        struct.pack("<Q", 9) + b"{}",
        raw_safetensors(b'{"a":1,"a":1}', b""),
        raw_safetensors(b"[" * 100000, b""),
        raw_safetensors(b"\xff", b""),
        raw_safetensors(b"1" * 5000, b""),
        raw_safetensors(b"{}", b""),
    ],
)
def test_safetensors_garbage(tmp_path, blob):
    path = tmp_path / "file.safetensors"
    path.write_bytes(blob)
    refuse(path, "file.safetensors", read_network)
