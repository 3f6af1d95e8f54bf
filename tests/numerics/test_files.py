"""Files of networks and data: every float exactly, and writes that are whole or absent."""

import errno
import os
import re
import signal
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

import numerics
from numerics.data import read_data
from numerics.errors import InputError
from numerics.files import read_bounded, require_writable, write_atomically
from numerics.networks import Parallel, TwoLayer
from numerics.networks.files import read_network, write_network
from numerics.testing import networks

SUFFIXES = [".npz", ".safetensors"]
FLOATS = [np.float16, np.float32, np.float64]


def arrays(dtype, seed=0):
    """A parallel network's arrays of one type, with zeros of both signs and the extremes of the type."""
    draw = np.random.default_rng(seed)
    shapes = {"W": (4, 3), "V": (2, 4), "A": (3, 4), "a": (3,), "B1": (2, 3), "b1": (2,), "U": (2, 2), "c": (2,)}
    made = {name: draw.standard_normal(shape).astype(dtype) for name, shape in shapes.items()}
    limits = np.finfo(dtype)
    made["W"][0] = [limits.max, -limits.max, limits.tiny]
    made["V"][0, :3] = [limits.smallest_subnormal, -0.0, 0.0]
    return made


def save(path, named, kind="parallel", bias="1"):
    if path.suffix == ".safetensors":
        path.write_bytes(save_tensors(dict(named), metadata={"class": kind, "bias": bias}))
    else:
        np.savez(path, **{"class": np.array(kind), "bias": np.array(int(bias))}, **named)
    return path


SHAPES = {  # one good set of shapes per class; `test_wrong_shapes` changes one at a time
    "residual": {"W": (4, 3), "V": (2, 4), "A": (5, 4), "a": (5,), "B1": (6, 5), "b1": (6,), "U": (4, 6), "c": (2,)},
    "stream": {
        "W": (4, 3),
        "V": (2, 4),
        "blocks.0.A": (5, 4),
        "blocks.0.a": (5,),
        "blocks.0.U": (4, 5),
        "blocks.1.A": (3, 4),
        "blocks.1.B1": (6, 3),
        "blocks.1.b1": (6,),
        "blocks.1.U": (4, 6),
        "c": (2,),
    },
    "plain": {"W": (4, 3), "A": (5, 4), "a": (5,), "B1": (6, 5), "b1": (6,), "U": (2, 6), "c": (2,)},
}
WRONG = [
    ("residual", {"U": (2, 6)}, "U has shape (2, 6) but W has 4 rows and B1 has 6: U must be (m, r_last)"),
    ("residual", {"U": (4, 5)}, "U has shape (4, 5) but W has 4 rows and B1 has 6"),
    ("residual", {"V": (2, 5)}, "V has 5 columns but W has 4 rows"),
    ("residual", {"A": (5, 3)}, "A has 3 columns but W has 4 rows"),
    ("residual", {"c": (4,)}, "c has length 4 but V has 2 rows"),
    ("residual", {"U": None}, "a residual network needs U"),
    ("residual", {"B3": (6, 6)}, "B3 has no place in a residual network whose branch has 2 layer(s)"),
    ("residual", {"W": (4, 1)}, "bias is 1 but W has one column only"),
    ("stream", {"blocks.1.U": (4, 5)}, "blocks.1.U has shape (4, 5) but W has 4 rows and blocks.1.B1 has 6"),
    ("stream", {"blocks.0.U": (2, 5)}, "blocks.0.U must be (m, r_last)"),
    ("stream", {"blocks.1.A": (3, 5)}, "blocks.1.A has 5 columns but W has 4 rows"),
    ("stream", {"blocks.1.B1": (6, 2)}, "blocks.1.B1 has 2 columns but blocks.1.A has 3 rows"),
    ("stream", {"blocks.1.b1": (3,)}, "blocks.1.b1 has length 3 but blocks.1.B1 has 6 rows"),
    ("stream", {"blocks.1.U": None}, "a stream network needs blocks.1.U"),
    ("stream", {"blocks.0.A": None}, "a stream network needs blocks.0.A"),
    ("stream", {"blocks.3.A": (3, 4)}, "blocks.3.A has no place in a stream network whose 2 block(s)"),
    ("stream", {"A": (3, 4)}, "A has no place in a stream network"),
    ("stream", {"V": (2, 3)}, "V has 3 columns but W has 4 rows"),
    ("stream", {"c": (3,)}, "c has length 3 but V has 2 rows"),
    ("plain", {"V": (2, 4)}, "V has no place in a plain network"),
    ("plain", {"U": (2, 5)}, "U has 5 columns but B1 has 6 rows"),
    ("plain", {"U": (6,)}, "U has shape (6,)"),
    ("plain", {"c": (4,)}, "c has length 4 but U has 2 rows: c must be (p,) with p = rows of U"),
    ("plain", {"A": (5, 3)}, "A has 3 columns but W has 4 rows"),
    ("plain", {"W": None}, "a plain network needs W"),
]


