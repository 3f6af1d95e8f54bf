"""Pictures: foreign words as plain text, never worth an answer, and no spike between the points that are drawn."""

import json
import os
import warnings
from fractions import Fraction

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure

from numerics.data import Data
from numerics.losses import exact_loss_between
from numerics.losses.problem import Problem
from numerics.networks import TwoLayer
from numerics.networks.files import write_network
from numerics.paths.question import Question
from numerics.plots import canvas, curves
from numerics.plots import enclosure as enclosure_plot
from numerics.plots import path as figure
from numerics.plots.canvas import Axis, Scale, plain
from numerics.plots.course import course
from numerics.plots.curves import curve
from numerics.questions.enclose import certify, sampled
from numerics.questions.result import Attained, Result, SegmentClaim
from support.command_line import skipscape

pytestmark = pytest.mark.usefixtures("checker_nearby")

K = 20480.0
KINKS = np.array([1230.0, 1232.0, 1234.0]) / 4096
ONE = Data(np.array([[1.0]]), np.array([[0.0]]), "one")
NAMES = (
    "$",
    "a$b",
    "$\\frac$",
    "$x_1$ y",
    "two\nlines",
    "\x1b[2J",
    "零点",
    "\u202egnp",
    "x" * 120,
    os.fsdecode(b"\xff\xfe"),
)


def spike(t: float, scale: float = 1.0) -> TwoLayer:
    """A corner of the README's spike: the loss is 0 but for 4/4096 of the path, and 100 `scale^2` in the middle."""
    return TwoLayer(W=(K * (t - KINKS))[:, None], V=scale * np.array([[1.0, -2.0, 1.0]]))


@pytest.fixture
def drawn(monkeypatch):
    """The figures that are drawn, kept for looking at."""
    figures, real = [], canvas.png

    def kept(found):
        figures.append(found)
        return real(found)

    for module in (enclosure_plot, figure):
        monkeypatch.setattr(module, "png", kept)
    return figures


def scene(found, *, words="x", line=(), zero=None):
    """What there is to draw of a path whose maximum is known, as the checker would report it."""
    maximum, count = found.maximum, len(found.path.segments)
    upper, exact = maximum.maximum, maximum.maximum == maximum.attained
    segments = [
        SegmentClaim(str(found.path.segments[k].kind), "breakpoints", "", upper, exact, maximum.losses[k + 1])
        for k in range(count)
    ]
    result = Result(
        Question.CERTIFY,
        "PROVED",
        "claim",
        "ball",
        start=maximum.losses[0],
        maximum=Attained.found(maximum, upper),
        segments=tuple(segments),
    )
    along = curve(found.path, maximum, Problem(ONE))
    known = list(zip(along.times, along.losses, strict=True))
    return figure.Scene(course(result, found.path, Problem(ONE), line=known, zero=zero), words, line)


def line_of(axes, words):
    """Times and heights of the line whose label has these words."""
    (line,) = [one for one in axes.lines if words in str(one.get_label())]
    return np.asarray(line.get_xdata(), float), np.asarray(line.get_ydata(), float)


def ask(folder, *options, start="a", end="b"):
    np.savez(folder / "one.npz", X=ONE.X, Y=ONE.Y)
    for name, t in ((start, 0.0), (end, 1.0)):
        write_network(folder / f"{name}.npz", spike(t), force=True)
    files = (folder / f"{start}.npz", folder / f"{end}.npz")
    return skipscape("certify", *files, "--data", folder / "one.npz", "--plot", folder / "p.png", *options)


def test_the_spike_is_drawn(tmp_path, drawn):
    """The README's picture: 100 at t = 77/256, 25 on either side, 0 at the outer breakpoints; no sample sees it."""
    assert ask(tmp_path, "--json").json["notes"] == []
    (whole, near), times = drawn[0].axes, [Fraction(k, 4096) for k in (1230, 1231, 1232, 1233, 1234)]
    for axes in (whole, near):
        t, heights = line_of(axes, "the loss")
        at = dict(zip(t.tolist(), heights.tolist(), strict=True))
        assert [at[float(one)] for one in times] == [0.0, 25.0, 100.0, 25.0, 0.0]
        assert max(line_of(axes, "samples")[1]) < 1e-20  # the twin that was drawn before: samples alone
    left, right = near.get_xlim()
    assert 2 / 4096 <= right - left <= 16 / 4096
    assert near.get_ylim()[1] >= 100


