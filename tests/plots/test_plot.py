"""`skipscape plot` and `r.plot()`: what is certified, what is sampled, what is folded; PNG, SVG and a page."""

import os
import re
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

import skipscape as sk
from numerics.arithmetic.rationals import Enclosure
from numerics.paths import Kind, Path
from numerics.plots import ticks
from numerics.plots.canvas import plain
from numerics.plots.course import course, steps_down
from numerics.plots.files import picture_file
from numerics.plots.path import Scene, described, path_figure
from numerics.plots.samples import Sample
from numerics.plots.scenes import put_to_checker, scene_of
from support.checker_nearby import checked
from support.command_line import skipscape

pytestmark = pytest.mark.usefixtures("checker_nearby_throughout")

NEURONS = np.array([[8.0, -3.0, 2.0], [-5.0, 6.0, 1.0], [2.0, 7.0, -4.0], [-6.0, -2.0, 3.0], [1.0, 5.0, 6.0]]) / 8


def network(X, Y, turn):
    """A parallel network of five neurons, its readout fitted and rounded to a grid."""
    W = np.roll(NEURONS, turn, axis=1)
    Z = np.maximum(np.c_[X, np.ones(len(X))] @ W.T, 0.0)
    V = np.round(np.linalg.lstsq(Z, Y, rcond=None)[0].T * 64) / 64
    arrays = {"W": W, "V": V, "A": np.full((1, 5), 0.25), "a": [0.5], "U": [[0.125], [-0.125]]}
    return sk.Network.from_arrays("parallel", arrays, bias=True)


@pytest.fixture(scope="module")
def case(tmp_path_factory, checker_nearby_throughout):
    """Two networks, labelled data, and an answer and a certificate to each question."""
    folder = tmp_path_factory.mktemp("plot")
    X = np.array([[i / 3 - 1, (i * i) % 7 / 3 - 1] for i in range(12)])
    data = sk.Data(X, [int(x * y > 0) for x, y in X], "points")
    np.savez(folder / "points.npz", X=data.X, Y=data.Y)
    a, b = (network(data.X, data.Y, turn) for turn in (0, 1))
    sk.save(a, folder / "a.npz")
    sk.save(b, folder / "b.npz")
    answers = {
        "connect": sk.connect(a, b, data),
        "certify": sk.certify([a, b], data, tolerance="1e-2"),
        "depth": sk.depth(a, data, steps=2),
    }
    for name, answer in answers.items():
        assert answer.proved, answer
        answer.save(folder / f"{name}.cert")
    return folder, data, answers


@pytest.fixture(autouse=True)
def nearby(monkeypatch):
    """The checker in this process, for `put_to_checker` too."""
    monkeypatch.setattr("numerics.plots.scenes.checked", checked)


def stored(case, name):
    folder, _, _ = case
    return put_to_checker(folder / f"{name}.cert", str(folder / "points.npz"), memory=4.0).scene(name)


def test_the_command_draws_every_kind_of_file(case, tmp_path):
    """The verdict is printed as `check` does; an existing file stays."""
    folder, _, _ = case
    for ending, head in (("png", b"\x89PNG"), ("svg", b"<?xml"), ("html", b"<!DOCTYPE html>")):
        out = tmp_path / f"p.{ending}"
        asked = ("plot", folder / "connect.cert", "--data", folder / "points.npz", "--out", out)
        ran = skipscape(*asked)
        assert (ran.status, ran.err) == (0, ""), ran
        assert re.search(r"^PROVED: .*loss <= ", ran.joined, re.MULTILINE)
        assert f"picture {out}" in ran.joined
        assert out.read_bytes().startswith(head)
        assert skipscape(*asked).status == 2
    answer = skipscape(*asked, "--force", "--json").json
    assert (answer["verdict"], answer["picture"], answer["notes"]) == ("PROVED", str(out), [])
    wrong = skipscape(*asked[:-1], tmp_path / "p.pdf")
    assert (wrong.status, "ends in one of .png, .svg, .html" in wrong.err) == (2, True)


def test_what_cannot_be_drawn_costs_no_verdict(case, tmp_path, monkeypatch):
    """And a file that is no certificate is refused, not drawn."""
    folder, _, _ = case

    def broken(scene):
        raise RuntimeError("no ink")

    monkeypatch.setattr("numerics.plots.files.path_picture", broken)
    out = tmp_path / "p.png"
    ran = skipscape("plot", folder / "depth.cert", "--data", folder / "points.npz", "--out", out)
    assert (ran.status, out.exists()) == (0, False)
    assert "PROVED: " in ran.joined
    assert f"{out} was not drawn: RuntimeError: no ink" in ran.joined
    (tmp_path / "bad.cert").write_bytes(b"no certificate")
    ran = skipscape("plot", tmp_path / "bad.cert", "--data", folder / "points.npz", "--out", out)
    assert (ran.status, out.exists()) == (1, False)
    assert "UNDECIDED: " in ran.joined


