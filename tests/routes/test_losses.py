"""Readouts, constants and new neurons under every loss: what is found is certified elsewhere, here it is good."""

import numpy as np
import pytest
from scipy.optimize import minimize

from numerics.data import Data
from numerics.errors import InputError
from numerics.losses import float_loss
from numerics.losses.problem import Problem
from numerics.losses.registry import loss_named
from numerics.networks.two_layer import TwoLayer
from numerics.routes.bridge import bridge
from numerics.routes.constant import best_constant, constant_network
from numerics.routes.features import Features
from numerics.routes.line import line
from numerics.routes.new_neuron import Residual
from numerics.routes.one_slot import first_refit, one_slot
from numerics.routes.readouts import refitted
from numerics.routes.registry import ROUTES
from numerics.routes.zero import zero
from support.loss_problems import NAMES, OTHERS, problem_of, two_layer


@pytest.mark.parametrize("name", OTHERS)
def test_a_refit_is_as_good_as_what_a_plain_search_finds(name: str) -> None:
    """Nelder and Mead know no gradients and no smoothing; from the refit they do not get one percent lower."""
    problem, net = problem_of(name), two_layer(1, width=2)
    end = refitted(net, Features.affecting_output(net, problem)).end
    assert float_loss(end, problem) <= float_loss(net, problem)

    def loss(flat: np.ndarray) -> float:
        return float_loss(net.replace({"V": flat[:6].reshape(3, 2), "c": flat[6:]}), problem)

    here = np.concatenate([end.V.ravel(), end.c])
    better = min(
        minimize(loss, here + shift, method="Nelder-Mead", options={"maxfev": 1500}).fun
        for shift in (0.0, 0.1 * np.random.default_rng(0).standard_normal(9))
    )
    assert float_loss(end, problem) <= better * 1.01


@pytest.mark.parametrize("name", NAMES)
def test_no_constant_nearby_is_better_than_the_best(name: str) -> None:
    """Against constants in all directions, near and far; readouts keep 30 bits, so an equal loss is equal to 1e-7."""
    problem, rng = problem_of(name), np.random.default_rng(0)
    constant = best_constant(problem)
    net = constant_network(two_layer(0), problem)
    assert np.array_equal(net.c, constant)
    least = float_loss(net, problem)
    for size in (1e-3, 1e-2, 0.1, 1.0, 10.0):
        for direction in rng.standard_normal((20, 3)):
            other = constant + size * direction
            assert least <= float_loss(net.replace({"c": other}), problem) * (1 + 1e-7)
    assert not constant_network(TwoLayer(W=np.ones((1, 3)), V=np.ones((3, 1))), problem).parameters().get("c")


def test_a_class_that_never_occurs_has_a_constant_all_the_same() -> None:
    """Cross-entropy has no best constant then: one within e^-40 of the least that others can reach is taken."""
    data = Data(np.eye(4), np.eye(3)[[0, 0, 1, 0]])
    constant = best_constant(Problem(data, loss=loss_named("cross-entropy")))
    assert np.isfinite(constant).all()
    assert np.exp(constant[0] - constant[1]) == pytest.approx(3.0, rel=1e-6)
    assert constant[2] < constant[1] - 30


@pytest.mark.parametrize("name", OTHERS)
def test_paths_under_every_loss_lead_from_end_to_end(name: str) -> None:
    """Line, zero and bridge; the zero path's estimate is the largest of three losses, the bridge's no higher."""
    problem, start, end = problem_of(name), two_layer(1), two_layer(2)
    start, end = (refitted(one, Features.affecting_output(one, problem)).end for one in (start, end))
    for route in (line, zero, bridge):
        path = route(start, end, problem).path
        assert path.start.identical(start)
        assert path.end.identical(end)
    level = max(float_loss(one, problem) for one in (start, end, constant_network(start, problem)))
    assert zero(start, end, problem).estimate == pytest.approx(level, rel=1e-6)
    assert bridge(start, end, problem).estimate <= level * (1 + 1e-6)


@pytest.mark.parametrize("name", OTHERS)
def test_one_slot_leads_down_under_every_loss(name: str) -> None:
    """From the best readout: some way empties a slot and ends lower, so the new neuron was worth more than the old."""
    problem, start = problem_of(name), two_layer(3)
    here = first_refit(start, problem).end
    assert float_loss(here, problem) < float_loss(start, problem)
    found = list(one_slot(here, problem, np.random.default_rng(0)))
    assert found
    for candidate in found:
        assert float_loss(candidate.path.end, problem) < float_loss(here, problem)


def test_rows_are_scored_by_what_a_step_along_them_gains() -> None:
    """The score's square root is the derivative of the loss along the neuron's best unit readout, by differences."""
    problem, net = problem_of("logistic"), two_layer(4)
    net = first_refit(net, problem).end
    left = Residual.of(net, np.zeros(0, dtype=np.int64), problem, np.random.default_rng(0))
    rows = np.random.default_rng(1).standard_normal((5, 4))
    scores, _ = left.scores(rows)
    seen = np.hstack([problem.X, np.ones((problem.size, 1))])
    f = net(problem.X)
    for row, score in zip(rows, scores, strict=True):
        z = np.maximum(seen @ row, 0.0)
        new = z - left.basis.T @ (left.basis @ z)
        new /= np.sqrt((new**2).mean())
        along = left.residual.T @ new / problem.size
        step = 1e-4 * np.outer(new, along / np.linalg.norm(along))
        slope = (problem.loss.floats(f - step, problem.Y) - problem.loss.floats(f + step, problem.Y)).mean() / 2e-4
        assert slope == pytest.approx(np.sqrt(score), rel=1e-3, abs=1e-6)


def test_routes_that_rest_on_squared_error_say_so() -> None:
    """By name they are refused in one sentence, which `auto` gives as its reason; the others serve every loss."""
    problem, net = problem_of("cross-entropy"), two_layer(1)
    reference = TwoLayer(W=net.W[:2], V=net.V[:, :2], c=net.c, bias=True)
    served = {
        "line",
        "curve",
        "polygon",
        "zero",
        "bridge",
        "half-width",
        "half-channels",
        "half-groups",
        "half-stream",
        "unread",
        "halves",
        "finite-sample",
        "refit",
        "staged",
        "rank",
    }
    assert {route.name for route in ROUTES.routes if route.squared_only is None} == served
    for route in ROUTES.routes:
        if route.squared_only is not None:
            with pytest.raises(InputError, match=f"route {route.name} is for squared error, not cross-entropy: "):
                route.descending(net, reference, problem)


def test_a_search_needs_memory_for_its_features() -> None:
    """One sentence that names the loss: squared error needs no more than moments."""
    problem = Problem(problem_of("logistic").data, 1 << 10, loss=loss_named("logistic"))
    with pytest.raises(InputError, match="features of all points, under logistic loss,"):
        Features.affecting_output(two_layer(1), problem)
