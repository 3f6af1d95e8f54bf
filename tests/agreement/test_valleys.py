"""What the checker says no path can avoid: the second checker says the same, and no path that is tried avoids it."""

from __future__ import annotations

import io
import tempfile
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flint import fmpq
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from numerics.checker.check import check
from numerics.checker.effort import Budget
from numerics.checker.errors import Refused
from numerics.checker.inputs import Data as Checked
from numerics.checker.spaces import parse_space
from numerics.checker.valley import pass_between
from numerics.checker.valley import valley as bottom_of
from numerics.data import Data
from numerics.losses import exact_loss_between, exact_losses
from numerics.losses.problem import Problem
from numerics.maxima.search import TOLERANCE
from numerics.networks import Branch, Layer, Network, Parallel, Residual, TwoLayer
from numerics.networks.forward import outputs
from numerics.paths import Path as Polygon
from numerics.paths.certificate import certificate_bytes
from numerics.studies.separation import skip_valleys
from numerics.studies.separation.claims import maximum_over
from numerics.studies.separation.escapes import over_zero, with_output_bias, with_second_unit, with_skip
from numerics.studies.separation.table import SMALL
from numerics.studies.separation.witness import valley
from support import second_checker
from support.second_checker import valley as second_valley

SMALLEST = st.integers(-4, 4).map(lambda k: k / 2)


def level(network: Network, loss: Fraction, data: Data, end: Network | None = None) -> Fraction | None:
    """What the checker finds unavoidable, on the way below `loss` or to the end; None where it refuses."""
    shapes = {name: array.shape for name, array in network.parameters().items()}
    space = parse_space(network.kind, int(network.bias), shapes)
    start, limit, points = network.parameters(), fmpq(loss.numerator, loss.denominator), Checked(data.X, data.Y)
    try:
        if end is None:
            found = bottom_of(space, start, limit, points, Budget())
        else:
            found = pass_between(space, start, end.parameters(), limit, points)
    except Refused:
        return None
    return Fraction(int(found.level.p), int(found.level.q))


def second_level(network: Network, loss: Fraction, data: Data, end: Network | None = None) -> Fraction | None:
    """The same by the second checker."""
    start, goal = (
        None if one is None else {name: array.tolist() for name, array in one.parameters().items()}
        for one in (network, end)
    )
    try:
        return second_valley.unavoidable(
            network.kind, start, loss, int(network.bias), data.X.tolist(), data.Y.tolist(), goal
        )
    except second_checker.Refused:
        return None


@st.composite
def narrow(draw: st.DrawFn, networks: int = 2) -> tuple[list[Network], Data]:
    """Networks of one space without biases, one or two neurons, and up to five points on few lines, some at 0.

    Where a neuron of the first network is active its output is the target, mostly: it is the best of its cone. The
    others have V by least squares then.
    """
    n, m, size = draw(st.integers(1, 2)), draw(st.integers(1, 2)), draw(st.integers(1, 5))
    kind, bias = draw(st.sampled_from(["two-layer", "parallel", "residual"])), draw(st.booleans())

    def matrix(rows: int, columns: int) -> np.ndarray:
        entries = draw(st.lists(SMALLEST, min_size=rows * columns, max_size=rows * columns))
        return np.array(entries).reshape(rows, columns)

    def network() -> Network:
        W, V, A = matrix(m, n + bias), matrix(1, m), matrix(1, m)
        if kind == "two-layer":
            return TwoLayer(W=W, V=V, bias=bias)
        if kind == "parallel":
            return Parallel(W=W, V=V, branch=Branch((Layer(A),)), U=matrix(1, 1), bias=bias)
        return Residual(W=W, V=V, branch=Branch((Layer(A),)), U=matrix(m, 1), bias=bias)

    X = matrix(size, n)
    assume(m * (len({tuple(x) for x in X.tolist()}) + (kind == "two-layer")) <= 8)
    found = [network() for _ in range(networks)]
    Y = matrix(size, 1)
    if draw(st.integers(0, 3)):
        seen = (np.hstack([X, np.ones((size, int(bias)))]) @ found[0].W.T > 0).any(axis=1)
        Y[seen] = outputs(found[0], X)[seen]  # exact: quarters and eighths
        Y[~seen] *= 4.0
        found[1:] = [refitted(one, Data(X, Y)) for one in found[1:]]
    return found, Data(X, Y)


