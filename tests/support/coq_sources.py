"""The Coq sources, read by a slow and simple reader, and the script that compiles them, called here or in a process."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FORMAL = ROOT / "proofs_notes" / "formal"
FOLDERS = ("base", "networks", "lemmas", "routes", "theorems", "certificates", "examples")
ROW = re.compile(r"^\| [^|]+ \| `([\w.]+\.v)` \| ((?:`[\w']+`(?:, )?)+) \|", re.M)

needs_coq = pytest.mark.skipif(
    shutil.which("coqc") is None or not (FORMAL / ".stamps.json").exists(),
    reason="needs coqc and compiled proofs: make formal",
)


def sources() -> list[Path]:
    """All that proves something: not `extraction`, which makes a program of it."""
    return sorted(path for path in FORMAL.rglob("*.v") if path.parent.name in FOLDERS)


def find(name: str, where: Path = FORMAL) -> Path:
    """The one source of that name."""
    (path,) = where.rglob(name)
    return path


def goldens() -> dict[str, tuple[str, str]]:
    """By stem: what Coq printed, and the axioms."""
    found = {}
    for path in FORMAL.rglob("*.golden"):
        printed, _, axioms = path.read_text(encoding="utf-8").partition("== axioms ==\n")
        found[path.stem] = (printed, axioms)
    return found


@cache
def without_comments(path: Path) -> str:
    """Drops nested comments character by character; for sources that nobody changes meanwhile."""
    text = path.read_text(encoding="utf-8")
    kept, depth, i = [], 0, 0
    while i < len(text):
        if text.startswith("(*", i):
            depth, i = depth + 1, i + 2
        elif text.startswith("*)", i) and depth:
            depth, i = depth - 1, i + 2
        else:
            kept.append("" if depth else text[i])
            i += 1
    assert depth == 0, "a comment is not closed"
    return "".join(kept)


def head(path: Path) -> str:
    """The comment before the first command."""
    return path.read_text(encoding="utf-8").partition("*)")[0]


def table() -> Iterator[tuple[str, str]]:
    """(file, theorem) of every row of the README's table of statements."""
    for file, names in ROW.findall((FORMAL / "README.md").read_text(encoding="utf-8")):
        for name in re.findall(r"`([\w']+)`", names):
            yield file, name


@dataclass(frozen=True)
class Run:
    """How a run of formal.py ended."""

    returncode: int
    stdout: str
    stderr: str


def scan(where: Path) -> Run:
    """`formal.py --scan` in this process: a source that it has read once it need not read again."""
    import formal

    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(io.StringIO()) as err:
        status = formal.main(["--source", str(where), "--scan"])
    return Run(status, out.getvalue(), err.getvalue())


def script(where: Path, *arguments: str, path: str | None = None) -> Run:
    """The formal.py that lies in `where`, in a process of its own, as `make formal` calls it."""
    done = subprocess.run(
        [sys.executable, str(where / "formal.py"), *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=dict(os.environ) if path is None else {**os.environ, "PATH": path},
    )
    return Run(done.returncode, done.stdout, done.stderr)
