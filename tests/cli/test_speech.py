"""Nothing that a file, a name or an argument says steers the terminal, or hides on it, whatever the words are."""

import ast
import io
import json
import os
import struct
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

import numerics
from numerics.checker import speech as checker_speech
from numerics.cli import common, entry, objects
from numerics.common.speech import Speaker, Stage, printable
from support.certificates import Forge
from support.command_cases import SCRIPT, process
from support.command_line import Ran, skipscape
from support.terminal import COLOURS, PROGRESS, SPOOF, on_terminal, unseen, words

FEW = settings(max_examples=15)
NAMES = st.text(
    st.one_of(st.sampled_from("\x1b[1A2J\x07\n\r\t\u202e\u200b\x9b\udc9b\udcff ab"), st.characters(codec="utf-8")),
    min_size=1,
    max_size=30,
).filter(lambda name: "/" not in name and "\0" not in name and len(os.fsencode(name)) < 120)


def terminal(stream):
    return Speaker(file=stream, force_terminal=True, color_system="truecolor", width=40)


def everything(console, quoted):
    """The ways in which this program prints: lines, styles, cells, rich text, titles, a bar."""
    console.print(quoted, soft_wrap=True)
    console.print(quoted, style="bold red", end="")
    console.print(Text(quoted, style="green"))
    table = Table(box=None, title=quoted)
    table.add_column(quoted, overflow="fold")
    table.add_row(quoted)
    table.add_row(Text(quoted))
    console.print(table)


@given(words)
@example(SPOOF)
def test_a_console_prints_visible_characters_and_line_ends(quoted):
    """Whatever it is handed, in whatever way; beside its own colours."""
    stream = io.StringIO()
    everything(terminal(stream), quoted)
    assert unseen(stream.getvalue()) == []


def test_the_same_words_through_a_console_of_rich_steer_the_terminal():
    """The twin: what the test above would see if one console were made in another way."""
    stream = io.StringIO()
    everything(Console(file=stream, force_terminal=True, width=40), SPOOF)
    assert "\x1b" in unseen(stream.getvalue())


@given(words)
@FEW
def test_a_progress_bar_shows_its_stage_as_words(quoted):
    """Neither controls nor rich's markup; on one line."""
    stream = io.StringIO()
    with Progress(Stage(), console=terminal(stream), auto_refresh=False) as bar:
        task = bar.add_task("starting", total=1.0)
        bar.update(task, description=quoted, refresh=True)
    assert unseen(stream.getvalue(), allowed=(COLOURS, PROGRESS)) == []


@given(words)
def test_both_programs_escape_the_same(quoted):
    """They share no line; visible words stay as they are, and escaping twice changes nothing."""
    escaped = printable(quoted)
    assert checker_speech.printable(quoted) == escaped == printable(escaped)
    assert unseen(escaped.replace("\n", "?")) == []
    assert "\n" not in escaped
    if not unseen(quoted) and "\n" not in quoted:
        assert escaped == quoted


def test_what_people_write_is_left_alone():
    """Names in any script; an escape is what Python would write."""
    for name in ("ü.npz", "重み.npz", "שלום", "e\u0301", "C:\\x[1].npz", "ℓ₂ ≤ ½"):
        assert printable(name) == name
    assert printable("a\x1b[1m\n\u202eb\u200b\udcff") == "a\\x1b[1m\\n\\u202eb\\u200b\\udcff"


def asked(monkeypatch, *arguments):
    """A command in this process, standard output taken for a terminal."""
    for module in (objects, common):
        monkeypatch.setattr(module, "out", Speaker(force_terminal=True, width=80))
    return skipscape(*arguments)


@pytest.fixture(scope="module")
def patched():
    with pytest.MonkeyPatch.context() as patch:
        yield patch


def require_clean(ran: Ran, status: int) -> None:
    assert ran.status == status, ran
    assert unseen(ran.out) == []
    assert unseen(ran.err) == []


def forged(path, name):
    """A certificate whose `rationals` have that key, refused for it; and the data that it is about."""
    forge = Forge("two-layer", 0, {"W": np.eye(1), "V": np.eye(1)}, np.eye(1), np.zeros((1, 1)), [("silent", {})])

    def change(document):
        document |= {"rationals": {name: ["1/3"]}}
        document["segments"][0] |= {"kind": "exact", "statement": "identities"}

    forge.write_data(path.with_name("d.npz"))
    return forge.write(path, change)


@given(name=words)
@example(name=SPOOF)
@FEW
def test_keys_of_a_certificate(patched, tmp_path_factory, name):
    """Refused by name, in both programs; the JSON names it as well, in characters that are seen."""
    folder = tmp_path_factory.mktemp("keys")
    certificate = forged(folder / "x.cert", name)
    ran = asked(patched, "check", certificate, "--data", folder / "d.npz")
    require_clean(ran, 1)
    assert "UNDECIDED" in ran.joined
    assert "refused" in ran.joined
    answer = skipscape("check", certificate, "--data", folder / "d.npz", "--json")
    require_clean(answer, 1)
    assert unseen(answer.json["claim"]) == unseen(answer.json["refused"]) == []


