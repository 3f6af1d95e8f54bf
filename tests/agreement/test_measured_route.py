"""RM is never worse than the routes that it looks at: its bound than R3's and R4's, its certified path than theirs."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.data import Data
from numerics.errors import InputError
from numerics.losses.problem import Problem
from numerics.moves.deviation import deviation
from numerics.moves.mass import masses
from numerics.networks import Branch, Layer, Network, Residual, TwoLayer
from numerics.questions import search as questions
from numerics.questions.bounds import deviations
from numerics.questions.lowest import answered
from numerics.routes import merging
from numerics.routes.candidate import NEAR, best
from numerics.routes.choices import CHOICES, chosen
from numerics.testing import data_for, parallels, partners, references_for, residuals, streams, two_layers

PER_ROW = max(5, settings.default.max_examples // 10)
DRAWN = {"two-layer": two_layers, "parallel": parallels, "residual": residuals, "stream": streams}
WIDTHS = st.integers(2, 6)
OTHERS = tuple(route.name for route in merging.ROUTES if route.name != "measured")
# `root_up` exceeds a root by at most 2^-62 of it. RM is of the merged floats: each new column is off by a few 2^-52 of
# its entries, which moves D by less than 2^-40 of the mass on data like these.
ROUNDED = 1 + Fraction(1, 1 << 40)


def height(start: Network, reference: TwoLayer, data: Data, route: str) -> Fraction | None:
    """The certified maximum of the route's path; None where the route is impossible."""
    try:
        return questions.depth(start, reference, Problem(data), route=route).corners.upper
    except InputError:
        return None


@pytest.mark.parametrize("kind", DRAWN)
@settings(max_examples=PER_ROW)
@given(data=st.data())
def test_its_path_rises_no_higher_than_any_other_route_s(kind: str, data: st.DataObject) -> None:
    """Certified maxima, to search accuracy."""
    start = data.draw(DRAWN[kind](width=WIDTHS, outputs=1))
    points, reference = data.draw(data_for(start, points=st.integers(1, 4))), data.draw(references_for(start))
    found = height(start, reference, points, "measured")
    others = [height(start, reference, points, route) for route in OTHERS]
    possible = [one for one in others if one is not None]
    assert (found is not None) == bool(possible)
    if found is not None:
        assert found <= min(possible) * (1 + Fraction(NEAR))


@pytest.mark.parametrize("kind", ["two-layer", "parallel"])
@settings(max_examples=PER_ROW)
@given(data=st.data())
def test_it_joins_two_networks_no_higher_than_pruning_both_ends(kind: str, data: st.DataObject) -> None:
    """C2: each end by its own lowest path."""
    start = data.draw(DRAWN[kind](width=WIDTHS, outputs=1))
    end, points = data.draw(partners(start)), data.draw(data_for(start, points=st.integers(1, 3)))
    reference = data.draw(references_for(start))
    found, pruned = (
        questions.connect(start, end, Problem(points), route=route, reference=reference).corners.upper
        for route in ("measured", "prune")
    )
    assert found is not None
    assert pruned is not None
    assert found <= pruned * (1 + Fraction(NEAR))


@pytest.mark.parametrize("kind", ["two-layer", "parallel"])
@settings(max_examples=PER_ROW)
@given(data=st.data())
def test_its_deviation_exceeds_no_other_route_s(kind: str, data: st.DataObject) -> None:
    """RM against L3's `D(J)` for the J of R1 to R4 and against all closed forms but R7's, which is about no J of L3."""
    start = data.draw(DRAWN[kind](width=WIDTHS, outputs=1))
    points, reference = data.draw(data_for(start, points=st.integers(1, 4))), data.draw(references_for(start))
    mass = masses(start)
    own = {
        route: deviation(start, chosen(choice, start.W, mass, reference.width), Problem(points))
        for route, choice in CHOICES.items()
    }
    found = deviations(start, reference.width, questions.depth(start, reference, Problem(points), route="measured"))
    slack = mass.total * Fraction(1, 1 << 40)
    for name, value in {**own, **{name: found[name] for name in ("R1", "R2", "R3", "R4") if name in found}}.items():
        assert found["RM"] <= value * ROUNDED + slack, name


def bulging() -> tuple[Network, TwoLayer, Data]:
    """A residual network whose cheapest path by its corners bulges between them; drawn at random, seed 77."""
    rng = np.random.default_rng(77)
    m = int(rng.integers(4, 9))
    W, V = rng.normal(size=(m, 2)), rng.normal(size=(1, m))
    start = Residual(W=W, V=V, branch=Branch((Layer(rng.normal(size=(2, m))),)), U=rng.normal(size=(m, 2)))
    data = Data(rng.normal(size=(4, 2)), rng.normal(size=(4, 1)))
    neurons = int(rng.integers(1, 3))
    return start, TwoLayer(W=rng.normal(size=(neurons, 2)), V=rng.normal(size=(1, neurons))), data


def test_the_lowest_corners_do_not_make_the_lowest_path() -> None:
    """The path that corner losses alone would choose is three times as high as pruning; it is not taken."""
    start, reference, data = bulging()
    candidates = merging.to_reference("measured", start, reference, Problem(data)).found
    by_corners = answered(best(candidates), Problem(data), reference).corners.upper
    pruned, found = (height(start, reference, data, route) for route in ("prune", "measured"))
    assert by_corners is not None
    assert pruned is not None
    assert found is not None
    assert by_corners > 3 * pruned
    assert found <= pruned
