"""Ctrl-C and SIGTERM: what is proved until then is printed, written and true; a second one stops at once."""

import json
import signal
import subprocess
import sys
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from numerics.common import interrupts
from numerics.data import Data
from numerics.losses.problem import Problem
from numerics.maxima import search
from numerics.maxima.pieces import PathMaximum, Stop
from numerics.networks.residual import Residual
from numerics.networks.two_layer import TwoLayer
from numerics.questions import search as questions
from numerics.questions.enclose import certify
from numerics.routes.route import Route
from support.command_cases import SOURCES, deep, fitted, process, write
from support.command_line import skipscape

TRUTH = Fraction(625, 64)  # blueprint case 15
ONE = Data(np.array([[1.0]]), np.array([[0.0]]), "one")


def residual(V: float, A: float) -> Residual:
    one = np.array([[1.0]])
    return Residual.of({"W": one, "V": V * one, "A": A * one, "U": one}, bias=False)


CASE = (residual(2.0, 0.0), residual(0.0, 4.0))


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    """No signal has come before a test, none after it; the notice goes nowhere."""
    monkeypatch.setattr(interrupts.os, "write", lambda handle, words: len(words))
    interrupts.forget()
    yield
    interrupts.forget()


@pytest.fixture
def stopping(monkeypatch):
    """`stopping(owner, name, after, times)`: the call of that number to a function brings so many signals."""

    def planted(owner, name, after, times=1):
        true, calls = getattr(owner, name), []

        def called(*given, **options):
            calls.append(1)
            if len(calls) == after:
                for _ in range(times):
                    interrupts.handle(signal.SIGINT, None)
            return true(*given, **options)

        monkeypatch.setattr(owner, name, called)

    return planted


@pytest.fixture
def searched(monkeypatch):
    """`searched(name, first)`: as soon as a route of this name searches, `first` is called."""

    def before(search, name, first):
        def called(route, *given):
            if route.name == name:
                first()
            return search(route, *given)

        return called

    def planted(name, first):
        for method in ("joining", "descending"):
            monkeypatch.setattr(Route, method, before(getattr(Route, method), name, first))

    return planted


def signalled():
    """Ctrl-C, as the command line handles it."""
    interrupts.handle(signal.SIGINT, None)


@pytest.fixture
def folder(tmp_path):
    for name, network in zip("rs", CASE, strict=True):
        arrays = network.parameters()
        write(tmp_path / f"{name}.npz", {**arrays, "class": "residual", "bias": 0})
    np.savez(tmp_path / "one.npz", X=ONE.X, Y=ONE.Y)
    return tmp_path


def certified(folder, *options):
    files = [folder / "r.npz", folder / "s.npz"]
    return skipscape("certify", *files, "--data", folder / "one.npz", "--out", folder / "path.cert", "--json", *options)


def require_sound(found: PathMaximum) -> None:
    """The pieces cover the segment without a gap, each known place is attained, and the truth lies in between."""
    pieces = sorted((piece.left, piece.right) for piece in found.pieces)
    assert pieces[0][0] == 0, "cover"
    assert pieces[-1][1] == 1, "cover"
    assert all(right == left for (_, right), (left, _) in pairwise(pieces)), "cover"
    assert found.attained <= TRUTH
    assert found.upper is None or found.upper >= TRUTH


@pytest.mark.parametrize("after", [*range(1, 24), 30, 36])
def test_a_search_stopped_anywhere_keeps_a_true_enclosure(stopping, after):
    """From the first piece on; with a bound as soon as every piece has one."""
    stopping(search.Line, "bound", after)
    found = certify(CASE, Problem(ONE), tolerance=Fraction(1, 10**9)).maximum
    require_sound(found)
    assert found.stop is Stop.INTERRUPTED
    first = (after >= search.FIRST) + (after >= search.FIRST * search.BEGINNING)  # every piece may begin in parts
    assert (found.upper is None) == any(piece.upper is None for piece in found.pieces)
    assert first == 1 or (found.upper is not None) == bool(first)


