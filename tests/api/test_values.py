"""Networks and data as values: from every kind of array, exact, read-only, in copies and across processes too."""

import copy
import pickle
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

import skipscape as sk

pytestmark = pytest.mark.usefixtures("checker_nearby")

ONE = [[1.0]]
BY_HAND = {
    "two-layer": ({"W": [[1.0], [-1.0]], "V": [[1.0, 1.0]]}, 3.0),  # |x|
    "parallel": ({"W": ONE, "V": ONE, "A": ONE, "a": [-1.0], "U": ONE}, 5.0),  # 3 + [3 - 1]_+
    "residual": ({"W": ONE, "V": [[2.0]], "A": ONE, "U": ONE, "c": [1.0]}, 13.0),  # 2 (3 + 3) + 1
    "stream": (
        {
            "W": ONE,
            "V": ONE,
            "blocks.0.A": ONE,
            "blocks.0.U": ONE,
            "blocks.1.A": ONE,
            "blocks.1.a": [-2.0],
            "blocks.1.U": ONE,
        },
        10.0,
    ),  # 3, 6, 6 + [6 - 2]_+
    "plain": ({"W": ONE, "A": ONE, "a": [-1.0], "U": [[2.0]]}, 4.0),  # 2 [3 - 1]_+
}


@pytest.mark.parametrize("kind", BY_HAND)
def test_every_class_is_made_from_arrays_called_and_asked_about(kind):
    """Its output at x = 3 is what a sheet of paper says; its loss against 0 is the square."""
    arrays, output = BY_HAND[kind]
    net = sk.Network.from_arrays(kind, arrays)
    assert net([[3.0]]).tolist() == [[output]]
    assert (net.inputs, net.width, len(repr(net).splitlines()) <= 15) == (1, len(arrays["W"]), True)
    data = sk.Data([[3.0]], [[0.0]])
    assert sk.certify([net, net], data).start.exact == Fraction(output) ** 2
    assert sk.connect(net, net, data).maximum.exact == Fraction(output) ** 2
    if kind == "plain":
        with pytest.raises(sk.InputError, match="no skip connection"):
            sk.depth(net, data)


@pytest.mark.parametrize("kind", BY_HAND)
@pytest.mark.parametrize("ending", [".npz", ".safetensors", ".NPZ"])
def test_every_class_comes_back_from_its_file(kind, ending, tmp_path):
    """Bit for bit, signs of zeros included."""
    arrays = {**BY_HAND[kind][0], "c": [-0.0]}
    net = sk.Network.from_arrays(kind, arrays)
    sk.save(net, tmp_path / f"net{ending}")
    assert sk.load(tmp_path / f"net{ending}").identical(net)
    with pytest.raises(sk.InputError, match="exists already"):
        sk.save(net, tmp_path / f"net{ending}")


def test_a_bias_widens_the_first_layer():
    """`W` has n + 1 columns, the last for the one."""
    net = sk.Network.from_arrays("two-layer", {"W": [[1.0, -1.0]], "V": [[1.0]]}, bias=True)
    assert net([[3.0]]).tolist() == [[2.0]]
    assert net.inputs == 1


class Frame:
    """As a data frame does, it turns itself into an array."""

    def __init__(self, array):
        self.array = np.asarray(array)

    def __array__(self, dtype=None, copy=None):
        return self.array if dtype is None else self.array.astype(dtype)


def tensors():
    torch = pytest.importorskip("torch")
    return [
        torch.tensor([[0.5], [1.0]]),
        torch.tensor([[0.5], [1.0]], requires_grad=True),
        torch.tensor([[0.5], [1.0]], dtype=torch.bfloat16),
        torch.tensor([[0.5], [1.0]], dtype=torch.float16),
    ]


def test_whatever_becomes_an_array_is_taken():
    """Lists, tuples, floats of 16 to 64 bits, integers, views, data frames, torch tensors with or without a graph."""
    given = [[[0.5], [1.0]], ((0.5,), (1.0,)), *(np.array([[0.5], [1.0]], dtype=t) for t in ("f2", "f4", "<f8", ">f8"))]
    given += [np.array([[0.5, 7.0], [1.0, 7.0]])[:, :1], Frame([[0.5], [1.0]]), *tensors()]
    for X in given:
        data = sk.Data(X, [0, 1])
        assert (data.X.tolist(), data.X.dtype, data.Y.tolist()) == ([[0.5], [1.0]], np.float64, [[1, 0], [0, 1]])
        net = sk.Network.from_arrays("two-layer", {"W": X, "V": np.ones((1, 2), dtype=np.int8)})
        assert net.W.tolist() == [[0.5], [1.0]]
        assert net([[1.0]]).tolist() == [[1.5]]


