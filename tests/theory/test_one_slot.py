"""T7, C7, T7F, T7L, R9, T12: their evaluators by hand, what they refuse, and drawn values against plain arithmetic."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Rational, sqrt

from theory.exact import strictly_below
from theory.statements import leave_one_out, live_branch, one_slot, one_slot_losses, one_slot_regularised, vacuity

F = Fraction
modest = settings(max_examples=60, deadline=None)
positive = st.fractions(min_value=0, max_value=9, max_denominator=9)
shares = st.fractions(min_value=0, max_value=1, max_denominator=12)


@modest
@given(shares, *[positive] * 4)
def test_the_step_against_plain_arithmetic_and_its_best_share(e, free, goal, variance, square):
    values = {"free_loss": free, "reference_loss": goal, "variance": variance, "distance_square": square}
    value = one_slot.step_level(e, **values)
    assert value == (1 - e) * free + e * goal + e * e * variance - e * (1 - e) * square
    best = one_slot.best_share(**values)
    assert 0 <= best <= 1
    assert one_slot.step_level(best, **values) <= value


@modest
@given(*[positive] * 3, st.integers(1, 6))
def test_above_the_threshold_some_step_ends_below(loss, goal, spread, width):
    """f' and g* on one line through y, on one side of it: the worst case of Minkowski, K^2 for the variance."""
    rise = F(1, width * width)
    if not one_slot.above_threshold(loss=loss, reference_loss=goal, spread=spread, rise=rise):
        return
    x, y = (
        sqrt(Rational((loss + rise).numerator, (loss + rise).denominator)),
        sqrt(Rational(goal.numerator, goal.denominator)),
    )
    K = Rational(spread.numerator, spread.denominator)
    gap = x - y
    far = x * gap / (gap**2 + K**2)
    e = Rational(1) if strictly_below(1, far) else far
    assert strictly_below(((1 - e) * x + e * y) ** 2 + e**2 * K**2, Rational(loss.numerator, loss.denominator))


def test_C7s_closed_forms():
    sizes = {"sigma": 2, "mass": 3, "width": 4}
    assert one_slot.depth_upper(loss=4, silent_branch=True, **sizes) == F(9, 4)
    assert one_slot.depth_upper(loss=4, silent_branch=False, **sizes) == 6 + F(9, 4)
    assert one_slot.mixed_depth(loss=4, readout=1, branch=F(1, 2)) == 2 + Rational(9, 4)
    assert one_slot.mixed_depth(loss=4, readout=F(3, 2), branch=0) == Rational(9, 4)


def test_C7_needs_a_better_reference():
    assert not one_slot.above_threshold(loss=1, reference_loss=1, spread=0, rise=0)
    assert one_slot.above_threshold(loss=1, reference_loss=F(1, 2), spread=0, rise=0)


@pytest.mark.parametrize("share", [F(-1, 2), F(3, 2)])
def test_a_share_outside_0_1_is_refused(share):
    with pytest.raises(ValueError, match="0 <= e <= 1"):
        one_slot.step_level(share, free_loss=1, reference_loss=0, variance=0, distance_square=0)
    with pytest.raises(ValueError, match="0 <= e <= 1"):
        one_slot_losses.step_level(share, constant=1, free_loss=1, reference_loss=0, variance=0)


def test_T7F_by_hand():
    """sigma^2 = 4, F = 3, kappa = 1/2, m = 6: (2 * 3/3)^2 = 4; with a live branch s_j (2 sigma r - kappa) + ..."""
    assert one_slot_regularised.rate(objective=3, sigma_square=4, penalty=F(1, 2), width=6) == 4
    assert one_slot_regularised.live_rise(loss=4, mass=F(1, 2), sigma=1, penalty=1) == Rational(7, 4)
    assert one_slot_regularised.live_rise(loss=0, mass=F(1, 2), sigma=1, penalty=1) == 0
    assert one_slot_regularised.above_threshold(objective=5, reference=0, spread=1, rise=4)
    assert not one_slot_regularised.above_threshold(objective=4, reference=0, spread=1, rise=4)
    with pytest.raises(ValueError, match="kappa > 0"):
        one_slot_regularised.rate(objective=3, sigma_square=4, penalty=0, width=6)


