"""The independent checker, asked in a process of its own: its word is the only one that becomes PROVED."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from numerics.errors import InputError


def checked(
    certificate: Path,
    data: str,
    start: Path,
    end: Path,
    *,
    level: str | None = None,
    memory: float | None = None,
) -> dict[str, Any]:
    """The checker's report on a certificate, for the data and ends that the caller was given. Raises InputError."""
    command: list[str] = [sys.executable, "-m", "numerics.checker", str(certificate), "--data", data]
    command += ["--start", str(start), "--end", str(end)]
    command += [] if level is None else ["--level", level]
    command += [] if memory is None else ["--memory", repr(memory)]
    return _run(command)


def _run(command: Sequence[str]) -> dict[str, Any]:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode in (0, 1) and done.stdout:
        report: dict[str, Any] = json.loads(done.stdout)
        return report
    raise InputError(f"the independent checker could not run: {done.stderr.strip() or done.returncode}")
