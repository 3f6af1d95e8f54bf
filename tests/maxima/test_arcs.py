"""The finder's models along arcs: every one contains exact values, every bound holds; planted faults do not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from numerics.data import Data
from numerics.errors import InputError
from numerics.losses import float_loss, loss_between
from numerics.losses.problem import Problem
from numerics.losses.registry import loss_named
from numerics.maxima import models
from numerics.maxima.enclosure import Line
from numerics.maxima.exact_models import exact_bound
from numerics.maxima.models import Model, Models, MovingMatrix, MovingVector, dense, sizes
from numerics.maxima.search import path_maximum
from numerics.networks.forward import outputs_from
from numerics.networks.two_layer import TwoLayer
from numerics.paths import Kind, Path, Segment, arc, network_at
from numerics.questions.enclose import path_through
from support.arc_segments import arc_of, bump, networks
from support.certificates import between
from support.loss_oracles import LOSSES

PIECES = ((0.5, 0.5), (0.25, 0.25), (0.75, 0.0625), (0.375, 2.0**-20), (0.625, 0.0), (1.0 - 2.0**-12, 2.0**-12))


class Missed(AssertionError):
    """A model that does not hold the value."""


@dataclass
class Both:
    """The finder's arithmetic beside exact values at some times, which every model must hold."""

    arithmetic: Models
    offsets: list[Fraction]  # times less the centre

    def affine(self, h: Any, weight: Any, bias: Any) -> Any:
        found = self.arithmetic.affine(h[0], weight[0], None if bias is None else bias[0])
        shift = [0] * len(self.offsets) if bias is None else bias[1]
        return self.held(found, [x @ w.T + b for x, w, b in zip(h[1], weight[1], shift, strict=True)])

    def plus(self, left: Any, right: Any) -> Any:
        found = self.arithmetic.plus(left[0], right[0])
        return self.held(found, [a + b for a, b in zip(left[1], right[1], strict=True)])

    def relu(self, h: Any) -> Any:
        return self.held(self.arithmetic.relu(h[0]), [np.where(x > 0, x, x * 0) for x in h[1]])

    def held(self, model: Model, values: list[np.ndarray]) -> Any:
        radius, noise = dense(model.radius), [Fraction(float(one)) for one in model.noise[:, 0]]
        for s, value in zip(self.offsets, values, strict=True):
            rest = [Fraction(0)] * len(noise)
            for (k, j), exact in np.ndenumerate(value):
                gap = abs(exact - Fraction(float(model.value[k, j])) - s * Fraction(float(model.slope[k, j])))
                rest[k] += max(Fraction(0), gap - Fraction(float(radius[k, j]))) ** 2
            if any(square > bound**2 for square, bound in zip(rest, noise, strict=True)):
                raise Missed(f"at {float(s)} from the centre")
        return model, values


def examine(seed: int) -> None:
    """All models of a forward pass on an arc drawn from the seed, on several pieces. Raises Missed."""
    rng = np.random.default_rng(seed)
    forge = arc_of("squared", rng)
    start, control, end = (net.parameters() for net in networks(forge))
    x = np.hstack([forge.x, np.ones((len(forge.x), forge.bias))])
    for t, r in PIECES[seed % 2 :: 2]:
        offsets = [Fraction(r) * k for k in (-1, Fraction(-1, 3), 0, Fraction(5, 8), 1)]
        exact = [forge.weights_at(0, Fraction(t) + s) for s in offsets]
        placed: dict[str, Any] = {}
        for name, array in start.items():
            moving = MovingMatrix if array.ndim == 2 else MovingVector
            placed[name] = moving.between(array, end[name], control[name]).at(t, r), [one[name] for one in exact]
        stacked = np.vstack([x, np.zeros_like(x)])
        seen = Model(stacked, np.zeros_like(x), np.zeros((len(x), 1)), sizes(stacked, r))
        both = Both(Models(r), offsets)
        points = np.vectorize(Fraction, otypes=[object])(x)
        z = both.relu(both.affine((seen, [points] * len(offsets)), placed.pop("W"), None))
        outputs_from(forge.kind, placed, z, both)


