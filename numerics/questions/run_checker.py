"""The independent checker, asked in a process of its own: its word is the only one that becomes PROVED."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numerics
from numerics.errors import InputError


def checked(
    certificate: Path,
    data: str,
    start: Path | None,
    end: Path | None,
    *,
    level: str | None = None,
    error_rate: str | None = None,
    memory: float | None = None,
    effort: float | None = None,
    seconds: float | None = None,
) -> dict[str, Any]:
    """The checker's report on a certificate, for the data and ends that the caller was given.

    Raises InputError, TimeoutError after so many seconds.
    """
    # -P: the current folder must not be able to put another `numerics` (or `json`) in the checker's place.
    command: list[str] = [sys.executable, "-P", "-m", "numerics.checker", f"--data={data}"]
    command += [] if start is None else [f"--start={start}"]
    command += [] if end is None else [f"--end={end}"]
    command += [] if level is None else [f"--level={level}"]
    command += [] if error_rate is None else [f"--error-rate={error_rate}"]
    command += [] if memory is None else [f"--memory={memory!r}"]
    command += [] if effort is None else [f"--effort={effort!r}"]
    command += ["--", str(certificate)]
    return _run(command, seconds)


def _run(command: Sequence[str], seconds: float | None = None) -> dict[str, Any]:
    # It looks at several blocks of samples at once, each in one thread.
    alone = {"OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    environment = {**os.environ, **alone, "PYTHONPATH": str(Path(numerics.__file__).resolve().parents[1])}
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=seconds)
    except subprocess.TimeoutExpired:
        raise TimeoutError from None
    if done.returncode in (0, 1) and done.stdout:
        report: dict[str, Any] = json.loads(done.stdout)
        return report
    raise InputError(f"the independent checker could not run: {' '.join(done.stderr.split()) or done.returncode}")