def test_float32_is_taken_exactly():
    """The rational that the 32 bits are, not the decimal that they are near."""
    data = sk.Data(np.float32([[0.1]]), np.float32([[0.1]]))
    assert Fraction(float(data.X[0, 0])) == Fraction(13421773, 2**27)
    zero = sk.Network.from_arrays("two-layer", {"W": [[1.0]], "V": [[0.0]]})
    assert sk.connect(zero, zero, data).maximum.exact == Fraction(13421773, 2**27) ** 2


@pytest.mark.parametrize("labels", [[2, 0], np.array([2, 0], dtype=np.uint8), Frame([2, 0])])
def test_integer_labels_become_one_hot_targets(labels):
    """As many columns as the largest plus one."""
    assert sk.Data([[1.0], [2.0]], labels).Y.tolist() == [[0, 0, 1], [1, 0, 0]]


def test_float_targets_keep_their_columns():
    """(N, p), also with p = 1."""
    assert sk.Data([[1.0], [2.0]], [[0.5, 1.5], [2.5, 3.5]]).Y.shape == (2, 2)
    assert sk.Data([[1.0], [2.0]], [[0], [1]]).Y.tolist() == [[0.0], [1.0]]


@pytest.mark.parametrize("targets", [[0.0, 1.0], np.float32([0, 1]), [True, False]])
def test_one_column_of_floats_is_refused_with_what_to_do(targets):
    """They may be labels or targets; nobody but the caller knows."""
    with pytest.raises(sk.InputError, match=r"Y has shape \(2,\).*reshape a single one to \(N, 1\); labels"):
        sk.Data([[1.0], [2.0]], targets)


def test_the_built_in_sets_and_files_load(tmp_path):
    """By name, and `X` with `Y` or with `labels`."""
    assert sk.Data.load("digits").Y.shape == (1797, 10)
    np.savez(tmp_path / "targets.npz", X=[[1.0]], Y=[[2.0]])
    np.savez(tmp_path / "labels.npz", X=[[1.0]], labels=[2])
    assert sk.Data.load(tmp_path / "targets.npz").Y.tolist() == [[2.0]]
    assert sk.Data.load(str(tmp_path / "labels.npz"), memory="1/2").Y.tolist() == [[0.0, 0.0, 1.0]]


def test_what_the_caller_keeps_cannot_change_a_value_nor_the_value_what_he_has(pair):
    """Arrays are copied; the network's own are read-only; a state dict is the caller's."""
    mine = np.array([[1.0]])
    net = sk.Network.from_arrays("two-layer", {"W": mine, "V": mine})
    data = sk.Data(mine, mine)
    mine[0, 0] = 5.0
    assert (net.W.tolist(), data.X.tolist(), data.Y.tolist()) == ([[1.0]], [[1.0]], [[1.0]])
    for array in (net.W, data.X, data.Y):
        with pytest.raises(ValueError, match="read-only"):
            array[0, 0] = 2.0
    net.state_dict()["W"][0, 0] = 3.0
    assert net.W.tolist() == [[1.0]]


def through_pickle(value):
    return pickle.loads(pickle.dumps(value))


@pytest.mark.parametrize("copied", [through_pickle, copy.deepcopy])
def test_everything_can_be_pickled_and_copied_and_stays_frozen(pair, copied, tmp_path):
    """Networks, data, paths, results of each question, errors: the same values, read-only again."""
    stream = sk.Network.from_arrays("stream", BY_HAND["stream"][0])
    for net in (pair.a, stream):
        again = copied(net)
        assert again.identical(net)
        assert not any(array.flags.writeable for array in again.parameters().values())
    data = copied(pair.data)
    assert (data.X.tolist(), data.X.flags.writeable, data.Y.flags.writeable) == (pair.data.X.tolist(), False, False)
    told = []
    result = sk.connect(pair.a, pair.b, pair.data, level="1/2", progress=lambda stage, share: told.append(stage))
    again = copied(result)
    assert told
    assert (again.verdict, again.claim, again.maximum) == (result.verdict, result.claim, result.maximum)
    assert again.path(0.5).identical(result.path(0.5))
    assert str(again) == str(result)
    again.save(tmp_path / "p.cert")
    assert sk.check(tmp_path / "p.cert", data, pair.a, pair.b).proved
    assert copied(result.path)(1).identical(pair.b)
    assert copied(sk.certify([pair.a, pair.b], pair.data)).path(0).identical(pair.a)
    assert str(copied(sk.InputError("a sentence"))) == "a sentence"


def test_a_copy_with_other_fields_is_checked_too(pair):
    """`dataclasses.replace` goes through the same door."""
    assert replace(pair.data, name="other").name == "other"
    with pytest.raises(sk.InputError, match="one target per point"):
        replace(pair.data, Y=[[1.0]])
