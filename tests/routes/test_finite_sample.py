"""T4, T4+ as a route: exact paths that rise no higher than their ends, at the width of the statement and not below."""

from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.data import Data
from numerics.errors import InputError
from numerics.losses import branch_is_silent
from numerics.losses.problem import Problem
from numerics.losses.registry import loss_named
from numerics.networks import Branch, Layer, Parallel
from numerics.paths import Kind
from numerics.questions import search
from numerics.questions.bounds import connect_bounds
from numerics.routes import exact_rank
from numerics.routes import finite_sample as route
from numerics.routes.finite_sample import Goal, finite_sample
from numerics.testing import data_for, parallels, partners, two_layers
from support.answers_checked import require_both_accept
from support.forged_answers import require_all_refused

POINTS = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])


def pair(width: int = 4, *, live: bool = True) -> tuple[Parallel, Parallel, Data]:
    """Three points, features of rank 3, a branch that is live or not; `width` 4 is N + 1."""
    W = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, -1.0], [1.0, 1.0]])[:width]
    V = np.array([[1.0, -1.0, 0.5, 2.0]])[:, :width]
    A = np.array([[1.0, -1.0, 1.0, 0.0], [0.0, 1.0, 1.0, 1.0]])[:, :width]
    U = np.array([[1.0, -0.5]]) if live else np.zeros((1, 2))
    start = Parallel(W=W, V=V, branch=Branch((Layer(A),)), U=U)
    end = start.replace({"W": W[::-1].copy(), "V": V[:, ::-1] + 0.0625, "A": A[:, ::-1].copy()})
    return start, end, Data(POINTS, start(POINTS) + 0.125)


@settings(max_examples=30)
@given(st.data())
def test_any_two_parameters_are_connected_at_the_least_width(data: st.DataObject) -> None:
    """m = N + 1, exactly: nothing on the path exceeds the higher end, and both checkers say so.

    Two live branches need a two-layer network as low as the higher end, which is looked for in floats: one is silenced.
    """
    N = data.draw(st.integers(1, 3))
    start = data.draw(data.draw(st.sampled_from([two_layers, parallels]))(width=N + 1))
    end = data.draw(partners(start))
    points = data.draw(data_for(start, points=st.just(N)))
    if not (branch_is_silent(start) or branch_is_silent(end)):
        with suppress(InputError):
            search.connect(start, end, Problem(points), route="finite-sample")
        end = end.replace({"U": 0.0 * end.parameters()["U"]})
    answer = search.connect(start, end, Problem(points), route="finite-sample")
    found = answer.corners
    level = max(found.start.top, found.end.top)
    assert found.maximum == level == connect_bounds(answer)["T4"].value
    assert answer.path.start.identical(start)
    assert answer.path.end.identical(end)
    require_both_accept(answer, start, end, points, depth=False)


@pytest.mark.parametrize("live", [False, True])
def test_one_neuron_to_spare_is_enough_and_the_zero_path_is_higher(live: bool, tmp_path: Path) -> None:
    """Rows come in one by one; T4's level is informative; forged twins are refused."""
    start, end, data = pair(live=live)
    answer = search.connect(start, end, Problem(data), route="finite-sample")
    bounds = connect_bounds(answer)
    assert answer.corners.maximum == bounds["T4"].value == max(answer.corners.start.top, answer.corners.end.top)
    assert bounds["T4"].informative
    assert {segment.kind for segment in answer.certified.segments} == {Kind.SILENT, Kind.READOUT, Kind.EXACT}
    assert require_all_refused(answer.certificate(None), data, tmp_path) >= 5


def test_one_neuron_too_few_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """m = N with independent features (L9's two points, two neurons); the width of T4+ where the rank is smaller."""
    start, end, data = pair(3, live=False)
    with pytest.raises(InputError, match=r"all m = 3 neurons are independent on N = 3 samples.*m >= N \+ 1 is enough"):
        finite_sample(start, end, Problem(data))
    doubled = Data(np.vstack([POINTS[:2], POINTS[:2]]), np.array([[1.0], [0.0], [1.0], [0.0]]))
    answer = search.connect(start, end, Problem(doubled), route="finite-sample")
    assert answer.corners.maximum == max(answer.corners.start.top, answer.corners.end.top)
    monkeypatch.setattr(exact_rank, "WORK", 10)
    with pytest.raises(InputError, match=r"route finite-sample: .* no exact elimination"):
        finite_sample(start, end, Problem(doubled))
    found = search.connect(start, end, Problem(doubled))
    assert "finite-sample" in found.routes


def test_what_a_branch_alone_reaches_is_said() -> None:
    """On one line without biases only slopes matter: a branch with biases is lower than every two-layer network."""
    branch = Branch((Layer(np.array([[1.0, 0.0], [1.0, 0.0]]), np.array([-1.0, -2.0])),))
    low = Parallel(W=np.array([[1.0], [2.0]]), V=np.array([[0.0, 0.0]]), branch=branch, U=np.array([[1.0, -2.0]]))
    data = Data(np.array([[1.0], [2.0], [3.0]]), np.array([[0.0], [1.0], [0.0]]))
    with pytest.raises(InputError, match="both branches are live, and no two-layer network"):
        finite_sample(low, low.replace({"V": low.V + 0.001}), Problem(data))


@pytest.mark.parametrize("name", ["absolute", "hinge", "logistic"])
def test_every_convex_loss_is_served(name: str) -> None:
    """Nothing is asked of the loss but that it is convex."""
    start, end, data = pair(live=False)
    problem = Problem(Data(data.X, np.array([[1.0], [-1.0], [1.0]])), loss=loss_named(name))
    answer = search.connect(start, end, problem, route="finite-sample")
    assert answer.corners.maximum <= max(answer.corners.start.top, answer.corners.end.top)


def test_a_reference_loses_its_dependent_neurons_alone() -> None:
    """Four neurons of rank 3: the outputs on the data stay, exactly."""
    start, _, data = pair(live=False)
    goal = Goal.of(start, Problem(data))
    assert len(goal.home) == 3
    Z = np.maximum(data.X @ goal.W.T, 0.0)
    outputs = [sum(Fraction(z) * v for z, v in zip(row, goal.V[0], strict=True)) for row in Z.tolist()]
    assert outputs == [Fraction(value) for value in start(data.X)[:, 0].tolist()]


def test_a_planted_hand_over_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Were a neuron only dropped, nothing handed over, the outputs would move: a certified maximum above the ends."""
    start, end, data = pair(live=True)

    def dropped(kind: str, weights, basis, leaving):
        changed = {name: weights[name].copy() for name in ("V", "A") if name in weights}
        for array in changed.values():
            array[:, leaving] = 0 * array[:, leaving]
        return changed

    level = max(loss.top for loss in search.connect(start, end, Problem(data), route="finite-sample").corners.losses)
    monkeypatch.setattr(route, "reduced", dropped)
    wrong = search.connect(start, end, Problem(data), route="finite-sample")
    assert wrong.corners.maximum > level or wrong.corners.end.top != level