def test_a_curve_is_exact_where_it_says_so():
    """At every breakpoint and between; on three segments; whatever the path does in between."""
    path = certify([spike(0.0), spike(1.0), spike(0.0)], Problem(ONE))
    found = curve(path.path, path.maximum, Problem(ONE))
    assert len(found.times) == 2 * (4 * curves.BETWEEN + 1)
    for time, loss in zip(found.times, found.losses, strict=True):
        k = min(int(time * 2), 1)
        segment = path.path.segments[k]
        assert loss == exact_loss_between(segment.start, segment.end, time * 2 - k, Problem(ONE))
    assert max(found.losses) == 100


def test_too_many_breakpoints_are_drawn_by_the_highest_of_each_part(monkeypatch):
    """No loss lies above the curve's part; the maximum itself is drawn exactly."""
    monkeypatch.setattr(curves, "FOLLOWED", 2)
    found = certify([spike(0.0), spike(1.0)], Problem(ONE))
    along = curve(found.path, found.maximum, Problem(ONE))
    bound = dict(zip(along.times, along.losses, strict=True))
    assert bound[Fraction(77, 256)] == 100
    for k in range(1229, 1236):
        part = Fraction(2 * (k * curves.BINS // 4096) + 1, 2 * curves.BINS)
        loss = exact_loss_between(spike(0.0), spike(1.0), Fraction(k, 4096), Problem(ONE))
        assert loss <= Fraction(bound[part])


def test_a_spike_on_a_general_segment_is_drawn(drawn):
    """All weights move: ends of the highest pieces and the place where the maximum is attained are on the curve."""
    found = certify([spike(0.0), spike(1.0, 2.0)], Problem(ONE))
    enclosure_plot.enclosure_picture(found, sampled(found, Problem(ONE)), words="x", verdict="PROVED")
    t, heights = line_of(drawn[0].axes[0], "the loss")
    assert max(heights) == float(found.maximum.attained) > 100
    assert t[heights.argmax()] == float(found.maximum.at[1])
    highest = sorted(found.maximum.pieces, key=lambda piece: -piece.upper)[: curves.ENDS // 2]
    ends = {float(piece.left) for piece in highest}
    assert ends <= set(t.tolist())
    assert len(ends) == len(highest) > 50


def test_the_picture_of_a_path_draws_its_spike(drawn):
    """`figure` too, on a hidden segment, and the highest point of the straight line beside it."""
    found = certify([spike(0.0), spike(1.0)], Problem(ONE))
    line = [(Fraction(0), 0.0), (Fraction(1), 0.0), (Fraction(77, 256), Fraction(100))]
    figure.path_picture(scene(found, words="$", line=line, zero=Fraction(1)))
    axes = drawn[0].axes[0]
    for words in ("the loss", "straight line"):
        t, heights = line_of(axes, words)
        assert (max(heights), t[heights.argmax()]) == (100.0, 77 / 256)


@pytest.mark.parametrize("name", NAMES)
def test_names_are_plain_text(tmp_path, drawn, name):
    """A dollar is no mathematics, a byte that is no text no reason; nothing but the title depends on the name."""
    try:
        ran = ask(tmp_path, "--json", start=name)
    except OSError:
        pytest.skip("no file of that name here")
    assert (ran.status, ran.err) == (0, "")
    assert (ran.json["verdict"], ran.json["notes"]) == ("PROVED", [])
    assert (tmp_path / "p.png").read_bytes().startswith(b"\x89PNG")
    words = drawn[0].axes[0].get_title()
    assert words == plain(f"{name} -> b")
    assert "\n" not in words
    assert len(words) <= canvas.LONGEST


def test_a_title_that_is_read_as_mathematics_fails():
    """The twin: what matplotlib does with such names by itself."""
    drawing = Figure()
    drawing.add_subplot().set_title("$\\frac$")
    with pytest.raises(ValueError, match="frac"):
        canvas.png(drawing)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("a -> b", "a -> b"),
        ("$x$", "$x$"),
        ("a\nb\x1b", "a\\nb\\x1b"),
        ("\udcff", "\\udcff"),
        ("\u202e", "\\u202e"),
        ("a\ufe0fb", "a\\ufe0fb"),
        ("é零", "é\\u96f6"),
        ("x" * 100, "x" * 34 + "..." + "x" * 34),
    ],
)
def test_plain_words(given, shown):
    """What can be shown as it is, the rest by its code."""
    assert plain(given) == shown


def test_nobodys_settings_change_a_picture(tmp_path):
    """A matplotlibrc that asks for LaTeX would cost the picture."""
    with mpl.rc_context({"text.usetex": True}):
        assert ask(tmp_path, "--json").json["notes"] == []
    assert (tmp_path / "p.png").exists()


@pytest.mark.parametrize("as_json", [True, False])
@pytest.mark.parametrize(("level", "status", "verdict"), [("100", 0, "PROVED"), ("99", 1, "REFUTED")])
def test_a_picture_never_costs_the_verdict(tmp_path, monkeypatch, as_json, level, status, verdict):
    """Whatever drawing raises: verdict, certificate and exit status are what they were; the note says what it was."""

    def broken(found):
        raise RuntimeError("no font\nat all")

    monkeypatch.setattr(enclosure_plot, "png", broken)
    options = ["--level", level, "--out", tmp_path / "c.cert", *(["--json"] if as_json else [])]
    ran = ask(tmp_path, *options)
    assert (ran.status, ran.err) == (status, "")
    note = f"{tmp_path / 'p.png'} was not drawn: RuntimeError: no font at all"
    if as_json:
        answer = json.loads(ran.out, parse_constant=pytest.fail)
        assert (answer["verdict"], answer["notes"][-1]) == (verdict, note)
    else:
        assert f"{verdict}: squared loss <= {level}" in ran.joined
        assert f"note: {note}" in ran.joined
    assert (tmp_path / "c.cert").exists()  # of the weaker claim, where the level was missed
    assert not (tmp_path / "p.png").exists()


def test_a_graph_never_costs_the_audit(tmp_path, monkeypatch):
    """Statuses are printed, and that there is no graph."""

    def broken(statements):
        raise RuntimeError("no ink")

    monkeypatch.setattr("numerics.audit.graph.graph_picture", broken)
    ran = skipscape("audit", "L1a", "--graph", tmp_path / "g.svg", "--json")
    assert (ran.status, ran.err, ran.json["graph"]) == (0, "", None)
    assert ran.json["notes"] == [f"{tmp_path / 'g.svg'} was not drawn: RuntimeError: no ink"]


@pytest.mark.parametrize(
    "scales", [(1e200, 1e200), (1e-200, 1e-200), (1e200, 2e200), (1e-200, 2e-200), (0.0, 0.0), (0.0, 1.0)]
)
def test_losses_of_any_size_are_drawn(scales, drawn):
    """Beyond float64 by log10, which the axis says; without a warning."""
    found = certify([spike(0.0, scales[0]), spike(1.0, scales[1])], Problem(ONE))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        enclosure_plot.enclosure_picture(found, sampled(found, Problem(ONE)), words="x", verdict="PROVED")
        figure.path_picture(scene(found, line=[(Fraction(0), 0.0)]))
    for one in drawn:
        decades = "log10" in one.axes[0].get_ylabel()
        assert decades == (max(scales) not in (0.0, 1.0))
        if decades:
            _, heights = line_of(one.axes[0], "the loss")
            exact = 2 * np.log10(scales[0])
            assert exact + 2 - 1e-9 <= max(heights) <= exact + 3


@pytest.mark.parametrize(
    ("losses", "log", "axis", "heights"),
    [
        ([Fraction(1), Fraction(0)], False, Axis.LINEAR, [1.0, 0.0]),
        ([Fraction(1), Fraction(1, 100)], True, Axis.LOG, [1.0, 0.01]),
        ([Fraction(0)], True, Axis.LINEAR, [0.0]),
        ([], True, Axis.LINEAR, []),
        ([Fraction(10) ** 400, Fraction(0)], False, Axis.DECADES, [400.0, 399.0]),
        ([Fraction(10) ** -400, Fraction(10) ** -440], False, Axis.DECADES, [-400.0, -440.0]),
        ([Fraction(1), Fraction(10) ** -400], False, Axis.LINEAR, [1.0, 0.0]),
        ([Fraction(1), Fraction(10) ** -400], True, Axis.DECADES, [0.0, -400.0]),
        ([Fraction(10) ** 6000], False, Axis.DECADES, [6000.0]),
    ],
)
def test_scales(losses, log, axis, heights):
    """By hand; an overflowed sample leaves a gap."""
    scale = Scale.of([*losses, np.inf], log=log)
    assert scale.axis is axis
    assert [scale.height(loss) for loss in losses] == pytest.approx(heights, rel=1e-12)
    assert np.isnan(scale.height(np.inf))


def test_a_flat_path_on_a_log_axis(drawn):
    """Corners alone, of loss 0: no decade to be drawn, no warning."""
    found = certify([spike(0.0, 0.0), spike(1.0, 0.0)], Problem(ONE))
    figure.path_picture(scene(found, line=[(Fraction(0), np.inf), (Fraction(1), 0.0)]))
    assert drawn[0].axes[0].get_yscale() == "linear"
