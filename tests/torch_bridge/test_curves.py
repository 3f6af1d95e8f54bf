"""Trained arcs: below the straight line, their ends bit for bit, and what is certified is what was trained."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

import skipscape as sk
from numerics.data import Data
from numerics.errors import InputError
from numerics.losses import float_loss, loss_between, losses_of
from numerics.losses.problem import Problem
from numerics.losses.registry import loss_named
from numerics.networks.base import Network
from numerics.paths import Arc, Kind, arc, network_at
from numerics.questions import search
from numerics.routes import curve
from numerics.routes.line import line_losses
from numerics.torch_bridge import Recipe, train

torch = pytest.importorskip("torch")
curves, graph_tensors = (pytest.importorskip(f"numerics.torch_bridge.{name}") for name in ("curves", "graph_tensors"))
network_of_module = pytest.importorskip("numerics.torch_bridge.reading").network_of_module


def problem_of(loss: str) -> Problem:
    """Forty points of three classes."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((40, 3))
    return Problem(Data(X, np.eye(3)[np.abs(X).argmax(axis=1)]), loss=loss_named(loss))


def trained_ends(problem: Problem, kind: str) -> tuple[Network, Network]:
    recipes = (Recipe(8, branch=(6,), kind=kind, steps=60, seed=seed, loss=problem.loss) for seed in (0, 1))
    first, second = (train(problem.data, recipe)[0] for recipe in recipes)
    return first, second


