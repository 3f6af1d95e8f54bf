"""Progress where no bar can be drawn: a line every 10 s on standard error, whatever the command."""

import re
from contextlib import contextmanager

import numpy as np
import pytest

from numerics.checker.check import check
from numerics.common import progress
from numerics.common.pulse import PERIOD, Pulse
from support.command_cases import connect_arguments, depth_arguments
from support.command_line import skipscape


class Clock:
    """Time that passes only where somebody waits; the command is over after so many seconds."""

    def __init__(self, lasts):
        self.now, self.lasts = 100.0, 100.0 + lasts

    def __call__(self):
        return self.now

    def wait(self, seconds):
        self.now = min(self.now + seconds, self.lasts)
        return self.now >= self.lasts


@pytest.mark.parametrize(("lasts", "times"), [(9.9, []), (10.1, ["10 s"]), (75.0, ["10 s", "1 min 0 s", "1 min 10 s"])])
def test_a_line_every_ten_seconds_and_none_before(lasts, times):
    """Of a command of 75 s seven lines."""
    lines, clock = [], Clock(lasts)
    pulse = Pulse(lines.append, clock)
    pulse.report("enclosure [1, 2], 30 pieces", 0.25)
    pulse.follow(clock.wait)
    assert len(lines) == int(lasts // PERIOD)
    assert [line.partition(": ")[0] for line in (lines[:1] + lines[5:] if lines else [])] == times
    assert all(line.endswith(": enclosure [1, 2], 30 pieces, 25% done") for line in lines)


def test_the_newest_report_is_what_is_written():
    """Stage by stage; no share where none is known."""
    lines, clock = [], Clock(1000.0)
    pulse = Pulse(lines.append, clock)
    pulse.report("exact losses of all corners", 0.5)
    pulse.beat()
    pulse.report("independent check", None)
    clock.wait(65.0)
    pulse.beat()
    assert lines == ["0 s: exact losses of all corners, 50% done", "1 min 5 s: independent check"]


def test_standard_error_that_was_closed_ends_the_lines():
    """And not the command."""

    def closed(words):
        raise OSError

    clock = Clock(1000.0)
    Pulse(closed, clock).follow(clock.wait)
    assert clock.now == 110.0


@pytest.fixture
def beaten(monkeypatch):
    """Every command is as slow as a line needs it to be: one is written at its end."""

    @contextmanager
    def beating(pulse):
        yield
        pulse.beat()

    monkeypatch.setattr(progress, "beating", beating)


@pytest.mark.parametrize(
    "name", ["connect", "depth", "certify", "check", "separate", "sweep", "verify", "audit", "train"]
)
def test_every_long_command_says_what_it_does(case, beaten, monkeypatch, tmp_path, name):
    """One line each, with `--json` too, and standard output is nothing but JSON."""

    def near(certificate, data, *ends, memory):
        return check(certificate, data, *ends).to_json()

    monkeypatch.setattr("numerics.studies.separation.claims.checked", near)
    if name == "train":
        pytest.importorskip("torch")
    np.savez(case / "two.npz", X=[[1.0], [-1.0]], Y=[[1.0], [-2.0]])
    words = {
        "connect": connect_arguments(case),
        "depth": depth_arguments(case),
        "certify": ["certify", case / "A.npz", case / "B.npz", "--data", case / "data.npz", "--tolerance", "0.1"],
        "check": ["check", case / "connect.cert", "--data", case / "data.npz"],
        "separate": ["separate", "--data", case / "two.npz", "--widths", "4"],
        "sweep": ["sweep", "--kinds", "none", "--dimensions", "1", "--etas", "1/2", "--slope-widths", "8,16"],
        "verify": ["verify", "L4", "--examples", "2"],
        "audit": ["audit", "L6"],
        "train": [
            "train",
            case / "data.npz",
            "--width",
            "4",
            "--branch",
            "2",
            "--steps",
            "2",
            "--out",
            tmp_path / "n.npz",
        ],
    }[name]
    ran = skipscape(*words, "--json")
    assert ran.status == 0, ran.err
    assert ran.json
    assert len(ran.err.splitlines()) == 1
    assert re.match(r"\d+ s: ", ran.err)
    assert "starting" not in ran.err


def test_the_demo_says_what_it_does(beaten, monkeypatch, tmp_path):
    """Its own work is told elsewhere; here that it is asked to report."""

    def run(folder, *, report, **options):
        report("training width 256, loss 0.1", 0.5)
        return 0

    monkeypatch.setattr("numerics.studies.demo.run", run)
    ran = skipscape("demo", "--out", tmp_path / "out")
    assert (ran.status, ran.err) == (0, "0 s: training width 256, loss 0.1, 50% done\n")


def test_quick_commands_say_nothing(case):
    """The true twin: under 10 s standard error stays empty."""
    ran = skipscape(*connect_arguments(case), "--json")
    assert (ran.status, ran.err) == (0, "")
