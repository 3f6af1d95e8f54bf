"""Hidden segments at width 1024 on all 1797 digits: 64 rows of W move. Against 61 float64 losses, the usual sample.

`make bench` prints the ratios of one run; nothing here asserts a time.
"""

from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from numerics.arithmetic.budget import DEFAULT
from numerics.checker.hidden import summit
from numerics.checker.inputs import Data as CheckerData
from numerics.checker.spaces import parse_space
from numerics.data import Data, read_data
from numerics.losses import float_loss
from numerics.losses.problem import Problem
from numerics.maxima.hidden import exact_maximum, hidden_maximum
from numerics.maxima.node_bounds import node_bounds
from numerics.networks import Network
from support.untrained_networks import network

ROWS, TIMES = 64, 61


@pytest.fixture(scope="module")
def digits() -> Data:
    return read_data("digits")


@pytest.fixture(scope="module")
def ends(digits: Data) -> tuple[Network, Network]:
    """Two networks that differ in those rows alone."""
    start, other = network(0, digits), network(1, digits)
    W, slots = start.W.copy(), np.random.default_rng(0).choice(start.width, ROWS, replace=False)
    W[slots] = other.W[slots]
    return start, start.replace({"W": W})


def timed(benchmark: BenchmarkFixture, run: Callable[..., object], *args: object, **options: object) -> object:
    benchmark.group = "hidden segment"
    return benchmark.pedantic(run, args=args, kwargs=options, rounds=1, iterations=1)


def test_sampled_in_float64(benchmark: BenchmarkFixture, digits: Data, ends: tuple[Network, Network]) -> None:
    """The yardstick, which proves nothing."""
    start, end = ends

    def run() -> float:
        times = np.linspace(0.0, 1.0, TIMES)
        return max(float_loss(start.replace({"W": start.W + t * (end.W - start.W)}), Problem(digits)) for t in times)

    timed(benchmark, run)


def test_enclosed_sweep(benchmark: BenchmarkFixture, digits: Data, ends: tuple[Network, Network]) -> None:
    """Rigorous bounds between all breakpoints."""
    timed(benchmark, node_bounds, *ends, Problem(digits))


def test_exact_where_needed(benchmark: BenchmarkFixture, digits: Data, ends: tuple[Network, Network]) -> None:
    """The sweep, and integers on what it leaves: the exact maximum."""
    timed(benchmark, hidden_maximum, *ends, Problem(digits))


def test_exact_throughout(benchmark: BenchmarkFixture, digits: Data, ends: tuple[Network, Network]) -> None:
    """Every breakpoint in integers: the same maximum."""
    found = timed(benchmark, exact_maximum, *ends, Problem(digits))
    assert getattr(found, "loss", None) == hidden_maximum(*ends, Problem(digits)).loss


def test_checker(benchmark: BenchmarkFixture, digits: Data, ends: tuple[Network, Network]) -> None:
    """The walk of the checker, breakpoint by breakpoint."""
    start, end = (one.parameters() for one in ends)
    space = parse_space("parallel", 1, {name: array.shape for name, array in start.items()})
    found = timed(benchmark, summit, space, start, end, CheckerData(digits.X, digits.Y), DEFAULT)
    loss = getattr(found, "loss", None)
    assert loss is not None
    assert Fraction(int(loss.p), int(loss.q)) == hidden_maximum(*ends, Problem(digits)).loss