def examine_all(seeds: range) -> None:
    """Raises Missed."""
    for seed in seeds:
        examine(seed)


def bounds_that_fail(loss: str, seeds: range) -> Iterator[bool]:
    """Whether a bound on some piece of an arc is below an exact loss there, or the other way round."""
    for seed in seeds:
        forge = arc_of(loss, np.random.default_rng([LOSSES.index(loss), seed]))
        start, control, end = networks(forge)
        line = Line(start, end, Problem(Data(forge.x, forge.y), loss=loss_named(loss)), control)
        for t, r in PIECES[seed % 3 :: 3]:
            bound = line.bound(t, r)
            for s in (-1, Fraction(1, 7), 1):
                low, high = forge.ends_of(forge.weights_at(0, Fraction(t) + Fraction(r) * s))
                yield not (Fraction(bound.lower) <= high and low <= Fraction(bound.upper))


def test_every_model_contains_what_it_is_of() -> None:
    examine_all(range(14))


@pytest.mark.parametrize("loss", LOSSES)
def test_bounds_hold_for_every_loss(loss: str) -> None:
    """Fractions, or mpmath where the loss is irrational."""
    assert not any(bounds_that_fail(loss, range(6)))


@pytest.mark.slow
@pytest.mark.parametrize("loss", LOSSES)
def test_bounds_hold_on_a_thousand_arcs(loss: str) -> None:
    assert not any(bounds_that_fail(loss, range(6, 1006)))


def test_bounds_are_narrow() -> None:
    """At a point the bound is the loss to a few 1e-12 of it; on a piece the gap falls like the square of its length."""
    forge = arc_of("squared", np.random.default_rng(3))
    start, control, end = networks(forge)
    problem = Problem(Data(forge.x, forge.y))
    line = Line(start, end, problem, control)
    loss = float(loss_between(start, end, Fraction(3, 8), problem, control=control).lower)
    assert line.bound(0.375, 0.0).upper == pytest.approx(loss, rel=5e-12)
    wide, narrow = (line.bound(0.375, r) for r in (2.0**-14, 2.0**-16))
    gaps = [bound.upper - bound.centre for bound in (wide, narrow)]
    slope = abs(float_loss(network_at(arc(start, control, end), 0.375 + 2.0**-16), problem) - loss)
    assert gaps[1] < gaps[0] / 3.5
    assert gaps[1] < 4 * slope + 1e-6 * loss


def test_exact_losses_are_the_arcs() -> None:
    """At times with any denominator, against fractions; the straight line between the ends has others."""
    for seed in range(20):
        rng = np.random.default_rng(seed)
        forge = arc_of("squared", rng)
        start, control, end = networks(forge)
        t = Fraction(int(rng.integers(0, 12)), 11)
        found = loss_between(start, end, t, Problem(Data(forge.x, forge.y)), control=control)
        assert found.exact == forge.loss_at(0, t)


def test_flints_models_hold_too() -> None:
    """On short and on long pieces."""
    for seed in range(5):
        forge = arc_of("squared", np.random.default_rng(seed))
        start, control, end = networks(forge)
        for left, right in (
            (Fraction(0), Fraction(1)),
            (Fraction(1, 4), Fraction(1, 2)),
            (Fraction(3, 7), Fraction(4, 7)),
        ):
            bound = exact_bound(start, end, Problem(Data(forge.x, forge.y)), left, right, control)
            times = [left + (right - left) * Fraction(k, 4) for k in range(5)]
            assert bound is not None
            assert all(forge.loss_at(0, t) <= bound for t in times)


