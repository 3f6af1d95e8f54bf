"""`skipscape report`: one page of a folder, without network or script, readable when it is narrow."""

import hashlib
import re
import shlex
import shutil
from html import unescape

import pytest

import skipscape as sk
from numerics.data import write_data
from numerics.plots import html
from numerics.plots.folder import entries
from numerics.plots.report import report_page
from support.browser import CHROMIUM, looked_at
from support.by_hand import pair_by_hand
from support.checker_nearby import checked
from support.command_line import skipscape
from support.contrast import contrast, faint

pytestmark = pytest.mark.usefixtures("checker_nearby_throughout")


@pytest.fixture(autouse=True)
def nearby(monkeypatch):
    """The checker in this process; no built-in data set is looked for, as that takes a second."""
    monkeypatch.setattr("numerics.plots.scenes.checked", checked)
    monkeypatch.setattr("numerics.plots.folder.BUILT_IN", ())


@pytest.fixture(scope="module")
def folder(tmp_path_factory, checker_nearby_throughout):
    """Two certificates with their files, one whose data is elsewhere, one that is none; a table."""
    place, pair = tmp_path_factory.mktemp("report"), pair_by_hand()
    inside = place / "all <b> $x$"
    inside.mkdir()
    sk.save(pair.a, inside / "a.npz")
    sk.save(pair.b, inside / "b.npz")
    for data, where in ((pair.data, inside), (sk.Data([[3.0]], [[1.0]]), place)):
        write_data(where / "points.npz", data)
    sk.connect(pair.a, pair.b, pair.data).save(inside / "connect.cert")
    sk.certify([pair.a, pair.b], pair.data).save(inside / "line.cert")
    sk.connect(pair.a, pair.b, sk.Data([[3.0]], [[1.0]])).save(inside / "other.cert")
    (inside / "spoilt <i>.cert").write_bytes(b"nothing")
    (inside / "table.csv").write_text("width,loss\n4,0.5\n<script>,1\n")
    (inside / "demo.json").write_text(
        '{"rows": [{"level": "early", "width": "<u>", "accuracies": {"start": 1' + "0" * 400 + "}}]}"
    )
    return inside


@pytest.fixture(scope="module")
def page(folder):
    """The page of that folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("numerics.plots.scenes.checked", checked)
        patch.setattr("numerics.plots.folder.BUILT_IN", ())
        return report_page(folder, entries(folder))


def test_every_certificate_has_its_question_verdict_command_and_digest(page, folder):
    """In words; what nobody could check is UNDECIDED, and says why."""
    assert "3 PROVED" not in page
    assert "2 PROVED, 2 UNDECIDED" in page
    assert "Are the networks a.npz and b.npz connected" in page
    assert "on this path from a.npz to b.npz" in page
    assert page.count("loss &lt;= 1/2 on the whole path") + page.count("loss &lt;= 0.5 on the whole path") == 2
    assert "no data set of its digest lies in the folder; give it with --data" in page
    assert "skipscape check connect.cert --data points.npz --start a.npz --end b.npz" in page
    for one in folder.glob("*.cert"):
        assert hashlib.sha256(one.read_bytes()).hexdigest() in page
    assert page.count("Measured, not proved:") == 2
    assert "<td>0.5</td>" in page


def test_no_place_on_this_machine_is_named(page, folder):
    """A page is given away: files of the folder have the names that they have in it."""
    assert re.search(r"mean over \d+ samples of points\.npz<", page)
    assert str(folder.parent) not in page


def test_nothing_is_from_elsewhere_and_nothing_foreign_is_markup(page):
    """No script, no address, no tag of a file's name or cell."""
    assert "<script" not in page
    assert not re.search(r"""(?:src|href)=["'](?!#)|@import|url\((?!#)""", page)
    assert "<b>" not in page
    assert "<i>" not in page
    assert "<u>" not in page
    assert "&lt;script&gt;" in page


def test_structure_for_reading_aloud_and_by_keyboard(page):
    """A language, one main, headings, heads of rows and columns; pictures are described; what scrolls has the focus."""
    assert '<html lang="en">' in page
    assert 'name="viewport" content="width=device-width' in page
    assert page.count("<main") == page.count("<h1") == 1
    assert not re.findall(r"<img(?![^>]*\salt=)", page)
    pictures = re.findall(r"<svg [^>]*>", page)
    assert len(pictures) == 2
    assert all('role="img"' in one and "aria-label=" in one for one in pictures)
    for box in re.findall(r'<div class="box[^>]*>', page):
        assert 'tabindex="0"' in box
        assert "aria-label=" in box
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(ids)
    assert not re.findall(r"<th(?! scope|ead)[ >]", page)


