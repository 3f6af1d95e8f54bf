"""train and demo: exact losses of what was written, and a line where torch is missing."""

import pytest
from asked import fraction, loss_of, require_one_line
from command_line import skipscape


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
    monkeypatch.setattr("numerics.torch_bridge.torch", None)
    out = tmp_path / "net.npz"
    ran = skipscape("train", case / "data.npz", "--width", 3, "--out", out)
    require_one_line(ran, "skipscape[torch]")
    assert not out.exists()


def test_the_demo_without_torch_says_so_before_it_writes(tmp_path, monkeypatch):
    """Nothing on standard output and no file: the error comes before the work."""
    monkeypatch.setattr("numerics.torch_bridge.torch", None)
    ran = skipscape("demo", "--quick", "--out", tmp_path / "out")
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == []
    require_one_line(ran, "skipscape[torch]")
