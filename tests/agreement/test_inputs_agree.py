"""The finder's readers and the checker's give the same arrays, bit for bit, or both refuse.

They share no line of code. Were they to differ in one bit, every certificate would be about other data.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from safetensors.numpy import save_file

from numerics.checker.errors import Unusable
from numerics.checker.inputs import read_data as checkers_data
from numerics.checker.networks import read_network as checkers_network
from numerics.data import BUILT_IN
from numerics.data import read_data as finders_data
from numerics.errors import InputError
from numerics.networks.files import read_network as finders_network

BUDGET = 1 << 30
PER_ROW = settings.default.max_examples // 5  # of a profile's examples: there are many types
FLOATS = ("<f2", "<f4", "<f8")
INTEGERS = ("|i1", "|u1", "<i2", "<u2", "<i4", "<u4", "<i8", "<u8")
FOREIGN = (">f2", ">f4", ">f8", ">i4", ">u8")
SHAPES = {"W": (3, 2), "V": (2, 3), "A": (2, 3), "a": (2,), "B1": (1, 2), "b1": (1,), "U": (2, 1), "c": (2,)}


def assert_same_data(source: str) -> None:
    """Both readers give the same bytes of X and Y, float64 in C order."""
    finder, checker = finders_data(source), checkers_data(source, BUDGET)
    for mine, theirs in ((finder.X, checker.x), (finder.Y, checker.y)):
        assert (mine.dtype, mine.shape) == (theirs.dtype, theirs.shape) == (np.dtype("<f8"), mine.shape)
        assert mine.tobytes() == theirs.tobytes()


def assert_same_network(path: Path) -> None:
    """Both readers give the same class, bias, names and bytes."""
    finder, checker = finders_network(path), checkers_network(path, BUDGET)
    assert (finder.kind, int(finder.bias)) == (checker.space.kind, checker.space.bias)
    mine = {name: (array.shape, array.tobytes()) for name, array in finder.parameters().items()}
    assert mine == {name: (array.shape, array.tobytes()) for name, array in checker.weights.items()}


def entries(dtype: str, shape: tuple[int, ...]) -> st.SearchStrategy[np.ndarray]:
    """Any finite array: subnormals, -0.0 and the largest numbers; integers up to 2^53."""
    kind = np.dtype(dtype)
    if kind.kind == "f":
        return arrays.arrays(kind, shape, elements=arrays.from_dtype(kind, allow_nan=False, allow_infinity=False))
    info = np.iinfo(kind)
    elements = st.integers(max(int(info.min), -(1 << 53)), min(int(info.max), 1 << 53))
    return arrays.arrays(kind, shape, elements=elements)


# Data


@pytest.mark.parametrize("name", BUILT_IN)
def test_built_in_data_are_the_same(name: str) -> None:
    """digits and diabetes, the latter standardised by both for themselves, agree in every bit."""
    assert_same_data(name)


@pytest.mark.parametrize("dtype", [*FLOATS, *INTEGERS, *FOREIGN])
@settings(max_examples=PER_ROW)
@given(st.data())
def test_matrices_of_an_npz_are_the_same(dtype: str, data: st.DataObject) -> None:
    """X and Y of any float or integer type, C or Fortran order, deflated or not."""
    N, n, p = (data.draw(st.integers(1, 4)) for _ in range(3))
    X, Y = data.draw(entries(dtype, (N, n))), data.draw(entries(data.draw(st.sampled_from(FLOATS)), (N, p)))
    order, save = data.draw(st.sampled_from("CF")), data.draw(st.sampled_from([np.savez, np.savez_compressed]))
    with tempfile.TemporaryDirectory() as folder:
        save(f"{folder}/data.npz", X=np.array(X, order=order), Y=Y)
        assert_same_data(f"{folder}/data.npz")


@pytest.mark.parametrize("dtype", INTEGERS)
@settings(max_examples=PER_ROW)
@given(st.data())
def test_labels_become_the_same_targets(dtype: str, data: st.DataObject) -> None:
    """Labels of any integer type, with gaps among the classes, are one-hot encoded alike."""
    labels = data.draw(st.lists(st.integers(0, 12), min_size=1, max_size=6))
    with tempfile.TemporaryDirectory() as folder:
        np.savez(f"{folder}/data.npz", X=np.ones((len(labels), 1)), labels=np.array(labels, dtype=dtype))
        assert_same_data(f"{folder}/data.npz")


ONES = np.ones((2, 1))


@pytest.mark.parametrize(
    "stored",
    [
        {"X": np.array([[1.0], [np.nan]]), "Y": ONES},
        {"X": np.array([[1.0], [np.inf]], dtype=np.float16), "Y": ONES},
        {"X": ONES, "Y": np.ones((3, 1))},
        {"X": ONES, "Y": np.ones(2)},
        {"X": np.ones(2), "Y": ONES},
        {"X": np.ones((0, 1)), "Y": np.ones((0, 1))},
        {"X": np.ones((2, 0)), "Y": ONES},
        {"X": ONES.astype(complex), "Y": ONES},
        {"X": ONES.astype(bool), "Y": ONES},
        {"X": np.array([[2**53 + 1], [1]]), "Y": ONES},
        {"X": np.array([[2**64 - 1], [1]], dtype=np.uint64), "Y": ONES},
        {"X": np.array([[-(2**63)], [1]]), "Y": ONES},
        {"X": np.array([["1"], ["2"]]), "Y": ONES},
        {"X": np.array([[1], [None]], dtype=object), "Y": ONES},
        {"X": ONES},
        {"Y": ONES},
        {"X": ONES, "Y": ONES, "labels": np.array([0, 1])},
        {"X": ONES, "labels": np.array([0, -1])},
        {"X": ONES, "labels": np.array([0.0, 1.0])},
        {"X": ONES, "labels": np.array([[0], [1]])},
        {"X": ONES, "labels": np.array([0, 1, 2])},
        {"X": ONES, "labels": np.array([True, False])},
        {"X": ONES, "labels": np.array([0, 2**40])},
    ],
    ids=lambda stored: " ".join(f"{name}:{array.dtype}{array.shape}" for name, array in stored.items()),
)
def test_both_refuse_the_same_data(stored: dict[str, np.ndarray], tmp_path: Path) -> None:
    """What is no finite data with one target per point is refused by both, in their own words."""
    np.savez(tmp_path / "data.npz", **stored)
    with pytest.raises(InputError):
        finders_data(str(tmp_path / "data.npz"))
    with pytest.raises(Unusable):
        checkers_data(str(tmp_path / "data.npz"), BUDGET)


# Networks


@st.composite
def weights(draw: st.DrawFn, dtypes: tuple[str, ...]) -> tuple[str, int, dict[str, np.ndarray]]:
    """Class, bias and parameters of mixed types, with or without the optional biases."""
    kind, bias = draw(st.sampled_from(("two-layer", "parallel"))), draw(st.integers(0, 1))
    names = ["W", "V"] if kind == "two-layer" else ["W", "V", "A", "B1", "U"]
    optional = ["c"] if kind == "two-layer" else ["a", "b1", "c"]
    names += [name for name in optional if draw(st.booleans())]
    return kind, bias, {name: draw(entries(draw(st.sampled_from(dtypes)), SHAPES[name])) for name in names}


@given(weights((*FLOATS, *INTEGERS, *FOREIGN)))
def test_networks_of_an_npz_are_the_same(network: tuple[str, int, dict[str, Any]]) -> None:
    """Parameters of any float or integer type."""
    kind, bias, parameters = network
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "net.npz"
        np.savez(path, **{"class": np.array(kind), "bias": np.array(bias)}, **parameters)
        assert_same_network(path)


@given(weights(FLOATS))
def test_networks_of_safetensors_are_the_same(network: tuple[str, int, dict[str, Any]]) -> None:
    """F16, F32 and F64: the checker parses by hand what the finder reads with the library."""
    kind, bias, parameters = network
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "net.safetensors"
        save_file(parameters, path, metadata={"class": kind, "bias": str(bias)})
        assert_same_network(path)


TWO_LAYER = {"class": np.array("two-layer"), "bias": np.array(0), "W": np.ones((3, 1)), "V": np.ones((1, 3))}


@pytest.mark.parametrize(
    "changes",
    [
        {"W": None},
        {"V": None},
        {"class": None},
        {"bias": None},
        {"class": np.array("residual")},
        {"class": np.array("no class")},
        {"class": np.array(b"pickle"), "bias": np.array(2)},
        {"bias": np.array(2)},
        {"bias": np.array(-1)},
        {"bias": np.array("yes")},
        {"bias": np.array("0")},
        {"bias": np.array(0.5)},
        {"bias": np.array(np.nan)},
        {"bias": np.array(0j)},
        {"bias": np.array([0, 0])},
        {"bias": np.zeros(0)},
        {"class": np.array(b"two-layer")},
        {"class": np.array(["two-layer"])},
        {"bias": np.array(1)},
        {"V": np.ones((1, 4))},
        {"W": np.ones(3)},
        {"W": np.ones((3, 0))},
        {"c": np.ones(2)},
        {"c": np.ones((1, 1))},
        {"a": np.ones(1)},
        {"U": np.ones((1, 1))},
        {"A": np.ones((2, 3))},
        {"W": np.full((3, 1), np.nan)},
        {"W": np.ones((3, 1), dtype=complex)},
        {"W": np.array([[1], [None], [2]], dtype=object)},
        {"w": np.ones((3, 1))},
        {"class": np.array("parallel")},
        {"class": np.array("parallel"), "A": np.ones((2, 3)), "U": np.ones((1, 3))},
        {"class": np.array("parallel"), "A": np.ones((2, 3)), "U": np.ones((1, 2)), "b1": np.ones(1)},
        {"class": np.array("parallel"), "A": np.ones((2, 3)), "U": np.ones((1, 2)), "B2": np.ones((2, 2))},
        {"class": np.array("parallel"), "A": np.ones((2, 4)), "U": np.ones((1, 2))},
    ],
    ids=lambda changes: " ".join(f"{name}:{getattr(array, 'shape', array)}" for name, array in changes.items()),
)
def test_both_refuse_the_same_networks(changes: dict[str, Any], tmp_path: Path) -> None:
    """Missing, foreign or unfitting parameters, another class, another bias: refused by both."""
    stored = {name: array for name, array in (TWO_LAYER | changes).items() if array is not None}
    path = tmp_path / "net.npz"
    np.savez(path, **stored)
    with pytest.raises(InputError):
        finders_network(path)
    with pytest.raises(Unusable):
        checkers_network(path, BUDGET)


@pytest.mark.parametrize("shape", [(), (1,), (1, 1)])
@pytest.mark.parametrize("dtype", ["?", "i1", ">u4", "i8", "f2", ">f4", "f8"])
def test_a_bias_in_any_form_that_is_one_is_read(dtype: str, shape: tuple[int, ...], tmp_path: Path) -> None:
    """0 or 1 as a truth value, an integer or an integral float, a scalar or an array of one entry."""
    path = tmp_path / "net.npz"
    for bias in (0, 1):
        np.savez(path, **TWO_LAYER | {"W": np.ones((3, 2)), "bias": np.full(shape, bias, dtype=dtype)})
        assert_same_network(path)
        assert checkers_network(path, BUDGET).space.bias == bias


@pytest.mark.parametrize("dtype", ["i1", "u1", "i8", "?"])
def test_both_refuse_safetensors_of_integers(dtype: str, tmp_path: Path) -> None:
    """Only F16, F32 and F64 are weights in a .safetensors file."""
    path = tmp_path / "net.safetensors"
    parameters = {"W": np.ones((3, 1), dtype=dtype), "V": np.ones((1, 3))}
    save_file(parameters, path, metadata={"class": "two-layer", "bias": "0"})
    with pytest.raises(InputError):
        finders_network(path)
    with pytest.raises(Unusable):
        checkers_network(path, BUDGET)
