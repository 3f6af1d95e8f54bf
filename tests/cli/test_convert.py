"""`skipscape convert`: state dicts of every wrapping and type, curves, the measured difference, and what is refused."""

import zipfile
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

import skipscape as sk
from numerics.cli.convert import Seen, _compared
from numerics.networks.files import read_network
from support.command_cases import require_one_line
from support.command_line import skipscape
from support.example_files import write_examples

SIZES = {"fc1.weight": (3, 2), "fc1.bias": (3,), "fc2.weight": (3, 3), "fc2.bias": (3,), "fc3.weight": (1, 3)}
EIGHTHS = np.random.default_rng(9).integers(-16, 17, (5, 2)) / 8


def state(dtype=np.float32, seed=0, **more):
    """Weights in eighths, so that sums of their products are exact in float64."""
    rng = np.random.default_rng(seed)
    return {name: (rng.integers(-16, 17, size) / 8).astype(dtype) for name, size in SIZES.items()} | more


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_examples(tmp_path)
    return tmp_path


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("prefix", ["", "module.", "_orig_mod.", "module._orig_mod."])
def test_a_state_dict_of_dense_layers_becomes_a_network(here, dtype, prefix):
    """Exactly, under the names without the wrappers' prefix; what it prints is measured on the data."""
    arrays = state(dtype)
    save_file({prefix + name: array for name, array in arrays.items()}, "mlp.safetensors")
    ran = skipscape("convert", "mlp.safetensors", "--mlp", "--out", "net.safetensors", "--data", "train.npz")
    assert (ran.status, ran.err) == (0, "")
    assert "class plain, 2 inputs, 1 outputs, 5 arrays by their names" in ran.out
    assert "measured on train.npz: outputs differ by" in ran.joined
    network = sk.load("net.safetensors")
    found = network.state_dict()
    assert set(found) == set(arrays)
    assert all(found[name].tobytes() == array.astype(np.float64).tobytes() for name, array in arrays.items())
    h = EIGHTHS @ arrays["fc1.weight"].T.astype(float) + arrays["fc1.bias"]
    h = np.maximum(np.maximum(h, 0) @ arrays["fc2.weight"].T.astype(float) + arrays["fc2.bias"], 0)
    assert (network(EIGHTHS) == h @ arrays["fc3.weight"].T.astype(float)).all()


def test_a_curve_becomes_a_network_for_each_bend(here):
    """As a curve's checkpoint has it; the same numbers as the networks one by one, which `certify` takes."""
    bends = [state(np.float64, seed) for seed in range(3)]
    names = {f"net.{name}_{k}": array for k, one in enumerate(bends) for name, array in one.items()}
    np.savez("eighths.npz", X=EIGHTHS, Y=np.zeros((5, 1)))
    save_file(names | {"coeff_layer.range": np.arange(3.0)}, "curve.safetensors")
    ran = skipscape(
        "convert", "curve.safetensors", "--mlp", "--out", "c.safetensors", "--data", "eighths.npz", "--json"
    )
    assert ran.status == 0
    rows = ran.json["networks"]
    assert [row["network"] for row in rows] == ["c-0.safetensors", "c-1.safetensors", "c-2.safetensors"]
    for row, one in zip(rows, bends, strict=True):
        largest = np.abs(sk.load(row["network"])(EIGHTHS)).max()
        assert (row["difference"], row["largest_output"]) == (0, largest)
        assert (row["class"], set(row["parameters"])) == ("plain", set(SIZES))
        found = sk.load(row["network"]).state_dict()
        assert all(found[name].tobytes() == array.tobytes() for name, array in one.items())


