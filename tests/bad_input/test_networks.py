"""Networks and data that do not say what they must: the file and the violated relation in one line."""

import json

import numpy as np
import pytest

from numerics.checker.check import check
from numerics.checker.errors import Unusable
from numerics.checker.networks import read_network
from support.broken_inputs import (
    ABSENT,
    NET,
    OTHER,
    POINTS,
    REFERENCE,
    A,
    V,
    W,
    changed,
    connect_arguments,
    depth_arguments,
    npz,
    require_refused,
    spoilt,
    tensors,
)
from support.command_line import skipscape


def test_the_unspoilt_input_is_answered(folder):
    """What every table below spoils is usable as it is."""
    assert skipscape(*connect_arguments(folder))[0] == 0
    assert skipscape(*depth_arguments(folder), "--force")[0] in (0, 1)


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
    require_refused(folder, connect_arguments(folder, start="bad.npz"), folder / "bad.npz", relation)
    require_refused(folder, connect_arguments(folder, end="bad.npz"), folder / "bad.npz", relation)
    require_refused(folder, depth_arguments(folder, network="bad.npz"), folder / "bad.npz", relation)


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
    "hidden_act": "gelu",
    "act_fn": "silu",
}
NOTES = {"format": "pt", "activation": "ReLU", "dropout": "0.0", "batch_norm": "False", "beta1": "0.9", "seed": "3"}


@pytest.mark.parametrize("which", FOREIGN_TENSORS)
def test_state_dicts_are_refused_in_words(folder, which):
    """In `.npz` and in `.safetensors`, whatever the type of the array: what it belongs to, and what is covered."""
    arrays, words = FOREIGN_TENSORS[which]
    (folder / "bad.npz").write_bytes(npz(NET | arrays))
    (folder / "bad.safetensors").write_bytes(tensors(NET | arrays, **{"class": "parallel", "bias": "1"}))
    for file in (folder / "bad.npz", folder / "bad.safetensors"):
        require_refused(folder, connect_arguments(folder, start=file.name), file, words)
        require_refused(folder, ["certify", file, folder / "B.npz", "--data", folder / "D.npz"], file, words)


@pytest.mark.parametrize("key", FOREIGN_METADATA)
def test_metadata_that_describes_another_function_is_refused(folder, key):
    """By both programs: the weights alone would be read as those of a ReLU network, and the claim be false."""
    value = FOREIGN_METADATA[key]
    file = folder / "bad.safetensors"
    assert skipscape(*connect_arguments(folder), "--force")[0] == 0
    file.write_bytes(tensors(NET, **{"class": "parallel", "bias": "1", key: value}))
    command = ["certify", file, folder / "B.npz", "--data", folder / "D.npz"]
    require_refused(folder, command, file, f"{key} = {value!r}", "ReLU")
    with pytest.raises(Unusable, match="only ReLU networks"):
        check(folder / "new.cert", str(folder / "D.npz"), file, folder / "B.npz")


def test_metadata_in_json_is_opened(folder):
    """A configuration kept whole under one key; what nests too deeply to be read is a note."""
    file = folder / "bad.safetensors"
    config = json.dumps({"layers": [{"width": 6, "activation": {"kind": ["gelu"]}}], "seed": 0})
    file.write_bytes(tensors(NET, **{"class": "parallel", "bias": "1", "config": config}))
    require_refused(
        folder, connect_arguments(folder, start=file.name), file, "config.layers.activation.kind = 'gelu'", "ReLU"
    )
    with pytest.raises(Unusable, match=r"config\.layers\.activation\.kind = 'gelu': only ReLU networks"):
        read_network(file, 1 << 30)
    for note in ('{"activation": "relu", "dropout": 0.0}', "[" * 100_000, "{not json"):
        file.write_bytes(tensors(NET, **{"class": "parallel", "bias": "1", "config": note}))
        assert skipscape(*connect_arguments(folder, start=file.name), "--force")[0] == 0
        assert read_network(file, 1 << 30).space.kind == "parallel"


def test_notes_in_the_metadata_are_no_reason_to_refuse(folder):
    """Not even those that say that there is nothing but ReLU."""
    file = folder / "noted.safetensors"
    file.write_bytes(tensors(NET, **{"class": "parallel", "bias": "1"}, **NOTES))
    assert skipscape(*connect_arguments(folder, start=file.name))[0] == 0
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
    status, _, err = skipscape(*connect_arguments(folder, start=file.name))
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
    require_refused(folder, connect_arguments(folder, data="bad.npz"), folder / "bad.npz", relation)
    require_refused(folder, depth_arguments(folder, data="bad.npz"), folder / "bad.npz", relation)


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
    command = depth_arguments(folder) if place == "R" else connect_arguments(folder)
    require_refused(folder, command, relation, file)


def test_a_two_layer_network_is_not_joined_with_a_deep_one(folder):
    """They are no two parameters of one space; one of the files is named."""
    require_refused(folder, connect_arguments(folder, end="R.npz"), "parallel", "two-layer", folder / "R.npz")
