"""The recipes of proofs_notes/contributing.md, run as they stand: new files alone, and nothing else is touched."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from numerics.checks.lemmas import read_module
from numerics.checks.registry import collected, runners
from support.command_line import skipscape
from theory import ledger
from theory.catalogue import CATALOGUE, collect, modules_of
from theory.ledger import Status

ROOT = Path(__file__).resolve().parents[2]
RECIPE = (ROOT / "proofs_notes" / "contributing.md").read_text(encoding="utf-8")
STATEMENT, CHECK = re.findall(r"^```python\n(.*?)^```$", RECIPE, re.M | re.S)[:2]
IMPORT = "from theory.statements.midpoint import MIDPOINT, middle\n"
PIECES = {"midpoint.middle": "PROVED", "check.L11": "UNDECIDED", "exact.midpoint": "PROVED"}


def files(folder: Path) -> dict[str, bytes]:
    """Every source below a folder, by name."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*.py"))}


def run(folder: Path, *arguments: str) -> Any:
    """The JSON answer of the program that stands in this folder."""
    command = [sys.executable, "-m", "numerics", *arguments, "--json"]
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def looks_right(answer: Any) -> None:
    """L11 in an audit: its status computed from the three pieces that ran, its formula and its file."""
    (found,) = answer["statements"]
    assert (found["id"], found["status"], found["note"]) == ("L11", "proved", "proofs_notes/midpoint.md")
    assert found["formula"] == "a/2 + b/2 <= Max(a, b)"
    assert {piece["name"]: piece["verdict"] for piece in found["evidence"]} == PIECES


@pytest.mark.slow
def test_a_new_statement_and_its_check_are_two_new_files(tmp_path: Path) -> None:
    """In a copy of the tree, compiled or not: all have them, and no other file differs."""
    for name in ("theory", "numerics"):
        shutil.copytree(ROOT / name, tmp_path / name)
    before = files(tmp_path)
    (tmp_path / "theory" / "statements" / "midpoint.py").write_text(STATEMENT, encoding="utf-8")
    (tmp_path / "numerics" / "checks" / "statements" / "midpoint.py").write_text(CHECK, encoding="utf-8")
    looks_right(run(tmp_path, "audit", "L11"))
    (tried,) = run(tmp_path, "verify", "L11", "--examples", "20")
    assert (tried["id"], tried["verdict"], tried["examples"]) == ("L11", "PROVED", 20)
    print_order = "import json, theory.catalogue as c; print(json.dumps(list(c.STATEMENTS)))"
    done = subprocess.run([sys.executable, "-c", print_order], cwd=tmp_path, capture_output=True, text=True, check=True)
    order = json.loads(done.stdout)
    assert order[order.index("L10") : order.index("E1") + 1] == ["L10", "L11", "E1"]
    assert [id_ for id_ in order if id_ != "L11"] == list(CATALOGUE.statements)
    after = files(tmp_path)
    assert {name for name in after if after[name] != before.get(name)} == {
        "theory/statements/midpoint.py",
        "numerics/checks/statements/midpoint.py",
    }


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """Both halves in one file of a user's own."""
    path = tmp_path / "midpoint.py"
    path.write_text(STATEMENT + CHECK.replace(IMPORT, ""), encoding="utf-8")
    return path


def test_a_file_of_ones_own_is_audited_and_verified(own: Path) -> None:
    """By its name in the place of an id, alone and beside the blueprint's."""
    ran = skipscape("audit", str(own), "--json")
    assert ran.status == 0
    looks_right(ran.json)
    both = skipscape("audit", str(own), "L1b", "--json")
    assert [one["id"] for one in both.json["statements"]] == ["L1b", "L11"]
    assert "L11  The middle lies below the larger" in skipscape("audit", str(own)).out
    tried = skipscape("verify", str(own), "--examples", "20", "--json")
    assert [(one["id"], one["verdict"]) for one in tried.json] == [("L11", "PROVED")]


def test_a_false_statement_of_ones_own_is_refuted(own: Path) -> None:
    """The middle below the smaller: z3 and the drawn pairs both find a counterexample."""
    text = own.read_text(encoding="utf-8")
    wrong = text.replace("2 <= maximum(x, y)", "2 <= y").replace("(high - low) / 2, high)", "(high - low) / 2, low)")
    assert wrong != text
    own.write_text(wrong, encoding="utf-8")
    ran = skipscape("audit", str(own), "--json")
    (found,) = ran.json["statements"]
    assert (ran.status, found["status"]) == (1, "refuted")
    assert {piece["name"] for piece in found["evidence"] if piece["verdict"] == "REFUTED"} == {
        "midpoint.middle",
        "check.L11",
    }


def test_a_package_can_be_handed_to_the_scan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`modules_of` reads a folder by name; without the proof's run the status falls to what the check shows."""
    package = tmp_path / "own_statements"
    package.mkdir()
    (package / "__init__.py").write_text("", encoding="utf-8")
    (package / "midpoint.py").write_text(STATEMENT, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    import own_statements

    wider = CATALOGUE.including(*modules_of(own_statements))
    assert set(wider.statements) - set(CATALOGUE.statements) == {"L11"}
    assert wider.stems["L11"] == "midpoint"
    statuses = [ledger.audit(runs, ["L11"], catalogue=wider)["L11"].status for runs in (wider.runners, {})]
    assert statuses == [Status.PROVED, Status.OPEN]
    assert "L11" not in CATALOGUE.statements


def spoiled(own: Path, *changes: tuple[str, str]) -> ModuleType:
    text = own.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    own.write_text(text, encoding="utf-8")
    return read_module(own, "STATEMENTS")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ([('id="L11"', 'id="L10"')], "L10 is encoded twice"),
        ([("depends_on=()", 'depends_on=("L12",)')], "L11: L12 is no id"),
        ([("    formulas=(Formula(Le((a + b) / 2, Max(a, b))),),\n", "")], "L11: it needs at least one formula"),
        ([('whole("L11"', 'whole("L12"')], "an argument is for L12"),
        ([("PROOFS = (middle,)", "PROOFS = (middle, middle)")], "midpoint.middle is declared twice"),
        ([("PROOFS = (", 'LEVELS = {"L12": max}\nPROOFS = (')], "a level is for L12"),
    ],
)
def test_what_does_not_fit_is_refused(own: Path, changes: list[tuple[str, str]], message: str) -> None:
    module = spoiled(own, *changes)
    with pytest.raises(ValueError, match=message):
        CATALOGUE.including(module)
    ran = skipscape("audit", str(own))
    assert ran.status == 2
    assert f"{own}: " in ran.err
    assert len(ran.err.strip().splitlines()) == 1


def test_a_check_belongs_to_one_statement_that_exists(own: Path) -> None:
    module = read_module(own, "STATEMENTS")
    with pytest.raises(ValueError, match="check L11: the catalogue has no statement of this id"):
        collected([module])
    with pytest.raises(ValueError, match="check L11 is written twice"):
        collected([module, module], collect([*CATALOGUE.modules, module]))
    instances = ModuleType("instances")
    instances.CONSTRUCTIONS = {"exact.one": lambda: None}
    with pytest.raises(ValueError, match=r"construction exact\.one is written twice"):
        runners([instances, instances])
