"""train and demo: exact losses of what was written, and a line where torch is missing."""

import numpy as np
import pytest

from support.command_cases import fraction, loss_of, require_one_line
from support.command_line import skipscape


@pytest.mark.parametrize(("kind", "suffix"), [("parallel", ".npz"), ("two-layer", ".npz")])
def test_train_prints_the_exact_loss_of_the_network_that_it_wrote(case, tmp_path, kind, suffix):
    """The loss by fractions; the same seed gives the same file."""
    pytest.importorskip("torch")
    outs = [tmp_path / f"{name}{suffix}" for name in ("first", "second")]
    for out in outs:
        options = ["--width", 3, "--branch", "2,2", "--class", kind, "--steps", 4, "--seed", 5, "--out", out]
        ran = skipscape("train", case / "data.npz", *options, "--json")
        assert ran.status == 0
        assert fraction(ran.json["loss"]) == loss_of(out, case / "data.npz")
        assert ran.json["network"] == str(out)
    assert outs[0].read_bytes() == outs[1].read_bytes()


def test_training_without_torch_says_how_to_get_it(case, tmp_path, monkeypatch):
    """One line that names the extra, and no output; everything else works without torch."""
    monkeypatch.setattr("numerics.torch_bridge.training.torch", None)
    out = tmp_path / "net.npz"
    ran = skipscape("train", case / "data.npz", "--width", 3, "--out", out)
    require_one_line(ran, "skipscape[torch]")
    assert not out.exists()


def test_the_demo_without_torch_says_so_before_it_writes(tmp_path, monkeypatch):
    """Nothing on standard output and no file: the error comes before the work."""
    monkeypatch.setattr("numerics.torch_bridge.training.torch", None)
    ran = skipscape("demo", "--quick", "--out", tmp_path / "out")
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == []
    require_one_line(ran, "skipscape[torch]")


SMALL = {"X": [[1.0, 2.0, -1.0], [0.5, -1.0, 2.0]], "Y": [[1.0], [-1.0]]}
SCALED = "scale the data"


@pytest.mark.parametrize(
    ("changes", "options", "words"),
    [
        ({"X": 1e39}, (), ["at step 0, before any step", "has an entry of 2e+39 in X", "float32 cannot hold", SCALED]),
        ({"Y": 1e39}, (), ["at step 0, before any step", "has an entry of 1e+39 in Y", "float32 cannot hold", SCALED]),
        ({"X": 1.5e38}, (), ["at step 0, before any step", "X reaches 3e+38", SCALED]),
        ({"X": 1e30}, (), ["at step 0, before any step", "squared errors", "X reaches 2e+30", SCALED]),
        ({"Y": 1e25}, (), ["at step 0, before any step", "squared errors", "Y reaches 1e+25", SCALED]),
        ({}, ("--rate", "1e12"), ["the loss became", "at step 1,", "rate 1e+12 from a loss of", "smaller --rate"]),
        ({}, ("--rate", "1e5"), ["at step 1 after a step with rate 100000", "gradient of", "choose a smaller --rate"]),
        ({}, ("--rate", "1e31"), ["the rate must be above 0 and at most 1e+30"]),
        ({}, ("--rate", "nan"), ["the rate must be above 0"]),
        ({}, ("--rate", "0"), ["the rate must be above 0"]),
        ({}, ("--rate", "-1"), ["the rate must be above 0"]),
        ({}, ("--kappa", "1e300"), ["at step 0,", "L + kappa S is inf", "choose a smaller --kappa"]),
        ({}, ("--kappa", "1e30"), ["at step 0,", "gradient of", "--kappa or scale the data"]),
    ],
)
def test_training_that_overflows_says_why(tmp_path, changes, options, words):
    """The data, the rate or kappa, whichever it is; only a rate that made a step is blamed, with step and loss."""
    pytest.importorskip("torch")
    arrays = {name: np.array(values) * changes.get(name, 1.0) for name, values in SMALL.items()}
    np.savez(tmp_path / "mine.npz", **arrays)
    out = tmp_path / "net.npz"
    ran = skipscape("train", tmp_path / "mine.npz", "--width", 3, "--branch", "2", "--out", out, *options)
    for one in words:
        require_one_line(ran, one)
    assert ("smaller --rate" in ran.err) == ("smaller --rate" in words[-1])
    assert not out.exists()


def test_the_rate_can_be_set(case, tmp_path):
    """It is in the recipe that is printed, its default is what it was, and it decides what comes out."""
    pytest.importorskip("torch")
    ran, losses = {}, {}
    for name, options in (("default", ()), ("same", ("--rate", "3e-3")), ("other", ("--rate", "0.02"))):
        command = ["train", case / "data.npz", "--width", 3, "--branch", "2", "--steps", 5, *options]
        ran[name] = skipscape(*command, "--out", tmp_path / f"{name}.npz", "--json").json
        losses[name] = ran[name]["loss"]["exact"]
    assert losses["default"] == losses["same"] != losses["other"]
    assert "rate 0.003 falling" in ran["default"]["recipe"]
    assert "rate 0.02 falling" in ran["other"]["recipe"]
