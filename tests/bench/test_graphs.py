"""Cost of proofs about graphs, dense and convolutional: certify in multiples of a 61-point float sweep, and the check.

Two seeds of unmodified torch modules, trained on digits; sweep, search and check are of one run, in seconds of the
processor, which other work hardly changes. Needs torch for training.
"""

import time
from fractions import Fraction
from functools import cache
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture
from threadpoolctl import threadpool_limits

import skipscape as sk
from numerics.data import write_data
from numerics.losses.problem import Problem
from numerics.losses.registry import loss_named
from numerics.networks.base import Network
from numerics.questions import enclose
from numerics.questions.enclose import SAMPLES
from numerics.routes.line import line_losses
from support.measured_graphs import checked
from support.trained_graphs import CASES

DENSE, CONVOLUTIONAL = "residual MLP", "CNN, 8 channels"


@cache
def problem(name: str) -> Problem:
    return Problem(CASES[name].data(), loss=loss_named("cross-entropy"))


@cache
def ends(name: str) -> tuple[Network, Network]:
    """Two seeds."""
    data = problem(name).data
    start, end = (sk.from_torch(CASES[name].trained(seed), data.X[:1]) for seed in (0, 1))
    return start, end


@cache
def sweep(name: str) -> float:
    """Seconds of 61 float64 losses on the line."""
    start, end = ends(name)  # trained before the clock runs
    before = time.process_time()
    with threadpool_limits(limits=1, user_api="blas"):  # waiting threads of BLAS would count as work
        line_losses(start, end, problem(name), times=SAMPLES)
    return time.process_time() - before


@pytest.mark.parametrize("digits", [3, 6])
@pytest.mark.parametrize("name", [DENSE, CONVOLUTIONAL])
def test_certify_and_check(benchmark: BenchmarkFixture, tmp_path: Path, name: str, digits: int) -> None:
    """The straight line between the two, all weights moving; aimed at: 8 sweeps at 1e-3, 14 at 1e-6, check <= 2."""
    benchmark.group = f"straight line, {name}, 61-point sweep {sweep(name):.2f} s"
    tolerance = Fraction(1, 10**digits)
    before = time.process_time()
    found = benchmark.pedantic(enclose.certify, (ends(name), problem(name)), {"tolerance": tolerance}, rounds=1)
    search = time.process_time() - before
    assert found.maximum.upper <= found.maximum.attained * (1 + tolerance)
    said = f"{len(found.maximum.pieces)} pieces, {search:.2f} s of processor time, {search / sweep(name):.1f} sweeps"
    if digits == 3:
        (tmp_path / "path.cert").write_bytes(found.certificate(None, found.claims[0]))
        write_data(tmp_path / "data.npz", problem(name).data)
        answer, times, _ = checked(tmp_path / "path.cert", str(tmp_path / "data.npz"))
        assert '"PROVED"' in answer, answer[:300]
        said += f"; check {times.processors:.1f} s, {times.processors / search:.1f} of certify"
    print(f"\n{name}, gap 1e-{digits}: sweep {sweep(name):.2f} s; {said}")
