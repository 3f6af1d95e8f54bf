"""`depth` without a reference, as a user meets it: text, JSON, certificate, picture, and what is refused."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import skipscape as sk
from support.command_cases import deep, process, require_one_line, write
from support.command_line import skipscape

KEYS = {"climb", "gain", "depth", "floor", "profile", "bounds", "claim", "verdict", "certificate", "notes"}


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A parallel network with a live branch, and case 17, which is a critical point."""
    folder = tmp_path_factory.mktemp("way-down")
    draw = np.random.default_rng(1)
    X, Y = draw.integers(-8, 9, (24, 2)) / 8, draw.integers(-8, 9, (24, 2)) / 8
    np.savez(folder / "data.npz", X=X, Y=Y)
    write(folder / "net.npz", deep(5, X, Y))
    write(folder / "point.npz", {"class": "two-layer", "bias": 0, "W": [[1.0, 0.0]], "V": [[1.0]]})
    write(folder / "exact.npz", {"class": "two-layer", "bias": 0, "W": [[1.0, 0.0], [0.0, 1.0]], "V": [[1.0, 2.0]]})
    np.savez(folder / "two.npz", X=np.eye(2), Y=np.array([[1.0], [-2.0]]))
    np.savez(folder / "fitted.npz", X=np.eye(2), Y=np.array([[1.0], [2.0]]))
    return folder


def test_case_17_says_climb_and_gain(case: Path) -> None:
    ran = skipscape("depth", case / "point.npz", "--data", case / "two.npz", "--out", case / "p.cert", "--json")
    assert ran.status == 0
    assert ran.json.keys() >= KEYS
    assert (ran.json["climb"]["exact"], ran.json["depth"]["upper"], ran.json["depth"]["exact"]) == ("1/2", "0.5", "1/2")
    assert ran.json["floor"] == {"statement": "T8a", "lower": "0.5", "exact": "1/2"}  # one neuron, one sign of V
    assert ran.json["verdict"] == "PROVED"
    assert ran.json["question"] == "escape"
    assert [stair["stair"] for stair in ran.json["profile"]] == ["slot"]
    assert ran.json["after_refit"]["climb"] == ran.json["climb"]
    # C7 on case 17: (sigma S/m)^2 = 1/2 exactly, below R0's 5/2 - 2.
    assert Fraction(ran.json["bounds"]["C7"]["value"]) == pytest.approx(Fraction(1, 2), rel=1e-9)
    assert ran.json["bounds"]["R0"]["value"] == "0.5"
    assert not ran.json["bounds"]["C7"]["informative"]
    again = skipscape("check", case / "p.cert", "--data", case / "two.npz", "--start", case / "point.npz", "--json")
    assert (again.status, again.json["climb"], again.json["gain"]) == (0, ran.json["climb"], ran.json["gain"])
    assert ran.json["claim"].startswith(again.json["claim"])


def test_text_tells_the_first_refit_apart(case: Path) -> None:
    ran = skipscape("depth", case / "net.npz", "--data", case / "data.npz", "--steps", "2", "--profile")
    assert ran.status == 0, ran
    assert max(map(len, ran.out.splitlines())) <= 100
    words = " ".join(ran.out.split())  # as one line
    for part in (
        "first refit",
        "at no cost: no news",
        "after it",
        "step 1",
        "no exact critical point",
        "small under bounded S only",
        "result climb ",
        "zero path (R0, the yardstick): depth <= ",
        "best bound one slot (C7): depth <= ",
        "a rate under bounded S only",
        "route one-slot (R9): ",
        "; after its first refit it climbs at most ",
    ):
        assert part in words, part


def test_the_profile_is_a_picture(case: Path) -> None:
    out = case / "stairs.png"
    ran = skipscape("depth", case / "net.npz", "--data", case / "data.npz", "--plot", out, "--steps", "2", "--json")
    assert ran.status == 0
    assert out.read_bytes().startswith(b"\x89PNG")
    assert len(ran.json["profile"]) == 3
    require_one_line(skipscape("depth", case / "net.npz", "--data", case / "data.npz", "--plot", out), "stairs.png")
    wrong = skipscape("depth", case / "net.npz", "--data", case / "data.npz", "--plot", case / "stairs.pdf")
    require_one_line(wrong, "a picture's file name ends in .png")
    both = ("--plot", case / "both.png", "--out", case / "both.png")
    wrong = skipscape("depth", case / "net.npz", "--data", case / "data.npz", *both)
    require_one_line(wrong, "to be both certificate and picture")


def test_nothing_to_gain(case: Path) -> None:
    out = case / "none.cert"
    ran = skipscape("depth", case / "exact.npz", "--data", case / "fitted.npz", "--out", out, "--json")
    assert (ran.status, ran.json["verdict"], ran.json["climb"], ran.json["gain"]) == (1, "UNDECIDED", None, None)
    assert "the loss is 0" in ran.json["claim"]
    assert not out.exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--route", "prune"], "--route prune leads to a two-layer reference"),
        (["--steps", "0"], "0 steps are unusable"),
        (["--block", "99"], "a block of 99 neurons is unusable"),
        (["--reference", "point.npz", "--steps", "2"], "about a depth without --reference"),
        (["--reference", "point.npz", "--profile"], "about a depth without --reference"),
    ],
)
def test_options_that_do_not_fit(case: Path, options: list[str], words: str) -> None:
    given = [case / one if one.endswith(".npz") else one for one in options]
    require_one_line(skipscape("depth", case / "net.npz", "--data", case / "data.npz", *given), words)


@pytest.mark.slow
def test_the_same_question_has_the_same_answer(case: Path) -> None:
    """In processes of their own: the same certificate, byte for byte."""
    for name in ("one.cert", "other.cert"):
        ran = process("depth", "net.npz", "--data", "data.npz", "--out", name, "--json", cwd=case)
        assert ran.status == 0, ran
        assert json.loads(ran.out)["verdict"] == "PROVED"
    assert (case / "one.cert").read_bytes() == (case / "other.cert").read_bytes()


def test_from_python(case: Path) -> None:
    net, data = sk.load(case / "net.npz"), sk.Data.load(str(case / "data.npz"))
    result = sk.depth(net, data, steps=2)
    assert result.verdict == "PROVED"
    assert result.climb.lower >= 0
    assert result.gain.exact == result.start.exact - result.end.exact > 0
    assert sum(stair.gain.exact for stair in result.profile) == result.gain.exact
    assert (result.path(0).W == net.W).all()
    line = result.plot().axes[0].lines[0]
    assert line.get_ydata()[-1] == float(result.steepest)
    assert line.get_xdata().tolist() == [float(stair.level) for stair in result.profile]
    with pytest.raises(sk.InputError, match="about a depth without a reference"):
        sk.depth(net, data, net, steps=2)
    with pytest.raises(sk.InputError, match="leads to a two-layer reference"):
        sk.depth(net, data, route="prune")
