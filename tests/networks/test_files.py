"""Files of networks: every float exactly, one layout for all programs, shapes that name what they violate."""

import re
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from numerics.errors import InputError
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
    "post": {"W": (4, 3), "V": (2, 4), "blocks.0.A": (5, 4), "blocks.0.U": (4, 5), "c": (2,)},
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
    ("post", {"blocks.0.U": (2, 5)}, "blocks.0.U must be (m, r_last)"),
    ("post", {"blocks.0.A": None}, "a post network needs blocks.0.A"),
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
