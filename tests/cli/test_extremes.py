"""Losses of more digits than Python prints or reads, large and small: a verdict in short decimals."""

from fractions import Fraction

import numpy as np
import pytest

from numerics.cli.verify import _short
from numerics.questions.enclose import _ends
from support.certificates import Forge
from support.command_cases import write
from support.command_line import skipscape
from support.printed_answers import require_true_as_printed

HUGE, TINY = 1e308, 5e-324


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Streams whose losses have 4,929 digits, plain networks whose losses lie below 10^-5000, and data at 1."""
    made = tmp_path_factory.mktemp("extremes")
    write(made / "data.npz", {"X": np.ones((1, 1)), "Y": np.zeros((1, 1))})
    for k, factor in ((0, 1.0), (1, 0.5)):
        write(made / f"huge{k}.npz", {"class": "stream", "bias": 0, **stream(factor)})
    for k, factor in ((0, 3), (1, 1)):
        write(made / f"tiny{k}.npz", {"class": "plain", "bias": 0, **plain(factor)})
    two = {
        "W": np.array([[1.0], [2.0]]),
        "V": np.array([[0.0, HUGE]]),
        "A": np.array([[HUGE, HUGE]]),
        "U": np.array([[HUGE]]),
    }
    deeper = {f"B{k}": np.array([[HUGE]]) for k in range(1, 9)}
    write(made / "wide.npz", {"class": "parallel", "bias": 0, **two, **deeper})
    write(made / "one.npz", {"class": "two-layer", "bias": 0, "W": np.array([[1.0]]), "V": np.array([[0.5]])})
    return made


def stream(factor):
    blocks = {f"blocks.{k}.{name}": np.array([[HUGE]]) for k in range(3) for name in "AU"}
    return {"W": np.array([[HUGE * factor]]), "V": np.array([[HUGE]]), **blocks}


def plain(factor):
    layers = {f"B{k}": np.array([[TINY]]) for k in range(1, 6)}
    return {"W": np.array([[TINY * factor]]), "A": np.array([[TINY]]), "U": np.array([[TINY]]), **layers}


def answered(*arguments, status, level=None):
    """The same command as text and as JSON; its text is read again as claims."""
    words = [*arguments, *([] if level is None else ["--level", level])]
    ran, answer = skipscape(*words), skipscape(*words, "--json")
    assert (ran.status, answer.status, ran.err, answer.err) == (status, status, "", ""), ran
    assert require_true_as_printed(ran.out, answer.json, level) >= 3
    assert max(map(len, ran.out.splitlines())) < 3000
    return ran


@pytest.mark.parametrize("command", ["certify", "connect"])
def test_losses_of_thousands_of_digits(folder, command):
    """Proved, refuted below it, proved above it, and checked; with an exponent."""
    asked = [command, folder / "huge0.npz", folder / "huge1.npz", "--data", folder / "data.npz"]
    ran = answered(*asked, "--out", folder / f"{command}.cert", "--force", status=0)
    assert "loss <= 1.0000000000000002e+4928 on the whole path" in ran.joined
    answered(*asked, status=1, level="1")
    answered(*asked, status=0, level="2e4928")
    check = ["check", folder / f"{command}.cert", "--data", folder / "data.npz"]
    answered(*check, status=0)
    answered(*check, status=1, level="1e4928")


def test_losses_below_ten_to_the_minus_five_thousand(folder):
    """The same, on the other side; a level that small is one too."""
    asked = ["certify", folder / "tiny0.npz", folder / "tiny1.npz", "--data", folder / "data.npz"]
    ran = answered(*asked, "--out", folder / "tiny.cert", "--force", status=0)
    assert "e-5172" in ran.joined
    answered(*asked, status=1, level="1e-6000")
    answered(*asked, status=0, level="1e-5000")
    answered("check", folder / "tiny.cert", "--data", folder / "data.npz", status=1, level="1e-6000")
    answered("check", folder / "tiny.cert", "--data", folder / "data.npz", status=0, level="1")


def test_a_depth_of_thousands_of_digits(folder):
    """Closed forms and all."""
    asked = ["depth", folder / "wide.npz", "--reference", folder / "one.npz", "--data", folder / "data.npz"]
    assert "PROVED: depth <= " in answered(*asked, status=0).out


@pytest.mark.parametrize(("kind", "weights"), [("stream", stream), ("plain", plain)])
def test_enclosed_maxima(tmp_path, kind, weights):
    """A general segment's bound, once a traceback after the verdict, in both of the checker's programs."""
    start, end = weights(1), {name: value * 0.0 if name in "WU" else value for name, value in weights(1).items()}
    moved = {name: ("all", value.tolist()) for name, value in end.items() if (value != start[name]).any()}
    forge = Forge(kind, 0, start, np.ones((1, 1)), np.zeros((1, 1)), [("general", moved)])
    forge.upper = max(forge.losses()) * Fraction(3, 2)
    forge.write(tmp_path / "x.cert")
    forge.write_data(tmp_path / "d.npz")
    answered("check", tmp_path / "x.cert", "--data", tmp_path / "d.npz", status=0)


def test_what_is_said_while_it_runs_and_of_counterexamples():
    """Numbers beyond float64, and long fractions."""
    assert _ends(1.0, 1.0000001) == "[1, 1.00001]"
    assert _ends(0.0, None) == "[0, not bounded yet]"
    assert _ends(1e300, float("inf")) == "[1e+300, not bounded yet]"
    assert _ends(float("inf"), float("inf")) == "beyond the range of float64"
    assert _short("1/3") == "= 1/3"
    assert _short(f"{'1' * 5000}/7") == "in [1.5873e+4998, 1.58731e+4998]"
