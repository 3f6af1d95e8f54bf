"""Tiny deep networks, references and data on disk, and what the command line is asked about them."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from fractions import Fraction
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

import numerics
from support.command_line import Ran
from support.oracles import exact_loss

SCRIPT = [sys.executable, "-m", "numerics"]
SOURCES = str(Path(numerics.__file__).parents[1])
ENCLOSURE = {"lower", "upper", "exact"}
CHECKED = {"claim", "verdict", "arithmetic", "question", "start", "end", "maximum", "barrier", "segments", "route"}
CHECKED |= {"loss", "barrier_chord", "error_rate", "renamed", "refused", "ends_given"}
FOUND = CHECKED | {"bounds", "certificate", "certificate_claim", "check_seconds", "routes"}


def process(*arguments: object, cwd: str | PathLike[str], command: Sequence[str] = SCRIPT, **environment: str) -> Ran:
    """The command line in a process of its own, never for longer than a minute."""
    env = {**os.environ, "PYTHONPATH": SOURCES, **environment}
    done = subprocess.run(
        [*command, *map(str, arguments)], cwd=cwd, env=env, capture_output=True, timeout=60, check=False
    )
    return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())


def features(W: np.ndarray, X: np.ndarray, bias: int) -> np.ndarray:
    seen: np.ndarray = np.hstack([X, np.ones((len(X), bias))]) @ W.T
    return np.asarray(np.maximum(seen, 0.0))


def fitted(W: np.ndarray, X: np.ndarray, Y: np.ndarray) -> np.ndarray:
    """`V` (p, m), the least-squares readout of the features, on a grid that keeps exact losses short."""
    return np.asarray(np.round(np.linalg.lstsq(features(W, X, 1), Y, rcond=None)[0].T * 64) / 64)


def deep(seed: int, X: np.ndarray, Y: np.ndarray, m: int = 8, r: int = 2) -> dict[str, Any]:
    """A parallel network of small dyadic weights whose loss is far below that of the zero function."""
    draw = np.random.default_rng(seed)
    W = draw.integers(-8, 9, (m, 3)) / 8
    A, a = draw.integers(-4, 5, (r, m)) / 8, draw.integers(-4, 5, r) / 8
    U = draw.integers(-2, 3, (2, r)) / 32
    return {"class": "parallel", "bias": 1, "W": W, "V": fitted(W, X, Y), "A": A, "a": a, "U": U, "c": np.zeros(2)}


def write(path: Path, arrays: Mapping[str, Any]) -> Path:
    np.savez(path, **arrays)
    return path


def parameters(path: Path) -> dict[str, np.ndarray]:
    """Name -> array of a network's file, without its scalars."""
    with np.load(path) as stored:
        return {name: stored[name] for name in stored.files if name not in ("class", "bias")}


def loss_of(path: Path, data: Path) -> Fraction:
    with np.load(path) as stored, np.load(data) as points:
        return exact_loss(parameters(path), str(stored["class"]), int(stored["bias"]), points["X"], points["Y"])


def fraction(enclosure: Mapping[str, str]) -> Fraction:
    return Fraction(enclosure["exact"])


def connect_arguments(case: Path, route: str = "zero") -> list[str | Path]:
    """The zero path has a barrier between networks that are better than the zero function."""
    return ["connect", case / "A.npz", case / "B.npz", "--data", case / "data.npz", "--route", route]


def depth_arguments(case: Path, network: str = "worse.npz", reference: str = "good.npz") -> list[str | Path]:
    return ["depth", case / network, "--reference", case / reference, "--data", case / "data.npz"]


def stored(case: Path, name: str) -> Any:
    return json.loads((case / name).read_text())


def require_one_line(ran: Ran, *words: object) -> None:
    """Exit status 2, one line on standard error that holds the words, nothing on standard output."""
    assert ran.status == 2, ran
    assert ran.out == ""
    assert len(ran.err.splitlines()) == 1, ran.err
    assert "Traceback" not in ran.err
    for word in words:
        assert str(word) in ran.err
