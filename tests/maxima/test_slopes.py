"""Where divided differences say that a corner is the maximum, no exact loss of the piece exceeds the corner's."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.arithmetic.balls import Ball
from numerics.data import Data
from numerics.losses.problem import Problem
from numerics.maxima import slopes
from numerics.maxima.slopes import Quotient, Quotients, corner_is_maximum
from numerics.networks import TwoLayer
from numerics.networks.base import Network
from numerics.networks.classes import network_of
from support.oracles import CLASSES
from support.seeded_networks import loss_at, problem

SEED = 77
WIDTHS = (1.0, 0.5, 0.125, 2.0**-10, 2.0**-30, 2.0**-48)
TIMES = 20
CASES = max(1000, settings.default.max_examples)  # a planted error must be caught within those that are sound


def no_time_exceeds(
    corner: Network, other: Network, width: float, data: Data, rng: np.random.Generator, count: int
) -> bool:
    """Whether the exact losses at random rational times of (0, width] stay below the corner's."""
    level, shares = loss_at(corner, other, data, Fraction(0)), rng.integers(1, 1001, count)
    times = [Fraction(width), *(Fraction(width) * Fraction(int(share), 1000) for share in shares)]
    return all(loss_at(corner, other, data, t) <= level for t in times)


def proofs_hold(cases: int, seed: int = SEED) -> int:
    """Check that many random pieces; how many were proved."""
    rng, proved = np.random.default_rng(seed), 0
    for k in range(cases):
        corner, other, data = problem(rng, magnitude=("narrow", "narrow", "ordinary", "subnormal", "wide")[k % 5])
        if k % 2:  # towards smaller outputs, where descent is likely
            other = corner.replace(
                {name: array * rng.choice([0.5, 1.0, 0.75]) for name, array in other.parameters().items()}
            )
        width = float(rng.choice(WIDTHS))
        if corner_is_maximum(corner, other, width, Problem(data)):
            proved += 1
            assert no_time_exceeds(corner, other, width, data, rng, 5), f"seed {seed}, case {k}: {corner.kind}, {width}"
    return proved


def test_proofs_hold_on_random_pieces() -> None:
    """All classes, exact zeros and ties at the corner, subnormals; enough of them are proved to mean something."""
    assert proofs_hold(CASES) >= CASES // 10


@given(st.sampled_from(CLASSES), st.sampled_from(WIDTHS), st.integers(0, 2**32 - 1))
def test_a_proof_holds(kind: str, width: float, seed: int) -> None:
    """Narrow dyadic weights: zeros and ties are exact, and frequent."""
    rng = np.random.default_rng(seed)
    corner, other, data = problem(rng, kind=kind, magnitude="narrow")
    if corner_is_maximum(corner, other, width, Problem(data)):
        assert no_time_exceeds(corner, other, width, data, rng, TIMES)


def net(W: list[list[float]], V: list[list[float]]) -> TwoLayer:
    return TwoLayer(W=np.array(W), V=np.array(V))


def points(*pairs: tuple[float, float]) -> Data:
    return Data(np.array([[x] for x, _ in pairs]), np.array([[y] for _, y in pairs]))


def test_a_strict_descent_is_proved() -> None:
    """`(1 - t/2)^4` at one point with target 0: on the whole segment; and with another neuron exactly at its kink."""
    assert corner_is_maximum(net([[1.0]], [[1.0]]), net([[0.5]], [[0.5]]), 1.0, Problem(points((1.0, 0.0))))
    assert corner_is_maximum(
        net([[1.0], [0.0]], [[1.0, 0.1]]), net([[0.5], [1.0]], [[0.5, 0.1]]), 0.5, Problem(points((1.0, 0.0)))
    )


@pytest.mark.parametrize("kind", CLASSES)
def test_a_strict_descent_is_proved_in_every_class(kind: str) -> None:
    """Only the output shrinks to its half, through the last matrix and `c`."""
    rng, found = np.random.default_rng(SEED), 0
    for _ in range(20):
        corner, _, data = problem(rng, kind=kind, magnitude="ordinary")
        still = Data(data.X, np.zeros_like(data.Y))
        other = corner.replace({name: 0.5 * corner.parameters()[name] for name in corner.readout})
        moving = loss_at(corner, other, still, Fraction(0)) > 0
        assert corner_is_maximum(corner, other, 1.0, Problem(still)) == moving
        found += moving
    assert found >= 5


def test_an_ascent_is_never_proved() -> None:
    """Also where it is one part in 2^40 and begins after a descent."""
    up = net([[1.0]], [[1.0]]), net([[1.0]], [[1.0 + 2.0**-40]])
    assert not corner_is_maximum(*up, 1.0, Problem(points((1.0, 0.0))))
    assert not corner_is_maximum(*up, 2.0**-48, Problem(points((1.0, 0.0))))
    valley = net([[1.0]], [[1.0]]), net([[1.0]], [[-1.0 - 2.0**-40]])
    assert not corner_is_maximum(*valley, 1.0, Problem(points((1.0, 0.0))))
    assert corner_is_maximum(*valley, 0.5, Problem(points((1.0, 0.0))))