def test_nothing_widens_the_page(page):
    """By the rules: tables, pictures and commands scroll inside a box no wider than the page; long words are broken."""
    assert re.search(r"body \{[^}]*overflow-wrap: anywhere", page)
    assert re.search(r"\.box \{ overflow-x: auto; max-width: 100%", page)
    assert re.search(r"pre \{ overflow-x: auto; max-width: 100%", page)
    bare = re.sub(r'<div class="box.*?</div>', "", page, flags=re.DOTALL)
    assert "<table" not in bare
    assert "<svg" not in bare


def test_contrast_of_all_text_in_both_schemes(page):
    """4.5 at least for text on paper, on heads of tables and in pictures, 3 for lines; black on white is 21."""
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert faint(page) == []


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("--link: #0b5394", "--link: #9fbfe0", "scheme 0: link on paper"),
        ("--good: #8fd694", "--good: #2a5a2e", "scheme 1: good on soft"),
        ("--line: #8a8678", "--line: #d8d6c8", "scheme 0: line"),
        ("h1, h2, h3 {", "h1 { color: #cccccc; } h1, h2, h3 {", "outside the schemes: #cccccc"),
        ("<h1", '<h1 style="color: silver"', "style of an element"),
        ("<text ", '<text fill="#aaaaaa" ', "picture: <text"),
    ],
)
def test_faint_text_is_noticed(page, before, after, said):
    """A link, a verdict in the dark, a line, a colour of somebody's own, a label of a picture."""
    assert before in page
    assert any(said in one for one in faint(page.replace(before, after, 1)))


def test_the_command(folder, tmp_path):
    """Exit status 1 where anything is not proved; data from elsewhere by --data; what stands there stays."""
    out = tmp_path / "r.html"
    ran = skipscape("report", folder, "--data", folder.parent / "points.npz", "--out", out, "--json")
    assert ran.status == 1
    verdicts = {one["certificate"]: one["verdict"] for one in ran.json["certificates"]}
    assert verdicts.pop("spoilt <i>.cert") == "UNDECIDED"
    assert set(verdicts.values()) == {"PROVED"}
    assert out.stat().st_size < 400_000
    for wrong, words in (
        (("report", folder, "--out", out), "exists already"),
        (("report", folder, "--out", tmp_path / "r.pdf"), "ends in .html"),
        (("report", tmp_path / "none", "--out", tmp_path / "s.html"), "is no folder"),
        (("report", tmp_path, "--out", tmp_path / "s.html"), "holds no certificate"),
    ):
        ran = skipscape(*wrong)
        assert (ran.status, words in ran.err) == (2, True), ran


def test_a_picture_that_fails_costs_no_verdict(folder):
    """A sentence stands in its place."""

    def broken(entry):
        raise RuntimeError("no ink")

    found = entries(folder)
    page = report_page(folder, found, draw=broken)
    assert page.count("No picture: RuntimeError: no ink") == 2
    assert page.count('class="verdict PROVED">PROVED</span>') == 2


def test_names_that_look_like_options_are_files_in_the_command(folder, tmp_path, monkeypatch):
    """The command that the page gives checks them."""
    for old, new in (("connect.cert", "-x.cert"), ("points.npz", "-points.npz"), ("a.npz", "-a.npz")):
        shutil.copy(folder / old, tmp_path / new)
    page = report_page(tmp_path, entries(tmp_path))
    words = shlex.split(unescape(re.search(r"<code>(skipscape check .*?)</code>", page)[1]))
    assert words[2:5] == ["./-x.cert", "--data", "./-points.npz"]
    monkeypatch.chdir(tmp_path)
    ran = skipscape(*words[1:])
    assert (ran.status, "PROVED" in ran.out) == (0, True), ran


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")
@pytest.mark.parametrize("width", [390, 1440])
def test_a_browser_needs_no_horizontal_scroll_and_no_text_overlaps(page, tmp_path, width):
    """Of the real page in headless Chromium: a frame of that width, whose document is no wider."""
    (tmp_path / "r.html").write_text(page)
    seen = looked_at(tmp_path / "r.html", width)
    assert seen.width <= width
    assert seen.overlaps == ()
    assert seen.faintest >= 4.5


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")
def test_what_is_wrong_with_a_page_is_noticed(tmp_path):
    """A picture that is too wide, words over words, pale words: the tests would fail on such a page."""
    wide = '<div style="width: 391px">x</div>'
    over = "".join(f'<p style="position: absolute; top: 9rem">{one} words</p>' for one in ("some", "other"))
    pale = '<p style="color: #999999">pale words</p>'
    (tmp_path / "r.html").write_text(html.page("wide", f"<main>{wide}{over}{pale}</main>"))
    seen = looked_at(tmp_path / "r.html", 390)
    assert seen.width > 390
    assert any("other" in one for one in seen.overlaps)
    assert 2.8 < seen.faintest < 2.9
