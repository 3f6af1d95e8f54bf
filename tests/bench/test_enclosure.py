"""Cost of proved maxima: pieces, processor seconds and multiples of a 61-point float sweep, on trained networks.

Every row is one search at one tolerance; the sweep is measured in the same run, beside it. Needs torch for training.
"""

import time
from fractions import Fraction
from functools import cache

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture
from threadpoolctl import threadpool_limits

from numerics.data import Data, read_data
from numerics.losses.problem import Problem
from numerics.maxima.search import path_maximum
from numerics.networks import Network
from numerics.networks.spaces import in_one_space
from numerics.paths import Path, polygon
from numerics.questions.enclose import SAMPLES
from numerics.routes.line import line_losses
from numerics.torch_bridge import Recipe, train

STEPS = 300
# width, samples (None: all 1797), branch
SIZES = {
    "width 16, N 32": (16, 32, (32, 32)),
    "width 64": (64, None, (32, 32)),
    "width 256": (256, None, (32, 32)),
    "width 256, N 450": (256, 450, (32, 32)),
    "width 256, branch of 1": (256, None, (32,)),
    "width 256, branch of 4": (256, None, (32, 32, 32, 32)),
    "width 1024": (1024, None, (32, 32)),
}


@cache
def points(samples: int | None) -> Data:
    digits = read_data("digits")
    return Data(digits.X[:samples], digits.Y[:samples], "digits")


@cache
def ends(size: str) -> tuple[Network, Network]:
    """Two seeds of one recipe."""
    width, samples, branch = SIZES[size]
    nets = [train(points(samples), Recipe(width, branch=branch, steps=STEPS, seed=seed))[0] for seed in (0, 1)]
    return in_one_space(*nets)


def bezier(start: Network, end: Network, chords: int = 8) -> list[Network]:
    """Corners of the quadratic Bezier curve through a bent control point, cut into chords."""
    theirs = end.parameters()
    corners = []
    for k in range(chords + 1):
        t = k / chords
        mixed = {}
        for name, mine in start.parameters().items():
            bend = 0.5 * (mine + theirs[name]) * 1.2
            mixed[name] = (1 - t) ** 2 * mine + 2 * t * (1 - t) * bend + t**2 * theirs[name]
        corners.append(start.replace(mixed))
    return [start, *corners[1:-1], end]


@pytest.mark.parametrize("digits", [3, 6, 9])
@pytest.mark.parametrize("size", SIZES)
def test_straight_line(benchmark: BenchmarkFixture, size: str, digits: int) -> None:
    """The straight line between two seeds, everything moving."""
    path, data = polygon(ends(size)), points(SIZES[size][1])
    measured(benchmark, f"straight line, {size}", path, data, digits)


@pytest.mark.parametrize("digits", [3, 6, 9])
def test_bezier_in_8_chords(benchmark: BenchmarkFixture, digits: int) -> None:
    """A curve between two seeds, cut into eight chords: one claim."""
    size = "width 256"
    measured(benchmark, f"Bezier curve in 8 chords, {size}", polygon(bezier(*ends(size))), points(None), digits)


def measured(benchmark: BenchmarkFixture, group: str, path: Path, data: Data, digits: int) -> None:
    """The sweep of one segment, then the search, both in seconds of the processor: other work hardly changes these."""
    benchmark.group = group
    tolerance = Fraction(1, 10**digits)
    marks = [time.process_time()]
    with threadpool_limits(limits=1, user_api="blas"):  # waiting threads of BLAS would count as work
        seen = [line_losses(one.start, one.end, Problem(data), times=SAMPLES) for one in path.segments]
    marks.append(time.process_time())
    found = benchmark.pedantic(
        path_maximum, args=(path, Problem(data)), kwargs={"tolerance": tolerance}, rounds=1, iterations=1
    )
    marks.append(time.process_time())
    sweep, search = (marks[1] - marks[0]) / len(path.segments), marks[2] - marks[1]
    wall, missed = benchmark.stats.stats.mean, 1.0 - max(map(max, seen)) / float(found.attained)
    benchmark.extra_info |= {"pieces": found.evaluations, "sweeps": round(search / sweep, 1), "missed": missed}
    assert found.upper <= found.attained * (1 + tolerance)
    print(
        f"\n{group}, gap 1e-{digits}: {found.evaluations} pieces, {search:.2f} s of processor time ({wall:.2f} s),"
        f" {search / sweep:.1f} sweeps of 61 ({sweep:.3f} s each); 61 samples miss {missed:.1e} of the maximum;"
        f" {found.stop}"
    )


def test_the_sweep_alone(benchmark: BenchmarkFixture) -> None:
    """The yardstick: 61 float64 losses at width 256."""
    benchmark.group = "61-point sweep, width 256"
    arguments = (*ends("width 256"), Problem(points(None)))
    result = benchmark.pedantic(line_losses, args=arguments, kwargs={"times": SAMPLES}, rounds=3, iterations=1)
    assert np.isfinite(max(result))
