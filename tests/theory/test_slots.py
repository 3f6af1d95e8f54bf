"""L9: what a zero hides may move; what it does not hide may not; a swap without a free slot costs 1/2."""

from fractions import Fraction
from itertools import pairwise

import pytest
import z3

from support.oracles import exact_loss, interpolate, outputs
from theory.proof import Verdict
from theory.smt import prove, relu
from theory.statements import slots

F = Fraction
X, Y = [[1], [-1]], [[1], [-2]]


@pytest.mark.parametrize("proof", slots.PROOFS, ids=lambda proof: proof.__name__)
def test_proved(proof):
    assert proof().verdict is Verdict.PROVED


def test_a_weight_that_is_not_zero_hides_nothing():
    weight, before, after = z3.Reals("V_j z z'")
    result = prove("L9", weight * after == weight * before, scope="a planted error")
    assert result.verdict is Verdict.REFUTED
    w = result.witness
    assert w["V_j"] * w["z'"] != w["V_j"] * w["z"]


def test_the_crossing_bound_is_attained_hence_not_strict():
    w, v = z3.Reals("w v")
    plus, minus = v * relu(w) - 1, v * relu(-w) + 2
    result = prove("L9", (plus * plus + minus * minus) / 2 > z3.Q(1, 2), scope="a planted error")
    assert result.verdict is Verdict.REFUTED
    w_, v_ = result.witness["w"], result.witness["v"]
    assert ((v_ * max(w_, F(0)) - 1) ** 2 + (v_ * max(-w_, F(0)) + 2) ** 2) / 2 <= F(1, 2)


def two_layer(w, v):
    return {"W": [[w_] for w_ in w], "V": [v]}


def losses(corners, steps=8):
    for start, end in pairwise(corners):
        for k in range(steps + 1):
            yield exact_loss(interpolate(start, end, F(k, steps)), "two-layer", 0, X, Y)


def test_without_a_free_slot_the_swap_of_the_note_costs_exactly_one_half():
    """The lower bound is `swap_crossing`; this path attains it."""
    corners = [
        two_layer([1, -1], [1, -2]),
        two_layer([1, -1], [0, -2]),
        two_layer([-1, -1], [0, -2]),
        two_layer([-1, -1], [-2, 0]),
        two_layer([-1, 1], [-2, 0]),
        two_layer([-1, 1], [-2, 1]),
    ]
    assert max(losses(corners)) == F(1, 2)
    assert exact_loss(corners[0], "two-layer", 0, X, Y) == 0 == exact_loss(corners[-1], "two-layer", 0, X, Y)


def test_with_one_free_slot_the_swap_costs_nothing():
    corners = [
        two_layer([1, -1, 5], [1, -2, 0]),
        two_layer([1, -1, 1], [1, -2, 0]),  # silent: a copy of neuron 1 in the free slot
        two_layer([1, -1, 1], [0, -2, 1]),  # hand-over
        two_layer([-1, -1, 1], [0, -2, 1]),
        two_layer([-1, -1, 1], [-2, 0, 1]),
        two_layer([-1, 1, 1], [-2, 0, 1]),
        two_layer([-1, 1, 1], [-2, 1, 0]),
    ]
    assert set(losses(corners)) == {0}


def branch(V, A, U, w=2):
    return {"W": [[w]], "V": [[V]], "A": [[A]], "U": [[U]]}


@pytest.mark.parametrize(("A", "U"), [(0, 3), (4, 0)])
def test_a_neuron_is_hidden_by_zero_V_and_a_silent_branch(A, U):
    values = {str(outputs(branch(0, A, U, w), "parallel", 0, X)) for w in (-1, 0, 2, 7)}
    assert len(values) == 1


@pytest.mark.parametrize(("V", "A", "U"), [(1, 0, 3), (0, 4, 3)])
def test_a_neuron_that_still_feeds_something_is_not_hidden(V, A, U):
    assert outputs(branch(V, A, U, 2), "parallel", 0, X) != outputs(branch(V, A, U, 7), "parallel", 0, X)
