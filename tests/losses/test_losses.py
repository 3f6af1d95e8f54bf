"""Exact losses against the Fraction oracle and the 60-digit witness."""

import tracemalloc
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.data import Data
from numerics.errors import InputError
from numerics.losses import (
    between,
    exact_loss_between,
    exact_losses,
    float_loss,
    readout_is_improvable,
    readout_is_optimal,
    single,
    target_sums,
)
from numerics.losses.exact_forward import Blocks
from numerics.losses.problem import Problem
from numerics.networks import Network, Parallel, Residual, TwoLayer, network_of
from numerics.networks.forward import outputs
from numerics.testing import data_for, networks, parallels, partners, plains, residuals, streams, times, two_layers
from support.oracles import exact_loss, interpolate, witness_loss

NETWORKS = st.one_of(networks(), networks(wide=True))


SMALL = {
    "two-layer": {"W": (2, 1), "V": (1, 2)},
    "parallel": {"W": (2, 1), "V": (1, 2), "A": (1, 2), "U": (1, 1)},
    "residual": {"W": (2, 1), "V": (1, 2), "A": (1, 2), "U": (2, 1)},
    "stream": {"W": (2, 1), "V": (1, 2), "blocks.0.A": (1, 2), "blocks.0.U": (2, 1)},
    "plain": {"W": (2, 1), "A": (1, 2), "U": (1, 1)},
}


def oracle(network: Network, data: Data) -> Fraction:
    return exact_loss(network.parameters(), network.kind, int(network.bias), data.X, data.Y)


@given(st.data())
def test_exact_losses_equal_the_oracle(data: st.DataObject) -> None:
    """Several networks of one space at once, wide exponents and subnormals included."""
    network = data.draw(NETWORKS)
    others = [data.draw(partners(network)) for _ in range(data.draw(st.integers(0, 2)))]
    points = data.draw(data_for(network))
    networks = [network, *others, network]
    assert exact_losses(networks, Problem(points)) == [oracle(one, points) for one in networks]


@given(st.data())
def test_the_witness_agrees(data: st.DataObject) -> None:
    """mpmath at 60 digits, another forward pass: relative difference at most 1e-50."""
    network = data.draw(networks())
    points = data.draw(data_for(network))
    exact = exact_losses([network], Problem(points))[0]
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
    assert exact_loss_between(network, other, t, Problem(points)) == exact


@pytest.mark.parametrize("t", [Fraction(-1, 3), Fraction(4, 3)])
def test_a_time_outside_the_segment_is_refused(t: Fraction) -> None:
    """The line goes on beyond its ends; the segment does not."""
    network = TwoLayer(W=np.ones((1, 1)), V=np.ones((1, 1)))
    with pytest.raises(ValueError, match="outside"):
        exact_loss_between(network, network, t, Problem(Data(np.ones((1, 1)), np.ones((1, 1)))))


@given(st.data())
def test_two_classes_that_are_one_function_have_one_loss(data: st.DataObject) -> None:
    """A stream of one block is residual; a plain network is a parallel one with V = 0."""
    stream = data.draw(streams(blocks=1))
    points = data.draw(data_for(stream))
    named = {name.removeprefix("blocks.0."): array for name, array in stream.parameters().items()}
    residual = Residual.of(named, bias=stream.bias)
    assert exact_losses([stream], Problem(points)) == exact_losses([residual], Problem(points))
    plain = data.draw(plains())
    points = data.draw(data_for(plain))
    parallel = Parallel.of({**plain.parameters(), "V": np.zeros((plain.outputs, plain.width))}, bias=plain.bias)
    assert exact_losses([plain], Problem(points)) == exact_losses([parallel], Problem(points))


@given(st.data())
def test_blocks_of_samples_and_progress(data: st.DataObject) -> None:
    """A budget for few samples at a time gives the same loss; shares never fall and end at 1."""
    network = data.draw(networks())
    points = data.draw(data_for(network, points=st.just(6)))
    whole = exact_losses([network], Problem(points))
    shares: list[float] = []
    refused = 0
    for budget in (int(20 * 1.3**k) for k in range(40)):
        try:
            assert exact_losses([network], Problem(points, budget=budget), progress=shares.append) == whole
        except InputError:
            refused += 1
            assert not shares
            continue
        assert shares == sorted(shares)
        assert shares[-1] == 1.0
        if len(shares) > 1:
            break
        shares.clear()
    assert refused


