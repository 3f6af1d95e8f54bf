"""First-order models in FLINT's balls: upper bounds for every class, exact where no sign is open."""

from fractions import Fraction

import numpy as np
import pytest
from flint import arb, ctx
from hypothesis import given
from hypothesis import strategies as st

from numerics.data import Data
from numerics.losses.problem import Problem
from numerics.maxima import exact_models
from numerics.maxima.exact_models import ExactModels, exact_bound, upper_end
from numerics.networks import TwoLayer
from numerics.networks.classes import network_of
from support.oracles import CLASSES
from support.seeded_networks import loss_at, problem, time_in

SEED = 4242


def drawn_piece(rng: np.random.Generator) -> tuple[Fraction, Fraction]:
    """Rational ends, dyadic or not, of any width."""
    left = Fraction(int(rng.integers(0, 60)), 60)
    width = Fraction(1, int(rng.choice([1, 3, 8, 1 << 30, 1 << 70])))
    return left, min(Fraction(1), left + width)


def pieces_are_bounded(cases: int) -> None:
    rng = np.random.default_rng(SEED)
    for k in range(cases):
        start, end, data = problem(rng)
        left, right = drawn_piece(rng)
        upper = exact_bound(start, end, Problem(data), left, right)
        assert upper is not None, f"seed {SEED}, case {k}"
        for t in (left, right, time_in(rng, left, right)):
            assert loss_at(start, end, data, t) <= upper, (
                f"seed {SEED}, case {k}: {t} in [{left}, {right}], {start.kind}"
            )


def test_400_random_pieces_are_bounded() -> None:
    """All classes, all magnitudes."""
    pieces_are_bounded(400)


@given(st.sampled_from(CLASSES), st.integers(0, 2**32 - 1))
def test_any_piece_is_bounded(kind: str, seed: int) -> None:
    """Case by case."""
    rng = np.random.default_rng(seed)
    start, end, data = problem(rng, kind=kind)
    left, right = drawn_piece(rng)
    upper = exact_bound(start, end, Problem(data), left, right)
    assert upper is not None
    assert all(loss_at(start, end, data, left + (right - left) * Fraction(k, 6)) <= upper for k in range(7))


def test_chords_without_excess_are_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: an open sign costs nothing."""
    true = exact_models._interval
    monkeypatch.setattr(exact_models, "_interval", lambda low, high: true(low, high / 2))
    with pytest.raises(AssertionError, match="seed"):
        pieces_are_bounded(400)


def test_forgotten_second_order_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: `s^2` is taken for 0 in the layers."""
    true = ExactModels.__init__

    def flat(self: ExactModels, r: arb) -> None:
        true(self, r)
        self.square = arb(0)

    monkeypatch.setattr(ExactModels, "__init__", flat)
    with pytest.raises(AssertionError, match="seed"):
        pieces_are_bounded(400)


def test_only_the_middle_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: the bound of the centre for the whole piece."""
    true = exact_models._bound
    monkeypatch.setattr(exact_models, "_bound", lambda start, weights, problem, r: true(start, weights, problem, 0 * r))
    with pytest.raises(AssertionError, match="seed"):
        pieces_are_bounded(400)


def net(W: float, V: float) -> TwoLayer:
    return TwoLayer(W=np.array([[W]]), V=np.array([[V]]))


POINT = Data(np.ones((1, 1)), np.zeros((1, 1)))


def test_the_maximum_is_exact_where_no_sign_is_open_and_one_matrix_moves() -> None:
    """W moves alone from 1 to 2, V is 3: `9 (1+t)^2`, at its largest at the right end; at dyadic times, exactly."""
    for left, right in ((0, 1), (0, Fraction(1, 2)), (Fraction(1, 4), Fraction(3, 8))):
        assert (
            exact_bound(net(1.0, 3.0), net(2.0, 3.0), Problem(POINT), Fraction(left), Fraction(right))
            == 9 * (1 + right) ** 2
        )


def test_losses_beyond_floats_are_bounded() -> None:
    """1e200 times 1e200, squared: an exact fraction of 2660 bits, below the bound and near it."""
    start, end = net(1e200, 1e200), net(2e200, 1e200)
    upper = exact_bound(start, end, Problem(POINT), Fraction(0), Fraction(1))
    exact = loss_at(start, end, POINT, Fraction(1))
    assert upper is not None
    assert exact <= upper <= exact * (1 + Fraction(1, 1 << 200))


def test_a_loss_of_zero_is_bounded_by_exactly_zero() -> None:
    """A neuron that stays silent, and two that cancel."""
    assert exact_bound(net(-1.0, 1.0), net(-2.0, 5.0), Problem(POINT), Fraction(0), Fraction(1)) == 0
    one, two = (TwoLayer(W=np.full((2, 1), w), V=np.array([[v, -v]])) for w, v in ((1.0, 0.3), (2.0, 0.7)))
    assert exact_bound(one, two, Problem(POINT), Fraction(1, 3), Fraction(2, 3)) == 0


def test_nan_is_no_bound_and_no_sign() -> None:
    """NaN passes through ReLU as NaN; its upper end is None."""
    assert upper_end(arb("nan")) is None
    assert upper_end(arb("inf")) is None
    for pair in ((arb("nan"), arb(0)), (arb(-1), arb("nan")), (arb("nan"), arb(1))):
        value, _ = ExactModels(arb(1))._relu(*pair)
        assert not value.is_finite()


def test_upper_ends_are_exact() -> None:
    """Of exact numbers themselves, 0 included; of balls, not below the midpoint plus the radius."""
    for value in (0.0, 1.5, -(2.0**-1074), 1.7e308):
        assert upper_end(arb(value)) == Fraction(value)
    end = upper_end(arb(1, 0.25))
    assert end is not None
    assert Fraction(5, 4) <= end < Fraction(5, 4) * (1 + Fraction(1, 1 << 20))


def test_the_precision_is_restored() -> None:
    """Also after an error."""
    before = ctx.prec
    exact_bound(net(1.0, 1.0), net(2.0, 1.0), Problem(POINT), Fraction(0), Fraction(1))
    assert ctx.prec == before
    with pytest.raises(AttributeError):
        exact_bound(None, None, Problem(POINT), Fraction(0), Fraction(1))
    assert ctx.prec == before


def test_chords_in_balls_enclose_relu(monkeypatch: pytest.MonkeyPatch) -> None:
    """Exactly, at both ends, at the kink and between."""
    rng = np.random.default_rng(SEED)
    monkeypatch.setattr(ctx, "prec", exact_models.PRECISION)
    for _ in range(300):
        p, q, r = (Fraction(float(x)) for x in rng.standard_normal(3) * 10.0 ** rng.integers(-9, 9, 3))
        r = abs(r)
        models = ExactModels(exact_models._arb(r))
        value, slope = models._relu(exact_models._arb(p), exact_models._arb(q))
        for s in (-r, r, Fraction(0), r / 3, -p / q if abs(p) <= abs(q) * r else r):
            exact = exact_models._arb(max(p + q * s, Fraction(0)))  # a ball of its own, where it is not dyadic
            assert (value + slope * exact_models._arb(s)).overlaps(exact)


def test_sums_of_models_are_entrywise() -> None:
    """`plus` in a residual block: one ball each."""
    named = {"W": np.ones((1, 1)), "V": np.ones((1, 1)), "A": np.ones((1, 1)), "U": np.full((1, 1), 2.0)}
    here = network_of("residual", named, bias=False)
    assert exact_bound(here, here, Problem(POINT), Fraction(0), Fraction(1)) == 9
