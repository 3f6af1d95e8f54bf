"""L9, L4: units of every layer of every class change places through free ones; nothing that is computed changes."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.data import Data
from numerics.errors import InputError
from numerics.losses import exact_loss_between, exact_losses
from numerics.losses.problem import Problem
from numerics.moves import reorder
from numerics.moves.reorder import free_units, reordered
from numerics.networks.base import Network
from numerics.networks.branch import Branch, Layer
from numerics.networks.liveness import live_units, readers_of
from numerics.networks.plain import Plain
from numerics.networks.units import hidden_layers, renamed
from numerics.paths import Kind
from numerics.testing import networks


def with_free_units(network: Network, rng: np.random.Generator) -> Network:
    """One unit of every layer is read by nothing."""
    weights = {name: array.copy() for name, array in network.parameters().items()}
    for layer in hidden_layers(network):
        for name in readers_of(layer):
            weights[name][:, rng.integers(layer.size)] = 0.0
    return network.replace(weights)


def chain(*, inactive: bool) -> Plain:
    """Two hidden layers; unit 1 of the first has no reader, or is read and negative before its rectifier."""
    A = np.array([[1.0, 0.0, 2.0], [3.0, 0.0, -1.0], [0.5, 0.0, 1.0]])
    W = np.array([[1.0, 0.0], [-1.0, -1.0], [2.0, 1.0]])
    if inactive:
        A[:, 1] = (5.0, -7.0, 9.0)
    else:
        W[1] = (4.0, 1.0)
    second = Layer(A, np.array([1.0, 0.0, 2.0]))
    return Plain(W=W, branch=Branch((second,)), U=np.array([[1.0, -1.0, 0.0]]), c=None, bias=True)


POINTS = Data([[0.0], [1.0], [2.0]], [[0.0], [0.0], [1.0]])


@settings(max_examples=60)
@given(network=networks(), seed=st.integers(0, 999))
def test_every_order_is_reached_and_nothing_changes(network: Network, seed: int) -> None:
    """Of every class: the end is the renamed network bit for bit, exact losses at any time are the start's, and twins
    and silent segments are enough.
    """
    rng = np.random.default_rng(seed)
    start = with_free_units(network, rng)
    orders = {layer.name: rng.permutation(layer.size) for layer in hidden_layers(start)}
    points = Data(rng.integers(-4, 5, (2, start.inputs)) / 2, rng.integers(-2, 3, (2, start.outputs)) / 1.0)
    path = reordered(start, orders, points.X)
    assert path.start.identical(start)
    assert path.end.identical(renamed(start, orders))
    assert {segment.kind for segment in path.segments} <= {Kind.SILENT, Kind.TWINS}
    (loss,) = exact_losses([start], problem := Problem(points))
    for segment in path.segments:
        t = Fraction(int(rng.integers(0, 33)), 32)
        assert exact_loss_between(segment.start, segment.end, t, problem) == loss


@pytest.mark.parametrize("inactive", [False, True])
def test_free_are_units_that_nothing_reads_or_that_are_zero_on_the_data(inactive: bool) -> None:
    """Known answer: unit 1, and of the second layer unit 2; one that is read is emptied and filled on hidden lines."""
    network = chain(inactive=inactive)
    free = free_units(network, POINTS.X)
    assert {name: found.tolist() for name, found in free.items()} == {"W": [1], "A": [2]}
    assert live_units(network)["W"].tolist() == [True, inactive, True]
    orders = {"W": np.array([2, 1, 0]), "A": np.array([2, 0, 1])}
    path = reordered(network, orders, POINTS.X)
    kinds = [segment.kind for segment in path.segments]
    hidden = [Kind.HIDDEN] if inactive else []
    assert [kind for kind in kinds if kind is Kind.HIDDEN] == 2 * hidden
    assert kinds[0] is (Kind.HIDDEN if inactive else Kind.SILENT)
    for corner in path.corners:
        assert np.array_equal(corner(POINTS.X), network(POINTS.X))
    assert path.end.identical(renamed(network, orders))


def test_without_a_free_unit_it_says_which_layer() -> None:
    network = chain(inactive=False)
    busy = network.replace({"U": np.ones((1, 3))})
    with pytest.raises(InputError, match="layer A has no free unit"):
        reordered(busy, {"W": np.array([2, 1, 0]), "A": np.array([0, 2, 1])}, POINTS.X)
    assert reordered(busy, {"W": np.array([2, 1, 0])}, POINTS.X).end.identical(
        renamed(busy, {"W": np.array([2, 1, 0])})
    )


def test_a_path_too_long_is_not_built(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reorder, "MOST_SEGMENTS", 5)
    with pytest.raises(InputError, match=r"so few units are free \(W 1\) that the path .* has 6 segments"):
        reordered(chain(inactive=False), {"W": np.array([2, 1, 0])}, POINTS.X)
