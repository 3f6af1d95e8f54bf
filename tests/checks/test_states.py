"""What the checks measure with, against the oracles: outputs, losses, masses; and the sizes of problems."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.checks.problems import DRAWN, SKIP, states
from numerics.checks.states import State
from numerics.testing import partners, times
from support import oracles
from support.move_checks import DIGITS, SLACK, Exact, total_mass

FEWER = settings.default.max_examples // 4


@pytest.mark.parametrize("kind", DRAWN)
@settings(max_examples=FEWER)
@given(data=st.data())
def test_outputs_and_losses_are_the_oracles_at_every_time(kind: str, data: st.DataObject) -> None:
    """Exactly, at a random time of a segment on which everything moves."""
    start = data.draw(states((kind,)))
    end = State.of(data.draw(partners(start.network())), start.data)
    t = data.draw(times())
    there = start.toward(end, t)
    mixed = oracles.interpolate(start.weights, end.weights, t)
    X, Y = start.data.X, start.data.Y
    assert there.outputs.tolist() == oracles.outputs(mixed, kind, int(start.bias), X)
    assert there.loss == oracles.exact_loss(mixed, kind, int(start.bias), X, Y)


@pytest.mark.parametrize("kind", SKIP)
@settings(max_examples=FEWER)
@given(data=st.data())
def test_the_mass_lies_between_its_bounds(kind: str, data: st.DataObject) -> None:
    """The witness at 50 digits, which shares nothing with them; the upper one is what the routes use."""
    state = data.draw(states((kind,)))
    witness = total_mass(Exact(kind, state.bias, dict(state.weights), state.data))
    with mpmath.workdps(DIGITS):
        low, high = (mpmath.mpf(end.numerator) / end.denominator for end in (state.mass.lower, state.mass.upper))
        assert low - SLACK * (1 + low) <= witness <= high + SLACK * (1 + high)
    assert state.mass.upper <= state.masses.total * (1 + Fraction(1, 2**40))


@given(st.data())
def test_problems_have_the_sizes_that_were_asked_for(data: st.DataObject) -> None:
    """Whatever they are cut from; the network is one that can be read."""
    state = data.draw(states(tuple(DRAWN), width=(2, 5), points=(2, 3), inputs=(2, 3), outputs=(1, 2)))
    network = state.network()
    assert 2 <= network.width <= 5
    assert 2 <= network.inputs <= 3
    assert (len(state.seen), network.outputs) == state.targets.shape
    assert state.same(State.of(network, state.data))