def test_a_search_that_forgets_what_it_had_not_begun_is_caught(stopping, monkeypatch):
    """Planted: pieces not begun are left out of the cover."""
    true = search._Search._keep

    def known(self, piece, **options):
        return None if piece.upper is None else true(self, piece, **options)

    monkeypatch.setattr(search._Search, "_keep", known)
    stopping(search.Line, "bound", 3)
    with pytest.raises(AssertionError, match="cover"):
        require_sound(certify(CASE, Problem(ONE)).maximum)


def test_a_search_that_nobody_stops_reaches_its_tolerance():
    """The true twin."""
    found = certify(CASE, Problem(ONE)).maximum
    require_sound(found)
    assert found.stop is Stop.TOLERANCE


@pytest.mark.parametrize("after", [12, 15])
def test_certify_prints_and_writes_what_was_reached(folder, stopping, after):
    """Exit status 130, the weaker claim proved, its certificate checks by itself."""
    stopping(search.Line, "bound", after)
    ran = certified(folder)
    assert ran.status == 130
    answer = ran.json
    assert (answer["verdict"], answer["stopped"]) == ("PROVED", "it was interrupted")
    upper = Fraction(answer["maximum"]["upper"])
    assert Fraction(answer["maximum"]["lower"]) <= TRUTH <= upper
    assert upper > TRUTH * (1 + Fraction(1, 10**6))  # less than was asked for
    assert f"loss <= {answer['maximum']['upper']} on the whole path" in answer["claim"]
    again = skipscape("check", folder / "path.cert", "--data", folder / "one.npz", "--json")
    assert (again.status, again.json["maximum"]["upper"]) == (0, answer["maximum"]["upper"])


def test_certify_without_a_bound_says_so(folder, stopping):
    """Nothing is written; the loss that was attained is printed."""
    stopping(search.Line, "bound", 2)
    ran = certified(folder)
    assert (ran.status, ran.json["verdict"]) == (130, "UNDECIDED")
    assert "no upper bound was found (it was interrupted before)" in ran.json["claim"]
    assert ran.json["maximum"]["upper"] is None
    assert not (folder / "path.cert").exists()


def test_certify_with_a_level_that_is_open_yet(folder, stopping):
    """UNDECIDED for the level; the certificate claims what was reached."""
    stopping(search.Line, "bound", 12)
    ran = certified(folder, "--level", "9.7657")
    assert (ran.status, ran.json["verdict"]) == (130, "UNDECIDED")
    assert any("the level was missed: the certificate claims squared loss <= " in note for note in ran.json["notes"])
    assert "that was proved" in ran.json["claim"]
    assert (folder / "path.cert").exists()


def test_a_check_that_takes_too_long_after_an_interrupt_is_said_to_be_missing(folder, stopping, monkeypatch):
    """The certificate is written unchecked, and nothing is PROVED."""

    def slow(*given, seconds, **options):
        assert seconds < 10
        raise TimeoutError

    stopping(search.Line, "bound", 12)
    monkeypatch.setattr("numerics.questions.checking.checked", slow)
    ran = certified(folder)
    assert (ran.status, ran.json["verdict"]) == (130, "UNDECIDED")
    assert "the finder's word alone" in ran.json["claim"]
    assert any("was not checked" in note for note in ran.json["notes"])
    again = skipscape("check", folder / "path.cert", "--data", folder / "one.npz", "--json")
    assert again.json["verdict"] == "PROVED"
    assert Fraction(again.json["maximum"]["upper"]) == Fraction(ran.json["maximum"]["upper"])


def test_a_second_interrupt_stops_at_once(folder, stopping):
    """Nothing on standard output, one line on standard error."""
    stopping(search.Line, "bound", 12, times=2)
    ran = certified(folder)
    assert (ran.status, ran.out) == (130, "")
    assert ran.err.strip() == "skipscape: interrupted: all that was established is above"
    assert not (folder / "path.cert").exists()