@given(name=words.filter(lambda name: "\0" not in name and not any(0xD800 <= ord(c) < 0xE000 for c in name)))
@example(name=SPOOF)
@FEW
def test_members_of_an_archive(patched, case, tmp_path_factory, name):
    """As network and as data, of the finder and of the checker."""
    file = tmp_path_factory.mktemp("members") / "x.npz"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(f"{name}.npy", b"x")
    for command in asking_about(case, file):
        require_clean(asked(patched, *command), 2)


@given(key=words, value=words)
@example(key=SPOOF + " activation", value="gelu")
@FEW
def test_keys_values_and_arrays_of_a_safetensors_file(patched, case, tmp_path_factory, key, value):
    """Metadata, and an array under any name."""
    file = tmp_path_factory.mktemp("keys") / "x.safetensors"
    head = {"__metadata__": {"class": value, "bias": "0", key: value}}
    head[key + "V"] = {"dtype": "F64", "shape": [1, 1], "data_offsets": [0, 8]}
    header = json.dumps(head).encode()
    file.write_bytes(struct.pack("<Q", len(header)) + header + bytes(8))
    for command in asking_about(case, file):
        require_clean(asked(patched, *command), 2)


def asking_about(case, file):
    yield ["check", case / "connect.cert", "--data", case / "data.npz", "--start", file]
    yield ["certify", file, file, "--data", case / "data.npz"]
    yield ["certify", case / "A.npz", case / "A.npz", "--data", file]


@given(name=NAMES)
@example(name=SPOOF)
@example(name="\udc9b2J")
@FEW
def test_names_of_files(patched, case, tmp_path_factory, name):
    """Proved answers name the files they are about; complaints too."""
    folder = tmp_path_factory.mktemp("names")
    file = folder / f"{name}.npz"
    file.write_bytes((case / "data.npz").read_bytes())
    require_clean(asked(patched, "check", case / "connect.cert", "--data", file), 0)
    require_clean(asked(patched, "check", folder / name, "--data", file), 2)
    require_clean(asked(patched, "certify", file, file, "--data", file), 2)
    require_clean(asked(patched, "path", case / "connect.cert", "--at", "0", "--out", folder / f"{name} 2.npz"), 0)


@given(word=words)
@FEW
def test_arguments(patched, case, word):
    """Options, commands and values that nobody knows."""
    data = ["--data", case / "data.npz"]
    for command in (
        ["connect", case / "A.npz", case / "B.npz", *data, f"--route={word}x"],
        ["connect", case / "A.npz", case / "B.npz", *data, f"--{word}=1"],
        ["check", case / "connect.cert", *data, f"--level={word}x"],
        ["check", case / "connect.cert", *data, f"--memory={word}x"],
        ["verify", f"{word}?"],
        [f"{word}?"],
    ):
        require_clean(asked(patched, *command), 2)


def test_every_word_goes_through_the_one_place():
    """No module prints by itself, but for JSON, which is ASCII; none makes a console of its own."""
    root = Path(numerics.__file__).parent
    stray = []
    for file in root.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if not isinstance(node, ast.Call) or file.name == "speech.py":
                continue
            called = ast.unparse(node.func)
            is_json = bool(node.args) and ast.unparse(node.args[0]).startswith(
                ("strict_json.dumps(", "canonical_json.shown(")
            )
            if (called == "print" and not is_json) or called in ("Console", "typer.echo", "sys.stderr.write"):
                stray.append((file.name, ast.unparse(node)))
    assert stray == []


@pytest.mark.skipif(sys.platform == "win32", reason="needs pseudo-terminals")
def test_a_forgery_on_a_terminal_does_not_look_like_a_proof(tmp_path):
    """Both programs, on a true terminal: nothing between their own colours moves the cursor."""
    forged(tmp_path / "x.cert", SPOOF)
    written, status = on_terminal("check", "x.cert", "--data", "d.npz", cwd=tmp_path)
    assert status == 1
    assert unseen(written, allowed=(COLOURS, PROGRESS)) == []  # a bar has been there, and goes up a line at most
    assert SPOOF not in written
    assert "\x1b[G" not in written
    assert "\\x1b[1A" in written
    assert "UNDECIDED" in written
    own = process("x.cert", "--data=d.npz", cwd=tmp_path, command=[*SCRIPT[:-1], "numerics.checker"])
    assert own.status == 1
    assert unseen(own.out) == []


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs pseudo-terminals")
def test_names_on_a_terminal_with_a_progress_bar(case, tmp_path):
    """A proved path between networks of such names; then a complaint about one."""
    names = []
    for stem in "AB":
        names.append(f"\x1b]0;{SPOOF}\x9b{stem}\udcff.npz")
        (tmp_path / names[-1]).write_bytes((case / f"{stem}.npz").read_bytes())
    data = ["--data", case / "data.npz"]
    written, status = on_terminal("connect", *names, *data, "--route", "zero", cwd=tmp_path)
    assert status == 0, written
    assert unseen(written, allowed=(COLOURS, PROGRESS)) == []
    assert "\\x9b" in written
    written, status = on_terminal("certify", "\x1b[2J", "\x1b[2J", *data, cwd=tmp_path)
    assert status == 2
    assert unseen(written, allowed=(COLOURS, PROGRESS)) == []


def test_complaints_are_escaped_where_they_are_printed(capsys):
    """Whoever raises what: the one function that prints complaints."""
    assert entry._complain("\x1b[2J\nx") == 2
    assert capsys.readouterr().err == "skipscape: \\x1b[2J\\nx\n"
