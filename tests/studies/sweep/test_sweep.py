"""The tables: bounds beside what is certified, and slopes; small sizes, few steps."""

import csv
import io
import json
import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from numerics.data import read_data
from numerics.errors import InputError
from numerics.losses import float_loss
from numerics.losses.problem import Problem
from numerics.moves.mass import masses
from numerics.networks.files import read_network
from numerics.studies.sweep import problems as sweep_problems
from numerics.studies.sweep import tables
from numerics.studies.sweep.problems import MOONS, Plan, points, problems, trainings
from support.command_line import Ran, skipscape

TEACHERS = ["sweep", "--kinds", "teacher", "--widths", "8,12", "--neurons", "4", "--dimensions"]
LADDER = ["sweep", "--kinds", "none", "--dimensions", "1", "--etas", "1/2", "--slope-widths", "8,16"]


@pytest.fixture(autouse=True)
def near(checker_nearby: None) -> None:
    """Every test of this file."""


@pytest.fixture(scope="module")
def answer(tmp_path_factory: pytest.TempPathFactory) -> dict:
    """Both tables, with their files kept; the checker is the real one, in a process of its own."""
    folder = tmp_path_factory.mktemp("sweep") / "kept"
    ladder = ["1", "--etas", "1/2", "--slope-widths", "8,16"]
    ran = skipscape(*TEACHERS, *ladder, "--keep", folder, "--json")
    assert ran.status == 0, ran.err
    return ran.json


# plans


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"kinds": ("plain", "other")}, "other"),
        ({"neurons": (8,)}, "l < m"),
        ({"kappas": (0.0,)}, "kappa"),
        ({"kappas": (1e300,)}, "kappa"),
        ({"until": float("nan")}, "until"),
    ],
)
def test_plans_that_make_no_table_are_refused(changes: dict, words: str) -> None:
    """With what is wrong."""
    with pytest.raises(InputError, match=words):
        replace(Plan((8,), (4,)), **changes)


def test_penalties_that_differ_in_their_last_digits_are_two_networks(tmp_path: Path) -> None:
    """Nothing of one stands for the other."""
    pytest.importorskip("torch")
    plan = Plan((6,), (4,), kinds=("regularised",), kappas=(0.1, 0.1 + 1e-9), steps=0, branch=(3,))
    made = problems(points(MOONS), MOONS, plan, tmp_path)
    assert len({one.network for one in made}) == 2


def test_every_width_has_every_l_below_it(tmp_path: Path) -> None:
    """Each trained once; kinds in order; the plain network is the first at the level asked for."""
    pytest.importorskip("torch")
    plan = Plan((6, 12), (4, 8), kinds=("plain", "regularised"), kappas=(0.1,), until=0.8, steps=40, branch=(3,))
    made = problems(points(MOONS), MOONS, plan, tmp_path)
    tasks = trainings(made, plan)
    for task in tasks:
        assert not sweep_problems.made(task, "none yet")
        assert sweep_problems.made(task, task.done())
    sizes = [(one.kind, one.width, one.neurons) for one in made]
    assert sizes == [(kind, m, l_) for kind in ("plain", "kappa 0.1") for m, l_ in ((6, 4), (12, 4), (12, 8))]
    assert len(made) == plan.size
    assert sum("two-layer" in task.key for task in tasks) == 2
    assert len(tasks) == 6
    for one in made:
        assert read_network(one.network).width == one.width
        assert read_network(one.reference).width == one.neurons
        assert one.kind != "plain" or float_loss(read_network(one.network), Problem(read_data(one.data))) <= 0.8 * (
            1 + 1e-4
        )


# the command


def test_the_answer_has_every_route_beside_r0(answer: dict) -> None:
    """Levels and deviations rounded up, informative or not by R0, the certified maximum and its verdict."""
    assert set(answer) == {"command", "fixed", "versions", "barriers", "deviations"}
    assert answer["command"].startswith("skipscape sweep --data moons --widths 8,12")
    assert [(row["width"], row["neurons"]) for row in answer["barriers"]] == [(8, 4), (12, 4)]
    for row in answer["barriers"]:
        assert set(row["bounds"]) == {"R1", "R2", "R3", "R4", "R7", "RM"}
        assert row["verdict"] == "PROVED"
        loss, goal, R0 = (Fraction(row[name]) for name in ("loss", "reference", "R0"))
        assert goal < loss <= R0
        for bound in row["bounds"].values():
            level, D = Fraction(bound["value"]), float(bound["deviation"])
            assert float(level) == pytest.approx((float(loss) ** 0.5 + D) ** 2, rel=1e-9)  # T1's level, float64
            assert bound["informative"] == (level < R0)
        assert row["informative"] == (Fraction(row["maximum"]["upper"]) < R0)
        measured, pruned, packed = (Fraction(row["bounds"][name]["deviation"]) for name in ("RM", "R4", "R3"))
        assert measured <= min(pruned, packed)


def test_kept_certificates_pass_the_checker_again(answer: dict) -> None:
    """Against the kept data and networks, at the maximum of the table."""
    for row in answer["barriers"]:
        certificate = Path(row["certificate"])
        folder = certificate.parent
        ends = (folder / f"student-{row['width']}-4.npz", folder / "teacher-4.npz")
        ran = skipscape("check", certificate, "--data", folder / row["data"], "--start", ends[0], "--end", ends[1])
        assert ran.status == 0, ran
        assert masses(read_network(ends[0])).total <= 1


