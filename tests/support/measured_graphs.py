"""What a proof about trained graphs costs, beside a sweep of 61 points in the same run: rows of a table.

`python tests/support/measured_graphs.py [MODULE ...]`, with `tests` on the path; needs torch.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

import skipscape as sk
from numerics.losses import losses_of
from numerics.losses.problem import Problem
from numerics.losses.registry import loss_named
from numerics.questions import enclose
from numerics.questions.enclose import SAMPLES
from numerics.routes.line import line_losses
from support.trained_graphs import MODULES, digits, trained


@dataclass(frozen=True)
class Spent:
    """Seconds by the clock, and of all processors."""

    clock: float
    processors: float

    def __str__(self) -> str:
        return f"{self.processors:.1f} ({self.clock:.0f} by the clock)"


def spent(run: Callable[[], Any]) -> tuple[Any, Spent]:
    """What a function of this process returns, and what it takes."""
    clock, processors = time.perf_counter(), time.process_time()
    found = run()
    return found, Spent(time.perf_counter() - clock, time.process_time() - processors)


def module_sweep(name: str, modules: tuple[Any, Any]) -> float:
    """The largest loss at 61 times, by torch in float32, as a script would take it."""
    data, middle = digits(), MODULES[name]().eval()
    X, y = torch.tensor(data.X, dtype=torch.float32), torch.tensor(np.asarray(data.labels))
    ends = [module.state_dict() for module in modules]
    largest = 0.0
    with torch.no_grad():
        for t in np.linspace(0, 1, SAMPLES):
            mixed = {key: (1 - t) * one + t * ends[1][key] for key, one in ends[0].items() if one.is_floating_point()}
            middle.load_state_dict(mixed, strict=False)
            largest = max(largest, float(F.cross_entropy(middle(X), y)))
    return largest


def checked(folder: Path) -> tuple[str, Spent, float]:
    """The checker's answer, what it takes, and its peak memory in GiB."""
    command = [sys.executable, "-m", "numerics.checker", "--data=digits", "--", str(folder / "path.cert")]
    clock = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ}) as process:
        assert process.stdout is not None
        said = process.stdout.read().decode()
        _, _, usage = os.wait4(process.pid, 0)
        process.returncode = 0
    processors = usage.ru_utime + usage.ru_stime
    return said, Spent(time.perf_counter() - clock, processors), usage.ru_maxrss / 2**20


def row(name: str, tolerance: Fraction = Fraction(1, 1000)) -> str:
    """A row of the table."""
    modules = trained(MODULES[name], 0), trained(MODULES[name], 1)
    data = digits()
    start, end = (sk.from_torch(module, data.X[:1]) for module in modules)
    problem = Problem(data, loss=loss_named("cross-entropy"))
    _, torch_sweep = spent(lambda: module_sweep(name, modules))
    _, own_sweep = spent(lambda: line_losses(start, end, problem, times=SAMPLES))
    _, corner = spent(lambda: losses_of([start], problem))
    found, certify = spent(lambda: enclose.certify((start, end), problem, tolerance=tolerance))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    maximum, claimed = found.maximum, found.claims[0]
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "path.cert").write_bytes(found.certificate(None, claimed))
        said, check, checker_peak = checked(Path(folder))
    verdict = "PROVED" if '"PROVED"' in said else "not proved"
    gap = float(claimed / maximum.attained - 1)
    size = sum(array.size for array in start.parameters().values())
    sweeps = f"{torch_sweep.processors:.1f} / {own_sweep.processors:.1f}"
    answer = f"{float(maximum.attained):.5f}, {gap:.1e}, {verdict}"
    costs = f"{corner.processors:.2f} | {len(maximum.pieces)} pieces, {certify} | {check}"
    return f"| {name}, {size:,} weights | {sweeps} | {costs} | {answer} | {peak:.2f} / {checker_peak:.2f} |"


if __name__ == "__main__":
    for one in sys.argv[1:] or MODULES:
        print(row(one), flush=True)
