"""Cost of every loss relative to squared error: connect, certify and check of the same two networks on digits.

`make bench` prints the times of one run; nothing here asserts one. The networks are untrained but for their readouts,
so that what is compared is arithmetic: the same path where only the loss differs.
"""

from fractions import Fraction
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture
from threadpoolctl import threadpool_limits

from numerics.checker.check import check
from numerics.data import Data, read_data, write_data
from numerics.losses.loss import ParametrisedLoss, Targets
from numerics.losses.problem import Problem
from numerics.losses.registry import families, loss_named
from numerics.networks import Network
from numerics.networks.files import write_network
from numerics.questions import enclose
from numerics.questions.search import connect
from support.untrained_networks import network

NAMES = tuple(f"{name}:1/2" if issubclass(one, ParametrisedLoss) else name for name, one in families().items())
TOLERANCE = Fraction(1, 1000)


@cache
def problem(name: str) -> Problem:
    """All 1797 digits; for losses of signs the one-hot targets, doubled and less one."""
    digits, loss = read_data("digits"), loss_named(name)
    if loss.targets is Targets.SIGNS:
        digits = Data(digits.X, 2.0 * digits.Y - 1.0, "digits")
    return Problem(digits, loss=loss)


@cache
def ends() -> tuple[Network, Network]:
    return network(0, problem("squared").data), network(1, problem("squared").data)


@cache
def near() -> tuple[Network, Network]:
    """A network and the same with every weight moved by some percent: a line that is not dear for any loss."""
    start, rng = ends()[0], np.random.default_rng(0)
    moved = {key: one * (1.0 + 0.05 * rng.standard_normal(one.shape)) for key, one in start.parameters().items()}
    return start, start.replace(moved)


@pytest.mark.parametrize("name", NAMES)
def test_connect(benchmark: BenchmarkFixture, name: str) -> None:
    """Route bridge: refits, then the losses of all corners."""
    benchmark.group = "connect, width 1024"
    with threadpool_limits(limits=1, user_api="blas"):
        benchmark.pedantic(connect, (*ends(), problem(name)), {"route": "bridge"}, rounds=1)


@pytest.mark.parametrize("name", NAMES)
def test_corners_are_checked(benchmark: BenchmarkFixture, tmp_path: Path, name: str) -> None:
    """The same path under every loss, the zero path: silent segments and readout lines."""
    benchmark.group = "check of corners, width 1024"
    found = connect(*ends(), problem(name), route="zero")
    _checked(benchmark, tmp_path, problem(name), ends(), found.certificate(None))


@pytest.mark.parametrize("name", NAMES)
def test_certify(benchmark: BenchmarkFixture, name: str) -> None:
    """A line on which all weights move, enclosed to a thousandth; for squared error as a general segment too."""
    benchmark.group = "certify a line, width 1024"
    with threadpool_limits(limits=1, user_api="blas"):
        benchmark.pedantic(enclose.certify, (near(), problem(name)), {"tolerance": TOLERANCE}, rounds=1)


@pytest.mark.parametrize("name", NAMES)
def test_a_line_is_checked(benchmark: BenchmarkFixture, tmp_path: Path, name: str) -> None:
    """The certificate of that line."""
    benchmark.group = "check of a line, width 1024"
    found = enclose.certify(near(), problem(name), tolerance=TOLERANCE)
    _checked(benchmark, tmp_path, problem(name), near(), found.certificate(None))


def _checked(
    benchmark: BenchmarkFixture, folder: Path, asked: Problem, networks: tuple[Network, Network], document: bytes
) -> None:
    write_data(folder / "data.npz", asked.data)
    for name, end in zip(("a", "b"), networks, strict=True):
        write_network(folder / f"{name}.npz", end)
    (folder / "path.cert").write_bytes(document)
    given = (folder / "path.cert", str(folder / "data.npz"), folder / "a.npz", folder / "b.npz")
    report = benchmark.pedantic(check, given, rounds=1)
    assert report.verdict == "PROVED", report.claim
