"""Hidden segments: the exact maximum, and the float64 sweep that it rests on, against slow and obvious answers."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import chain, combinations
from pathlib import Path as Folder

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from numerics.checker.check import check
from numerics.checker.effort import Budget
from numerics.checker.errors import Unusable
from numerics.checker.hidden import summit
from numerics.checker.inputs import Data as Points
from numerics.checker.spaces import parse_space
from numerics.data import Data
from numerics.errors import InputError
from numerics.losses.problem import Problem
from numerics.maxima.hidden import exact_maximum, hidden_maximum
from numerics.maxima.node_bounds import node_bounds
from numerics.maxima.search import path_maximum
from numerics.networks import Parallel, TwoLayer
from numerics.networks.base import Network
from numerics.networks.degrees import degree
from numerics.networks.residual import Residual
from numerics.paths import Kind, Path, Segment, polygon
from numerics.questions.enclose import certify
from support import breakpoints
from support.hidden_problems import hidden_problem
from support.oracles import CLASSES, exact_loss, interpolate

BUDGET = 1 << 30
SEEDS = st.integers(0, 2**32 - 1)
ORIGIN = Data(np.ones((1, 1)), np.zeros((1, 1)), "one")
NAMES = {
    "two-layer": ("W", "V", "c"),
    "parallel": ("W", "V", "A", "a", "B1", "b1", "U", "c"),
    "residual": ("W", "V", "A", "a", "B1", "b1", "U", "c"),
    "plain": ("W", "A", "a", "B1", "b1", "U", "c"),
    "post": ("W", "V", "c", *(f"blocks.{k}.{name}" for k in (0, 1) for name in ("A", "a", "U"))),
    "stream": ("W", "V", "c", *(f"blocks.{k}.{name}" for k in (0, 1) for name in ("A", "a", "B1", "U"))),
}


def problem(seed: int, **chosen: str) -> tuple[Network, Network, Data]:
    return hidden_problem(np.random.default_rng(seed), **chosen)


def slow(start: Network, end: Network, data: Data) -> tuple[Fraction, Fraction, int]:
    return breakpoints.hidden_maximum(
        start.parameters(), end.parameters(), start.kind, start.bias, data.X.tolist(), data.Y.tolist()
    )


def loss_at(start: Network, end: Network, data: Data, t: Fraction) -> Fraction:
    mixed = interpolate(start.parameters(), end.parameters(), t)
    return exact_loss(mixed, start.kind, start.bias, data.X, data.Y)


def subsets(names: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    return chain.from_iterable(combinations(names, k) for k in range(len(names) + 1))


@pytest.mark.parametrize("kind", CLASSES)
def test_the_degree_is_the_largest_number_of_moving_parameters_on_a_route(kind: str) -> None:
    """For every set of parameters of every class, against all routes written out."""
    routes = breakpoints.routes(kind, NAMES[kind])
    for moved in subsets(NAMES[kind]):
        assert degree(kind, NAMES[kind], moved) == max(len(set(route) & set(moved)) for route in routes), moved


@pytest.mark.parametrize(
    ("kind", "moved", "hidden"),
    [
        ("parallel", "V A a", True),
        ("parallel", "W a b1 c", True),
        ("parallel", "V B1 b1 c", True),
        ("parallel", "V U c", True),
        ("parallel", "A U", False),
        ("parallel", "W V", False),
        ("parallel", "a B1", False),
        ("residual", "V A", False),
        ("residual", "A a b1", True),
        ("residual", "b1 U", False),
        ("plain", "A a b1", True),
        ("two-layer", "W c", True),
        ("stream", "blocks.0.A blocks.1.a", True),
        ("stream", "blocks.0.A blocks.1.A", False),
        ("stream", "blocks.0.a blocks.1.U", False),
    ],
)
def test_rows_of_the_documented_table(kind: str, moved: str, hidden: bool) -> None:
    """What the table in `networks.degrees` says, row by row."""
    assert (degree(kind, NAMES[kind], moved.split()) <= 1) is hidden


@given(SEEDS, st.sampled_from(CLASSES))
def test_both_ways_find_the_slow_maximum(seed: int, kind: str) -> None:
    """Value, first time and breakpoints of the integers; the value of the float64 pass, attained where it says."""
    start, end, data = problem(seed, kind=kind)
    loss, t, count = slow(start, end, data)
    exact = exact_maximum(start, end, Problem(data))
    assert (exact.loss, exact.t, exact.breakpoints) == (loss, t, count)
    fast = hidden_maximum(start, end, Problem(data))
    assert fast.loss == loss
    assert loss_at(start, end, data, fast.t) == loss


@given(SEEDS, st.fractions(0, 1, max_denominator=1000))
def test_no_time_lies_above_the_maximum_nor_above_the_sweep(seed: int, t: Fraction) -> None:
    """The sweep's bound holds at every rational time, between its nodes as well as at them."""
    start, end, data = problem(seed)
    loss = loss_at(start, end, data, t)
    assert loss <= hidden_maximum(start, end, Problem(data)).loss
    bounds = node_bounds(start, end, Problem(data, budget=BUDGET))
    if bounds is not None:
        assert bounds.times[0] == 0.0
        assert bounds.times[-1] == 1.0
        assert (np.diff(bounds.times) >= 0.0).all()
        inside = [
            k for k in range(len(bounds.upper)) if Fraction(bounds.times[k]) <= t <= Fraction(bounds.times[k + 1])
        ]
        assert inside
        assert all(loss <= Fraction(bounds.upper[k]) for k in inside)


