"""What a proof about trained graphs costs, beside a sweep of 61 points in the same run: rows of a table.

`python tests/support/measured_graphs.py [--tolerance T] [--no-check] [CASE ...]`, with `tests` on the path; needs
torch. Each case is a process of its own, so that its peak memory is its own; without a case all are measured. Work
of other programs is told by the load before and after: then the clock says little, and the processor's seconds more
than on a quiet machine.
"""

from __future__ import annotations

import argparse
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
from numerics.data import Data, write_data
from numerics.losses import losses_of
from numerics.losses.problem import Problem
from numerics.losses.registry import loss_named
from numerics.questions import enclose
from numerics.questions.enclose import SAMPLES
from numerics.routes.line import line_losses
from support.trained_graphs import CASES, Case

HEADS = ("network", "sweep, torch and ours", "exact corner", "finder", "check", "attained, claimed gap", "memory")


ALONE = {"OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}  # as `skipscape` asks the checker


@dataclass(frozen=True)
class Spent:
    """Seconds by the clock, and of all processors."""

    clock: float
    processors: float

    def __str__(self) -> str:
        return f"{self.processors:.1f} s ({self.clock:.0f})"


def spent(run: Callable[[], Any]) -> tuple[Any, Spent]:
    """What a function of this process returns, and what it takes."""
    clock, processors = time.perf_counter(), time.process_time()
    found = run()
    return found, Spent(time.perf_counter() - clock, time.process_time() - processors)


def module_sweep(case: Case, data: Data, modules: tuple[Any, Any]) -> float:
    """The largest loss at 61 times, by torch in float32, as a script would take it."""
    middle = case.make().eval()
    X, y = torch.tensor(data.X, dtype=torch.float32), torch.tensor(np.asarray(data.labels))
    ends = [module.state_dict() for module in modules]
    largest = 0.0
    with torch.no_grad():
        for t in np.linspace(0, 1, SAMPLES):
            mixed = {key: (1 - t) * one + t * ends[1][key] for key, one in ends[0].items() if one.is_floating_point()}
            middle.load_state_dict(mixed, strict=False)
            largest = max(largest, float(F.cross_entropy(middle(X), y)))
    return largest


def checked(path: Path, data: str) -> tuple[str, Spent, float]:
    """The checker's answer, what it takes, and its peak memory in GiB."""
    command = [sys.executable, "-m", "numerics.checker", f"--data={data}", "--", str(path)]
    clock = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, **ALONE}) as process:
        assert process.stdout is not None
        said = process.stdout.read().decode()
        _, _, usage = os.wait4(process.pid, 0)
        process.returncode = 0
    processors = usage.ru_utime + usage.ru_stime
    return said, Spent(time.perf_counter() - clock, processors), usage.ru_maxrss / 2**20


def row(name: str, tolerance: Fraction, *, check: bool) -> str:
    """A row of the table."""
    case, data = CASES[name], CASES[name].data()
    modules = case.trained(0), case.trained(1)
    trained_peak = peak()
    start, end = (sk.from_torch(module, data.X[:1]) for module in modules)
    problem = Problem(data, loss=loss_named("cross-entropy"))
    _, torch_sweep = spent(lambda: module_sweep(case, data, modules))
    _, own_sweep = spent(lambda: line_losses(start, end, problem, times=SAMPLES))
    _, corner = spent(lambda: losses_of([start], problem))
    found, certify = spent(lambda: enclose.certify((start, end), problem, tolerance=tolerance))
    maximum, claimed = found.maximum, found.claims[0]
    sweeps = f"{torch_sweep.processors:.1f} / {own_sweep.processors:.1f} s"
    count = f"{len(maximum.pieces)} pieces, {certify}, {certify.processors / own_sweep.processors:.1f} sweeps"
    checking, verdict, memory = "-", "not checked", f"{max(trained_peak, peak()):.1f} GiB"
    if check:
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "path.cert").write_bytes(found.certificate(None, claimed))
            write_data(Path(folder) / "data.npz", data)
            said, times, checker_peak = checked(Path(folder) / "path.cert", str(Path(folder) / "data.npz"))
        checking = f"{times}, {times.processors / certify.processors:.1f} of the finder's"
        verdict = "PROVED" if '"PROVED"' in said else "not proved"
        memory = f"{peak():.1f} and {checker_peak:.1f} GiB"
    size = sum(array.size for array in start.parameters().values())
    answer = f"{float(maximum.attained):.5f}, {float(claimed / maximum.attained - 1):.1e}, {verdict}"
    cells = (f"{name}, {size:,} weights", sweeps, f"{corner.processors:.2f} s", count, checking, answer, memory)
    return f"| {' | '.join(cells)} |"


def peak() -> float:
    """Of this process until now, in GiB; training counts."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cases", nargs="*", metavar="CASE", help=f"of {', '.join(map(repr, CASES))}")
    parser.add_argument("--tolerance", type=Fraction, default=Fraction(1, 1000))
    parser.add_argument("--check", action=argparse.BooleanOptionalAction, default=True)
    given = parser.parse_args()
    if len(given.cases) == 1:
        print(row(given.cases[0], given.tolerance, check=given.check), flush=True)
        return
    print(f"| {' | '.join(HEADS)} |\n|{' --- |' * len(HEADS)}", flush=True)
    for case in given.cases or CASES:
        more = [f"--tolerance={given.tolerance}", "--check" if given.check else "--no-check"]
        subprocess.run([sys.executable, __file__, case, *more], check=True)
        print(f"load of the last minute: {os.getloadavg()[0]:.1f}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
