"""T1 by every route: the path to a two-layer reference keeps to theory's level for that route, exactly.

Networks are tiny and drawn by Hypothesis; losses at random times are the oracle's, in fractions; sigma, masses and
Lambda are the rigorous upper bounds of `numerics.moves.mass`; the levels come from `theory`, which sees none of them.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings, target
from hypothesis import strategies as st

from numerics.arithmetic.positive import root_up
from numerics.errors import InputError
from numerics.losses.problem import Problem
from numerics.maxima.pieces import above
from numerics.moves.deviation import displacement, measured
from numerics.moves.mass import masses, sigma_squared
from numerics.moves.merge import merge
from numerics.paths import Kind
from numerics.questions import search as questions
from numerics.questions.found import Found
from numerics.routes import merging as route_module
from numerics.testing import data_for, parallels, partners, references_for, times, two_layers
from support import oracles
from support.answers_checked import require_both_accept
from theory import exact
from theory.statements import connectivity, merging, pairing

PER_ROW = settings.default.max_examples // 6
DRAWN = {"two-layer": two_layers, "parallel": parallels}
CLOSED = {"pigeonhole": "R1", "packing": "R2", "mass": "R3", "prune": "R4", "pairing": "R7"}


@pytest.mark.parametrize("route", [one.name for one in route_module.ROUTES])
@pytest.mark.parametrize("kind", DRAWN)
@settings(max_examples=PER_ROW)
@given(st.data())
def test_the_path_keeps_to_the_level_of_its_route(kind: str, route: str, data: st.DataObject) -> None:
    """From the start to g* on its slots; random losses within the claim; the claim within T1's level."""
    start = data.draw(DRAWN[kind](width=st.integers(2, 6)))
    points, reference = data.draw(data_for(start, points=st.integers(1, 4))), data.draw(references_for(start))
    try:
        answer = questions.depth(start, reference, Problem(points), route=route)
    except InputError:
        assert route == "pairing"  # fewer than 2 l neurons, or one of a pair without mass
        return
    path, found = answer.path, answer.corners
    certified = answer.certified
    kinds = {segment.kind for segment in certified.segments}
    assert kinds <= {Kind.SILENT, Kind.READOUT, Kind.EXACT if answer.candidate.exact else Kind.HIDDEN}
    assert found.maximum == found.attained  # so it is exact
    assert path.start.identical(start)
    assert answer.reference is not None
    slots = list(answer.reference.slots)
    assert (path.end.W[slots] == reference.W).all()
    assert (path.end.V[:, slots] == reference.V).all()
    assert not np.delete(path.end.V, slots, axis=1).any()
    for _ in range(3):
        time = data.draw(times()) * len(certified.segments)
        k = min(int(time), len(certified.segments) - 1)
        assert loss(certified.segments[k], time - k, points) <= found.maximum
    level = level_of(route, answer, reference.width, points)
    if level is not None:
        target(float(found.attained / level) if level else 0.0)
        assert found.attained <= level
        assert found.maximum <= level * (1 + Fraction(1, 10**6))  # the enclosure's tolerance


@pytest.mark.parametrize("kind", DRAWN)
@settings(max_examples=PER_ROW)
@given(st.data())
def test_a_path_in_stages_is_accepted_by_two_checkers(kind: str, data: st.DataObject) -> None:
    """Both ways: a depth, and a connection through the reference."""
    start = data.draw(DRAWN[kind](width=st.integers(2, 6)))
    end = data.draw(partners(start))
    points, reference = data.draw(data_for(start, points=st.integers(1, 4))), data.draw(references_for(start))
    require_both_accept(
        questions.depth(start, reference, Problem(points), route="staged"), start, reference, points, depth=True
    )
    joined = questions.connect(start, end, Problem(points), route="staged", reference=reference)
    require_both_accept(joined, start, end, points, depth=False)


def level_of(route: str, answer: Found, neurons: int, points) -> Fraction | None:
    """T1's level by the least bound: the route's closed form, L3 and RM for the merging made; None without any."""
    start, mass = answer.path.start, masses(answer.path.start)
    sigma = root_up(sigma_squared(points, bias=start.bias).upper)
    deviations = []
    identifier = CLOSED.get(route)
    sizes = {"width": start.width, "neurons": neurons}
    if identifier == "R7":
        silent = not any(mass.lambdas)
        deviations.append(pairing.deviation(sigma=sigma, mass=mass.total, silent_branch=silent, **sizes))
    elif identifier is not None:
        dimension = start.W.shape[1] - 1
        try:
            deviations.append(merging.deviation(identifier, sigma=sigma, mass=mass.total, dimension=dimension, **sizes))
        except ValueError:
            assert dimension == 0  # too few neurons to merge equal signs exactly
    if answer.candidate.merging is not None:
        deviations.append(sigma * displacement(start.W, answer.candidate.merging, mass))
        deviations.append(measured(start, merge(start, answer.candidate.merging).end, Problem(points), mass))
    if not deviations:
        return None
    start_loss, goal = answer.corners.start.top, answer.corners.end.top
    return exact.upper(connectivity.level(start_loss, goal, above(min(deviations))))


def loss(segment, t: Fraction, points) -> Fraction:
    """The oracle's loss at a time of a segment."""
    mixed = oracles.interpolate(segment.start.weights, segment.end.weights, t)
    return oracles.exact_loss(mixed, segment.start.like.kind, int(segment.start.like.bias), points.X, points.Y)
