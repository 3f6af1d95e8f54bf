"""The recipes for a route and for a network class, run as they stand in a copy of the tree."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from support.command_cases import write
from support.command_line import Ran

ROOT = Path(__file__).resolve().parents[2]
RECIPES = (ROOT / "proofs_notes" / "contributing.md").read_text(encoding="utf-8")
ROUTE, CLASS = (
    re.findall(r"^```python\n(.*?)^```$", RECIPES.partition(f"## A new {title}\n")[2], re.M | re.S)[0]
    for title in ("route", "network class")
)
LINE = {"X": np.array([[1.0], [2.0]]), "Y": np.array([[2.0], [2.0]])}


def files(folder: Path) -> dict[str, bytes]:
    """Every source below a folder, by name."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*.py"))}


SEVERAL = """
import json, sys
from support.command_line import skipscape
print(json.dumps([skipscape(*words) for words in json.loads(sys.argv[1])]))
"""


def ran(folder: Path, *commands: Sequence[str]) -> list[Ran]:
    """What the program that stands in this folder does, one command after the other in one process of its own."""
    where = os.pathsep.join([str(folder), str(ROOT / "tests")])
    environment = {**os.environ, "PYTHONPATH": where, "COLUMNS": "300"}
    command = [sys.executable, "-c", SEVERAL, json.dumps(commands)]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True)
    return [Ran(*one) for one in json.loads(done.stdout)]


def answer_of(done: Ran) -> Any:
    """Its JSON answer."""
    assert done.status == 0, done.err
    return done.json


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy, compiled modules too; data and two two-layer networks of loss 1/2, `[x]_+` by different neurons."""
    for name in ("theory", "numerics"):
        shutil.copytree(ROOT / name, tmp_path / name)
    write(tmp_path / "data.npz", LINE)
    for name, slope, V in (("A", 1.0, [[1.0, 0.0]]), ("B", 2.0, [[0.0, 0.5]])):
        W = np.array([[1.0], [slope]])
        write(tmp_path / f"{name}.npz", {"class": "two-layer", "bias": 0, "W": W, "V": np.array(V)})
    return tmp_path


def test_a_new_route_is_one_new_file(tree: Path) -> None:
    """By its name and in `auto`, whose lowest path it is: W moves where nothing reads, V keeps `f`; help lists it."""
    before = files(tree)
    connect = ("connect", "A.npz", "B.npz", "--data", "data.npz")
    unknown, without = ran(tree, (*connect, "--route", "stepwise"), (*connect, "--json"))
    assert "'stepwise' is unknown" in unknown.err
    assert "stepwise" not in answer_of(without)["routes"]
    (tree / "numerics" / "routes" / "stepwise.py").write_text(ROUTE, encoding="utf-8")
    asked = [(*connect, "--json", "--route", "stepwise"), (*connect, "--json")]
    *answers, about_connect, about_depth = ran(tree, *asked, ("connect", "--help"), ("depth", "--help"))
    for answer in map(answer_of, answers):
        assert (answer["route"], answer["routes"]["stepwise"], answer["verdict"]) == ("stepwise", "taken", "PROVED")
        assert (answer["maximum"]["exact"], answer["barrier"]["exact"]) == ("1/2", "0/1")
        assert len(answer["segments"]) == 2
    assert {"bridge", "zero", "line"} < set(answer["routes"])
    assert "stepwise" in " ".join(about_connect.out.split())
    assert "stepwise" not in about_depth.out
    after = files(tree)
    assert {name for name in after if after[name] != before.get(name)} == {"numerics/routes/stepwise.py"}


CHECKER = {
    "spaces.py": (
        ('_READOUT = {"two-layer": "V",', '_READOUT = {"twice": "V", "two-layer": "V",'),
        ('    if kind == "two-layer":\n        return ()', '    if kind in ("twice", "two-layer"):\n        return ()'),
    ),
    "chain.py": (
        (
            '    if space.kind == "plain":\n',
            '    if space.kind == "twice":\n        return arithmetic.affine(arithmetic.plus(layer, layer), "V", "c")\n'
            '    if space.kind == "plain":\n',
        ),
    ),
}


@pytest.mark.slow
def test_a_new_class_is_one_new_file_and_one_line_in_the_finder_and_two_files_in_the_checker(tree: Path) -> None:
    """`certify` on a network that doubles: `(2 V x - y)^2`, at V = 1 the losses 0 and 4, at V = 0 twice 4."""
    before = files(tree)
    (tree / "numerics" / "networks" / "twice.py").write_text(CLASS, encoding="utf-8")
    place = tree / "numerics" / "networks" / "classes.py"
    text = place.read_text(encoding="utf-8")
    for old, new in (
        ("Stream, Post, Plain)", "Stream, Post, Plain, Twice)"),
        (
            "from numerics.networks.two_layer",
            "from numerics.networks.twice import Twice\nfrom numerics.networks.two_layer",
        ),
    ):
        assert text.count(old) == 1
        text = text.replace(old, new)
    place.write_text(text, encoding="utf-8")
    for name, V in (("C", 1.0), ("D", 0.0)):
        write(tree / f"{name}.npz", {"class": "twice", "bias": 0, "W": np.array([[1.0]]), "V": np.array([[V]])})
    write(tree / "E.npz", {"class": "twice", "bias": 0, "W": np.array([[3.0]]), "V": np.array([[1.0]])})
    certify = ("certify", "C.npz", "D.npz", "E.npz", "--data", "data.npz")
    (refused,) = ran(tree, certify)
    assert refused.status != 0
    assert "twice" in refused.out + refused.err  # the checker does not take the finder's word for a class
    for name, changes in CHECKER.items():
        path = tree / "numerics" / "checker" / name
        text = path.read_text(encoding="utf-8")
        for old, new in changes:
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        path.write_text(text, encoding="utf-8")
    certified, refused = ran(tree, (*certify, "--json"), ("depth", "C.npz", "--data", "data.npz"))
    answer = answer_of(certified)
    assert answer["verdict"] == "PROVED"
    assert [segment["kind"] for segment in answer["segments"]] == ["readout", "general"]
    assert (answer["start"]["exact"], answer["end"]["exact"]) == ("2/1", "58/1")  # ((6-2)^2 + (12-2)^2) / 2
    assert answer["maximum"]["exact"] == "58/1"
    assert "class twice has no skip connection" in refused.err
    after = files(tree)
    touched = {name for name in after if after[name] != before.get(name)}
    assert touched == {
        "numerics/networks/twice.py",
        "numerics/networks/classes.py",
        "numerics/checker/spaces.py",
        "numerics/checker/chain.py",
    }
    section = RECIPES.partition("## A new network class\n")[2]
    named = set(re.findall(r"^\| `(numerics/[^`]*)` \|", section, re.M))
    assert {name.replace("twice", "<stem>") for name in touched} == named