def refitted(network: Network, data: Data) -> Network:
    """The same with a silent branch and the best V, but for rounding."""
    z = np.maximum(np.hstack([data.X, np.ones((data.size, int(network.bias)))]) @ network.W.T, 0.0)
    changes = {"V": np.linalg.lstsq(z, data.Y, rcond=None)[0].T}
    if network.kind != "two-layer":
        changes["U"] = 0.0 * network.parameters()["U"]
    return network.replace(changes)


@given(narrow(1), st.integers(1, 8))
@settings(max_examples=100)
def test_both_checkers_find_the_same_level(case: tuple, eighths: int) -> None:
    """On the way below any loss, the start's or another, in rationals."""
    (network,), data = case
    for loss in (
        exact_losses([network], Problem(data))[0],
        Fraction(eighths, 8) * Fraction(float((data.Y**2).mean())),
    ):
        assert level(network, loss, data) == second_level(network, loss, data)


@given(narrow(2))
@settings(max_examples=60)
def test_both_checkers_find_the_same_pass(case: tuple) -> None:
    """Between any two networks of one space."""
    (start, end), data = case
    loss = max(exact_losses([start, end], Problem(data)))
    assert level(start, loss, data, end) == second_level(start, loss, data, end)


@given(narrow(4))
@settings(max_examples=25)
def test_no_path_stays_below_what_is_unavoidable(case: tuple) -> None:
    """Straight, or by way of a third network; to each that has a smaller loss, and to each as its end.

    Losses are compared at corners and where a neuron crosses a line or V a zero: cones are left there and nowhere else.
    """
    (start, *others), data = case
    here, *losses = exact_losses([start, *others], Problem(data))
    valley_level = level(start, here, data)
    for end, loss in zip(others, losses, strict=True):
        needed = [level(start, max(here, loss), data, end)]
        if loss < here:
            needed.append(valley_level)
        assert None not in needed
        for way in ([start, end], *([start, other, end] for other in others)):
            highest = max(*exact_losses(way, Problem(data)), *(at for pair in pairwise(way) for at in met(*pair, data)))
            assert all(highest >= one for one in needed)


@pytest.mark.parametrize(
    ("path", "data"),
    [
        (skip_valleys.one_neuron(), skip_valleys.SIGNS),
        (skip_valleys.cross(), skip_valleys.CROSS),
        (skip_valleys.exchanged(2), skip_valleys.UNITS),
    ],
)
def test_no_way_round_a_known_valley_or_pass_is_lower(path: Polygon, data: Data) -> None:
    """By way of 200 other networks: all climb at least as high, and some only a little higher."""
    rng = np.random.default_rng(0)
    here, there = exact_losses([path.start, path.end], Problem(data))
    least = level(path.start, max(here, there), data, path.end)
    assert least is not None
    assert least > max(here, there)
    climbs = []
    for _ in range(200):
        drawn = path.start.replace({"W": path.start.W + rng.integers(-8, 9, size=path.start.W.shape) / 8})
        way = [path.start, refitted(drawn, data), path.end]
        climbs.append(
            max(*exact_losses(way, Problem(data)), *(at for pair in pairwise(way) for at in met(*pair, data)))
        )
    assert least <= min(climbs) < 2 * least


def met(start: Network, end: Network, data: Data) -> list[Fraction]:
    """The losses on the straight line where the sign of a row times a point, or of an entry of V, changes."""
    points = np.hstack([data.X, np.ones((data.size, int(start.bias)))])
    lines = [(one @ x, other @ x) for one, other in zip(start.W, end.W, strict=True) for x in points]
    lines += list(zip(start.V[0], end.V[0], strict=True))
    exact = [(Fraction(float(a)), Fraction(float(b))) for a, b in lines]  # quarters, exact in float64
    return [exact_loss_between(start, end, a / (a - b), Problem(data)) for a, b in exact if a * b < 0]