def bits(network):
    return {name: (array.shape, array.tobytes()) for name, array in network.parameters().items()}


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("dtype", FLOATS)
def test_floats_of_every_width_are_read_exactly(tmp_path, dtype, suffix):
    """Subnormals, extremes and signs of zero of float16, float32 and float64, as the float64 of the same value."""
    named = arrays(dtype)
    network = read_network(save(tmp_path / f"net{suffix}", named))
    assert (network.kind, network.bias) == ("parallel", True)
    assert bits(network) == {name: (array.shape, array.astype(np.float64).tobytes()) for name, array in named.items()}


@pytest.mark.parametrize("order", ["big-endian", "columns first", "deflated"])
def test_the_layout_on_disk_does_not_matter(tmp_path, order):
    """Byte order, order of the entries in memory and compression give the same network, bit for bit."""
    named = arrays(np.float64)
    expected = bits(read_network(save(tmp_path / "plain.npz", named)))
    path = tmp_path / "other.npz"
    if order == "big-endian":
        save(path, {name: array.astype(">f8") for name, array in named.items()})
    elif order == "columns first":
        save(path, {name: np.asfortranarray(array) for name, array in named.items()})
    else:
        np.savez_compressed(path, **{"class": "parallel", "bias": 1}, **named)
    assert bits(read_network(path)) == expected