def test_deviations_carry_both_slopes_and_the_exponent(answer: dict) -> None:
    """One entry per route."""
    assert [one["route"] for one in answer["deviations"]] == ["R1", "R2", "R3", "R4", "R7"]
    for one in answer["deviations"]:
        assert one["widths"] == [8, 16]
        assert one["neurons"] == [3, 4]
        assert len(one["closed"]) == len(one["measured"]) == 2
        assert {"exponent", "closed_slope", "measured_slope"} <= set(one)


def test_trained_networks_make_a_table_for_people() -> None:
    """Plain and regularised ones with their kappa; nothing is claimed where the reference is no better."""
    pytest.importorskip("torch")
    sizes = ["--widths", "8", "--neurons", "4", "--steps", "2", "--kappas", "0.1,0.5", "--dimensions", "none"]
    ran = skipscape("sweep", "--kinds", "plain,regularised", *sizes)
    assert ran.status == 0, ran
    rows = re.findall(r"^ *(plain|kappa 0\.[15]) .*$", ran.out, re.MULTILINE)
    assert rows[:3] == ["plain", "kappa 0.1", "kappa 0.5"]
    assert "under bounded S" not in ran.joined  # no slopes were asked for
    assert "a star marks what is below it" in " ".join(ran.out.split())


@pytest.mark.parametrize("suffix", tables.FORMATS)
def test_tables_are_written_whole_and_never_over_a_file(tmp_path: Path, suffix: str) -> None:
    """JSON as printed, CSV with a line per bound, Markdown with the command; a second time only with --force."""
    out = tmp_path / f"table{suffix}"
    ran = skipscape(*TEACHERS, "none", "--out", out, "--json")
    assert ran.status == 0, ran.err
    content = out.read_text()
    if suffix == ".json":
        assert json.loads(content) == ran.json
    elif suffix == ".csv":
        rows = list(csv.DictReader(io.StringIO(content)))
        assert [row["bound"] for row in rows[:7]] == ["R1", "R2", "R3", "R4", "R7", "RM", "certified"]
        assert len(rows) == 14
        assert all(Fraction(row["level"]) > 0 for row in rows)
    else:
        assert ran.json["command"] in content
        assert content.count("| teacher |") == 2
        assert str(tmp_path) not in content
    again = skipscape(*TEACHERS, "none", "--out", out)
    require_one_line(again, str(out), "--force")


def test_a_csv_has_a_line_per_width_of_a_slope(tmp_path: Path) -> None:
    """Closed form and measured deviation beside each other."""
    out = tmp_path / "slopes.csv"
    assert skipscape(*LADDER, "--out", out).status == 0
    rows = list(csv.DictReader(io.StringIO(out.read_text())))
    assert len(rows) == 10
    assert all(Fraction(row["measured"]) <= Fraction(row["deviation"]) for row in rows)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--data", "nowhere.npz"], "nowhere.npz"),
        (["--widths", "8,x"], "--widths"),
        (["--widths", "0"], "--widths"),
        (["--widths", "9999999999"], "--widths"),
        (["--neurons", "none"], "l < m"),
        (["--kinds", "student"], "student"),
        (["--kappas", "0"], "kappa"),
        (["--kappas", "1e9999"], "kappa"),
        (["--kappas", "nan"], "--kappas"),
        (["--until", "nan"], "until"),
        (["--etas", "1"], "0 < eta < 1"),
        (["--etas", "-1/2"], "--etas"),
        (["--slope-widths", "64"], "two different widths"),
        (["--seed", "-1"], "seed"),
        (["--out", "table.txt"], "table.txt"),
        (["--out", "nowhere/table.md"], "nowhere"),
    ],
)
def test_bad_options_are_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options, words: str) -> None:
    """Exit status 2 before anything is drawn or trained."""
    monkeypatch.chdir(tmp_path)
    require_one_line(skipscape("sweep", *options), words)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_not_empty_is_kept_as_it_is(tmp_path: Path) -> None:
    """--keep refuses it without --force."""
    (tmp_path / "mine").write_text("mine")
    require_one_line(skipscape(*TEACHERS, "none", "--keep", tmp_path), str(tmp_path), "not empty")
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_data_in_the_folder_that_is_kept_is_refused(tmp_path: Path) -> None:
    """Even with --force: a file of the table could have its name."""
    data = tmp_path / "taught-4.npz"
    np.savez(data, X=np.eye(3), Y=np.eye(3))
    before = data.read_bytes()
    ran = skipscape(*TEACHERS, "none", "--data", data, "--keep", tmp_path, "--force")
    require_one_line(ran, str(data), "never modified")
    assert data.read_bytes() == before


def require_one_line(ran: Ran, *words: str) -> None:
    assert ran.status == 2, ran
    assert ran.out == ""
    assert len(ran.err.splitlines()) == 1
    for word in words:
        assert word in ran.err


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Fraction(0), "0"),
        (Fraction(1, 3), "0.3334"),
        (Fraction(99999), "100000"),
        (Fraction(123456789), "1.235e8"),
        (Fraction(1, 3 * 10**9), "3.334e-10"),
        (Fraction(12345, 10**12), "1.235e-8"),
    ],
)
def test_numbers_of_tables_are_rounded_up(value: Fraction, shown: str) -> None:
    """Four digits; powers of ten where they are tiny or large."""
    assert tables.shown(value) == shown
    assert Fraction(shown) >= value