def test_an_interrupt_that_the_command_line_did_not_see_is_swallowed_nowhere(monkeypatch, searched):
    """A library's user presses Ctrl-C: a KeyboardInterrupt, from every search that would keep something."""

    def pressed(*given, **options):
        raise KeyboardInterrupt

    data = Data(np.array([[1.0], [-1.0]]), np.array([[1.0], [-2.0]]))
    near = TwoLayer(W=np.array([[1.0], [-1.0]]), V=np.array([[1.0, 1.0]]))
    far = TwoLayer(W=np.array([[2.0], [-1.0]]), V=np.array([[0.5, -1.0]]))
    searched("zero", pressed)  # the second route that connect tries
    with pytest.raises(KeyboardInterrupt):
        questions.connect(near, far, Problem(data))
    monkeypatch.setattr(search, "hidden_maximum", pressed)
    with pytest.raises(KeyboardInterrupt):
        certify([near, TwoLayer(W=far.W, V=near.V)], Problem(data))


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pair")
    draw = np.random.default_rng(7)
    X = draw.integers(-8, 9, (12, 2)) / 4
    Y = np.stack([np.abs(X[:, 0]) - X[:, 1], X[:, 0] * X[:, 1] / 2], axis=1)
    write(folder / "data.npz", {"X": X, "Y": Y})
    write(folder / "A.npz", deep(1, X, Y))
    write(folder / "B.npz", deep(2, X, Y))
    W = np.random.default_rng(3).integers(-8, 9, (7, 3)) / 8
    write(folder / "ref.npz", {"class": "two-layer", "bias": 1, "W": W, "V": fitted(W, X, Y), "c": np.zeros(2)})
    return folder


@pytest.mark.parametrize("sought", ["zero", "line", "refit"])
def test_connect_keeps_the_best_path_so_far(pair, tmp_path, searched, sought):
    """Interrupted in the search of a later route: the path found before is certified, checked and written."""
    searched(sought, signalled)
    asked = ["connect", pair / "A.npz", pair / "B.npz", "--data", pair / "data.npz", "--reference", pair / "ref.npz"]
    ran = skipscape(*asked, "--out", tmp_path / "p.cert", "--json")
    assert (ran.status, ran.json["verdict"]) == (130, "PROVED")
    assert ran.json["route"] in ("bridge", "refit", "measured")
    assert any(note.startswith("interrupted") for note in ran.json["notes"])
    assert skipscape("check", tmp_path / "p.cert", "--data", pair / "data.npz").status == 0


def test_connect_without_a_path_yet_says_that_there_is_nothing(pair, tmp_path, searched):
    """The first route is being searched: no line but one, no file."""
    searched("bridge", signalled)
    asked = ["connect", pair / "A.npz", pair / "B.npz", "--data", pair / "data.npz"]
    ran = skipscape(*asked, "--out", tmp_path / "p.cert", "--json")
    assert (ran.status, ran.out) == (130, "")
    assert ran.err.strip() == "skipscape: interrupted: all that was established is above"
    assert list(tmp_path.iterdir()) == []


def test_depth_keeps_the_best_path_so_far(pair, tmp_path, searched):
    """As connect."""
    write(tmp_path / "worse.npz", {**dict(np.load(pair / "A.npz")), "V": np.zeros((2, 8)) + 0.5})
    searched("zero", signalled)
    asked = ["depth", tmp_path / "worse.npz", "--reference", pair / "ref.npz", "--data", pair / "data.npz"]
    ran = skipscape(*asked, "--out", tmp_path / "p.cert", "--json")
    assert (ran.status, ran.json["verdict"]) == (130, "PROVED")
    assert (tmp_path / "p.cert").exists()


def test_sweep_keeps_whole_rows(tmp_path, stopping, checker_nearby):
    """The second of two rows is interrupted: one row, in the file too."""
    from numerics.studies.sweep import barriers

    stopping(barriers, "best_measured", 2)
    words = ["--kinds", "teacher", "--widths", "5,6", "--neurons", "2", "--dimensions", "none"]
    ran = skipscape("sweep", *words, "--json", "--out", tmp_path / "t.json")
    assert ran.status == 130
    assert [row["width"] for row in ran.json["barriers"]] == [5]
    assert len(json.loads((tmp_path / "t.json").read_text())["barriers"]) == 1


