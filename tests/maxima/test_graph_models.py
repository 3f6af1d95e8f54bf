"""First-order models of graphs contain what fractions say at rational times, and planted errors do not."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from numerics.data import Data
from numerics.losses.problem import Problem
from numerics.losses.registry import loss_named
from numerics.maxima.graph_enclosure import BLOCK, GraphLine, line_of, terms
from numerics.maxima.graph_models import GraphModels, Value, Weight, room_for
from numerics.maxima.search import path_maximum
from numerics.networks.graph import Graph
from numerics.networks.graph.images import AvgPool2d, Conv2d, MaxPool2d
from numerics.networks.graph.nodes import Add, Flatten, Input, Linear, ReLU, Reshape
from numerics.networks.graph.windows import Index
from numerics.paths import polygon
from numerics.testing import graphs
from support.loss_oracles import LOSSES
from support.moving_graphs import MovingGraph, moving, suits

pieces = st.integers(0, 6).flatmap(lambda fine: st.tuples(st.just(fine), st.integers(0, 2**fine - 1)))


def piece(fine: int, k: int) -> tuple[float, float]:
    """Centre and half-width of the k-th of `2^fine` equal pieces."""
    return (k + 0.5) / 2**fine, 0.5 / 2**fine


@settings(max_examples=40)
@given(graph=graphs(), seed=st.integers(0, 1000), where=pieces)
def test_outputs_are_contained(graph: Graph, seed: int, where: tuple[int, int]) -> None:
    """Every geometry, groups, means, the largest, sums and concatenations; exact outputs at nine times."""
    segment = moving(graph, seed)
    t, r = piece(*where)
    assert not list(segment.violations(t, r, segment.model(t, r)))


@settings(max_examples=25)
@given(graph=graphs(), seed=st.integers(0, 1000), where=pieces)
def test_outputs_on_arcs_are_contained(graph: Graph, seed: int, where: tuple[int, int]) -> None:
    """Weights that are quadratic in time: terms in s^2 and s^3 besides."""
    line = moving(graph, seed)
    arc = replace(line, control=moving(graph, seed + 1).end)
    t, r = piece(*where)
    assert not list(arc.violations(t, r, arc.model(t, r)))
    control = arc.control
    low, _ = arc.loss(Fraction(t) - Fraction(r) / 3)
    found = line_of(arc.start, arc.end, arc.problem, control).bound(t, r)
    assert Fraction(found.lower) <= low <= found.upper


@pytest.mark.parametrize("name", LOSSES)
def test_losses_are_enclosed(name: str) -> None:
    """On pieces, of every loss."""

    @settings(max_examples=12)
    @given(graph=graphs(), seed=st.integers(0, 1000), where=pieces, k=st.integers(-3, 3))
    def enclosed(graph: Graph, seed: int, where: tuple[int, int], k: int) -> None:
        assume(suits(name, graph))
        segment = moving(graph, seed, name)
        t, r = piece(*where)
        bound = GraphLine(segment.start, segment.end, segment.problem).bound(t, r)
        low, high = segment.loss(Fraction(t) + Fraction(k, 3) * Fraction(r))
        assert Fraction(bound.lower) <= high
        assert low <= bound.upper

    enclosed()


def test_a_point_has_little_room() -> None:
    """On a piece of no width the model is its value up to rounding: no blank cheque."""
    segment = pooled(0)
    model = segment.model(0.5, 0.0)
    assert 0 < model.radius.max() < 1e-10 * (1 + np.abs(model.value).max())


def test_the_largest_of_two_lines_by_hand() -> None:
    """`max(t, 1 - t)` on [1/4, 3/4]: a chord from 3/4 to 3/4, which is 1/4 above 1/2 in the middle."""
    nodes = (
        Input("x", (), size=(1,)),
        Linear("l", ("x",), weight="W"),
        Reshape("i", ("l",), size=(1, 1, 2)),  # an image of one row, so that the two are pooled
        MaxPool2d("m", ("i",), kernel=(1, 2)),
    )
    start = Graph(nodes, {"W": np.array([[0.0], [1.0]])})
    end = start.replace({"W": np.array([[1.0], [0.0]])})
    segment = MovingGraph(start, end, Problem(Data([[1.0]], [[0.0]])))
    model = segment.model(0.5, 0.25)
    assert model.slope[0, 0] == 0
    assert (model.value[0, 0], model.radius[0, 0]) == (pytest.approx(5 / 8), pytest.approx(1 / 8))
    assert not list(segment.violations(0.5, 0.25, model))


def pooled(seed: int) -> MovingGraph:
    """A convolution, ReLU, padded pooling by the largest and by means, a sum, an affine map: all of it moves."""
    rng = np.random.default_rng(seed)
    nodes = (
        Input("x", (), size=(2, 4, 3)),
        Conv2d("c", ("x",), kernel=(2, 3), padding=(1, 1, 0, 1), weight="k", bias="b"),
        ReLU("r", ("c",)),
        MaxPool2d("m", ("r",), kernel=(2, 2), padding=(0, 1, 1, 0)),
        AvgPool2d("a", ("r",), kernel=(2, 2), padding=(0, 1, 1, 0), counts_padding=False),
        Add("s", ("m", "a")),
        Flatten("f", ("s",)),
        Linear("y", ("f",), weight="W", bias="o"),
    )
    shapes = {"k": (3, 2, 2, 3), "b": (3,), "W": (2, 36), "o": (2,)}
    start, end = (Graph(nodes, {name: rng.normal(size=shape) for name, shape in shapes.items()}) for _ in range(2))
    problem = Problem(Data(rng.normal(size=(3, 24)), np.eye(2)[[0, 1, 0]]), loss=loss_named("cross-entropy"))
    return MovingGraph(start, end, problem)


class ShiftedPatch(GraphModels):
    """Windows look one entry to the side."""

    def take(self, h: Value, index: Index) -> Value:
        return super().take(h, np.roll(index, 1, axis=0) if len(index) > 1 else index)


class NoRadiusOfTheLargest(GraphModels):
    """The largest entry has the radius of the smallest one."""

    def largest(self, h: Value) -> Value:
        found = super().largest(h)
        return Value(found.value, found.slope, h.radius.min(axis=0, keepdims=True))


class PaddingCounted(GraphModels):
    """Means divide by all entries of the window, whatever is padding."""

    def mean(self, h: Value, counts: Index) -> Value:
        return super().mean(h, np.full_like(counts, counts.max()))


class NoSquare(GraphModels):
    """What moves times what moves is left out."""

    def affine(self, h: Value, weight: Weight, bias: Weight | None, groups: int) -> Value:
        still = super().affine(Value(h.value, None, h.radius), weight, bias, groups)
        moved = super().affine(h, Weight(weight.terms[:1], weight.reach, weight.charge), None, groups)
        if moved.slope is None or still.slope is None:
            return still
        return Value(still.value, moved.slope + still.slope, still.radius)


class NoRadiusOfRelu(GraphModels):
    """A chord is taken for exact."""

    def relu(self, h: Value) -> Value:
        found = super().relu(h)
        return Value(found.value, found.slope, found.radius * 2.0**-30)


class StillBias(GraphModels):
    """A bias stays where it is at the centre."""

    def affine(self, h: Value, weight: Weight, bias: Weight | None, groups: int) -> Value:
        still = None if bias is None else Weight(bias.terms[:1], bias.reach, bias.charge)
        return super().affine(h, weight, still, groups)


class Roomy(GraphModels):
    """`short`: by how much any radius lacks the room that is left after everything before it."""

    short = 0.0

    def seen(self, h: Value) -> Value:
        sizes = np.abs(h.value) + (0.0 if h.slope is None else np.abs(h.slope))
        self.short = max(self.short, float((0.875 * self.room * sizes - h.radius).max()))
        return h

    def given(self, X: np.ndarray) -> Value:
        return self.seen(super().given(X))

    def affine(self, h: Value, weight: Weight, bias: Weight | None, groups: int) -> Value:
        return self.seen(super().affine(h, weight, bias, groups))

    def plus(self, left: Value, right: Value) -> Value:
        return self.seen(super().plus(left, right))

    def relu(self, h: Value) -> Value:
        return self.seen(super().relu(h))

    def largest(self, h: Value) -> Value:
        return self.seen(super().largest(h))

    def mean(self, h: Value, counts: Index) -> Value:
        return self.seen(super().mean(h, counts))


class NoRoomOfBiases(Roomy):
    """A bias is charged nothing."""

    def affine(self, h: Value, weight: Weight, bias: Weight | None, groups: int) -> Value:
        free = None if bias is None else Weight(bias.terms, bias.reach, np.zeros_like(bias.charge))
        return super().affine(h, weight, free, groups)


@settings(max_examples=40)
@given(graph=graphs(), seed=st.integers(0, 1000), where=pieces)
def test_there_is_room_for_rounding_everywhere(graph: Graph, seed: int, where: tuple[int, int]) -> None:
    """Of every value that is made on the way."""
    segment, models = moving(graph, seed), Roomy(room_for(terms(graph)))
    segment.model(*piece(*where), models)
    assert models.short == 0.0


def test_a_bias_without_room_is_caught() -> None:
    """Beside its true twin: a bias that is much larger than what it is added to."""
    segment = pooled(6)
    large = [one.replace({"b": one.arrays["b"] * 2.0**20}) for one in (segment.start, segment.end)]
    segment = replace(segment, start=large[0], end=large[1])
    short = []
    for kind in (Roomy, NoRoomOfBiases):
        models = kind(room_for(terms(segment.start)))
        segment.model(*piece(3, 2), models)
        short.append(models.short)
    assert short[0] == 0.0 < short[1]


FAULTS = (ShiftedPatch, NoRadiusOfTheLargest, PaddingCounted, NoSquare, NoRadiusOfRelu, StillBias)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_error_is_caught(fault: type[GraphModels]) -> None:
    """Beside its true twin, on the same pieces."""
    segment, found = pooled(1), []
    for where in ((3, 2), (5, 17), (8, 100)):
        t, r = piece(*where)
        room = room_for(terms(segment.start))
        assert not list(segment.violations(t, r, segment.model(t, r, GraphModels(room)), steps=2))
        found += list(segment.violations(t, r, segment.model(t, r, fault(room)), steps=2))
    assert found


def test_blocks_change_nothing_but_rounding(monkeypatch: pytest.MonkeyPatch) -> None:
    """Samples one by one, and all at once."""
    segment = pooled(2)
    whole = GraphLine(segment.start, segment.end, segment.problem).bound(0.5, 2.0**-8)
    monkeypatch.setattr("numerics.maxima.graph_enclosure.FEWEST", 1)
    monkeypatch.setattr("numerics.maxima.graph_enclosure.BLOCK", 1)
    assert BLOCK > 1
    parts = GraphLine(segment.start, segment.end, segment.problem)
    assert len(parts.blocks) == 3
    assert parts.bound(0.5, 2.0**-8).upper == pytest.approx(whole.upper, rel=1e-12)


def test_an_overflow_bounds_nothing() -> None:
    """Products beyond the range of float64 have no sign, and no bound."""
    segment = pooled(3)
    huge = segment.start.replace(
        {"k": segment.start.arrays["k"] * 2.0**1000, "W": segment.start.arrays["W"] * 2.0**1000}
    )
    bound = GraphLine(huge, segment.end, segment.problem).bound(0.25, 0.25)
    assert bound.upper == np.inf


def test_memory_that_is_too_little_is_refused() -> None:
    """In one line, before anything is allocated."""
    segment = pooled(4)
    with pytest.raises(ValueError, match="one sample in first-order models would need"):
        GraphLine(segment.start, segment.end, segment.problem.within(1 << 24))


def test_the_maximum_over_a_path_of_graphs() -> None:
    """Within its tolerance, above every exact loss at 33 times, and attained where it says."""
    segment = pooled(5)
    found = path_maximum(polygon((segment.start, segment.end)), segment.problem, tolerance=Fraction(1, 1000))
    assert found.upper is not None
    assert found.attained <= found.upper <= found.attained * Fraction(1001, 1000)
    assert all(segment.loss(Fraction(k, 32))[0] <= found.upper for k in range(33))
    assert segment.loss(found.at[1])[0] <= found.attained_at.top