@given(st.data())
@settings(max_examples=10)
def test_blocks_in_threads_are_one_after_the_other(data: st.DataObject) -> None:
    """Two samples at a time, in threads and one after the other: the loss of all of them at once."""
    network = data.draw(st.one_of(plains(), residuals()))
    other, points = data.draw(partners(network)), data.draw(data_for(network))
    problem = Problem(Data(np.tile(points.X, (5, 1)), np.tile(points.Y, (5, 1))))
    wanted = exact_losses([network, other], problem), exact_loss_between(network, other, Fraction(1, 3), problem)
    for together in (True, False):
        blocks = Blocks(tuple(slice(first, first + 2) for first in range(0, problem.size, 2)), together)
        with pytest.MonkeyPatch.context() as patch:
            for module in (single, between):
                patch.setattr(module, "blocks_for", lambda *given, bits=0, blocks=blocks: blocks)
            assert exact_losses([network, other], problem) == wanted[0]
            assert exact_loss_between(network, other, Fraction(1, 3), problem) == wanted[1]


@pytest.mark.parametrize("kind", sorted(SMALL))
def test_rational_weights_that_do_not_fit_the_budget_are_refused(kind: str) -> None:
    """The denominator's bits count: 3170 in each of the weights, and once more for every matrix on the way."""
    network = network_of(kind, {name: np.ones(shape) for name, shape in SMALL[kind].items()}, bias=False)
    points = Data(np.ones((1, 1)), np.ones((1, 1)))
    other = network.replace({"W": np.zeros_like(network.W)})
    t = Fraction(1, 3**2000)
    assert exact_loss_between(network, other, Fraction(1, 3), Problem(points, budget=10_000)) > 0
    with pytest.raises(InputError, match="budget"):
        exact_loss_between(network, other, t, Problem(points, budget=10_000))
    mixed = interpolate(network.parameters(), other.parameters(), t)
    assert exact_loss_between(network, other, t, Problem(points)) == exact_loss(mixed, kind, 0, points.X, points.Y)


@pytest.mark.parametrize("kind", ["residual", "stream", "plain"])
@pytest.mark.parametrize("t", [None, Fraction(1, 3), Fraction(2**100 + 1, 3**160)])
def test_what_is_allocated_stays_within_the_budget(kind: str, t: Fraction | None) -> None:
    """numpy reports its allocations to tracemalloc: with any budget that is taken the peak is below it."""
    rng = np.random.default_rng(0)
    large = {name: (20 * rows, 20 * cols) for name, (rows, cols) in SMALL[kind].items()}
    network = network_of(kind, {name: rng.normal(size=shape) for name, shape in large.items()}, bias=False)
    other = network.replace({"W": rng.normal(size=network.W.shape) * 2.0**-100})
    points = Data(rng.normal(size=(60, 20)), rng.normal(size=(60, 20)))
    taken = 0
    for budget in (2**18 * 3**k for k in range(4)):
        tracemalloc.start()
        try:
            if t is None:
                exact_losses([other], Problem(points, budget=budget))
            else:
                exact_loss_between(network, other, t, Problem(points, budget=budget))
            taken += 1
            assert tracemalloc.get_traced_memory()[1] <= budget
        except InputError:
            assert not taken  # once a budget suffices, every larger one does
        finally:
            tracemalloc.stop()
    assert taken


def test_two_spaces_have_nothing_between() -> None:
    """A width more, or a class."""
    network = TwoLayer(W=np.ones((1, 1)), V=np.ones((1, 1)))
    wider = TwoLayer(W=np.ones((2, 1)), V=np.ones((1, 2)))
    with pytest.raises(ValueError, match="one space"):
        exact_loss_between(network, wider, Fraction(1, 2), Problem(Data(np.ones((1, 1)), np.ones((1, 1)))))


def test_equal_rows_in_one_network_are_not_added_in_float64() -> None:
    """Two neurons with one row and readouts 1 and 2^-60: their sum is no float64."""
    network = TwoLayer(W=np.ones((2, 1)), V=np.array([[1.0, 2.0**-60]]))
    loss = exact_losses([network], Problem(Data(np.ones((1, 1)), np.ones((1, 1)))))[0]
    assert loss == Fraction(2) ** -120


