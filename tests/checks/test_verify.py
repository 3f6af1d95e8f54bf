"""The command `verify`, for built-in statements and for a user's own lemma."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from numerics.checks import engine
from numerics.checks.__main__ import table
from numerics.checks.states import State
from numerics.checks.writing import shown
from numerics.data import read_data
from numerics.networks.files import read_network
from support.command_line import skipscape
from theory.catalogue import STATEMENTS

LEMMAS = Path(__file__).parents[1] / "lemmas"


@pytest.mark.slow
def test_t1_with_half_the_deviation_is_refuted_with_files_that_other_commands_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit status 1; the counterexample is as bad as the answer says; T1's twin is not refuted."""
    monkeypatch.setattr(engine, "SHRINKS", 100)
    folder = tmp_path / "found"
    ran = skipscape("verify", LEMMAS / "half_deviation.py", "--examples", 300, "--out", folder, "--json")
    assert ran.status == 1, ran.err
    (result,) = ran.json
    assert (result["id"], result["verdict"], result["seed"]) == ("half-T1", "REFUTED", 0)
    found = result["counterexample"]
    assert Fraction(found["measured"]) > Fraction(found["bound"])
    network = read_network(Path(found["files"]["network"]))
    data = read_data(found["files"]["data"])
    assert network.width <= 4
    assert State.of(network, data).loss == Fraction(found["numbers"]["L(theta)"])
    assert read_network(Path(found["files"]["reference"])).kind == "two-layer"

    again = skipscape("verify", LEMMAS / "half_deviation.py", "--out", folder)
    assert (again.status, again.out) == (2, "")
    assert "exists already" in again.err

    twin = skipscape("verify", LEMMAS / "whole_deviation.py", "--examples", 20, "--out", tmp_path / "none")
    assert twin.status == 0
    assert "whole-T1 UNDECIDED: T1's path keeps to" in twin.joined
    assert "sampling can only refute" in twin.joined
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("ratio", "words"),
    [(1.0, "1"), (1 - 1e-13, "1"), (1 - 1e-6, "0.999"), (0.9994, "0.999"), (0.98765, "0.987"), (1e-9, "1e-09")],
)
def test_a_ratio_is_printed_as_1_only_where_the_bound_was_attained(ratio: float, words: str) -> None:
    """T3 once showed "1, not known sharp"."""
    assert shown(ratio, 3) == words


def test_several_statements_with_what_was_seen_of_each(tmp_path: Path) -> None:
    """L1 is its three parts, proved by z3; R4 has a histogram and shares; the order is that of the question."""
    ran = skipscape("verify", "R4", "L1", "--examples", 20, "--seed", 3, "--out", tmp_path / "none", "--json")
    assert ran.status == 0
    results = ran.json
    assert [one["id"] for one in results] == ["R4", "L1a", "L1b", "L1c"]
    assert [one["verdict"] for one in results] == ["UNDECIDED", "PROVED", "PROVED", "PROVED"]
    first = results[0]
    assert (first["examples"], first["seed"], first["counterexample"]) == (20, 3, None)
    assert set(first["shares"]) == {"informative", "active", "outputs", "branch"}
    assert sum(first["histogram"]["counts"]) <= 10
    assert 0 <= first["median_ratio"] <= first["best_ratio"] <= 1
    for one in results[1:]:
        assert one["claim"] == STATEMENTS[one["id"]].claim
        assert {proof["verdict"] for proof in one["proofs"]} == {"PROVED"}


def test_answers_become_a_table_in_blueprint_order(tmp_path: Path) -> None:
    """Of two answers for one statement the one with more examples."""
    few, many = (
        skipscape("verify", *ids, "--examples", k, "--out", tmp_path / "none", "--json").json
        for ids, k in ((("L6", "L1a"), 4), (("L6",), 8))
    )
    rows = table([*many, *few]).splitlines()
    assert [row.split(" | ")[:3] for row in rows[2:]] == [["| L1a", "PROVED", "4"], ["| L6", "UNDECIDED", "8"]]
    assert len({row.count("|") for row in rows}) == 1