@pytest.mark.parametrize("suffix", SUFFIXES)
@given(network=st.one_of(networks(), networks(wide=True)))
def test_what_is_written_is_read_back_bit_for_bit(suffix, network):
    """Class, bias, names, shapes and weights."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"net{suffix}"
        write_network(path, network)
        again = read_network(path)
    assert type(again) is type(network)
    assert again.identical(network)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_same_network_gives_the_same_bytes(tmp_path, suffix):
    """Written sixteen times over, in either format."""
    network = read_network(save(tmp_path / f"in{suffix}", arrays(np.float64)))
    path = tmp_path / f"out{suffix}"
    contents = set()
    for _ in range(16):
        write_network(path, network, force=True)
        contents.add(path.read_bytes())
    assert len(contents) == 1


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_other_programs_can_read_what_is_written(tmp_path, suffix):
    """numpy and safetensors find float64 arrays under the names of the format, without pickles."""
    network = read_network(save(tmp_path / f"in{suffix}", arrays(np.float32)))
    out = tmp_path / f"out{suffix}"
    write_network(out, network)
    if suffix == ".npz":
        with np.load(out, allow_pickle=False) as stored:
            got = dict(stored)
        assert (str(got.pop("class")), int(got.pop("bias"))) == ("parallel", 1)
    else:
        got = load_tensors(out.read_bytes())
    assert {name: array.dtype for name, array in got.items()} == dict.fromkeys(arrays(np.float32), np.dtype("<f8"))


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_biases_that_are_absent_stay_absent(tmp_path, suffix):
    """Reading and writing adds no `a`, `b1` or `c`."""
    named = {name: array for name, array in arrays(np.float64).items() if name not in ("a", "b1", "c")}
    network = read_network(save(tmp_path / f"in{suffix}", named, bias="0"))
    write_network(tmp_path / f"out{suffix}", network)
    again = read_network(tmp_path / f"out{suffix}")
    assert isinstance(again, Parallel)
    assert set(again.parameters()) == set(named)
    assert again.bias is False


def test_a_two_layer_network_keeps_its_class(tmp_path):
    """Arrays W, V and c alone make a two-layer network when the file says so."""
    named = {name: array for name, array in arrays(np.float64).items() if name in ("W", "V", "c")}
    assert isinstance(read_network(save(tmp_path / "net.npz", named, kind="two-layer")), TwoLayer)


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize(("kind", "changed", "relation"), WRONG)
def test_wrong_shapes_are_refused_with_the_file_and_the_relation(tmp_path, kind, changed, relation, suffix):
    """Residual, stream and plain, in both formats; the unchanged shapes are a network of that class."""
    good = {name: np.ones(shape) for name, shape in SHAPES[kind].items()}
    assert read_network(save(tmp_path / f"good{suffix}", good, kind)).kind == kind
    named = good | {name: None if shape is None else np.ones(shape) for name, shape in changed.items()}
    path = save(tmp_path / f"bad{suffix}", {name: array for name, array in named.items() if array is not None}, kind)
    with pytest.raises(InputError, match=re.escape(relation)) as caught:
        read_network(path)
    assert str(caught.value).startswith(f"{path}: ")


@pytest.mark.parametrize("dtype", [*FLOATS, np.int8, np.int64, np.uint16])
def test_data_of_every_type_are_read_exactly(tmp_path, dtype):
    """Small integers and floats of any width, as the float64 of the same value."""
    X, Y = np.arange(6).reshape(3, 2).astype(dtype), np.arange(3).reshape(3, 1).astype(dtype)
    np.savez(tmp_path / "data.npz", X=X, Y=Y)
    data = read_data(str(tmp_path / "data.npz"))
    assert data.X.tobytes() == X.astype(np.float64).tobytes()
    assert data.Y.tobytes() == Y.astype(np.float64).tobytes()


def test_labels_become_one_hot_targets(tmp_path):
    """Columns up to the largest label; a label that does not occur keeps its column of zeros."""
    np.savez(tmp_path / "data.npz", X=np.ones((3, 1)), labels=np.array([3, 0, 1]))
    assert read_data(str(tmp_path / "data.npz")).Y.tolist() == [[0, 0, 0, 1], [1, 0, 0, 0], [0, 1, 0, 0]]


# writing


def leftovers(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("force", [False, True])
def test_a_write_is_the_whole_content_under_the_one_name(tmp_path, force):
    """With the rights that the umask leaves to any new file."""
    path = tmp_path / "out.bin"
    write_atomically(path, b"new", force=force)
    (tmp_path / "touched").touch()
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == stat.S_IMODE((tmp_path / "touched").stat().st_mode)
    assert leftovers(tmp_path) == ["out.bin", "touched"]


def test_an_existing_file_is_replaced_only_with_force(tmp_path):
    """Also an empty one, and one behind a link."""
    path, link = tmp_path / "out.bin", tmp_path / "link"
    path.touch()
    link.symlink_to(path)
    for place in (path, link):
        with pytest.raises(InputError, match="--force"):
            write_atomically(place, b"new", force=False)
        with pytest.raises(InputError, match="--force"):
            require_writable(place, force=False)
    assert path.read_bytes() == b""
    write_atomically(path, b"new", force=True)
    assert path.read_bytes() == b"new"
    assert leftovers(tmp_path) == ["link", "out.bin"]


def test_a_file_that_appears_meanwhile_is_not_overwritten(tmp_path, monkeypatch):
    """Somebody else's file, created after the first look and before the last step, stays."""
    path = tmp_path / "out.bin"
    monkeypatch.setattr(os, "fsync", lambda handle: path.write_bytes(b"theirs"))
    with pytest.raises(InputError, match="exists already"):
        write_atomically(path, b"new", force=False)
    assert path.read_bytes() == b"theirs"
    assert leftovers(tmp_path) == ["out.bin"]


@pytest.mark.parametrize("old", [None, b"old"])
@pytest.mark.parametrize("step", ["open", "fdopen", "fsync", "replace"])
def test_a_write_that_fails_leaves_what_was_there(tmp_path, monkeypatch, step, old):
    """A full disk at any step: the reason in one line, the old file or none, nothing temporary."""
    path = tmp_path / "out.bin"
    if old is not None:
        path.write_bytes(old)

    def full(*arguments, **options):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, step, full)
    with pytest.raises(InputError, match="No space left") as caught:
        write_atomically(path, b"new", force=True)
    monkeypatch.undo()
    assert str(path) in str(caught.value)
    assert leftovers(tmp_path) == ([] if old is None else ["out.bin"])
    assert old is None or path.read_bytes() == old