@pytest.mark.parametrize("name", ["connect", "certify", "depth"])
def test_bounds_hold_at_every_sample(case, name):
    """Corners are the exact losses; bands cover the whole path, and no sample or corner lies above its band."""
    _, data, answers = case
    for scene in (stored(case, name), scene_of(answers[name], words=name)):
        course = scene.course
        assert course.corners == (answers[name].start, *(one.end for one in answers[name].segments))
        assert all(one.exact is not None for one in course.corners)
        left = Fraction(0)
        for band in course.bands:
            assert band.left == left < band.right
            left = band.right
            for time, loss in zip(course.corner_times, course.corners, strict=True):
                assert not band.left <= time <= band.right or loss.upper <= band.upper
            for one in course.samples:
                if band.left < one.time < band.right:
                    assert one.loss <= float(band.upper) * (1 + 1e-12)
                    assert band.lower is None or one.loss >= float(band.lower) * (1 - 1e-12)
        assert left == 1
        path = answers[name].path
        for one in course.samples[:: max(1, len(course.samples) // 7)]:
            f = path(one.time)(data.X)
            loss = ((f - data.Y) ** 2).sum(axis=1).mean()
            wrong = np.mean([row[k] <= np.delete(row, k).max() for row, k in zip(f, data.labels, strict=True)])
            assert (one.loss, one.errors) == (pytest.approx(loss, rel=1e-9), pytest.approx(wrong))


def test_flat_stretches_are_folded_and_marked(case):
    """Exactly the runs of silent and exact segments; time runs forward, from 0 to 1."""
    scene = stored(case, "connect")
    course, place = scene.course, scene.course.place()
    inside = {k for first, last in course.flat for k in range(first, last + 1)}
    assert inside == {k for k, kind in enumerate(course.kinds) if kind in (Kind.SILENT, Kind.EXACT)} != set()
    places = [place(time) for time in course.corner_times]
    assert (places[0], places[-1]) == (0.0, 1.0)
    widths = np.diff(places)
    assert (widths > 0).all()
    moving = [widths[k] for k in range(len(widths)) if k not in inside]
    assert max(widths[k] for k in inside) < 0.5 * min(moving)
    axes = path_figure(scene).axes[0]
    assert sum(patch.get_hatch() == "////" for patch in axes.patches) == len(course.flat)


def test_the_profile_from_the_certificate_is_the_answers(case):
    """The steps that corners and bounds tell climb no more than the stairs of the search."""
    _, _, answers = case
    scene = stored(case, "depth")
    steps, answer = steps_down(scene.course), answers["depth"]
    assert steps == tuple(scene.steps) != ()
    assert steps[-1].level <= answer.profile[-1].level.top * (1 + Fraction(1, 10**5))
    assert max(one.climb for one in steps if not one.refit) <= answer.steepest.upper
    assert scene_of(answer, words="x").steps[-1].level == answer.profile[-1].level.top


def test_axes_have_no_offset_and_levels_are_named(case):
    """Both ends, the maximum and R0 are lines with their numbers; no axis has a number apart from its ticks."""
    _, _, answers = case
    for answer in answers.values():
        figure = answer.plot()
        figure.canvas.draw()
        for axes in figure.axes:
            for axis in (axes.xaxis, axes.yaxis):
                assert axis.get_offset_text().get_text() == ""
        said = " ".join(
            text.get_text() for axes in figure.axes if axes.get_legend() for text in axes.get_legend().texts
        )
        for words in ("maximum", "start <= ", "end <= ", "zero path (R0) <= ", "float64 samples", "corners, exact"):
            assert words in said
        assert any("wrong, %" in axes.get_ylabel() for axes in figure.axes)


def test_numbers_of_labels_are_rounded_away_from_what_they_bound(case):
    """`<=` is never below the bound, and what does not fit into the digits is not called equal."""
    scene = scene_of(case[2]["depth"], words="x")
    third, seventh = Enclosure.of(Fraction(1, 3 * 10**12 + 1)), Fraction(1, 7)
    samples = (*scene.course.samples, Sample(Fraction(1), 0.0, 0.66649))
    changed = replace(scene.course, maximum=third, samples=samples, corners=(third, third))
    changed = replace(scene, course=changed, bounds={"R0": seventh, "C7": Fraction(1)})
    assert "error rate is at most 0.667" in described(changed)
    assert "from <= 3.3334e-13 at the start" in described(changed)
    figure = path_figure(replace(changed, course=replace(changed.course, corners=scene.course.corners)))
    said = {text.get_text() for axes in figure.axes if axes.get_legend() for text in axes.get_legend().texts}
    assert {"maximum <= 3.3334e-13", "R0 <= 0.14286", "C7 <= 1"} <= said
    assert Fraction("0.14286") >= seventh


def test_what_nobody_checked_is_not_called_certified(case):
    """As after an interrupt: a maximum that is the finder's word alone; a path without a segment has been checked."""
    folder, data, answers = case
    unchecked = replace(answers["certify"], verdict="UNDECIDED", segments=(), error_rate=None)
    scene = scene_of(unchecked, words="x")
    assert (scene.course.corners, scene.course.bands) == ((), ())
    assert "nothing is certified" in described(scene)
    assert "nowhere above" not in described(scene)
    legends = [axes.get_legend() for axes in path_figure(scene).axes]
    said = [text.get_text() for legend in legends if legend for text in legend.texts]
    assert any(words.startswith("maximum ") and words.endswith(", not checked") for words in said)
    a = sk.load(folder / "a.npz")
    still = replace(sk.connect(a, a, data), segments=())
    assert still.proved
    scene = Scene(course(still, Path(a), still.found.problem), "x")
    assert scene.course.corners == (still.start, still.end)
    assert "nowhere above" in described(scene)
    path_figure(scene)


def test_another_loss_is_drawn_under_its_name(case, tmp_path):
    """Cross-entropy: corners are enclosed, the axis says what it is, samples stay below what is certified."""
    folder, data, _ = case
    a, b = (sk.load(folder / f"{name}.npz") for name in "ab")
    answer = sk.certify([a, b], data, loss="cross-entropy", tolerance="1e-1")
    assert answer.proved
    answer.save(tmp_path / "ce.cert")
    for scene in (
        scene_of(answer, words="x"),
        put_to_checker(tmp_path / "ce.cert", str(folder / "points.npz"), memory=4.0).scene("x"),
    ):
        assert scene.course.loss == "cross-entropy"
        assert max(one.loss for one in scene.course.samples) <= float(answer.maximum) * (1 + 1e-12)
        assert scene.course.samples[0].loss == pytest.approx(float(answer.start), rel=1e-9)
    assert "cross-entropy" in path_figure(scene).axes[0].get_ylabel()


@pytest.mark.parametrize("words", ["$\\frac$ a\nb\x1b <b>&\u202e" + os.fsdecode(b"\xff\xfe"), "x" * 200])
def test_names_are_text_in_svg_and_page(case, words):
    """Well-formed whatever the name; nothing of it is markup, mathematics or unseen."""
    scene = scene_of(case[2]["depth"], words=words)
    page = picture_file(scene, ".html", "loss <= 1").decode()
    root = ElementTree.fromstring(re.search(r"<svg .*</svg>", page, re.DOTALL)[0])
    assert root.get("role") == "img"
    assert root.get("aria-label").startswith(plain(words))
    assert "<b>" not in page
    assert "\u202e" not in page
    assert "\x1b" not in page


def test_the_page_is_one_file_with_tips(case):
    """No script, nothing from elsewhere; every sample and corner says what it is; ids are the page's own."""
    scene = stored(case, "connect")
    page = picture_file(scene, ".html", "loss <= 1").decode()
    assert "<script" not in page
    assert not re.search(r"""(?:src|href)=["'](?!#)""", page)
    assert not re.search(r"@import|url\((?!#)", page)
    assert page.count(": sampled loss") == len(scene.course.samples)
    assert page.count("<title>corner ") == len(scene.course.corners)
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert page.count("<tr>") > len(scene.course.flat)


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (0.0, 1.0, ["0", "0.2", "0.4", "0.6", "0.8", "1"]),
        (17.0, 61.0, ["20", "30", "40", "50", "60"]),
        (0.77832427, 0.77832431, ["0.77832427", "0.77832428", "0.77832429", "0.7783243", "0.77832431"]),
        (0.0, 3e-9, ["0", "5e-10", "1e-9", "1.5e-9", "2e-9", "2.5e-9", "3e-9"]),
        (1.0, 1.0, ["1"]),
    ],
)
def test_ticks_are_whole_numbers(low, high, words):
    """By hand: neighbours differ as they are written."""
    assert ticks.labels(ticks.linear(low, high)) == words


def test_ticks_of_decades():
    assert ticks.decades(0.015, 3.0) == [0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0]
    assert ticks.decades(1e-30, 1e10)[:2] == [1e-30, 1e-25]
