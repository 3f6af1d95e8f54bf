"""C2T: half of the own neurons, drawn without chance; within the closed level, exact at corners, for every loss."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.data import Data
from numerics.errors import InputError
from numerics.losses import exact_losses, float_loss
from numerics.losses.problem import Problem
from numerics.moves.rank import features
from numerics.networks import Branch, Layer, Parallel, Residual, TwoLayer
from numerics.networks.forward import with_ones
from numerics.paths import Kind
from numerics.questions import search
from numerics.questions.bounds import connect_bounds
from numerics.routes.halves import half, halves
from numerics.testing import data_for, partners, two_layers
from support.answers_checked import require_both_accept
from support.forged_answers import require_all_refused
from support.loss_problems import OTHERS, problem_of, two_layer

ROUNDED = 1 + Fraction(1, 10**6)  # draws are made in float64, readouts kept to 30 bits


@settings(max_examples=40)
@given(st.data())
def test_any_two_networks_are_joined_within_the_closed_level(data: st.DataObject) -> None:
    """The certified maximum is that of the corners, and neither exceeds lambda + sigma^2 S^2/floor(m/2)."""
    start = data.draw(two_layers(width=st.integers(2, 5)))
    end = data.draw(partners(start))
    points = data.draw(data_for(start, points=st.integers(1, 4)))
    answer = search.connect(start, end, Problem(points), route="halves")
    path = answer.path
    assert path.start.identical(start)
    assert path.end.identical(end)
    assert {segment.kind for segment in path.segments} <= {Kind.SILENT, Kind.READOUT}
    bounds = connect_bounds(answer)
    assert answer.corners.maximum <= bounds["C2T"].value * ROUNDED
    assert answer.corners.maximum == bounds["T6"].value


def test_known_answer_25_is_attained_and_both_checkers_agree(tmp_path: Path) -> None:
    """Two neurons that cancel: either alone, twice, has loss 4 = 0 + 1 * 2^2/1; forged twins are refused."""
    start = TwoLayer(W=np.array([[1.0], [1.0]]), V=np.array([[1.0, -1.0]]))
    end = start.replace({"V": -start.V})
    points = Data(np.array([[1.0]]), np.array([[0.0]]))
    answer = search.connect(start, end, Problem(points), route="halves")
    assert 4 == answer.corners.maximum <= connect_bounds(answer)["C2T"].value <= 4 * ROUNDED
    assert not connect_bounds(answer)["C2T"].informative  # the zero path stays at 0
    require_both_accept(answer, start, end, points, depth=False)
    assert require_all_refused(answer.certificate(None), points, tmp_path) >= 4


def crowd(seed: int, width: int) -> tuple[TwoLayer, Data]:
    """Neurons of equal size that fit their targets together, each with a small share."""
    rng = np.random.default_rng(seed)
    W = rng.standard_normal((width, 3))
    network = TwoLayer(W=W / np.linalg.norm(W, axis=1, keepdims=True), V=np.full((1, width), 4.0 / width))
    return network, Data(X := np.random.default_rng(0).standard_normal((40, 3)), network(X) * 0 + 4.0 * X[:, :1] ** 0)


def test_with_many_small_neurons_the_level_is_informative() -> None:
    """Far below the zero path, and the gap falls like 1/m."""
    gaps = []
    for width in (32, 128):
        (start, points), (end, _) = crowd(1, width), crowd(2, width)
        answer = search.connect(start, end, Problem(points), route="halves")
        bound = connect_bounds(answer)["C2T"]
        assert bound.informative
        gaps.append(bound.value - max(loss.top for loss in (answer.corners.start, answer.corners.end)))
        assert answer.corners.maximum <= bound.value
    assert 3.5 < gaps[0] / gaps[1] < 4.5


@pytest.mark.parametrize("seed", range(4))
def test_the_draw_is_no_worse_than_the_mean_of_all_draws(seed: int) -> None:
    """Squared error: at most L + (H^2 - ||f||^2)/h, and never more than h neurons; a wrong factor is seen."""
    network, points = crowd(seed, 9)
    problem = Problem(points)
    drawn = network.replace({"V": half(network, problem)})
    Z = features(network.W, with_ones(points.X, network.bias))
    H = float(np.sqrt((Z * Z).mean(axis=0)) @ np.abs(network.V[0]))
    mean = float_loss(network, problem) + (H * H - float((network(points.X) ** 2).mean())) / 4
    assert np.count_nonzero(drawn.V) <= 4
    assert float_loss(drawn, problem) <= mean * (1 + 1e-9)
    planted = network.replace({"V": half(network, problem) * 8.0})  # planted: draws that count too much
    assert float_loss(planted, problem) > mean


@pytest.mark.parametrize("name", OTHERS)
def test_every_convex_loss_is_served(name: str) -> None:
    """Exact at corners; the closed level is told for smooth losses alone, and holds."""
    problem = problem_of(name)
    start, end = two_layer(0, width=6), two_layer(1, width=6)
    answer = search.connect(start, end, problem, route="halves")
    bounds = connect_bounds(answer)
    assert ("C2T" in bounds) == (problem.loss.smoothness is not None)
    if "C2T" in bounds:
        assert answer.corners.maximum <= bounds["C2T"].value
    heights = [float_loss(corner, problem) for corner in answer.path.corners]
    assert max(heights) == pytest.approx(float(answer.corners.maximum), rel=1e-6)


def test_where_it_does_not_apply_it_says_why() -> None:
    """One neuron; a live branch, which a silent one is not; another class."""
    problem = Problem(Data(np.array([[1.0], [2.0]]), np.array([[1.0], [0.0]])))
    one = TwoLayer(W=np.array([[1.0]]), V=np.array([[1.0]]))
    with pytest.raises(InputError, match="route halves needs m >= 2 neurons: m = 1"):
        halves(one, one, problem)
    W, V, A = np.array([[1.0], [2.0]]), np.array([[1.0, 1.0]]), np.array([[1.0, 1.0]])
    live = Parallel(W=W, V=V, branch=Branch((Layer(A),)), U=np.array([[1.0]]))
    with pytest.raises(InputError, match="route halves takes networks whose branch affects no output"):
        halves(live, live, problem)
    silent = live.replace({"U": 0.0 * live.U})
    path = halves(silent, silent.replace({"W": W[::-1].copy(), "A": 2 * A}), problem).path
    assert max(exact_losses(path.corners, problem)) == exact_losses([silent], problem)[0] == 20
    stream = Residual(W=W, V=V, branch=Branch((Layer(A),)), U=np.array([[-0.0], [0.0]]))
    other = stream.replace({"W": W[::-1].copy(), "U": -stream.U, "A": 3 * A})
    path = halves(stream, other, problem).path
    assert path.start.identical(stream)
    assert path.end.identical(other)
    found = search.connect(live, live.replace({"V": 2 * V}), problem)
    assert "halves" in found.routes