def test_the_text_has_the_claim_that_the_verdict_is_about(tmp_path: Path) -> None:
    """In one line with it."""
    ran = skipscape("verify", "L6", "--examples", 20, "--out", tmp_path / "none")
    assert ran.status == 0
    assert f"L6 UNDECIDED: {STATEMENTS['L6'].claim}" in ran.joined
    assert "measured over bound" in ran.joined


LEMMA = """
from fractions import Fraction
from hypothesis import strategies as st
from numerics.checks import Check, Outcome, Witness, bounded
from theory.statement import Kind

def run(n):
    {body}

CHECKS = {checks}
"""
ONE = '(Check("mine", "n <= 10.", Kind.UPPER_BOUND, st.integers(0, 9), run),)'


@pytest.mark.parametrize(
    ("body", "checks", "words"),
    [
        ("return bounded(Fraction(n), Fraction(10))", "()", "has no CHECKS"),
        ("return bounded(Fraction(n), Fraction(10))", "3", "has no CHECKS"),
        ("return bounded(Fraction(n), Fraction(10))", "(run,)", "every one must be a numerics.checks.Check"),
        ("return bounded(Fraction(n), Fraction(10))", ONE.replace("Kind.UPPER_BOUND", "'upper'"), "kind must be"),
        ("return bounded(Fraction(n), Fraction(10))", ONE.replace("mine", "../mine"), "id must be a name"),
        ("return n / 0", ONE, "check mine fails: ZeroDivisionError"),
        ("raise SystemExit(0)", ONE, "check mine fails: SystemExit"),
        ("return Outcome(None, None, False, 0.5)", ONE, "check mine fails: ValueError: outcome: measured"),
        ("return Outcome(Fraction(n), Fraction(0), 'no')", ONE, "holds must be True or False"),
        ("return Outcome(Fraction(n), Fraction(0), False, witness=Witness({'../x': 3}))", ONE, "networks by role"),
        (
            "return Outcome(Fraction(n), Fraction(0), False, witness=Witness(numbers={'a': 'b'}))",
            ONE,
            "numbers must be",
        ),
        ("return n", ONE, "run must return an Outcome, got int"),
        ("return unknown", ONE, "NameError"),
        ("retrun n", ONE, "SyntaxError"),
        ("return n\n\nimport nothing_of_the_kind", ONE, "ModuleNotFoundError"),
        ("return n\n\nraise SystemExit(3)", ONE, "SystemExit"),
        ("return n", ONE.replace("st.integers(0, 9)", "st.integers(9, 0)"), "InvalidArgument"),
    ],
)
def test_a_lemma_that_cannot_be_used_is_one_line_and_exit_2(body: str, checks: str, words: str, tmp_path: Path) -> None:
    """It names the file and what is wrong."""
    path = tmp_path / "mine.py"
    path.write_text(LEMMA.format(body=body, checks=checks))
    ran = skipscape("verify", path, "--out", tmp_path / "none")
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.count("\n") == 1
    assert str(path) in ran.err
    assert words in ran.err


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("T99", "is neither a statement nor a .py file"),
        ("C3", "has no check"),
        ("nowhere.py", "is not a file"),
        ("L1d", "is neither"),
    ],
)
def test_a_statement_that_is_not_there_is_refused(name: str, words: str, tmp_path: Path) -> None:
    """One line, exit status 2, before anything is run."""
    ran = skipscape("verify", "L6", name, "--out", tmp_path / "none")
    assert (ran.status, ran.out) == (2, "")
    assert words in ran.err


def test_a_scalar_counterexample_needs_no_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its numbers say it all, and no folder is made; nothing else is left behind either."""
    path = tmp_path / "mine.py"
    path.write_text(LEMMA.format(body="return bounded(Fraction(n), Fraction(5))", checks=ONE))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(engine, "SHRINKS", 200)
    ran = skipscape("verify", path, "--json")
    assert ran.status == 1
    assert ran.json[0]["counterexample"]["numbers"]["measured"] == "6/1"
    assert [one.name for one in tmp_path.iterdir() if one.name != "__pycache__"] == ["mine.py"]
