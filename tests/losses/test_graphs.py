"""Exact losses of graphs against fractions, node by node with plain loops."""

from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from numerics.data import Data
from numerics.losses import float_loss, loss_between, losses_of
from numerics.losses.errors import error_rate
from numerics.losses.exact_forward import ExactForward, block_rows
from numerics.losses.graph_limbs import Extent, GraphLimbs, GraphSizes, Quotient
from numerics.losses.limb_forward import Size, lifted, size_of
from numerics.losses.problem import Problem
from numerics.networks.graph import Graph, run
from numerics.networks.graph.images import AvgPool2d, GlobalAvgPool
from numerics.networks.graph.layout import stored
from numerics.networks.graph.nodes import Input
from numerics.testing import graphs
from support.loss_oracles import LOSSES, wrong
from support.moving_graphs import moving, suits
from support.oracles import rationals

seeds = st.integers(0, 1000)


@pytest.mark.parametrize("name", LOSSES)
def test_corners_and_times_between_agree_with_fractions(name: str) -> None:
    """Every loss; a time with a denominator that is no power of two."""

    @settings(max_examples=12)
    @given(graph=graphs(), seed=seeds, numerator=st.integers(0, 7))
    def agree(graph: Graph, seed: int, numerator: int) -> None:
        assume(suits(name, graph))
        segment = moving(graph, seed, name)
        t = Fraction(numerator, 7)
        found = losses_of([segment.start, segment.end], segment.problem)
        found.append(loss_between(segment.start, segment.end, t, segment.problem))
        for loss, time in zip(found, (Fraction(0), Fraction(1), t), strict=True):
            low, high = segment.loss(time)
            assert loss.lower <= high
            assert low <= loss.top
            assert (loss.exact == low) is segment.problem.loss.rational

    agree()


@settings(max_examples=25)
@given(graph=graphs(), seed=seeds)
def test_the_memory_is_foreseen(graph: Graph, seed: int) -> None:
    """No value has more limbs, or another number of entries, than the sizes say; samples fit one by one."""
    segment = moving(graph, seed)
    sizes = {name: size_of(array) for name, array in graph.arrays.items()}
    X = segment.problem.X
    given_size = size_of(X)
    said = run(
        graph.nodes,
        graph.shapes,
        sizes,
        Extent(Size(1, graph.inputs, given_size.low, given_size.high), 1),
        GraphSizes(),
    )
    weights = {name: lifted(array) for name, array in graph.arrays.items()}
    seen = lifted(X).each(stored)
    made = run(graph.nodes, graph.shapes, weights, Quotient(seen), GraphLimbs())
    assert (said.rows * said.entries, said.power, said.divisor) == (graph.outputs, made.power, made.divisor)
    assert len(made.numerator.limbs) <= said.size.limbs + 1  # balanced limbs carry into one more
    assert block_rows(graph, sizes, segment.problem) == len(X)


@settings(max_examples=25)
@given(graph=graphs(), seed=seeds)
def test_floats_and_blocks_agree(graph: Graph, seed: int) -> None:
    """In float64 nearly the same; in blocks of one sample the very same outputs."""
    segment = moving(graph, seed, samples=3)
    exact = losses_of([graph], segment.problem)[0].lower
    assert abs(Fraction(float_loss(graph, segment.problem)) - exact) <= Fraction(1, 10**9) * (1 + exact)
    forward = ExactForward.of(graph, segment.problem)
    weights = {name: lifted(array) for name, array in graph.arrays.items()}
    whole = forward.outputs(weights, 1, slice(0, 3))
    for k in range(3):
        one = forward.outputs(weights, 1, slice(k, k + 1))
        assert [value / one.scale for value in one.numerators.to_fractions()] == [
            value / whole.scale for value in whole.numerators[k : k + 1].to_fractions()
        ]


@settings(max_examples=15)
@given(graph=graphs(), seed=seeds)
def test_error_rates_agree(graph: Graph, seed: int) -> None:
    """Ties are wrong."""
    assume(graph.outputs > 1)
    segment = moving(graph, seed, "cross-entropy", samples=4)
    outputs = segment.outputs(Fraction(0))
    assert error_rate(graph, segment.problem.data) == Fraction(wrong(outputs, rationals(segment.problem.Y)), 4)


def test_means_divide_exactly() -> None:
    """Thirds and fifths, by hand: the mean of three is (1 + 2 + 4)/3, then of both rows."""
    row = Graph((Input("x", (), size=(1, 1, 3)), AvgPool2d("y", ("x",), kernel=(1, 3))), {})
    problem = Problem(Data([[1.0, 2.0, 4.0]], [[0.0]]))
    assert losses_of([row], problem)[0].exact == Fraction(49, 9)
    padded = AvgPool2d("y", ("x",), kernel=(1, 3), padding=(0, 1, 0, 1), counts_padding=False)
    two = Graph((Input("x", (), size=(1, 1, 3)), padded, GlobalAvgPool("z", ("y",))), {})
    # Windows (1, 2), (1, 2, 4), (2, 4): 3/2, 7/3, 3, whose mean is 41/18.
    assert losses_of([two], problem)[0].exact == Fraction(41, 18) ** 2
