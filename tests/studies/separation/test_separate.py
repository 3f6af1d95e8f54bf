"""`skipscape separate`: its table, its files, its refusals."""

import json
from fractions import Fraction
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest

from numerics.data import Data
from numerics.questions import run_checker as independent
from numerics.studies.separation import claims
from numerics.studies.separation import table as tables
from numerics.studies.separation.table import Plan, table
from numerics.studies.separation.text import value
from support.checker_nearby import checked
from support.command_line import skipscape

ANSWERS = Path(__file__).parents[3] / "proofs_notes" / "formal" / "examples" / "known_answers.json"
CASES = json.loads(ANSWERS.read_text())["cases"]
ENCLOSURE = {"lower", "upper", "exact"}


@pytest.fixture
def in_process(monkeypatch):
    monkeypatch.setattr(claims, "checked", checked)


@pytest.fixture(scope="module")
def answer(tmp_path_factory):
    """Case 13's data at two widths, asked on the command line, with files and a picture."""
    folder = tmp_path_factory.mktemp("separate")
    np.savez(folder / "case13.npz", X=[[1.0], [-1.0]], Y=[[1.0], [-2.0]])
    with patch.object(claims, "checked", checked):
        ran = skipscape(
            *("separate", "--data", folder / "case13.npz", "--widths", "4,9", "--branch", "2,1"),
            *("--json", "--out", folder / "out", "--plot", folder / "valley.png"),
        )
    return folder, ran


def test_case_13_at_every_width(answer):
    """Loss 2, depth 1/2 without the skip, 0 with it; every figure proved."""
    _, ran = answer
    case = CASES["case13"]["numbers"]
    assert (ran.status, ran.err) == (0, "")
    assert [row["width"] for row in ran.json["rows"]] == [4, 9]
    for row in ran.json["rows"]:
        assert row["branch"] == "2,1"
        assert all(set(row[name]) == ENCLOSURE for name in ("plain_depth", "skip_depth", "valley_loss"))
        assert Fraction(row["valley_loss"]["exact"]) == Fraction(case["loss"])
        assert Fraction(row["beyond_loss"]["exact"]) == Fraction(case["loss_other_side"])
        assert Fraction(row["plain_depth"]["exact"]) == Fraction(case["depth"])
        assert row["skip_depth"] == {"lower": "0", "upper": "0", "exact": "0/1"}
        assert Fraction(row["skip_reaches"]["upper"]) < Fraction(1, 10**20)
        assert row["verdict"] == "PROVED"


def test_controls_have_depth_zero(answer):
    """A second last unit and an output bias; a two-layer network too, where the first layer makes the steps."""
    found = answer[1].json["controls"]
    assert [row["network"] for row in found] == ["plain-two-last-units", "plain-output-bias"]
    assert all((row["depth"]["exact"], row["verdict"]) == ("0/1", "PROVED") for row in found)


def test_case_16_and_the_exchange_of_two_neurons(answer):
    """Depth 1/2 at m = 1, 0 at m = 2; barrier 1/2 without a free slot, 0 with one. R0 is exact in the first."""
    case, exchange = CASES["case16"]["numbers"], CASES["exchange"]["numbers"]
    one, two, cross = answer[1].json["skip_valleys"]
    assert [one["width"], two["width"], cross["width"]] == [1, 2, 2]
    assert Fraction(one["depth"]["exact"]) == Fraction(one["bounds"]["R0"]["exact"]) == Fraction(case["depth"])
    assert Fraction(two["depth"]["exact"]) == Fraction(case["depth_two_neurons"])
    assert Fraction(two["bounds"]["T1"]["value"]) < Fraction(1, 10**9)  # equal signs merge: D = 0 but for rounding
    assert Fraction(cross["depth"]["exact"]) == Fraction(1, 4)
    assert Fraction(cross["bounds"]["R0"]["exact"]) == Fraction(9, 4) < Fraction(cross["bounds"]["T1"]["value"])
    barriers = [Fraction(row["barrier"]["exact"]) for row in answer[1].json["barriers"]]
    assert barriers == [Fraction(exchange["barrier"]), 0]
    assert answer[1].json["verdict"] == "PROVED"


def test_what_it_writes_can_be_checked_again(answer):
    """Networks and certificates in the folder, by a process of the checker; a picture beside."""
    folder, _ = answer
    stem, data = folder / "out" / "case13-9-2-1-plain", folder / "case13.npz"
    said = independent.checked(Path(f"{stem}.cert"), str(data), Path(f"{stem}-start.npz"), Path(f"{stem}-end.npz"))
    assert (said["verdict"], said["depth"]["exact"]) == ("PROVED", "1/2")
    assert "T5" in said["claim"]
    ran = skipscape("check", f"{stem}.cert", "--data", data)
    assert ran.status == 0
    assert "PROVED: depth = 1/2: every path to a smaller loss meets 5/2" in ran.joined
    assert (folder / "valley.png").read_bytes().startswith(b"\x89PNG")