def test_a_trained_curve_is_certified_as_it_was_trained(here):
    """Its three networks are start, control and end of one arc: not the two chords, which the same networks make too.

    At 1/2 every parameter is a quarter of the ends' and half of the control's; the exact loss there keeps to the claim.
    """
    bends = [state(np.float64, seed) for seed in range(3)]
    names = {f"net.{name}_{k}": array for k, one in enumerate(bends) for name, array in one.items()}
    Y = np.ones((5, 1))
    np.savez("eighths.npz", X=EIGHTHS, Y=Y)
    save_file(names | {"coeff_layer.binom": np.array([1.0, 2.0, 1.0])}, "curve.safetensors")
    assert skipscape("convert", "curve.safetensors", "--mlp", "--out", "c.safetensors").status == 0
    three = [f"c-{k}.safetensors" for k in range(3)]
    options = ("--data", "eighths.npz", "--tolerance", "1e-3", "--out", "c.cert", "--json")
    ran = skipscape("certify", *three, "--curve", "bezier", *options)
    found, chords = ran.json, skipscape("certify", *three, *options, "--force").json
    assert (ran.status, found["verdict"], found["route"]) == (0, "PROVED", "bezier")
    assert [(one["kind"], one["statement"]) for one in found["segments"]] == [("curve", "enclosure")]
    assert found["maximum"]["upper"] != chords["maximum"]["upper"]
    skipscape("certify", *three, "--curve", "bezier", *options, "--force")
    assert skipscape("check", "c.cert", "--data", "eighths.npz", "--start", three[0], "--end", three[2]).status == 0
    assert skipscape("path", "c.cert", "--at", "1/2", "--out", "m.safetensors").status == 0
    middle = sk.load("m.safetensors")
    made = [sk.load(name).parameters() for name in three]
    for name, array in middle.parameters().items():
        assert (array == made[0][name] / 4 + made[1][name] / 2 + made[2][name] / 4).all()
    mean = {name: bends[0][name] / 4 + bends[1][name] / 2 + bends[2][name] / 4 for name in SIZES}
    h = EIGHTHS
    for name in ("fc1", "fc2"):
        h = np.maximum(h @ mean[f"{name}.weight"].T + mean[f"{name}.bias"], 0)
    f = h @ mean["fc3.weight"].T
    assert (middle(EIGHTHS) == f).all()
    assert ((f - Y) ** 2).mean() <= float(found["maximum"]["upper"])
    refused = skipscape("certify", *three[:2], "--curve", "bezier", "--data", "eighths.npz")
    assert refused.status == 2
    assert "has three networks" in refused.err


def test_what_is_said_is_the_largest_difference():
    """Of an original that is 1/4 more than the network, and only at one point."""
    network = sk.Network.from_arrays("two-layer", {"W": [[1.0]], "V": [[2.0]]})
    seen = _compared(network, lambda X: network(X) + 0.25 * (X == 1), np.array([[1.0], [3.0]]), 1 << 20)
    assert seen == Seen(0.25, 6.0)


def test_a_graph_that_is_too_large_for_one_sample_is_not_evaluated(here):
    """By its largest value; the file is not written either."""
    save_file({"fc.weight": np.ones((1, 2))}, "one.safetensors")
    ran = skipscape("convert", "one.safetensors", "--mlp", "--out", "o.safetensors", "--data", "train.npz")
    assert ran.status == 0
    with pytest.raises(sk.InputError, match=r"one sample of the graph would need 72 bytes, more than the budget of 71"):
        _compared(sk.load("o.safetensors"), lambda X: X, np.ones((1, 2)), 71)


def test_names_that_could_not_be_read_again_are_not_written(here):
    """Beyond 500 letters."""
    save_file({"n" * 600 + ".weight": np.ones((1, 2))}, "long.safetensors")
    ran = skipscape("convert", "long.safetensors", "--mlp", "--out", "o.safetensors")
    require_one_line(ran, "o.safetensors could not be read again")
    assert not Path("o.safetensors").exists()


def test_a_small_pt_file_of_large_tensors_is_refused(here):
    """One number that claims to be 2^40, and zeros that are packed: by what they would take."""
    torch = pytest.importorskip("torch")
    torch.save({"a.weight": torch.ones(1, 1).expand(1 << 20, 1 << 20)}, "claims.pt")
    torch.save({"a.weight": torch.zeros(1 << 10, 1 << 9)}, "plain.pt")
    with zipfile.ZipFile("plain.pt") as plain, zipfile.ZipFile("packed.pt", "w", zipfile.ZIP_DEFLATED) as packed:
        for one in plain.infolist():
            packed.writestr(one.filename, plain.read(one))
    assert Path("packed.pt").stat().st_size < 1 << 16
    for name in ("claims", "packed"):
        ran = skipscape("convert", f"{name}.pt", "--mlp", "--out", "o.safetensors", "--memory", "0.001")
        require_one_line(ran, f"{name}.pt", "would need")


def test_pt_files_and_checkpoints_are_read_as_tensors(here):
    """A bare state dict, one inside a checkpoint, bfloat16, and whatever else a pickle may hold."""
    torch = pytest.importorskip("torch")
    tensors = {name: torch.tensor(array).to(torch.bfloat16) for name, array in state().items()}
    torch.save(tensors, "bare.pt")
    torch.save({"epoch": 3, "model_state": {f"module.{name}": one for name, one in tensors.items()}}, "deep.pt")
    for name in ("bare", "deep"):
        assert skipscape("convert", f"{name}.pt", "--mlp", "--out", f"{name}.safetensors").status == 0
    assert read_network(Path("bare.safetensors")).identical(read_network(Path("deep.safetensors")))
    torch.save(torch.nn.Linear(2, 2), "module.pt")
    torch.save([1, 2], "list.pt")
    torch.save({"a": 3}, "number.pt")
    Path("junk.pt").write_bytes(b"junk")
    refused = {"module": "no file of tensors alone", "list": "no state dict", "number": "a is a int", "junk": "no file"}
    for name, words in refused.items():
        ran = skipscape("convert", f"{name}.pt", "--mlp", "--out", "out.safetensors")
        require_one_line(ran, f"{name}.pt", words)
    assert not Path("out.safetensors").exists()