@pytest.mark.parametrize(
    ("path", "data", "height"),
    [
        (skip_valleys.one_neuron(), skip_valleys.SIGNS, Fraction(5, 2)),
        (skip_valleys.two_neurons(), skip_valleys.SIGNS, Fraction(2)),
        (skip_valleys.cross(), skip_valleys.CROSS, Fraction(17, 4)),
        (over_zero(valley(SMALL, 8, (1,))), SMALL, Fraction(7, 4)),
        (over_zero(valley(SMALL, 3, (9, 2, 1))), SMALL, Fraction(7, 4)),
    ],
)
def test_known_levels(path: Polygon, data: Data, height: Fraction) -> None:
    """Case 16 at both widths, the valley of two neurons, T5: the level is the path's own maximum."""
    loss = exact_losses([path.start], Problem(data))[0]
    assert level(path.start, loss, data) == second_level(path.start, loss, data) == height
    assert maximum_over(path, data, budget=1 << 30).maximum == height


@pytest.mark.parametrize(("width", "height"), [(2, Fraction(1, 2)), (3, Fraction(0))])
def test_known_passes(width: int, height: Fraction) -> None:
    """The exchange of two neurons, without a free slot and with one: no path climbs less than this one."""
    path, data = skip_valleys.exchanged(width), skip_valleys.UNITS
    loss = Fraction(0)
    assert level(path.start, loss, data, path.end) == second_level(path.start, loss, data, path.end) == height
    assert maximum_over(path, data, budget=1 << 30).maximum == height


@pytest.mark.parametrize("change", [with_second_unit, with_output_bias, with_skip])
def test_the_level_of_t5_holds_for_its_shape_only(change: Any) -> None:
    """A second last unit, an output bias, or the skip term with its biases: no argument is left."""
    network = change(valley(SMALL, 8, (2, 1)).bottom)
    loss = exact_losses([network], Problem(SMALL))[0]
    assert level(network, loss, SMALL) is None
    assert second_level(network, loss, SMALL) is None


@pytest.mark.parametrize(("width", "branch"), [(4, (1,)), (6, (2, 1)), (2, (8, 1))])
def test_both_checkers_prove_a_witness_and_refuse_a_worse_one(width: int, branch: tuple[int, ...]) -> None:
    """Finder, checker and second checker agree on the depth; with u scaled by 1 + 2^-30 there is no valley."""
    path = over_zero(valley(SMALL, width, branch))
    better, (report, verdict) = path.start, judged(path, SMALL)
    assert (report["verdict"], report["depth"]["exact"]) == ("PROVED", "1/2")
    assert (verdict.accepted, verdict.upper - verdict.start) == (True, Fraction(1, 2))
    worse = better.replace({"U": better.parameters()["U"] * (1 + 2.0**-30)})
    first, *others = path.segments
    report, verdict = judged(Polygon(worse, (type(first)(first.kind, worse, first.end), *others)), SMALL)
    assert "best h" in report["refused"]
    assert not verdict.accepted


def judged(path: Polygon, data: Data) -> tuple[dict[str, Any], second_checker.Verdict]:
    """Both checkers' word on a path that is claimed to leave a valley."""
    maximum = maximum_over(path, data, budget=1 << 30)
    content = certificate_bytes(path, maximum, maximum.claim(TOLERANCE), data, question="valley", route="separate")
    with tempfile.TemporaryDirectory() as folder:
        place, stream = Path(folder), io.BytesIO()
        np.savez(stream, X=data.X, Y=data.Y)
        (place / "data.npz").write_bytes(stream.getvalue())
        (place / "path.cert").write_bytes(content)
        report = check(place / "path.cert", str(place / "data.npz")).to_json()
    return report, second_checker.check(content, data.X, data.Y)