def test_an_ascent_at_one_sample_may_be_paid_by_another() -> None:
    """The sum counts: 1 -> 4 at one point, 25 -> 1 at the other."""
    corner, other = net([[1.0], [-1.0]], [[1.0, 5.0]]), net([[1.0], [-1.0]], [[2.0, 1.0]])
    assert corner_is_maximum(corner, other, 1.0, Problem(points((1.0, 0.0), (-1.0, 0.0))))
    assert not corner_is_maximum(corner, other, 1.0, Problem(points((1.0, 0.0), (1.0, 0.0), (1.0, 0.0))))


def test_samples_in_blocks_are_added(monkeypatch: pytest.MonkeyPatch) -> None:
    """A descent in the last block does not hide an ascent in the first, nor the other way round."""
    monkeypatch.setattr(slopes, "ROWS", 1)
    corner, other = net([[1.0], [-1.0]], [[1.0, 5.0]]), net([[1.0], [-1.0]], [[4.0, 4.99]])
    for order in ((1.0, -1.0), (-1.0, 1.0)):
        assert not corner_is_maximum(corner, other, 1.0, Problem(points(*((x, 0.0) for x in order))))


def test_hulls_without_zero_are_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: where a sign is open, ReLU's quotient is taken for the whole difference."""
    corner, other = net([[1.0], [-1.0]], [[1.0, 1.0]]), net([[-9.0], [-2.0]], [[1.0, 1.0]])
    assert not corner_is_maximum(corner, other, 1.0, Problem(points((1.0, 0.5))))
    monkeypatch.setattr(Ball, "hull_with_zero", lambda self: self)
    with pytest.raises(AssertionError, match="seed"):
        proofs_hold(CASES)


def test_forgotten_reach_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: weights taken to stay at the corner while differences pass through them."""
    monkeypatch.setattr(Quotients, "_reached", lambda self, weight: weight.corner)
    with pytest.raises(AssertionError, match="seed"):
        proofs_hold(CASES)


def test_forgotten_squares_are_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: the loss's term of second order is dropped."""
    monkeypatch.setattr(Ball, "magnitude", lambda self: np.zeros_like(self.mid))
    with pytest.raises(AssertionError, match="seed"):
        proofs_hold(CASES)


def test_quotients_of_relu_hold_for_every_sign() -> None:
    """`([h(t)]_+ - [h(0)]_+) / t` is in its ball for constant quotients, at ties and exact zeros as well."""
    rng = np.random.default_rng(SEED)
    for width in WIDTHS:
        h0, d = (
            rng.integers(-2, 3, (40, 1)) / 4.0,
            rng.integers(-4, 5, (40, 1)) / rng.choice([1.0, 4.0, 1024.0], (40, 1)),
        )
        found = Quotients(width).relu(Quotient(Ball.exact(h0), Ball.exact(d))).difference
        for corner, slope, mid, rad in zip(
            *(map(Fraction, a.ravel().tolist()) for a in (h0, d, found.mid, found.rad)), strict=True
        ):
            for t in (Fraction(width), Fraction(width) / 7):
                quotient = (max(corner + t * slope, Fraction(0)) - max(corner, Fraction(0))) / t
                assert abs(quotient - mid) <= rad


# Counterexamples to earlier versions, each from the review that found it.


def test_an_overflow_in_the_first_layer_proves_nothing() -> None:
    """A neuron of pre-activation 1e307, though its float64 sum is -inf half-way, was taken for silent."""
    first = np.zeros(1 << 14)
    first[0] = 1.0
    W = np.array([np.repeat([-1.3e306, 1.3013e306], 1 << 13), first])
    corner, other = TwoLayer(W=W, V=np.array([[2e-308, 0.1]])), TwoLayer(W=W, V=np.array([[4e-308, 0.0]]))
    data = Data(np.array([np.ones(1 << 14), first]), np.zeros((2, 1)))
    assert loss_at(corner, other, data, Fraction(1)) > loss_at(corner, other, data, Fraction(0))
    assert not corner_is_maximum(corner, other, 1.0, Problem(data))


def test_weights_whose_difference_overflows_prove_nothing() -> None:
    """And warn of nothing."""
    assert not corner_is_maximum(net([[1e308]], [[1.0]]), net([[-1e308]], [[1.0]]), 1.0, Problem(points((1.0, 0.0))))


def test_a_velocity_that_underflows_is_not_a_weight_at_rest() -> None:
    """`A + [0, w] D` with `D = eta`, `w = 1/2` is no single point; with `D = 0` it is."""
    corner = net([[1.0]], [[1.0]])
    quotients = Quotients(2.0**-48)
    moving = slopes.Leaving.between(np.array([[1.0, 1.0]]), np.array([[1.0 + 2.0**-52, 1.0]]))
    rad = quotients._reached(moving).rad
    assert rad[0, 0] > 0.0
    assert rad[0, 1] == 0.0
    tiny = slopes.Leaving.between(np.array([[0.0, -0.0]]), np.array([[2.0**-1074, 0.0]]))
    assert (quotients._reached(tiny).rad > 0.0).tolist() == [[True, False]]
    assert corner.width == 1


def test_a_network_at_rest_is_proved_by_no_slope() -> None:
    """Nothing moves, so the slope is 0, and what is added for underflow keeps it from being at most 0."""
    named = {"W": np.ones((1, 1)), "V": np.ones((1, 1)), "A": np.ones((1, 1)), "U": np.ones((1, 1))}
    here = network_of("residual", named, bias=False)
    assert not corner_is_maximum(here, here, 1.0, Problem(points((1.0, 0.0))))
