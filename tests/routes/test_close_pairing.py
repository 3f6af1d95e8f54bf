"""R8: pairs that are close on the data; no farther apart than any matching of that angle; certified like R7."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from numerics.data import Data
from numerics.errors import InputError
from numerics.losses.problem import Problem
from numerics.moves.mass import masses
from numerics.moves.pairing import distances
from numerics.networks import TwoLayer
from numerics.questions import search
from numerics.questions.bounds import closed_forms, connect_bounds, depth_bounds
from numerics.routes.close_pairing import close_pairs
from numerics.testing import data_for, parallels, references_for, two_layers
from support.answers_checked import require_both_accept
from support.forged_answers import require_all_refused


def twins(gap: float = 0.0) -> tuple[TwoLayer, Data]:
    """Four directions twice each, in an order that mixes them; one neuron of each two turned by `gap`."""
    angles = np.array([0.2, 1.1, 2.0, 2.9, 1.1 + gap, 2.9 + gap, 0.2 + gap, 2.0 + gap])
    W = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    V = np.array([[1.0, -1.5, 2.0, -2.5, -1.25, -1.75, 2.25, 2.75]])
    X = np.random.default_rng(0).standard_normal((20, 2))
    return TwoLayer(W=W, V=V), Data(X, np.random.default_rng(1).standard_normal((20, 1)))


def test_equal_neurons_leave_at_no_cost_where_pairing_by_mass_alone_pays() -> None:
    """Known answer: rows that are equal pair up, and the outputs stay: the loss is 0 but for rounding."""
    network, points = twins()
    mass = masses(network)
    pairs = close_pairs(mass, distances(network, Problem(points), mass), 4)
    assert sorted(tuple(sorted(pair)) for pair in pairs.tolist()) == [(0, 6), (1, 4), (2, 7), (3, 5)]
    reference = TwoLayer(W=network.W[:4], V=network.V[:, :4] + network.V[:, [6, 4, 7, 5]])
    points = Data(points.X, network(points.X))
    close = search.depth(network, reference, Problem(points), route="close-pairing")
    plain = search.depth(network, reference, Problem(points), route="pairing")
    assert close.corners.maximum < Fraction(1, 10**25)
    assert plain.corners.maximum > Fraction(1, 100)


@settings(max_examples=6)
@given(st.data())
def test_whatever_is_paired_is_certified(data: st.DataObject) -> None:
    """Any class of R8's, a live branch too: both checkers accept; with one output and none, within R8's closed form."""
    start = data.draw(data.draw(st.sampled_from([two_layers, parallels]))(width=st.integers(2, 6)))
    points, reference = data.draw(data_for(start, points=st.integers(1, 4))), data.draw(references_for(start))
    assume(2 * reference.width <= start.width)
    answer = search.depth(start, reference, Problem(points), route="close-pairing")
    require_both_accept(answer, start, reference, points, depth=True)
    bounds = depth_bounds(answer)
    if "R8" in bounds:
        assert answer.corners.maximum - answer.corners.start.lower <= bounds["R8"].value * (1 + Fraction(1, 10**6))


def test_the_closed_form_is_told_where_it_is_proved() -> None:
    """One output, no branch, d >= 1, 2 l < m: else there is none."""
    network, points = twins(0.01)
    assert closed_forms(network, 2, points)["R8"] > 0
    assert "R8" not in closed_forms(network, 4, points)
    two = TwoLayer(W=network.W, V=np.vstack([network.V, network.V]))
    assert "R8" not in closed_forms(two, 2, Data(points.X, np.hstack([points.Y, points.Y])))


def test_forged_twins_are_refused(tmp_path: Path) -> None:
    """A maximum below the true one, readouts that are far too large; and the bound beside the zero path."""
    network, points = twins(0.01)
    points = Data(points.X, network(points.X) + 0.01 * points.Y)
    reference = TwoLayer(W=network.W[:2], V=network.V[:, :2])
    other = network.replace({"W": network.W[::-1].copy(), "V": network.V[:, ::-1].copy()})
    answer = search.connect(network, other, Problem(points), route="close-pairing", reference=reference)
    assert require_all_refused(answer.certificate(None), points, tmp_path) >= 4
    bounds = connect_bounds(answer)
    assert {"R0", "R7", "R8"} <= set(bounds)
    assert bounds["R8"].informative == (bounds["R8"].value < bounds["R0"].value)


def test_a_planted_distance_is_seen() -> None:
    """Pairs of the farthest neurons cost more than the plain pairing of the lightest does."""
    network, points = twins(0.01)
    problem, mass = Problem(points), masses(network)
    apart = distances(network, problem, mass)

    def cost(pairs: np.ndarray) -> float:
        return float((apart[pairs[:, 0], pairs[:, 1]] ** 2).sum())

    true, planted = (close_pairs(mass, sign * apart, 3) for sign in (1.0, -1.0))
    assert cost(true) < 1e-3 < cost(planted)


def test_where_it_does_not_apply_it_says_why() -> None:
    """Fewer than 2 l neurons."""
    network, points = twins()
    reference = TwoLayer(W=network.W[:5], V=network.V[:, :5])
    with pytest.raises(InputError, match="route close-pairing needs m >= 2 l: m = 8, l = 5"):
        search.depth(network, reference, Problem(points), route="close-pairing")