def test_a_file_system_without_hard_links_is_written_to(tmp_path, monkeypatch):
    """FAT, exFAT and some network shares answer EPERM to a hard link; a new file can be written there all the same."""

    def no_links(*arguments, **options):
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", no_links)
    write_atomically(tmp_path / "out.bin", b"new", force=False)
    assert (tmp_path / "out.bin").read_bytes() == b"new"
    assert leftovers(tmp_path) == ["out.bin"]


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, SystemExit, MemoryError])
def test_a_write_that_is_interrupted_leaves_what_was_there(tmp_path, monkeypatch, interruption):
    """The exception goes on; the old file is whole and nothing temporary stays."""
    path = tmp_path / "out.bin"
    path.write_bytes(b"old")

    def interrupted(handle):
        raise interruption

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(interruption):
        write_atomically(path, b"new", force=True)
    assert path.read_bytes() == b"old"
    assert leftovers(tmp_path) == ["out.bin"]


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_a_command_that_is_told_to_stop_while_writing_leaves_nothing(tmp_path, sent):
    """SIGINT and SIGTERM between the temporary file and its final name."""
    certificate = tmp_path / "in" / "path.cert"
    certificate.parent.mkdir()
    for name, shift in (("A", 0.0), ("B", 1.0)):
        W = np.arange(6.0).reshape(3, 2) - shift
        save(certificate.with_name(f"{name}.npz"), {"W": W, "V": np.ones((1, 3)) * shift}, "two-layer")
    np.savez(certificate.with_name("D.npz"), X=np.ones((2, 1)), Y=np.ones((2, 1)))
    out = tmp_path / "out"
    out.mkdir()
    program = "import os, sys\nfrom numerics import cli\nwords = sys.argv\n"
    program += "sys.argv = ['skipscape', 'connect', 'A.npz', 'B.npz', '--data', 'D.npz', '--out', 'path.cert']\n"
    program += "assert cli.exit_status() == 0\n"
    program += "os.fsync = lambda handle: os.kill(os.getpid(), int(words[1]))\n"
    program += "sys.argv = ['skipscape', 'path', 'path.cert', '--at', '1/2', '--out', words[2]]\n"
    program += "cli.main()\n"
    command = [sys.executable, "-c", program, str(int(sent)), str(out / "net.npz")]
    env = {**os.environ, "PYTHONPATH": str(Path(numerics.__file__).parents[1])}
    done = subprocess.run(command, cwd=certificate.parent, env=env, capture_output=True, timeout=60, check=False)
    assert certificate.exists(), done.stderr
    assert done.returncode != 0
    assert b"Traceback" not in done.stderr
    assert leftovers(out) == []


@pytest.mark.parametrize("place", ["folder", "nowhere/out.bin", "file/out.bin", "x" * 300])
def test_places_that_cannot_be_written_to_are_refused_early(tmp_path, place):
    """Before the work and by the write itself, as an InputError that names the place."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    shown = place.split("/")[0]
    for force in (False, True):
        with pytest.raises(InputError, match=shown):
            require_writable(tmp_path / place, force=force)
        with pytest.raises(InputError, match=shown):
            write_atomically(tmp_path / place, b"new", force=force)
    assert leftovers(tmp_path) == ["file", "folder"]


@pytest.mark.parametrize("length", [1, 200, 240, 255])
def test_every_name_that_the_file_system_takes_can_be_written(tmp_path, length):
    """The temporary name is not longer than the final one may be."""
    path = tmp_path / ("x" * length)
    write_atomically(path, b"new", force=False)
    assert leftovers(tmp_path) == [path.name]


def test_a_draft_that_cannot_be_written_is_one_line(tmp_path, monkeypatch):
    """A full folder for temporary files ends connect with an InputError, and no certificate is left."""
    from numerics.questions.connect import connect
    from numerics.questions.request import Request

    for name, shift in (("A", 0.0), ("B", 1.0)):
        W = np.arange(6.0).reshape(3, 2) - shift
        save(tmp_path / f"{name}.npz", {"W": W, "V": np.ones((1, 3)) * shift}, "two-layer")
    np.savez(tmp_path / "D.npz", X=np.ones((2, 1)), Y=np.ones((2, 1)))

    def full(path, content):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_bytes", full)
    request = Request.read(str(tmp_path / "D.npz"), tmp_path / "A.npz", tmp_path / "B.npz")
    with pytest.raises(InputError, match="No space left"):
        connect(request)
    assert not (tmp_path / "path.cert").exists()


# reading


def test_only_ordinary_files_of_bounded_size_are_read(tmp_path, monkeypatch):
    """A folder, nothing, and a file above the limit are refused by name."""
    path = tmp_path / "file"
    path.write_bytes(b"12345")
    assert read_bounded(path, "a test") == b"12345"
    for place in (tmp_path, tmp_path / "missing"):
        with pytest.raises(InputError, match=place.name):
            read_bounded(place, "a test")
    monkeypatch.setattr("numerics.files.disk.LARGEST", 4)
    with pytest.raises(InputError, match="larger than"):
        read_bounded(path, "a test")
