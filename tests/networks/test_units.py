"""Renamed units: the same outputs in exact arithmetic, for every class; what is no renaming is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from numerics.data import Data
from numerics.errors import InputError
from numerics.losses import exact_losses
from numerics.losses.problem import Problem
from numerics.networks.base import Network
from numerics.networks.two_layer import TwoLayer
from numerics.networks.units import hidden_layers, renamed
from numerics.testing import networks


def orders_of(network: Network, seed: int) -> dict[str, np.ndarray]:
    """A random permutation of every layer."""
    rng = np.random.default_rng(seed)
    return {layer.name: rng.permutation(layer.size) for layer in hidden_layers(network)}


def data_for(network: Network, seed: int) -> Data:
    """Three points."""
    rng = np.random.default_rng(seed)
    return Data(rng.standard_normal((3, network.inputs)), rng.standard_normal((3, network.outputs)))


@given(network=networks(), seed=st.integers(0, 999))
def test_renaming_changes_no_loss(network: Network, seed: int) -> None:
    """Exactly, in the finder's integers."""
    other = renamed(network, orders_of(network, seed))
    losses = exact_losses([network, other], Problem(data_for(network, seed)))
    assert losses[0] == losses[1]


@given(network=networks(), seed=st.integers(0, 999))
def test_renaming_back_gives_the_same_bits(network: Network, seed: int) -> None:
    """The inverse of every order."""
    orders = orders_of(network, seed)
    back = renamed(renamed(network, orders), {name: np.argsort(order) for name, order in orders.items()})
    assert back.identical(network)


def test_rows_without_their_columns_are_another_function() -> None:
    """The planted fault beside its true twin: the units move, but V does not know."""
    network = TwoLayer(W=np.array([[1.0], [2.0]]), V=np.array([[1.0, 0.0]]))
    points = Problem(Data([[1.0]], [[1.0]]))
    order = np.array([1, 0])
    true, false = renamed(network, {"W": order}), network.replace({"W": network.W[order]})
    assert exact_losses([network, true, false], points) == [0, 0, 1]


@pytest.mark.parametrize("order", [[0, 0], [1, 2], [0], [0, 1, 2]])
def test_what_is_no_permutation_is_refused(order: list[int]) -> None:
    """Twice the same, out of range, too few, too many."""
    network = TwoLayer(W=np.ones((2, 1)), V=np.ones((1, 2)))
    with pytest.raises(InputError, match="layer W has 2 units: each of their numbers 0 to 1 is needed once"):
        renamed(network, {"W": np.array(order)})
    with pytest.raises(InputError, match="A is no hidden layer of this network: its layers are W"):
        renamed(network, {"A": np.array([0, 1])})