@given(SEEDS)
def test_the_sweep_bounds_the_loss_at_the_true_breakpoints(seed: int) -> None:
    """There the loss peaks, and there float64 nodes lie beside the truth."""
    start, end, data = problem(seed)
    bounds = node_bounds(start, end, Problem(data, budget=BUDGET))
    if bounds is None:
        return
    here, there = start.parameters(), end.parameters()
    for x in data.X.tolist():
        for t in breakpoints.sample_breakpoints(here, there, start.kind, start.bias, x)[:4]:
            loss = loss_at(start, end, data, t)
            for k in range(len(bounds.upper)):
                if Fraction(bounds.times[k]) <= t <= Fraction(bounds.times[k + 1]):
                    assert loss <= Fraction(bounds.upper[k])


def test_ordinary_sweeps_are_tight() -> None:
    """The bound would be sound and useless at infinity: it is within 1e-9 of the truth on ordinary problems."""
    for seed in range(40):
        start, end, data = problem(seed, magnitude="ordinary")
        bounds = node_bounds(start, end, Problem(data, budget=BUDGET))
        assert bounds is not None
        truth = float(exact_maximum(start, end, Problem(data)).loss)
        assert truth * (1 - 1e-15) <= bounds.upper.max() <= truth * (1 + 1e-9) + 1e-12


def two_neurons(w: tuple[float, float], to: tuple[float, float], V: tuple[float, float]) -> tuple[TwoLayer, TwoLayer]:
    start = TwoLayer(W=np.array([w]).T, V=np.array([V]))
    return start, start.replace({"W": np.array([to]).T})