@pytest.mark.parametrize(("kind", "loss"), [("plain", "cross-entropy"), ("parallel", "squared"), ("stream", "hinge")])
def test_a_trained_arc_lies_below_the_line(kind: str, loss: str) -> None:
    """By the loss's own gradient; deterministic; the control consists of float32 numbers, the ends are untouched."""
    given = problem_of("squared" if loss == "hinge" else loss)
    problem = given if loss != "hinge" else Problem(Data(given.X, 2 * given.Y - 1), loss=loss_named(loss))
    start, end = trained_ends(problem, kind)
    points = (start, network_at(arc(start, end, end), 0.5), end)
    said: list[int] = []
    found, again = (
        curves.trained(points, problem, curves.Schedule(40, 1e-2), lambda step, highest: said.append(step))
        for _ in range(2)
    )
    before = max(float_loss(network_at(arc(*points), k / 20), problem) for k in range(21))
    after = max(float_loss(network_at(arc(*found.points), k / 20), problem) for k in range(21))
    assert after < before
    assert found.highest == pytest.approx(after, rel=0.05)
    assert (found.points[0] is start, found.points[-1] is end) == (True, True)
    assert found.points[1].identical(again.points[1])
    assert all((array == array.astype(np.float32)).all() for array in found.points[1].parameters().values())
    told = said[: len(said) // 2]
    assert said == 2 * told
    assert told == ([20] if found.settled and len(told) == 1 else [20, 40])


def test_training_ends_where_nothing_lower_is_possible(monkeypatch: pytest.MonkeyPatch) -> None:
    """A curve none of whose losses exceeds its ends' is left as it is: with all of the steps it would be the same."""
    problem = problem_of("squared")
    start, _ = trained_ends(problem, "plain")
    end = start.replace({"U": 3.0 * start.parameters()["U"]})
    points = (start, start.replace({"U": -3.0 * start.parameters()["U"]}), end)
    steps: list[int] = []
    plan = curves.Schedule(200, 3e-2)
    found = curves.trained(points, problem, plan, lambda step, highest: steps.append(step))
    assert found.settled
    assert 20 <= steps[-1] < 200
    assert not curves.trained(points, problem, curves.Schedule(20, 1e-5)).settled
    told = len(steps)
    monkeypatch.setattr(curves.Trained, "settled", False)
    whole = curves.trained(points, problem, plan, lambda step, highest: steps.append(step))
    assert steps[told:] == [*range(20, 201, 20)]
    assert (whole.highest, whole.points[1].identical(found.points[1])) == (found.highest, True)


def test_a_bend_leaves_the_curve_where_it_is() -> None:
    """De Casteljau: the two arcs run along the one that was cut, and so do two lines along one."""
    start, end = trained_ends(problem := problem_of("squared"), "plain")
    points = (start, train(problem.data, Recipe(8, branch=(6,), kind="plain", steps=10, seed=2))[0], end)
    whole, cut = arc(*points), curves.bent_at(points, 0, 0.25)
    assert len(cut) == 5
    for t in (0.0, 0.3, 1.0):
        for part, time in ((arc(*cut[:3]), 0.25 * t), (arc(*cut[2:]), 0.25 + 0.75 * t)):
            here, there = network_at(part, t), network_at(whole, time)
            for name, array in here.parameters().items():
                assert array == pytest.approx(there.parameters()[name], abs=1e-12)
    first, middle, _, last = curves.bent_at(points, 1, 0.25, degree=curves.LINE)
    assert (first, middle, last) == points
    assert [curves.pieces_of(points, degree) for degree in (curves.LINE, curves.ARC)] == [2, 1]
    with pytest.raises(ValueError, match="4 points are no chain"):
        curves.pieces_of((*points, end), curves.ARC)


def test_shares_are_convex_and_begin_and_end_at_the_ends() -> None:
    """Known answers at a half: de Casteljau's."""
    for degree, middle in ((curves.LINE, (0.5, 0.5)), (curves.ARC, (0.25, 0.5, 0.25))):
        assert curves.bernstein(degree, 0.0) == (1.0, *[0.0] * degree)
        assert curves.bernstein(degree, 1.0) == (*[0.0] * degree, 1.0)
        assert curves.bernstein(degree, 0.5) == middle


def test_the_route_is_certified_as_it_was_trained(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its maximum is enclosed to a thousandth, its ends are the caller's, and `auto` does not train."""
    monkeypatch.setattr(curve, "FIRST", 40)
    monkeypatch.setattr(curve, "TRIED", 20)
    monkeypatch.setattr(curve, "MOST", 40)
    problem = problem_of("cross-entropy")
    start, end = trained_ends(problem, "plain")
    found = search.connect(start, end, problem, route="curve")
    line = search.connect(start, end, problem, route="line")
    assert found.routes == {"curve": "taken"}
    assert all(isinstance(segment, Arc) for segment in found.path.segments)
    assert (found.path.start.identical(start), found.path.end.identical(end)) == (True, True)
    assert found.corners.upper is not None
    assert line.corners.upper is not None
    assert found.corners.attained <= found.corners.upper <= found.corners.attained * Fraction(1001, 1000)
    assert found.corners.upper < line.corners.upper
    assert b'"kind":"curve"' in found.certificate(None)
    assert "curve" not in [route.name for route in search.ROUTES.tried("auto")]
    others = search.connect(start, end, problem).routes
    assert others["curve"] == others["polygon"] == "not tried: training takes minutes, so it is taken by its name alone"
    same = search.connect(start, start, problem, route="curve")
    assert same.corners.barrier.exact == 0


def test_a_polygon_is_trained_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bent where the loss is highest, below the line, its ends the caller's: straight segments in the certificate."""
    for name, value in (("FIRST", 20), ("TRIED", 20), ("MOST", 20), ("BENDS", 2), ("GAIN", -1.0)):
        monkeypatch.setattr(curve, name, value)
    problem = problem_of("cross-entropy")
    start, end = trained_ends(problem, "plain")
    found = curve.lines(start, end, problem)
    assert (found.route, [one.kind for one in found.path.segments]) == ("polygon", [Kind.GENERAL] * 3)
    assert (found.path.start.identical(start), found.path.end.identical(end)) == (True, True)
    assert found.estimate < max(line_losses(start, end, problem))


def test_losses_beyond_float32_are_refused() -> None:
    """In one line, before anything is certified."""
    problem = problem_of("squared")
    start, end = trained_ends(problem, "plain")
    far = start.replace({"W": start.W * 1e30, "U": start.parameters()["U"] * 1e30})
    with pytest.raises(InputError, match="overflow float32"):
        search.connect(far, end, problem, route="curve")


class Small(torch.nn.Module):
    """A convolution with padding, a maximum, a sum, a mean: weights in sixteenths, so that floats are exact."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        torch.manual_seed(seed)
        self.first, self.second = torch.nn.Conv2d(1, 2, 3, padding=1), torch.nn.Conv2d(2, 2, 1)
        self.largest, self.mean, self.last = torch.nn.MaxPool2d(2), torch.nn.AvgPool2d(2), torch.nn.Linear(2, 3)
        with torch.no_grad():
            for one in self.parameters():
                one.copy_(torch.round(one * 16) / 16)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h = self.largest(torch.relu(self.first(x)))
        return self.last(self.mean(torch.relu(h + self.second(h))).flatten(1))


def smalls() -> list[Network]:
    return [network_of_module(Small(seed).eval(), torch.zeros(1, 1, 4, 4)) for seed in range(3)]


IMAGES = np.round(np.random.default_rng(0).normal(size=(4, 16)) * 8) / 8


def test_graphs_on_tensors_are_the_graphs() -> None:
    """Every operation of a graph, and the module's own outputs."""
    (network, *_), X = smalls(), torch.tensor(IMAGES)
    weights = {name: torch.tensor(array) for name, array in network.parameters().items()}
    found = graph_tensors.graph_outputs(network, weights, X).numpy()
    assert found == pytest.approx(network(IMAGES), abs=1e-12)
    assert found == pytest.approx(Small(0).double()(X.reshape(-1, 1, 4, 4)).detach().numpy(), abs=1e-12)


def test_an_arc_between_graphs_is_certified() -> None:
    """By the checker too; halfway every parameter is a quarter of the ends' and half of the control's, by its name."""
    start, control, end = smalls()
    points = sk.Data(IMAGES, np.arange(4) % 3)
    found = sk.certify([start, control, end], points, curve="bezier", tolerance="1/20")
    assert (found.verdict, [one.kind for one in found.segments]) == ("PROVED", ["curve"])
    middle, parts = found.path("1/2"), [one.state_dict() for one in (start, control, end)]
    for name, array in middle.state_dict().items():
        assert (array == parts[0][name] / 4 + parts[1][name] / 2 + parts[2][name] / 4).all()
    problem = Problem(points)
    (loss,) = losses_of([middle], problem)
    assert loss == loss_between(start, end, Fraction(1, 2), problem, control=control)
    assert loss.lower <= found.maximum.upper


def test_a_graph_is_joined_by_a_trained_curve(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, steps in (("FIRST", 20), ("TRIED", 20), ("MOST", 20), ("BENDS", 1)):
        monkeypatch.setattr(curve, name, steps)
    start, _, end = smalls()
    problem = Problem(Data(IMAGES, np.eye(3)[np.arange(4) % 3]), loss=loss_named("cross-entropy"))
    found = curve.curve(start, end, problem)
    assert isinstance(found.path.segments[0], Arc)
    line = max(line_losses(start, end, problem))
    assert found.estimate <= max(line, float_loss(start, problem), float_loss(end, problem)) + 1e-6
