"""Exact losses against the Fraction oracle and the 60-digit witness."""

from fractions import Fraction

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import exact_loss, interpolate, witness_loss

from numerics.data import Data
from numerics.errors import InputError
from numerics.losses import (
    exact_loss_between,
    exact_losses,
    float_loss,
    readout_is_improvable,
    target_sums,
)
from numerics.networks import Network, TwoLayer
from numerics.testing import data_for, parallels, partners, times, two_layers

NETWORKS = st.one_of(parallels(), two_layers(), parallels(wide=True), two_layers(wide=True))


def oracle(network: Network, data: Data) -> Fraction:
    return exact_loss(network.parameters(), network.kind, int(network.bias), data.X, data.Y)


@given(st.data())
def test_exact_losses_equal_the_oracle(data: st.DataObject) -> None:
    """Several networks of one space at once, wide exponents and subnormals included."""
    network = data.draw(NETWORKS)
    others = [data.draw(partners(network)) for _ in range(data.draw(st.integers(0, 2)))]
    points = data.draw(data_for(network))
    networks = [network, *others, network]
    assert exact_losses(networks, points) == [oracle(one, points) for one in networks]


@given(st.data())
def test_the_witness_agrees(data: st.DataObject) -> None:
    """mpmath at 60 digits, another forward pass: relative difference at most 1e-50."""
    network = data.draw(st.one_of(parallels(), two_layers()))
    points = data.draw(data_for(network))
    exact = exact_losses([network], points)[0]
    witness = witness_loss(network.parameters(), network.kind, int(network.bias), points.X, points.Y)
    with mpmath.workdps(60):
        difference = abs(witness - mpmath.mpf(exact.numerator) / exact.denominator)
        assert difference <= mpmath.mpf(10) ** -50 * max(1, abs(witness))


@given(st.data())
def test_losses_between_two_networks_are_exact(data: st.DataObject) -> None:
    """At any rational time, where the weights are no floats any more."""
    network = data.draw(NETWORKS)
    other = data.draw(partners(network))
    points = data.draw(data_for(network))
    t = data.draw(st.one_of(times(), st.fractions(0, 1)))
    mixed = interpolate(network.parameters(), other.parameters(), t)
    exact = exact_loss(mixed, network.kind, int(network.bias), points.X, points.Y)
    assert exact_loss_between(network, other, t, points) == exact


@pytest.mark.parametrize("t", [Fraction(-1, 3), Fraction(4, 3)])
def test_a_time_outside_the_segment_is_refused(t: Fraction) -> None:
    """The line goes on beyond its ends; the segment does not."""
    network = TwoLayer(W=np.ones((1, 1)), V=np.ones((1, 1)))
    with pytest.raises(ValueError, match="outside"):
        exact_loss_between(network, network, t, Data(np.ones((1, 1)), np.ones((1, 1))))


def test_equal_rows_in_one_network_are_not_added_in_float64() -> None:
    """Two neurons with one row and readouts 1 and 2^-60: their sum is no float64."""
    network = TwoLayer(W=np.ones((2, 1)), V=np.array([[1.0, 2.0**-60]]))
    loss = exact_losses([network], Data(np.ones((1, 1)), np.ones((1, 1))))[0]
    assert loss == Fraction(2) ** -120


@given(st.data())
def test_float_losses_are_near(data: st.DataObject) -> None:
    """The search's loss, on weights of ordinary size: a sum of at most 100 products of numbers below 1e9."""
    network = data.draw(st.one_of(parallels(), two_layers()))
    points = data.draw(data_for(network))
    exact = exact_losses([network], points)[0]
    assert float_loss(network, points) == pytest.approx(float(exact), rel=1e-9, abs=1e-9)


def test_float_losses_that_overflow_are_infinite() -> None:
    """Never NaN, so that comparisons in a search stay meaningful."""
    network = TwoLayer(W=np.array([[1e200], [1e200]]), V=np.array([[1e200, -1e200]]))
    assert float_loss(network, Data(np.ones((1, 1)), np.ones((1, 1)))) == float("inf")


@given(st.data())
def test_target_sums_are_exact(data: st.DataObject) -> None:
    """What `theory` needs for R0."""
    points = data.draw(data_for(data.draw(two_layers())))
    squares, sums = target_sums(points)
    rows = [[Fraction(float(y)) for y in row] for row in points.Y]
    assert squares == sum((y * y for row in rows for y in row), Fraction(0))
    assert list(sums) == [sum(column, Fraction(0)) for column in zip(*rows, strict=True)]


def test_memory_above_the_budget_is_refused_before_it_is_used() -> None:
    """Not the range of exponents but its cost is refused, in one line."""
    network = TwoLayer(W=np.array([[1e300], [5e-324]]), V=np.array([[1e300, 5e-324]]))
    points = Data(np.array([[1e300], [5e-324]]), np.ones((2, 1)))
    assert exact_losses([network], points) == [oracle(network, points)]
    with pytest.raises(InputError, match="budget"):
        exact_losses([network], points, budget=10_000)


def test_a_readout_at_its_optimum_cannot_be_improved_and_any_other_can() -> None:
    """One point, one neuron: f = v, y = 1; the derivative vanishes at v = 1 only (with `c`: the residuals' sum)."""
    points = Data(np.ones((1, 1)), np.ones((1, 1)))
    for with_c in (None, np.zeros(1)):
        for v, improvable in ((1.0, False), (1.0 + 2.0**-52, True), (0.0, True)):
            network = TwoLayer(W=np.ones((1, 1)), V=np.array([[v]]), c=with_c)
            assert readout_is_improvable(network, points) is improvable