def test_a_bump_by_hand() -> None:
    """The loss `(1 + 4 t (1 - t))^2` rises from 1 to 4, and the chord of the same three networks to 9."""
    forge = bump()
    start, control, end = networks(forge)
    problem = Problem(Data(forge.x, forge.y))
    found = path_maximum(path_through([start, control, end], "bezier"), problem)
    assert (found.attained, found.at, found.start.exact, found.end.exact) == (4, (0, Fraction(1, 2)), 1, 1)
    assert found.upper is not None
    assert 4 <= found.upper <= Fraction(4) * (1 + Fraction(1, 10**6))
    assert path_maximum(path_through([start, control, end]), problem).upper == 9


def test_an_arc_is_of_kind_curve_and_moves_what_leaves_its_start() -> None:
    """Also what comes back to it; reversed it is the same arc; another kind, space or number of networks is refused."""
    start, control, end = networks(bump())
    segment = arc(start, control, end)
    assert segment.moves() == ("W",)
    assert network_at(segment, 0.25).identical(network_at(segment.reversed(), 0.75))
    assert network_at(segment, 0.5).W.tolist() == [[2.0]]
    with pytest.raises(ValueError, match="an arc is of kind curve"):
        Segment(Kind.CURVE, start, end)
    with pytest.raises(ValueError, match="an arc is of kind curve"):
        replace(segment, kind=Kind.GENERAL)
    with pytest.raises(ValueError, match="of the space of its ends"):
        arc(start, TwoLayer(W=np.ones((2, 1)), V=np.ones((1, 2))), end)
    with pytest.raises(InputError, match="has three networks, start, control and end: 2 are given"):
        path_through([start, end], "bezier")
    with pytest.raises(InputError, match="choose one of polygon, bezier"):
        path_through([start, control, end], "spline")


def without_square(original: Any) -> Any:
    """Weights whose bend is forgotten on a piece, though not at its centre."""

    def placed(self: MovingMatrix, t: float, r: float) -> Any:
        found = original(self, t, r)
        rows = len(self.start)
        return replace(found, columns=found.columns[:, : 2 * rows], degree=1) if found.degree == 2 else found

    return placed


def half_radius(original: Any) -> Any:
    return lambda self, h, weight, bias: replace(model := original(self, h, weight, bias), radius=0.5 * model.radius)


def swapped(original: Any) -> Any:
    """The control taken for the start."""
    return lambda start, end, control: original(start if control is None else control, end, start)


FAULTS: dict[str, tuple[Any, str, Callable[[Any], Any]]] = {
    "the term in s^2 dropped": (MovingMatrix, "at", without_square),
    "half the radius": (Models, "affine", half_radius),
    "the control swapped with the start": (models, "moving", swapped),
    "a bend of the wrong sign": (
        models,
        "placed",
        lambda original: lambda start, slope, bend, t: original(start, slope, None if bend is None else -bend, t),
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_an_error_in_the_models_of_arcs_is_caught(monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    place, name, alter = FAULTS[fault]
    monkeypatch.setattr(place, name, alter(getattr(place, name)))
    with pytest.raises(Missed):
        examine_all(range(14))


def test_the_oracle_halves_the_arc() -> None:
    """De Casteljau's two sides and Bernstein's three factors are one arc."""
    start, control, end = (np.array([value], dtype=object) for value in (Fraction(1), Fraction(3), Fraction(-2)))
    t = Fraction(2, 7)
    found = between({"W": start}, {"W": end}, t, {"W": control})["W"][0]
    assert found == (1 - t) ** 2 * 1 + 2 * t * (1 - t) * 3 - 2 * t**2


def test_a_path_may_have_arcs_and_lines() -> None:
    start, control, end = networks(bump())
    problem = Problem(Data(np.array([[1.0]]), np.array([[0.0]])))
    mixed = Path(start, (arc(start, control, end), Segment(Kind.HIDDEN, end, control)))
    found = path_maximum(mixed, problem)
    assert (found.attained, found.at) == (9, (1, Fraction(1)))
