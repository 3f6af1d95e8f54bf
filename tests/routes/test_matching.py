"""Units matched: a renamed copy is found again, and what is matched never makes the line's samples higher."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.data import Data
from numerics.losses.problem import Problem
from numerics.networks import Parallel, Residual
from numerics.networks.base import Network
from numerics.networks.branch import Branch, Layer
from numerics.networks.plain import Plain
from numerics.networks.units import hidden_layers, renamed
from numerics.routes.line import line_losses
from numerics.routes.matching import SAMPLES, by_activations, by_weights, matched
from numerics.testing import networks, partners

POINTS = Data(np.random.default_rng(6).standard_normal((60, 3)), np.random.default_rng(7).standard_normal((60, 2)))


def drawn(kind: str, rng: np.random.Generator) -> Network:
    """Gaussian weights, biases that keep every unit active somewhere: no two units alike."""
    W = rng.standard_normal((6, 4))
    layers = (Layer(rng.standard_normal((5, 6)), np.full(5, 4.0)), Layer(rng.standard_normal((4, 5)), np.full(4, 9.0)))
    branch = Branch(layers)
    V, U = rng.standard_normal((2, 6)), rng.standard_normal((2, 4))
    if kind == "plain":
        return Plain(W=W, branch=branch, U=U, bias=True)
    if kind == "parallel":
        return Parallel(W=W, V=V, branch=branch, U=U, bias=True)
    return Residual(W=W, V=V, branch=branch, U=rng.standard_normal((6, 4)), bias=True)


@pytest.mark.parametrize("kind", ["plain", "parallel", "residual"])
def test_a_renamed_copy_is_found_again(kind: str) -> None:
    """By activations bit for bit; by weights it is nearer than it was."""
    rng = np.random.default_rng(1)
    network = drawn(kind, rng)
    other = renamed(network, {one.name: rng.permutation(one.size) for one in hidden_layers(network)})
    problem = Problem(POINTS)
    assert renamed(other, by_activations(network, other, problem)).identical(network)
    near, far = (
        sum(float(((array - one.parameters()[name]) ** 2).sum()) for name, array in network.parameters().items())
        for one in (renamed(other, by_weights(network, other)), other)
    )
    assert near < far


@settings(max_examples=30)
@given(pair=networks().flatmap(lambda one: st.tuples(st.just(one), partners(one))), seed=st.integers(0, 99))
def test_the_line_is_no_higher_where_it_was_looked_at(pair: tuple[Network, Network], seed: int) -> None:
    """And the orders that come back make the network that comes back."""
    start, end = pair
    rng = np.random.default_rng(seed)
    problem = Problem(Data(rng.standard_normal((4, start.inputs)), rng.standard_normal((4, start.outputs))))
    found = matched(start, end, problem)
    assert renamed(end, found.orders or {}).identical(found.network)
    high, low = (max(line_losses(start, one, problem, times=SAMPLES)) for one in (end, found.network))
    assert low <= high