def test_verify_keeps_what_is_done(tmp_path, stopping):
    """The third of several checks is interrupted."""
    from numerics.studies import trials

    stopping(trials, "run", 3)
    ran = skipscape("verify", "L4", "L5", "L7", "L9", "--examples", "2", "--out", tmp_path / "c", "--json")
    assert ran.status == 130
    assert [result["id"] for result in ran.json] == ["L4", "L5"]


def test_separate_keeps_what_was_checked(tmp_path, stopping):
    """Fewer rows, none of them half, and never PROVED as a whole."""
    from numerics.studies.separation import claims

    np.savez(tmp_path / "two.npz", X=[[1.0], [-1.0]], Y=[[1.0], [-2.0]])
    asked = ["separate", "--data", tmp_path / "two.npz", "--widths", "4,9", "--json"]
    stopping(claims, "_checked", 4)
    ran = skipscape(*asked)
    assert (ran.status, ran.json["verdict"]) == (130, "UNDECIDED")
    rows = [row for part in ("rows", "controls", "skip_valleys", "barriers") for row in ran.json[part]]
    assert 1 <= len(rows) <= 4
    assert all(row["verdict"] == "PROVED" for row in rows)
    assert len(ran.json["rows"]) >= 1


def test_the_demo_keeps_whole_rows(tmp_path, monkeypatch, stopping, checker_nearby, tiny_demo):
    """Its second row is interrupted: a table of one, `demo.json` too, and no success."""
    pytest.importorskip("torch")
    from numerics.studies import demo

    monkeypatch.setattr(demo, "_draw", lambda *given, **options: [])
    stopping(demo, "connect", 2)
    ran = skipscape("demo", "--quick", "--out", tmp_path / "out")
    assert ran.status == 130, ran.err
    assert len(json.loads((tmp_path / "out" / "demo.json").read_text())["rows"]) == 1
    assert "1 of 1 ways down proved; 1 of 1 connections" in ran.joined


@pytest.mark.parametrize(("sent", "again"), [(signal.SIGINT, False), (signal.SIGTERM, False), (signal.SIGTERM, True)])
def test_real_signals_in_a_process_of_its_own(folder, sent, again):
    """In the middle of the search; the notice comes at once, the answer after it, nothing temporary stays."""
    draft = folder / "tmp"
    draft.mkdir()
    program = "import os\nfrom numerics import cli\nfrom numerics.maxima import search\n"
    program += "true, calls = search.Line.bound, []\n"
    program += "def bound(*given):\n    calls.append(1)\n"
    program += (
        f"    for _ in range({1 + again} if len(calls) == 15 else 0):\n        os.kill(os.getpid(), {int(sent)})\n"
    )
    program += "    return true(*given)\nsearch.Line.bound = bound\ncli.main()\n"
    words = ["certify", "r.npz", "s.npz", "--data", "one.npz", "--out", "path.cert"]
    ran = process(*words, cwd=folder, command=[sys.executable, "-c", program], TMPDIR=str(draft))
    assert ran.status == 130
    assert "Traceback" not in ran.err
    assert "once more stops at once" in ran.err
    assert list(draft.iterdir()) == []
    assert (folder / "path.cert").exists() != again
    assert ("PROVED" in ran.joined) != again


def test_who_ignores_hangups_is_not_hung_up(folder):
    """`nohup` sets SIGHUP to be ignored, and so it stays; otherwise it ends the command as SIGTERM does."""
    program = "import os, signal, sys\nfrom numerics import cli\nfrom numerics.common import interrupts\n"
    program += "if sys.argv.pop(1) == 'nohup':\n    signal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
    program += "cli.entry.exit_status = lambda: os.kill(os.getpid(), signal.SIGHUP) or 7\n"
    program += "try:\n    cli.main()\nexcept KeyboardInterrupt:\n    sys.exit(130)\n"
    for word, status in (("nohup", 7), ("plain", 130)):
        done = subprocess.run(
            [sys.executable, "-c", program, word],
            cwd=folder,
            env={"PYTHONPATH": SOURCES, "PATH": str(Path(sys.executable).parent)},
            capture_output=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == status, done.stderr
