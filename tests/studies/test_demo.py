"""The main job, on networks so small that it takes a second."""

import io
import json
import re
import shlex
from fractions import Fraction
from pathlib import Path

import pytest

from numerics.cli import common
from numerics.common.progress import no_progress
from numerics.common.speech import Speaker
from numerics.common.wrapping import COLUMNS
from numerics.errors import InputError
from numerics.studies import demo, demo_parts
from numerics.studies.demo_page import demo_page
from numerics.studies.demo_parts import Sizes
from support.browser import CHROMIUM, looked_at
from support.command_line import skipscape
from support.contrast import faint

torch = pytest.importorskip("torch")
README = (Path(__file__).parents[2] / "README.md").read_text()


def assert_page(page: str) -> None:
    """Both questions and the theorem, pictures in words, nothing from elsewhere, no script; neither large nor faint."""
    assert len(page) < 3_000_000
    assert faint(page) == []
    assert "<script" not in page
    assert not re.search(r"(src|href)=\"(?!#)", page)
    for name in ("depth", "connected", "theorem", "measured", "check"):
        assert f'<section id="{name}">' in page
        assert f'href="#{name}"' in page
    for svg in re.findall(r"<svg[^>]*>", page):
        assert 'role="img"' in svg
        assert len(re.search(r'aria-label="([^"]*)"', svg)[1]) > 40
    assert not re.search(r'id="([^"]+)".* id="\1"', page, re.DOTALL) or len(set(ids(page))) == len(ids(page))


def ids(page: str) -> list[str]:
    """Every id of the page."""
    return re.findall(r' id="([^"]+)"', page)


@pytest.mark.usefixtures("checker_nearby", "narrow_valleys", "tiny_demo")
def test_the_other_parts_are_proved_and_on_the_page(tmp_path: Path) -> None:
    """Half of every layer against one slot, T5's depths, exact depths beside C7; with their pictures."""
    sizes = Sizes(width=8, branch=(3,), steps=5, witness=4, valleys=(2, 4))
    digits = demo.read_data("digits")
    found = list(demo_parts.parts(tmp_path, digits, no_progress, force=False, sizes=sizes))
    trained, witness, both = (part.to_json() for part in found)
    assert [part.proved for part in found] == [True] * 3
    plain, down, joined = trained["rows"]
    assert (plain[0], plain[2]) == ("plain 8-8", "4 of 8, 4 of 8")
    assert (down[0], down[2]) == ("parallel 8-3", "1 of 8")
    assert joined[0] == "parallel 8-3"
    assert [row[3] for row in witness["rows"]] == ["0.5", "0"]
    depths = {(row[0], row[1], row[2]): row[3] for row in both["rows"]}
    assert depths["T10P", "parallel", "4"] == depths["T10P", "two-layer", "4"] == "3/400"
    assert depths["T8b", "two-layer", "2"] == "1/3"
    assert all(("*" in row[4]) == (row[0] == "T10P") for row in both["rows"])
    page = demo_page([], found, "how", "check")
    assert_page(page)
    assert page.count("<svg") == 3 + 1
    assert "No picture" not in page


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")
@pytest.mark.usefixtures("checker_nearby", "tiny_demo")
def test_a_browser_needs_no_horizontal_scroll_and_no_text_overlaps(tmp_path: Path) -> None:
    """On a telephone and on a desk, with every picture unfolded."""
    console = Speaker(width=200, record=True, file=io.StringIO())
    demo.run(tmp_path / "out", quick=True, as_json=False, force=False, out=console, err=console)
    page = tmp_path / "out" / demo.PAGE
    page.write_text(page.read_text().replace("<details>", "<details open>"))
    for width in (390, 1440):
        seen = looked_at(page, width)
        assert seen.width <= width
        assert seen.overlaps == ()
        assert seen.faintest >= 4.5


def test_a_plan_says_what_it_leaves_out() -> None:
    """One row of the whole demo, and nothing else."""
    assert [demo.FULL.levels(width).keys() == demo.LEVELS.keys() for width in demo.FULL.widths] == [True, False]
    assert demo.QUICK.sizes is None
    assert demo.QUICK.levels(256) == demo.LEVELS


@pytest.mark.usefixtures("checker_nearby", "tiny_demo")
def test_the_main_job_prints_every_row_and_keeps_its_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command of the README, with its tables. One row per width and level, none dropped; files are there."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(common.out, "width", COLUMNS)  # pytest-xdist tells its workers another one
    (block,) = re.findall(r"^\$ (skipscape demo [^#\n]*)(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    status, text, _ = skipscape(*shlex.split(block[0])[1:])
    heads_shown = re.findall(r"^width level .*$", block[1], re.MULTILINE)
    assert len(heads_shown) == 2  # of tables 1 and 2
    assert [head for head in heads_shown if head not in text] == [], text
    folder = Path("quick")
    document = json.loads((folder / "demo.json").read_text())
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
    page = (folder / demo.PAGE).read_text()
    assert_page(page)
    assert page.count("<svg") == 6  # a profile and a path for each row
    assert text.rstrip().endswith(str(folder / demo.PAGE))
    console = Speaker(width=200, record=True, file=io.StringIO())
    with pytest.raises(InputError, match="not empty"):
        demo.run(folder, quick=True, as_json=False, force=False, out=console, err=console)
