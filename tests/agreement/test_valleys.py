"""What the checker says no path can avoid: the second checker says the same, and no path that is tried avoids it."""

from __future__ import annotations

import io
import tempfile
from fractions import Fraction
from pathlib import Path
from typing import Any

import fraction_checker
import fraction_valley
import numpy as np
import pytest
from flint import fmpq
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from numerics.certificate import certificate_bytes
from numerics.checker.check import check
from numerics.checker.errors import Refused
from numerics.checker.inputs import Data as Checked
from numerics.checker.spaces import parse_space
from numerics.checker.valley import valley as bottom_of
from numerics.data import Data
from numerics.losses import exact_loss_between, exact_losses
from numerics.networks import Branch, Layer, Network, Parallel, Residual, TwoLayer
from numerics.paths import Path as Polygon
from numerics.separation import skip_valleys
from numerics.separation.claims import maximum_over
from numerics.separation.escapes import over_zero, with_output_bias, with_second_unit, with_skip
from numerics.separation.table import SMALL
from numerics.separation.witness import valley
from numerics.supremum.search import TOLERANCE

SMALLEST = st.integers(-4, 4).map(lambda k: k / 2)


def level(network: Network, loss: Fraction, data: Data) -> Fraction | None:
    """What the checker finds unavoidable; None where it refuses."""
    shapes = {name: array.shape for name, array in network.parameters().items()}
    space = parse_space(network.kind, int(network.bias), shapes)
    try:
        found = bottom_of(space, network.parameters(), fmpq(loss.numerator, loss.denominator), Checked(data.X, data.Y))
    except Refused:
        return None
    return Fraction(int(found.level.p), int(found.level.q))


def second_level(network: Network, loss: Fraction, data: Data) -> Fraction | None:
    """The same by the second checker."""
    start = {name: array.tolist() for name, array in network.parameters().items()}
    try:
        return fraction_valley.unavoidable(
            network.kind, start, loss, int(network.bias), data.X.tolist(), data.Y.tolist()
        )
    except fraction_checker.Refused:
        return None


@st.composite
def narrow(draw: st.DrawFn) -> tuple[Network, Network, Data]:
    """Two networks of one space without biases, one or two neurons, and up to four points on few lines."""
    n, m, size = draw(st.integers(1, 2)), draw(st.integers(1, 2)), draw(st.integers(1, 4))
    kind, bias = draw(st.sampled_from(["two-layer", "parallel", "residual"])), draw(st.booleans())
    matrix = lambda rows, columns: np.array(  # noqa: E731
        draw(st.lists(SMALLEST, min_size=rows * columns, max_size=rows * columns))
    ).reshape(rows, columns)

    def network() -> Network:
        W, V, A = matrix(m, n + bias), matrix(1, m), matrix(1, m)
        if kind == "two-layer":
            return TwoLayer(W=W, V=V, bias=bias)
        if kind == "parallel":
            return Parallel(W=W, V=V, branch=Branch((Layer(A),)), U=matrix(1, 1), bias=bias)
        return Residual(W=W, V=V, branch=Branch((Layer(A),)), U=matrix(m, 1), bias=bias)

    data = Data(matrix(size, n), matrix(size, 1))
    return network(), network(), data


@given(narrow())
@settings(max_examples=60)
def test_no_straight_line_to_a_smaller_loss_stays_below_what_is_unavoidable(case: tuple) -> None:
    """For networks of every class without biases; and both checkers find the same level, in rationals."""
    one, other, data = case
    assume(len(one.W) * len({tuple(x) for x in data.X.tolist()}) <= 6)
    losses = exact_losses([one, other], data)
    start, end = (one, other) if losses[0] > losses[1] else (other, one)
    assume(losses[0] != losses[1])
    found = level(start, max(losses), data)
    assert found == second_level(start, max(losses), data)
    assert found is not None
    crossings = [
        t
        for row, there in zip(start.W.tolist(), end.W.tolist(), strict=True)
        for x in np.hstack([data.X, np.ones((data.size, int(start.bias)))]).tolist()
        for a, b in [[sum(Fraction(w) * Fraction(v) for w, v in zip(side, x, strict=True)) for side in (row, there)]]
        if a * b < 0
        for t in [a / (a - b)]
    ]
    seen = [exact_loss_between(start, end, t, data) for t in crossings]
    assert max(*losses, *seen) >= found  # cones are left where a neuron crosses a line, and nowhere else


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
    loss = exact_losses([path.start], data)[0]
    assert level(path.start, loss, data) == second_level(path.start, loss, data) == height
    assert maximum_over(path, data, budget=1 << 30).maximum == height


@pytest.mark.parametrize("change", [with_second_unit, with_output_bias, with_skip])
def test_the_level_of_t5_holds_for_its_shape_only(change: Any) -> None:
    """A second last unit, an output bias, or the skip term with its biases: no argument is left."""
    network = change(valley(SMALL, 8, (2, 1)).bottom)
    loss = exact_losses([network], SMALL)[0]
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


def judged(path: Polygon, data: Data) -> tuple[dict[str, Any], fraction_checker.Verdict]:
    """Both checkers' word on a path that is claimed to leave a valley."""
    maximum = maximum_over(path, data, budget=1 << 30)
    content = certificate_bytes(path, maximum, maximum.claim(TOLERANCE), data, question="valley", route="separate")
    with tempfile.TemporaryDirectory() as folder:
        place, stream = Path(folder), io.BytesIO()
        np.savez(stream, X=data.X, Y=data.Y)
        (place / "data.npz").write_bytes(stream.getvalue())
        (place / "path.cert").write_bytes(content)
        report = check(place / "path.cert", str(place / "data.npz")).to_json()
    return report, fraction_checker.check(content, data.X, data.Y)