@pytest.mark.parametrize(
    ("w", "to", "V", "loss", "t", "count"),
    [
        ((1.0, 1.0), (-1.0, -1.0), (1.0, 1.0), 4, Fraction(0), 1),  # two units cross at one time: one breakpoint
        ((1.0, -1.0), (-1.0, 1.0), (1.0, 1.0), 1, Fraction(0), 1),  # one leaves 0 where the other reaches it
        ((1.0, 2.0), (0.0, 2.0), (1.0, 1.0), 9, Fraction(0), 0),  # reaches 0 at t = 1
        ((0.0, 2.0), (1.0, 2.0), (1.0, 1.0), 9, Fraction(1), 0),  # leaves 0 at t = 0
        ((0.0, 0.0), (0.0, -1.0), (1.0, 1.0), 0, Fraction(0), 0),  # nothing is ever active
        ((3.0, 1.0), (1.0, 3.0), (1.0, 1.0), 16, Fraction(0), 0),  # f is constant although both move
        ((-1.0, -2.0), (3.0, 1.0), (1.0, -2.0), 1, Fraction(1), 2),  # f = [4t - 1]_+ - 2 [3t - 2]_+
        ((-1.0, -1.0), (3.0, 2.0), (1.0, -2.0), 1, Fraction(1), 2),
    ],
)
def test_ties_touching_zero_and_constant_functions(
    w: tuple[float, float], to: tuple[float, float], V: tuple[float, float], loss: int, t: Fraction, count: int
) -> None:
    """Breakpoints at 0 and 1, equal ones, zero slopes: by hand on one sample with `x = 1`, `y = 0`."""
    start, end = two_neurons(w, to, V)
    found = exact_maximum(start, end, Problem(ORIGIN))
    if (w, to) == ((-1.0, -2.0), (3.0, 1.0)):  # f(2/3) = 5/3 is the peak
        assert (found.loss, found.t, found.breakpoints) == (Fraction(25, 9), Fraction(2, 3), 2)
    else:
        assert (found.loss, found.t, found.breakpoints) == (loss, t, count)
    assert hidden_maximum(start, end, Problem(ORIGIN)).loss == found.loss
    assert (found.loss, found.t, found.breakpoints) == slow(start, end, ORIGIN)


def test_many_samples_with_one_breakpoint() -> None:
    """A hundred multiples of one point cross together at 1/3, which no float is: the peak lies between the nodes."""
    X = np.linspace(0.5, 2.0, 100)[:, None]
    data = Data(X, 3.0 * X)
    start = TwoLayer(W=np.array([[1.0], [-1.0]]), V=np.array([[1.0, 1.0]]))
    end = start.replace({"W": np.array([[-2.0], [2.0]])})
    found = hidden_maximum(start, end, Problem(data))
    assert found.t == Fraction(1, 3)
    assert found.loss == sum(Fraction(3.0 * x) ** 2 for x in X[:, 0].tolist()) / 100
    assert exact_maximum(start, end, Problem(data)).breakpoints == 100


@given(SEEDS)
@example(3)
def test_wide_magnitudes(seed: int) -> None:
    """From subnormals to 1e150, where float64 overflows or says nothing, the integers decide."""
    rng = np.random.default_rng(seed)
    start, end, data = problem(seed, magnitude="ordinary")
    scales = {name: 10.0 ** int(rng.integers(-140, 141)) for name in start.parameters()}
    start = start.replace({name: array * scales[name] for name, array in start.parameters().items()})
    end = end.replace({name: array * scales[name] for name, array in end.parameters().items()})
    found = hidden_maximum(start, end, Problem(data))
    assert found.loss == slow(start, end, data)[0] == loss_at(start, end, data, found.t)


def test_polygons_are_classified_and_certified_exactly() -> None:
    """Case 14 is hidden; case 15, two matrices on one route, is general and may not be called hidden."""
    one = np.ones((1, 1))
    start = Parallel.of({"W": one, "V": 0 * one, "A": -one, "U": one * (-7 / 6)}, bias=False)
    end = start.replace({"V": 7 * one, "A": 6 * one})
    path = polygon([start, end, end.replace({"V": one})])
    assert [segment.kind for segment in path.segments] == [Kind.HIDDEN, Kind.READOUT]
    assert [segment.kind for segment in path.reversed().segments] == [Kind.READOUT, Kind.HIDDEN]
    found = path_maximum(path, Problem(ORIGIN))
    assert (found.attained, found.upper) == (found.upper, found.attained)
    first = Residual.of({"W": one, "V": 2 * one, "A": 0 * one, "U": one}, bias=False)
    last = first.replace({"V": 0 * one, "A": 4 * one})
    assert polygon([first, last]).segments[0].kind is Kind.GENERAL
    with pytest.raises(ValueError, match="some route meets two"):
        Segment(Kind.HIDDEN, first, last)
    for find in (exact_maximum, hidden_maximum):
        with pytest.raises(ValueError, match="not hidden"):
            find(first, last, Problem(ORIGIN))