def test_T7L_by_hand():
    assert one_slot_losses.smoothness("huber:2") == 1
    assert one_slot_losses.smooth_depth(constant=F(1, 4), effect_square=8) == 1
    assert one_slot_losses.step_level(F(1, 2), constant=1, free_loss=2, reference_loss=0, variance=4) == F(3, 2)
    values = {"reference_loss": 0, "constant": F(1, 2), "spread": 4, "effect_norm": 1}
    assert one_slot_losses.above_threshold(loss=F(21, 10), **values)
    assert not one_slot_losses.above_threshold(loss=2, **values)
    with pytest.raises(ValueError, match="no smoothness constant"):
        one_slot_losses.smoothness("hinge")


@pytest.mark.parametrize(
    ("gram", "leaving", "message"),
    [
        ([[1, 1], [1, 1]], [0], "singular"),
        ([[1, 0], [0, 1]], [0, 0], "each once"),
        ([[1, 0], [0, 1]], [2], "each once"),
        ([[1, 0], [0, 1]], [], "each once"),
        ([[1]], [0], "columns"),
    ],
)
def test_R9_refuses(gram, leaving, message):
    with pytest.raises(ValueError, match=message):
        leave_one_out.leave_out_price([[1, 2]], gram, leaving)


def test_R9s_gains():
    assert leave_one_out.row_gain([F(1), F(2)], F(5)) == 1
    assert leave_one_out.row_gain([F(0)], F(0)) == 0
    assert leave_one_out.least_gain(free_loss=4, reference_loss=1, spread=2) <= 1
    assert leave_one_out.least_gain(free_loss=4, reference_loss=1, spread=2) > F(999, 1000)
    with pytest.raises(ValueError, match=r"H\* > 0"):  # g* = 0 with L* = L' = 1: the quotient would be 0/0
        leave_one_out.least_gain(free_loss=1, reference_loss=1, spread=0)
    with pytest.raises(ValueError, match="must be > 0"):
        leave_one_out.row_gain([F(1)], F(0))
    with pytest.raises(ValueError, match=r"L\* <= L'"):
        leave_one_out.least_gain(free_loss=1, reference_loss=4, spread=2)


def test_T12_by_hand():
    """C = 4 + 16/2 = 12; k = 3, S = 2, m = 6: 12 (3 * 2/12)^2 = 3."""
    C = live_branch.margin(sigma_square=1, density=1, misfit=1, radius_square=1, branch=2)
    assert C == 12
    assert live_branch.margin_depth(C, mass=2, width=6, together=3) == 3
    assert live_branch.margin_depth(0, mass=2, width=6, together=3) == 0
    with pytest.raises(ValueError, match="Lambda > 0"):
        live_branch.margin(sigma_square=1, density=1, misfit=1, radius_square=1, branch=0)
    with pytest.raises(ValueError, match="2 <= k <= m"):
        live_branch.margin_depth(C, mass=2, width=2, together=3)


@pytest.mark.parametrize("silent", [True, False])
def test_C4s_width_by_one_slot_is_enough_and_one_less_is_not(silent):
    width = vacuity.one_slot_width(loss=1, depth=F(1, 10), sigma=2, mass=3, silent_branch=silent)
    depths = [one_slot.depth_bound(loss=1, sigma=2, mass=3, width=m, silent_branch=silent) for m in (width, width - 1)]
    assert not strictly_below(Rational(1, 10), depths[0])
    assert strictly_below(Rational(1, 10), depths[1])


def test_C4s_width_of_the_threshold():
    """K sigma S/m < L - sqrt(L L*) = 1/2 from m = 5 on, where K sigma S = 2; at 4 it is an equality."""
    values = {"loss": 1, "reference_loss": F(1, 4), "spread": 2}
    width = vacuity.threshold_width(sigma=1, mass=1, **values)
    assert width == 5
    assert [one_slot.above_threshold(rise=F(1, m * m), **values) for m in (4, 5)] == [False, True]
    with pytest.raises(ValueError, match=r"L\* < L"):
        vacuity.threshold_width(loss=1, reference_loss=1, spread=1, sigma=1, mass=1)
