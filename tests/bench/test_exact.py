"""Cost of exactness at width 1024 on all 1797 digits: limbs and FLINT against numpy in float64.

`make bench` prints the ratios of one run; nothing here asserts a time.
"""

from pathlib import Path

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from numerics.arithmetic.budget import DEFAULT
from numerics.arithmetic.rationals import text
from numerics.checker.check import check
from numerics.checker.forward import flat_values as flint_values
from numerics.checker.inputs import Data as CheckerData
from numerics.data import Data, read_data
from numerics.losses import exact_losses, float_loss
from numerics.losses.problem import Problem
from numerics.networks import Network
from numerics.networks.files import write_network
from numerics.questions.search import connect
from support.untrained_networks import network

Files = tuple[Path, Path, Path]


@pytest.fixture(scope="module")
def digits() -> Data:
    return read_data("digits")


@pytest.fixture(scope="module")
def ends(digits: Data) -> tuple[Network, Network]:
    return network(0, digits), network(1, digits)


@pytest.fixture(scope="module")
def certified(digits: Data, ends: tuple[Network, Network], tmp_path_factory: pytest.TempPathFactory) -> Files:
    """A bridge between the two, written down."""
    folder: Path = tmp_path_factory.mktemp("bench")
    for name, end in zip(("a", "b"), ends, strict=True):
        write_network(folder / f"{name}.npz", end)
    (folder / "path.cert").write_bytes(connect(*ends, Problem(digits), route="bridge").certificate(None))
    return folder / "path.cert", folder / "a.npz", folder / "b.npz"


def test_corner_numpy_float64(benchmark: BenchmarkFixture, digits: Data, ends: tuple[Network, Network]) -> None:
    """The inexact yardstick."""
    benchmark.group = "one corner"
    benchmark(float_loss, ends[0], Problem(digits))


def test_corner_finder_exact(benchmark: BenchmarkFixture, digits: Data, ends: tuple[Network, Network]) -> None:
    """Integer limbs through BLAS."""
    benchmark.group = "one corner"
    benchmark(exact_losses, [ends[0]], Problem(digits))


def test_corner_checker_exact(benchmark: BenchmarkFixture, digits: Data, ends: tuple[Network, Network]) -> None:
    """FLINT integer matrices."""
    benchmark.group = "one corner"
    points = CheckerData(digits.X, digits.Y)
    exact = benchmark.pedantic(flint_values, args=([ends[0].parameters()], points, 1, DEFAULT), rounds=3, iterations=1)
    assert text(exact_losses([ends[0]], Problem(digits))[0]) == f"{exact[0].loss.low.p}/{exact[0].loss.low.q}"


def test_connect(benchmark: BenchmarkFixture, digits: Data, ends: tuple[Network, Network]) -> None:
    """Search and exact corners of a bridge."""
    benchmark.group = "whole questions"
    benchmark.pedantic(connect, args=(*ends, Problem(digits)), kwargs={"route": "bridge"}, rounds=2, iterations=1)


def test_check(benchmark: BenchmarkFixture, certified: Files) -> None:
    """The independent check of that bridge."""
    benchmark.group = "whole questions"
    path, start, end = certified
    result = benchmark.pedantic(check, args=(path, "digits", start, end), rounds=2, iterations=1)
    assert result.verdict == "PROVED"


def test_check_5000_by_784(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    """A larger data set: 5000 points of 784 bytes/255, ten classes, width 1024."""
    benchmark.group = "whole questions"
    rng = np.random.default_rng(0)
    X, labels = rng.integers(0, 256, (5000, 784)) / 256.0, rng.integers(0, 10, 5000)
    data = Data(X, np.eye(10)[labels])
    np.savez(tmp_path / "data.npz", X=data.X, Y=data.Y)
    first, second = network(0, data), network(1, data)
    for name, end in (("a", first), ("b", second)):
        write_network(tmp_path / f"{name}.npz", end)
    (tmp_path / "path.cert").write_bytes(connect(first, second, Problem(data), route="zero").certificate(None))
    arguments = (tmp_path / "path.cert", str(tmp_path / "data.npz"), tmp_path / "a.npz", tmp_path / "b.npz")
    result = benchmark.pedantic(check, args=arguments, rounds=1, iterations=1)
    assert result.verdict == "PROVED"