def test_a_level_is_compared_with_the_exact_maximum() -> None:
    """Just below it is exceeded, at it kept: no tolerance is involved."""
    start, end = two_neurons((-1.0, -2.0), (3.0, 1.0), (1.0, -2.0))
    path = polygon([start, end])
    assert path_maximum(path, Problem(ORIGIN), level=Fraction(25, 9)).stop.name == "WITHIN"
    assert path_maximum(path, Problem(ORIGIN), level=Fraction(25, 9) - Fraction(1, 10**40)).stop.name == "EXCEEDED"
    assert path_maximum(path, Problem(ORIGIN)).stop.name == "EXACT"


def test_memory_is_refused_before_it_is_taken() -> None:
    """A budget of a few kilobytes is named in one line."""
    start, end, data = problem(5, kind="parallel", magnitude="ordinary")
    with pytest.raises(InputError, match="budget"):
        hidden_maximum(start, end, Problem(data, budget=1000))


def test_blocks_of_samples_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """One sample at a time gives what all at once give, in both arithmetics."""
    for seed in range(12):
        start, end, data = problem(seed, magnitude="narrow")
        whole = exact_maximum(start, end, Problem(data)), node_bounds(start, end, Problem(data, budget=BUDGET))
        with monkeypatch.context() as patch:
            patch.setattr("numerics.maxima.hidden.ROWS", 1)
            patch.setattr("numerics.maxima.node_bounds.WORKING", 1)
            parts = exact_maximum(start, end, Problem(data)), node_bounds(start, end, Problem(data, budget=BUDGET))
        assert parts[0] == whole[0]
        assert parts[1] is not None
        assert whole[1] is not None
        assert np.array_equal(parts[1].times, whole[1].times)
        assert np.allclose(parts[1].upper, whole[1].upper, rtol=1e-9)


@pytest.mark.parametrize("seed", range(8))
def test_the_same_segment_called_general_is_enclosed_around_it(seed: int) -> None:
    """The search by bisection knows nothing of breakpoints; its enclosure contains the exact maximum."""
    start, end, data = problem(seed, magnitude="narrow")
    found = path_maximum(Path(start, (Segment(Kind.GENERAL, start, end),)), Problem(data))
    truth = hidden_maximum(start, end, Problem(data)).loss
    assert found.upper is not None
    assert found.attained <= truth <= found.upper


def test_a_breakpoint_of_many_digits_is_stated_and_checked(tmp_path: Folder) -> None:
    """Weights from 1e-290 to 1e250: the time of the maximum has thousands of bits, and the certificate holds."""
    A = np.array([[-1.1e-290, 1.0], [1.3e250, -0.7]])
    start = Parallel.of(
        {"W": np.array([[1.7e-260], [1.0]]), "V": np.zeros((1, 2)), "A": A, "a": np.array([3e-200, 0.1]),
         "B1": np.array([[-1e100, 1.1e-9], [1e-9, -1e100]]), "b1": np.array([1e90, 1e-90]), "U": np.ones((1, 2))},
        bias=False,
    )  # fmt: skip
    end = start.replace({"W": np.array([[-1.9e-250], [-1e-30 / 3]])})
    found = certify([start, end], Problem(ORIGIN))
    assert found.maximum.upper == found.maximum.attained
    (tmp_path / "path.cert").write_bytes(found.certificate(None))
    np.savez(tmp_path / "data.npz", X=ORIGIN.X, Y=ORIGIN.Y)
    report = check(tmp_path / "path.cert", str(tmp_path / "data.npz"))
    assert report.verdict == "PROVED", report.refused
    assert found.maximum.attained == slow(start, end, ORIGIN)[0]


def test_the_checker_refuses_too_little_memory() -> None:
    """As Unusable, before anything is walked."""
    start, end, data = problem(5, kind="parallel", magnitude="ordinary")
    space = parse_space("parallel", int(start.bias), {name: one.shape for name, one in start.parameters().items()})
    with pytest.raises(Unusable, match="memory"):
        summit(space, start.parameters(), end.parameters(), Points(data.X, data.Y), Budget(2000))
