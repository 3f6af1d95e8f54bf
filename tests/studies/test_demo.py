"""The main job, on networks so small that it takes a second."""

import io
import json
import re
from fractions import Fraction
from pathlib import Path

import pytest

from numerics.common.speech import Speaker
from numerics.errors import InputError
from numerics.studies import demo
from support.command_line import skipscape

torch = pytest.importorskip("torch")


@pytest.mark.usefixtures("checker_nearby", "tiny_demo")
def test_the_main_job_prints_every_row_and_keeps_its_files(tmp_path: Path) -> None:
    """One row per width and level, none dropped; certificates, networks, data and pictures are there."""
    console = Speaker(width=200, record=True, file=io.StringIO())
    folder = tmp_path / "out"
    status = demo.run(folder, quick=True, as_json=False, force=False, out=console, err=console)
    document = json.loads((folder / "demo.json").read_text())
    text = console.export_text()
    assert [row["level"] for row in document["rows"]] == list(demo.LEVELS)
    proved = sum(row["connected"]["verdict"] == "PROVED" for row in document["rows"])
    assert proved == 3
    assert status == 0
    assert "3 of 3 ways down proved; 3 of 3 connections; " in text
    for row in document["rows"]:
        down = row["way_down"]
        assert (down["verdict"], down["profile"][0]["stair"]) == ("PROVED", "refit")
        assert len(down["profile"]) == 1 + demo.STEPS
        assert Fraction(down["end"]["upper"]) < Fraction(down["start"]["lower"])
    title, heads, *shown = (line for line in text.partition("\n1. ")[2].partition("\n\n")[0].splitlines())
    assert "neurons emptied one by one" in title
    labels = ["loss", "refit to", "climb <=", "gain >=", "a step <=", "steps", "R0 <=", "verdict"]
    assert re.sub(" +", " ", heads) == f"width level {' '.join(labels)}"
    assert [line.split()[-1] for line in shown] == ["PROVED"] * 3
    assert text.index("\n1. ") < text.index("\n1b. ") < text.index("\n2. ")
    assert all(len(line) <= 100 for line in text.splitlines())
    for level in ("early", "middle", "well-trained"):
        assert (folder / f"connect-{level}-8.cert").exists()
        ways = str(folder / f"depth-one-slot-{level}-8.cert")
        files = ("--data", str(folder / "train.npz"), "--start", str(folder / f"{level}-8-0.npz"))
        checked = skipscape("check", ways, *files)
        assert (checked.status, "PROVED" in checked.out) == (0, True), checked
        assert (folder / f"connect-{level}-8.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    with pytest.raises(InputError, match="not empty"):
        demo.run(folder, quick=True, as_json=False, force=False, out=console, err=console)
