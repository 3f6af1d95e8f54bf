"""The help of every command, and its examples, which run as they are printed."""

import re
import shlex
from importlib.metadata import version

import pytest
import typer

from numerics.cli import app
from support.command_line import skipscape
from support.example_files import write_examples

COMMANDS = sorted(command.name or command.callback.__name__ for command in app.registered_commands if command.callback)


def examples(*command):
    """The lines of a command's help that are commands."""
    return re.findall(r"^ +(skipscape .*)$", skipscape(*command, "--help").out, re.MULTILINE)


@pytest.mark.usefixtures("checker_nearby", "narrow_valleys")
@pytest.mark.parametrize(
    "command",
    [
        pytest.param(one, marks=[pytest.mark.slow] * (one in ("demo", "audit", "train", "verify", "study")))
        for one in COMMANDS
    ],
)
def test_examples_run_as_they_are_printed(command, tmp_path, monkeypatch, request):
    """Each on tiny files; the demo on few digits."""
    if command in ("train", "demo", "sweep"):
        pytest.importorskip("torch")
    if command == "demo":
        request.getfixturevalue("tiny_demo")
    write_examples(tmp_path)
    monkeypatch.chdir(tmp_path)
    if command in ("check", "path", "plot", "report", "export"):
        # of the path that `auto` finds here there is no theorem
        route = "bridge" if command == "export" else "auto"
        ends = ("A.npz", "B.npz", "--data", "train.npz", "--route", route)
        assert skipscape("connect", *ends, "--out", "path.cert").status == 0
    lines = examples(command)
    assert lines
    for line in lines:
        words = shlex.split(line)
        assert words[1] == command
        ran = skipscape(*words[1:])
        assert ran.status == 0, (line, ran)
        assert "--json" in words or all(len(printed) <= 100 for printed in ran.out.splitlines()), ran.out


@pytest.mark.parametrize("command", COMMANDS)
def test_examples_are_read_as_they_are_printed(command):
    """Nothing is run: every option and argument is one that the command takes, as a planted one is not."""
    program = typer.main.get_command(app).commands[command]
    lines = [shlex.split(line) for line in examples(command)]
    assert lines
    for words in lines:
        assert words[1] == command
        program.make_context(command, words[2:])
        with pytest.raises(Exception, match="No such option: --planted"):
            program.make_context(command, [*words[2:], "--planted"])


def test_the_program_itself_has_examples_and_a_version():
    """Its examples name commands that exist."""
    assert {shlex.split(line)[1] for line in examples()} <= set(COMMANDS)
    ran = skipscape("--version")
    assert (ran.status, ran.out) == (0, f"skipscape {version('skipscape')}\n")
