"""R9 on every class: certified ways down, judged by both checkers, and their stairs recomputed in fractions."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.errors import InputError
from numerics.losses.problem import Problem
from numerics.networks.base import Network
from numerics.paths import Kind
from numerics.questions.depth import way_down
from numerics.questions.request import Request
from numerics.questions.staircase import descend
from numerics.testing import data_for, parallels, posts, residuals, streams, two_layers
from support import oracles
from support.answers_checked import require_both_accept

DRAWS = {"two-layer": two_layers, "parallel": parallels, "residual": residuals, "stream": streams, "post": posts}
pytestmark = pytest.mark.usefixtures("checker_nearby_throughout")

PER_CLASS = settings.default.max_examples // 4


def true_loss(network: Network, problem: Problem) -> Fraction:
    return oracles.exact_loss(network.parameters(), network.kind, int(network.bias), problem.X, problem.Y)


@pytest.mark.parametrize("kind", DRAWS)
@settings(max_examples=PER_CLASS)
@given(drawn=st.data())
def test_a_way_down_is_judged_alike_and_goes_down(kind: str, drawn: Any) -> None:
    """The path is the caller's network at its start, its kinds are exact ones, and both checkers say the same."""
    draw: Callable[[], Any] = DRAWS[kind]
    network = drawn.draw(draw())
    data = drawn.draw(data_for(network))
    block = drawn.draw(st.integers(1, min(2, network.width)))
    try:
        found = descend(network, Problem(data), steps=2, block=block)
    except InputError:  # too few neurons outside the basis of what reads the blocks
        assert kind in ("residual", "stream")
        return
    assert found.path.start.identical(network)
    assert not any(segment.kind is Kind.GENERAL for segment in found.path.segments)
    if not found.stairs:
        assert found.corners.end.exact == found.corners.start.exact == true_loss(network, Problem(data))
        return
    assert found.stairs[-1] == len(found.path.segments)
    require_both_accept(found, network, found.path.end, data, depth=True)


@pytest.mark.parametrize("kind", DRAWS)
@settings(max_examples=max(1, PER_CLASS // 3))
@given(drawn=st.data())
def test_stairs_are_what_fractions_say(kind: str, drawn: Any) -> None:
    """Levels are exact losses of corners, tops lie at or above all corners and times of their stair."""
    draw: Callable[[], Any] = DRAWS[kind]
    network = drawn.draw(draw())
    problem = Problem(drawn.draw(data_for(network)))
    try:
        result = way_down(Request(problem, network), steps=2)
    except InputError:
        return
    if not result.proved:
        assert not result.profile
        return
    path = result.found.path
    losses = [true_loss(corner, problem) for corner in path.corners]
    assert result.start is not None
    assert result.end is not None
    assert result.climb is not None
    assert result.gain is not None
    assert (result.start.exact, result.end.exact) == (losses[0], losses[-1])
    assert result.gain.exact == losses[0] - losses[-1] > 0
    tops = []
    for stair in result.profile:
        corners = losses[stair.first : stair.last + 2]
        assert (stair.begin.exact, stair.level.exact) == (corners[0], corners[-1])
        assert stair.gain.exact == corners[0] - corners[-1] > 0
        assert stair.top.upper is not None
        assert stair.top.upper >= max(corners)
        for segment in path.segments[stair.first : stair.last + 1]:
            time = drawn.draw(st.fractions(0, 1, max_denominator=64))
            here, there = segment.start.parameters(), segment.end.parameters()
            between = oracles.interpolate(here, there, time)
            inside = oracles.exact_loss(between, network.kind, int(network.bias), problem.X, problem.Y)
            assert inside <= stair.top.upper
        tops.append(stair.top.upper)
    assert result.climb.upper is not None
    assert result.climb.upper >= max(tops) - losses[0] or result.climb.exact == 0
    if result.profile[0].refit:
        assert result.profile[0].climb.exact == 0