def test_nothing_is_overwritten(answer):
    """Neither the folder's files nor the picture, and nothing is written before that is known."""
    folder, _ = answer
    common = ("separate", "--data", folder / "case13.npz", "--widths", "4", "--branch", "2,1")
    for output in (("--out", folder / "out"), ("--plot", folder / "valley.png"), ("--out", folder / "case13.npz")):
        ran = skipscape(*common, *output)
        assert (ran.status, ran.out) == (2, "")
        assert "choose another" in ran.err
    (folder / "own").mkdir()
    (folder / "own" / "data-case13.npz").write_bytes((folder / "case13.npz").read_bytes())
    given = ("separate", "--data", folder / "own" / "data-case13.npz", "--widths", "4", "--branch", "2,1")
    (folder / "own" / "data-signs.npz").hardlink_to(folder / "own" / "data-case13.npz")
    ran = skipscape(*given, "--out", folder / "own", "--force")
    assert (ran.status, "is an input" in ran.err) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--widths", "0"), "list of widths"),
        (("--widths", "4,x"), "list of widths"),
        (("--branch", "2", "--widths", "8"), "last hidden layer of width one"),
        (("--widths", "2"), "units are needed"),
        (("--branch", "3,2"), "last hidden layer of width one"),
        (("--data", "nowhere.npz"), "neither a file"),
        (("--plot", "valley.pdf"), "ends in .png"),
    ],
)
def test_unusable_input_is_one_line(arguments, words):
    ran = skipscape("separate", *arguments)
    assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert words in ran.err


def saved(place, X, Y):
    np.savez(place, X=X, Y=Y)
    return place


@pytest.mark.parametrize(
    ("X", "Y", "words"),
    [
        ([[0.0], [1.0]], [[1.0], [2.0]], "5 above 0 and 0 below"),
        ([[1.0]], [[1.0]], "1 above 0 and 0 below"),
        ([[0.0], [1.0]], [[1e200], [2e200]], "e+400 above 0 and 0 below"),
        ([[0.0], [0.0], [1.0]], [[1.0], [2.0], [-3.0]], "rows 0 and 1 of X are equal"),
        ([[1.0], [1.0 + 2.0**-52], [2.0]], [[1.0], [-2.0], [0.5]], "too close"),
        ([[1.0], [2.0]], [[1.0, 0.0], [-2.0, 0.0]], "2 columns"),
        ([[1.0], [np.nan]], [[1.0], [-2.0]], "NaN"),
        ([[0.0], [1.0]], [[5e-324], [-1e-323]], "no readout was found"),
    ],
)
def test_data_without_a_valley_are_named_in_one_line(tmp_path, X, Y, words):
    """The file, what is wrong with it, and no traceback, whatever the size of the numbers."""
    ran = skipscape("separate", "--data", saved(tmp_path / "own.npz", X, Y), "--widths", "16")
    assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert "own.npz" in ran.err
    assert words in ran.err
    assert len(ran.err) < 400


@pytest.mark.usefixtures("in_process", "narrow_valleys")
@pytest.mark.parametrize(("scale", "height"), [(1e12, 1e9), (1e-200, 1e-160), (1e200, 1e200), (1e308, 1.0)])
def test_data_of_any_size_are_answered(tmp_path, monkeypatch, scale, height):
    """All rows and controls proved; the depth is the mean of the squares of the positive targets; as text too."""
    found = []

    def kept(*plans, **options):
        found.append(table(*plans, **options))
        return found[-1]

    monkeypatch.setattr(tables, "table", kept)
    X, Y = scale * np.array([[1.0], [-1.0], [0.3]]), height * np.array([[1.0], [-3.0], [0.5]])
    arguments = ("separate", "--data", saved(tmp_path / "own.npz", X, Y), "--widths", "16")
    ran = skipscape(*arguments, "--json")
    assert ran.status == 0, ran.err
    depth = sum(Fraction(y) ** 2 for y in Y[:, 0].tolist() if y > 0) / 3
    assert Fraction(ran.json["rows"][0]["plain_depth"]["exact"]) == depth
    monkeypatch.setattr(tables, "table", lambda *plans, **options: found[0])
    assert skipscape(*arguments).status == 0


@pytest.mark.usefixtures("in_process", "narrow_valleys")
def test_the_text_gives_the_limits_first(answer):
    """And the figures of the JSON below."""
    folder, _ = answer
    ran = skipscape("separate", "--data", folder / "case13.npz", "--widths", "4")
    assert ran.status == 0
    assert ran.out.startswith("What this does not say")
    assert "case13.npz" in ran.joined
    assert "two-layer" in ran.joined


@pytest.mark.usefixtures("in_process")
def test_a_row_that_the_checker_does_not_prove_is_not_proved(monkeypatch):
    """Whatever the finder computed; nor one whose depth is not what the targets say."""
    honest = claims.checked

    def biased(certificate, *others, **options):
        said = honest(certificate, *others, **options)
        if "plain" in certificate.stem:
            said["depth"] = said["depth"] | {"exact": "1/3"}
        return said

    plan = Plan(Data(np.array([[1.0], [-1.0]]), np.array([[1.0], [-2.0]])), ((4, (1,)),))
    monkeypatch.setattr(claims, "checked", biased)
    result, _ = table([plan], out=None, memory=1.0, force=False, report=lambda stage, share: None)
    assert (result["rows"][0]["verdict"], result["verdict"]) == ("UNDECIDED", "UNDECIDED")


def test_values_are_rounded_upwards():
    """Five digits, or a power of ten that exceeds the loss."""
    assert value({"exact": "1/2", "upper": "0.5"}) == "1/2"
    assert value({"exact": "3/1", "upper": "3"}) == "3"
    assert value({"exact": None, "upper": "0.123456789"}) == "<= 0.12346"
    assert value({"exact": "123456789123456789/1000000000000000000", "upper": "0.123456789123456789"}) == "<= 0.12346"
    assert value({"exact": None, "upper": "0.00000000123"}) == "< 1e-8"
    assert value({"exact": None, "upper": f"0.{'0' * 399}1"}) == "< 1e-399"
    assert value({"exact": None, "upper": str(10**20 + 1)}) == "<= 1.0001e+20"
    assert value({"exact": None, "upper": None}) == "-"