REFUSED = {
    "convolution": (state(**{"conv.weight": np.ones((2, 1, 3, 3), np.float32)}), "conv.weight has shape (2, 1, 3, 3)"),
    "normalisation": (state(**{"bn.running_mean": np.ones(3, np.float32)}), "bn.running_mean belongs to no dense"),
    "bias without weight": ({"fc.bias": np.ones(3)}, "fc.bias has no weight"),
    "no chain": ({"a.weight": np.ones((3, 2)), "b.weight": np.ones((1, 4))}, "node b (linear) has the weight b.weight"),
    "NaN": ({"a.weight": np.full((3, 2), np.nan)}, "a.weight has NaN"),
    "integers beyond floats": ({"a.weight": np.full((3, 2), (1 << 53) + 1)}, "beyond 2^53"),
    "half a curve": ({"a.weight_0": np.ones((3, 2)), "b.weight": np.ones((1, 3))}, "b.weight stands beside"),
    "a curve with a gap": ({"a.weight_0": np.ones((3, 2)), "a.weight_2": np.ones((3, 2))}, "has bends [0, 2]"),
    "a curve of unlike networks": (
        {"a.weight_0": np.ones((3, 2)), "a.weight_1": np.ones((3, 2)), "a.bias_1": np.ones(3)},
        "different arrays",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_other_state_dicts_are_refused_by_the_array(here, case):
    arrays, words = REFUSED[case]
    save_file(arrays, "odd.safetensors")
    ran = skipscape("convert", "odd.safetensors", "--mlp", "--out", "out.safetensors")
    require_one_line(ran, "odd.safetensors", words)
    assert not Path("out.safetensors").exists()


ARGUMENTS = {
    "no such file": (["nope.safetensors", "--mlp", "--out", "o.safetensors"], "nope.safetensors is not a file"),
    "no --mlp": (["mlp.safetensors", "--out", "o.safetensors"], "without --mlp a file name ends in .onnx"),
    "another ending": (["train.npz", "--mlp", "--out", "o.safetensors"], "ends in .pt, .pth or .safetensors"),
    "another output": (["mlp.safetensors", "--mlp", "--out", "o.npz"], "ends in .safetensors"),
    "over its input": (
        ["mlp.safetensors", "--mlp", "--out", "mlp.safetensors", "--force"],
        "inputs are never modified",
    ),
    "over another": (["mlp.safetensors", "--mlp", "--out", "old.safetensors"], "exists already"),
    "data of another width": (
        ["mlp.safetensors", "--mlp", "--out", "o.safetensors", "--data", "digits"],
        "X has 64 columns",
    ),
    "too little memory": (
        ["mlp.safetensors", "--mlp", "--out", "o.safetensors", "--memory", "0.001", "--data", "digits"],
        "",
    ),
}


@pytest.mark.parametrize("case", ARGUMENTS)
def test_wrong_arguments_are_one_line(here, case):
    arguments, words = ARGUMENTS[case]
    Path("old.safetensors").write_bytes(b"old")
    require_one_line(skipscape("convert", *arguments), words)
    assert Path("old.safetensors").read_bytes() == b"old"
    assert not Path("o.safetensors").exists()


def test_a_graph_is_saved_and_asked_about(here):
    """One dense layer is no class; what depth is about it has not."""
    save_file({"fc.weight": np.ones((1, 2))}, "one.safetensors")
    ran = skipscape("convert", "one.safetensors", "--mlp", "--out", "net.safetensors")
    assert ran.status == 0
    assert "class graph" in ran.out
    assert sk.load("net.safetensors")([[1.0, 2.0]]).tolist() == [[3.0]]
    for command in ("connect", "certify"):
        ran = skipscape(command, "net.safetensors", "net.safetensors", "--data", "train.npz")
        assert ran.status == 0
        assert "PROVED" in ran.out
    require_one_line(
        skipscape("depth", "net.safetensors", "--data", "train.npz"), "about the features of a first layer"
    )
