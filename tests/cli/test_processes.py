"""The command line as a process: any folder, environment, reader, disk and signal."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from support.command_cases import SCRIPT, SOURCES, connect_arguments, process, stored


@pytest.mark.slow
def test_module_and_script_are_the_same_from_any_folder(case, tmp_path):
    """`python -m numerics` and `skipscape` print the same object; relative names are relative to the folder."""
    relative = ["check", "connect.cert", "--data", "data.npz", "--start", "A.npz", "--json"]
    script = Path(sys.executable).with_name("skipscape")
    commands = [SCRIPT, [str(script)]] if script.exists() else [SCRIPT]
    answers = [process(*relative, cwd=case, command=command) for command in commands]
    assert all(ran.status == 0 and ran == answers[0] for ran in answers)
    far = [os.path.relpath(case / word, tmp_path) if "." in word else word for word in relative]
    assert process(*far, cwd=tmp_path).json == answers[0].json


@pytest.mark.slow
def test_the_answer_does_not_depend_on_the_environment(case):
    """No locale, hardly a terminal, colours forced: the same proved answer, and nothing but JSON."""
    environment = {"LC_ALL": "C", "LANG": "C", "COLUMNS": "3", "FORCE_COLOR": "1"}
    ran = process(*connect_arguments(case), "--json", cwd=case, **environment)
    assert ran.status == 0, ran.err
    answer = stored(case, "connect.json")
    for name in ("claim", "verdict", "maximum", "segments", "bounds"):
        assert ran.json[name] == answer[name]


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_a_reader_that_leaves_gets_no_traceback(case, options):
    """`skipscape ... | head -0`: quiet, and not taken for success."""
    command = [*SCRIPT, "check", str(case / "connect.cert"), "--data", str(case / "data.npz"), *options]
    env = {**os.environ, "PYTHONPATH": SOURCES}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env) as running:
        assert running.stdout is not None
        running.stdout.close()
        assert running.stderr is not None
        assert running.stderr.read() == b""
    assert running.returncode != 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_under_standard_output_is_one_line(case):
    """No traceback, status 2, the reason."""
    command = [*SCRIPT, "check", str(case / "connect.cert"), "--data", str(case / "data.npz"), "--json"]
    env = {**os.environ, "PYTHONPATH": SOURCES}
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, env=env, timeout=60, check=False)
    assert "Traceback" not in done.stderr.decode()
    assert len(done.stderr.decode().splitlines()) == 1
    assert done.returncode == 2


def test_output_that_nobody_wants_is_no_failure(case):
    """Standard output closed by the caller: the verdict is the exit status."""
    command = [*SCRIPT, *map(str, connect_arguments(case))]
    env = {**os.environ, "PYTHONPATH": SOURCES}
    line = subprocess.list2cmdline(command) + " >&-"
    done = subprocess.run(["sh", "-c", line], cwd=case, env=env, capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.slow
def test_no_columns_are_the_usual_ones(case):
    """`COLUMNS=0` once swallowed the verdict."""
    usual = process(*connect_arguments(case), cwd=case)
    none = process(*connect_arguments(case), cwd=case, COLUMNS="0")
    assert "PROVED" in none.out
    assert none.out.splitlines()[0] == usual.out.splitlines()[0]


@pytest.mark.slow
def test_audit_leaves_nothing_behind(tmp_path):
    """Once Hypothesis's cache."""
    assert process("audit", "L6", cwd=tmp_path).status == 0
    assert not list(tmp_path.iterdir())


def test_nothing_in_the_current_folder_is_taken_for_the_checker(case, tmp_path):
    """A package `numerics` or a `json.py` that lies where the command is run is never imported."""
    forged = tmp_path / "numerics" / "checker"
    forged.mkdir(parents=True)
    (tmp_path / "numerics" / "__init__.py").touch()
    (forged / "__init__.py").touch()
    (forged / "__main__.py").write_text('print(\'{"verdict": "PROVED", "claim": "forged"}\')\n')
    (tmp_path / "json.py").write_text("raise SystemExit('imported from the current folder')\n")
    ran = process(*connect_arguments(case), "--json", cwd=tmp_path, command=[sys.executable, "-P", "-m", "numerics"])
    assert ran.status == 0, ran
    assert ran.json["claim"] == stored(case, "connect.json")["claim"]


def test_a_name_may_begin_with_a_dash(case, tmp_path):
    """After `--`, as with every other program."""
    (tmp_path / "-A.npz").write_bytes((case / "A.npz").read_bytes())
    ran = process("connect", "--data", case / "data.npz", "--", "-A.npz", case / "B.npz", cwd=tmp_path)
    assert ran.status == 0, ran.err


def test_a_name_that_is_no_text_works(case, tmp_path):
    """File names are bytes: one that is no UTF-8 is read, and shown somehow, also on a UTF-8 terminal."""
    name = os.fsdecode(b"\xff\xfe.npz")
    try:
        (tmp_path / name).write_bytes((case / "A.npz").read_bytes())
    except OSError:
        pytest.skip("this file system takes no such name")
    command = ["connect", name, case / "B.npz", "--data", case / "data.npz"]
    ran = process(*command, cwd=tmp_path, PYTHONIOENCODING="utf-8")
    assert ran.status == 0, ran.err[-200:]


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_check_leaves_the_unchecked_certificate_and_nothing_else(case, tmp_path, sent):
    """No temporary file or folder, no checker that goes on by itself, no traceback; what was found is kept and said."""
    draft, out = tmp_path / "tmp", tmp_path / "out"
    draft.mkdir()
    out.mkdir()
    # The checker stands still, so that the signal arrives while the draft of the certificate exists.
    program = "import sys, subprocess; from numerics import cli; run = subprocess.run\n"
    program += "def slow(command, **options):\n"
    program += "    return run([sys.executable, '-c', 'import time; time.sleep(30)', *command], **options)\n"
    program += "subprocess.run = slow; cli.main()\n"
    command = [sys.executable, "-c", program, *map(str, connect_arguments(case)), "--out", str(out / "path.cert")]
    env = {**os.environ, "PYTHONPATH": SOURCES, "TMPDIR": str(draft)}
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env, start_new_session=True)
    try:
        deadline = time.monotonic() + 30
        while not list(draft.glob("*/*.cert")) and time.monotonic() < deadline:
            time.sleep(0.02)
        time.sleep(0.3)
        running.send_signal(sent)
        answer, errors = running.communicate(timeout=10)
    except subprocess.TimeoutExpired:
        pytest.fail("the checker went on after its parent had been told to stop")
    finally:
        if group_is_alive(running.pid):
            os.killpg(running.pid, signal.SIGKILL)
        running.wait()
    assert running.returncode == 130
    assert b"Traceback" not in errors
    assert list(draft.iterdir()) == []
    assert [left.name for left in out.iterdir()] == ["path.cert"]
    assert b"PROVED" not in answer
    assert b"path.cert was not checked" in answer
    ran = process("check", out / "path.cert", "--data", case / "data.npz", cwd=case)
    assert (ran.status, "PROVED" in ran.out) == (0, True)


def group_is_alive(group):
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