@given(st.data())
def test_float_losses_are_near(data: st.DataObject) -> None:
    """Within 512 u of `(1/N) sum (|f| + |y|)^2` for the network on absolute values, u = 2^-53.

    Each residual is within 100 u of its `|f| + |y|` (90 roundings in f, one more); squares, a sum of at most 18 terms
    and a division follow.
    """
    network = data.draw(networks())
    points = data.draw(data_for(network))
    positive = {name: abs(array) for name, array in network.parameters().items()}
    most = exact_loss(positive, network.kind, int(network.bias), abs(points.X), -abs(points.Y))
    error = abs(Fraction(float_loss(network, Problem(points))) - exact_losses([network], Problem(points))[0])
    assert error <= Fraction(512, 2**53) * most


def test_float_losses_that_overflow_are_infinite() -> None:
    """Never NaN, so that comparisons in a search stay meaningful."""
    network = TwoLayer(W=np.array([[1e200], [1e200]]), V=np.array([[1e200, -1e200]]))
    assert float_loss(network, Problem(Data(np.ones((1, 1)), np.ones((1, 1))))) == float("inf")


@given(st.data())
def test_target_sums_are_exact(data: st.DataObject) -> None:
    """What `theory` needs for R0."""
    points = data.draw(data_for(data.draw(two_layers())))
    squares, sums = target_sums(Problem(points))
    rows = [[Fraction(float(y)) for y in row] for row in points.Y]
    assert squares == sum((y * y for row in rows for y in row), Fraction(0))
    assert list(sums) == [sum(column, Fraction(0)) for column in zip(*rows, strict=True)]


def test_memory_above_the_budget_is_refused_before_it_is_used() -> None:
    """Not the range of exponents but its cost is refused, in one line."""
    network = TwoLayer(W=np.array([[1e300], [5e-324]]), V=np.array([[1e300, 5e-324]]))
    points = Data(np.array([[1e300], [5e-324]]), np.ones((2, 1)))
    assert exact_losses([network], Problem(points)) == [oracle(network, points)]
    with pytest.raises(InputError, match="budget"):
        exact_losses([network], Problem(points, budget=10_000))


def test_a_readout_at_its_optimum_cannot_be_improved_and_any_other_can() -> None:
    """One point, one neuron: f = v, y = 1; the derivative vanishes at v = 1 only (with `c`: the residuals' sum)."""
    points = Data(np.ones((1, 1)), np.ones((1, 1)))
    for with_c in (None, np.zeros(1)):
        for v, improvable in ((1.0, False), (1.0 + 2.0**-52, True), (0.0, True)):
            network = TwoLayer(W=np.ones((1, 1)), V=np.array([[v]]), c=with_c)
            assert readout_is_improvable(network, Problem(points)) is improvable


@settings(max_examples=settings.default.max_examples // 2)
@given(st.one_of(two_layers(), parallels(), residuals(), streams()), st.data())
def test_a_readout_is_optimal_exactly_if_no_entry_of_it_has_a_slope(network: Network, data: st.DataObject) -> None:
    """The loss is a parabola in each entry of V: no slope if it is the same one step up and one step down."""
    points = data.draw(data_for(network, points=st.integers(1, 2)))
    if data.draw(st.booleans()):
        points = Data(points.X, outputs(network, points.X))  # a loss of 0 has no slope
    level = True
    for index in np.ndindex(network.V.shape):
        up, down = network.V.copy(), network.V.copy()
        up[index], down[index] = up[index] + 1.0, down[index] - 1.0
        level = level and oracle(network.replace({"V": up}), points) == oracle(network.replace({"V": down}), points)
    assert readout_is_optimal(network, Problem(points)) is level
    if network.c is None:
        assert readout_is_improvable(network, Problem(points)) is not level


@given(plains())
def test_a_readout_is_a_matter_of_networks_with_a_skip(network: Network) -> None:
    """PLAIN has no V: refused, never answered wrongly."""
    points = Data(np.ones((1, network.inputs)), np.ones((1, network.outputs)))
    with pytest.raises(ValueError, match="class plain has no V"):
        readout_is_optimal(network, Problem(points))
