"""The command: one json object or one line, and the exit status."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import numerics.checker
from numerics.checker.__main__ import main
from support.certificates import write_network
from support.loss_segments import crossed

KEYS = {"claim", "verdict", "arithmetic", "question", "start", "end", "maximum", "barrier"}
KEYS |= {"loss", "barrier_chord", "error_rate", "renamed", "segments", "route", "refused", "ends_given"}


@pytest.fixture
def files(tmp_path, honest):
    """Paths of an honest certificate and its data."""
    return str(honest.write(tmp_path / "path.cert")), str(honest.write_data(tmp_path / "data.npz"))


@pytest.fixture
def run(capsys):
    """Run the command; return its exit status, its json (or None) and its lines on stderr."""

    def command(*arguments):
        status = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return status, json.loads(captured.out) if captured.out else None, captured.err.splitlines()

    return command


def test_proved(run, files):
    cert, data = files
    status, answer, errors = run(cert, "--data", data)
    assert (status, errors) == (0, [])
    assert answer["verdict"] == "PROVED"
    assert set(answer) == KEYS


def test_refuted(run, files):
    cert, data = files
    status, answer, errors = run(cert, "--data", data, "--level", "1e-3")
    assert (status, errors) == (1, [])
    assert (answer["verdict"], answer["refused"]) == ("REFUTED", None)
    assert set(answer) == KEYS


def test_an_error_rate_is_asked_of_labels(run, tmp_path):
    """Refuted, proved, and no question where the targets are none; a level beside it is another claim."""
    forge = crossed()
    given = str(forge.write(tmp_path / "path.cert")), "--data", str(forge.write_data(tmp_path / "data.npz"))
    status, answer, errors = run(*given, "--error-rate", "1/2")
    assert (status, errors, answer["verdict"]) == (1, [], "REFUTED")
    assert answer["claim"] == (
        "error rate <= 1/2 on the whole path; at segment 0, t = 2/5 (path time T = 2/5) 2 of 2 samples are wrong"
    )
    status, answer, errors = run(*given, "--error-rate", "1", "--level", "5")
    assert (status, errors, answer["verdict"]) == (0, [], "PROVED")
    assert "and error rate <= 1 on the whole path, inside the sub-level set {loss <= 5}" in answer["claim"]
    status, answer, errors = run(*given, "--error-rate", "1", "--level", "1/100")
    assert (status, answer["verdict"], "loss <= 1/100" in answer["claim"]) == (1, "REFUTED", True)
    assert run(*given, "--error-rate", "many")[0] == 2


def test_without_labels_an_error_rate_is_no_question(run, files):
    cert, data = files
    status, answer, errors = run(cert, "--data", data, "--error-rate", "0.1")
    assert (status, answer) == (2, None)
    assert "not one-hot" in errors[0]


def test_refused(run, files):
    cert, data = files
    Path(cert).write_bytes(Path(cert).read_bytes()[:-1])
    status, answer, errors = run(cert, "--data", data)
    assert (status, errors) == (1, [])
    assert answer["verdict"] == "UNDECIDED"
    assert "damaged" in answer["refused"]
    assert set(answer) == KEYS


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (["--level", "-1"], "--level '-1' is unusable"),
        (["--level", "nan"], "--level 'nan' is unusable"),
        (["--level", "1e999999999"], "is unusable"),
        (["--memory", "0"], "must be positive"),
        (["--memory", "lots"], "--memory 'lots' is unusable"),
        (["--memory", "1e-8"], "raise --memory"),
        (["--start", "missing.npz"], "missing.npz: no such file"),
        (["--end", "missing.safetensors"], "missing.safetensors: no such file"),
        (["--data", "missing.npz"], "missing.npz: no such file"),
        (["--data", "Digits"], "Digits: no such file"),
        (["--frobnicate"], "unrecognized arguments"),
        (["--level"], "expected one argument"),
    ],
)
def test_unusable_input_is_one_line(run, files, change, reason):
    cert, data = files
    status, answer, errors = run(cert, "--data", data, *change)
    assert (status, answer, len(errors)) == (2, None, 1)
    assert reason in errors[0]


def test_missing_arguments_are_one_line(run, files):
    cert, data = files
    for arguments in ([], [cert], ["--data", data]):
        status, answer, errors = run(*arguments)
        assert (status, answer, len(errors)) == (2, None, 1)
    assert run("missing.cert", "--data", data)[0] == 2


def test_names_with_line_breaks_stay_on_one_line(run, files):
    assert len(run("a\nb.cert", "--data", files[1])[2]) == 1


def test_a_lack_of_memory_is_one_line(run, files, monkeypatch):
    def starve(*_):
        raise MemoryError

    monkeypatch.setattr("numerics.checker.__main__.check", starve)
    status, answer, errors = run(files[0], "--data", files[1])
    assert (status, answer, len(errors)) == (2, None, 1)


def test_as_a_module_with_networks(files, honest, tmp_path):
    first, *_, last = honest.corners()
    start = write_network(tmp_path / "start.npz", "parallel", 1, first)
    end = write_network(tmp_path / "end.npz", "parallel", 1, last)
    arguments = [files[0], "--data", files[1], "--start", str(start), "--end", str(end), "--level", "100"]
    done = subprocess.run(
        [sys.executable, "-m", "numerics.checker", *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(numerics.checker.__file__).parents[2],
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["ends_given"] == {"start": True, "end": True}


def test_inputs_are_not_modified(run, files):
    before = [Path(path).read_bytes() for path in files]
    run(files[0], "--data", files[1])
    assert [Path(path).read_bytes() for path in files] == before


def test_the_checker_imports_the_standard_library_numpy_and_flint_only():
    allowed = set(sys.stdlib_module_names) | {"numpy", "flint"}
    for path in Path(numerics.checker.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                assert {alias.name.split(".")[0] for alias in node.names} <= allowed
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 1 or (node.level == 0 and node.module.split(".")[0] in allowed)


def test_random_bytes_are_never_proved(run, files, tmp_path):
    rng = np.random.default_rng(0)
    blob = Path(files[0]).read_bytes()
    for size in (0, 1, 63, 64, 65, 1000):
        (tmp_path / "random.cert").write_bytes(rng.bytes(size))
        assert run(tmp_path / "random.cert", "--data", files[1])[0] == 1
    for _ in range(100):
        spoiled = bytearray(blob)
        spoiled[rng.integers(len(blob))] ^= 1 << rng.integers(8)
        (tmp_path / "random.cert").write_bytes(spoiled)
        assert run(tmp_path / "random.cert", "--data", files[1])[0] == 1
