"""E2, E3: their steps, planted errors, log-sum-exp by mpmath, and a path's excess over the chord by hand."""

from fractions import Fraction

import mpmath
import pytest
import z3
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.proof import Verdict
from theory.smt import maximum, prove
from theory.statements import convex_ends
from theory.statements.convex_ends import corner_excess

F = Fraction
numbers = st.fractions(min_value=-6, max_value=6, max_denominator=8)


@pytest.mark.parametrize("proof", convex_ends.PROOFS, ids=lambda proof: proof.__name__)
def test_proved(proof):
    assert proof().verdict is Verdict.PROVED


def refuted(statement, claim, *assuming):
    result = prove(statement, claim, assuming=assuming, scope="a planted error")
    assert result.verdict is Verdict.REFUTED
    return result.witness


def log_sum_exp(values):
    return mpmath.log(mpmath.fsum(mpmath.exp(mpmath.mpf(v.numerator) / v.denominator) for v in values))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(numbers, numbers), min_size=1, max_size=4), st.fractions(-1, 1, max_denominator=16))
def test_log_sum_exp_of_models_is_at_most_its_larger_end(models, s):
    with mpmath.workdps(40):
        middle, left, right = (log_sum_exp([a + b * x for a, b in models]) for x in (s, F(-1), F(1)))
        assert middle <= max(left, right) + mpmath.mpf(10) ** -35


def test_the_larger_margin_is_no_upper_bound_of_log_sum_exp():
    """Two margins 0: the larger is 0, cross-entropy log 2; it is a lower bound, within log p."""
    with mpmath.workdps(40):
        assert log_sum_exp([F(0), F(0)]) == mpmath.log(2) > 0
        assert 0 <= log_sum_exp([F(3), F(0), F(-1)]) - 3 <= mpmath.log(3)


def test_a_negative_variance_is_refuted():
    """`one_more_exponential` without v >= 0: the step needs Q Z >= M^2 before."""
    Z, mu, v, e, b = z3.Reals("Z mu v e b")
    claim = Z * (mu * mu + v) + e * b * b
    w = refuted("E2", claim * (Z + e) >= (Z * mu + e * b) * (Z * mu + e * b), Z > 0, e >= 0)
    assert w["v"] < 0


def test_one_end_of_a_piece_is_not_enough():
    left, right, value, s, r = z3.Reals("left right value s r")
    chord = 2 * r * value <= (r - s) * left + (r + s) * right
    w = refuted("E2", value <= right, r > 0, s <= r, -s <= r, chord)
    assert w["left"] > w["right"]


def test_outside_the_piece_the_ends_say_nothing():
    left, right, value, s, r = z3.Reals("left right value s r")
    chord = 2 * r * value <= (r - s) * left + (r + s) * right
    w = refuted("E2", value <= maximum(left, right), r > 0, chord)
    assert abs(w["s"]) > w["r"]


def test_the_excess_of_a_segment_that_is_not_convex_exceeds_its_corners():
    """`convex_less_affine` without the chord of the segment."""
    start, end, left, right, value, share, x, y = z3.Reals("L(0) L(1) L(x) L(y) L(t) s x y")

    def over(loss, time):
        return loss - ((1 - time) * start + time * end)

    middle = over(value, (1 - share) * x + share * y)
    w = refuted("E3", middle <= maximum(over(left, x), over(right, y)), share >= 0, share <= 1)
    s = w["s"]
    assert w["L(t)"] > (1 - s) * w["L(x)"] + s * w["L(y)"]


def test_excess_by_hand():
    """Losses 1, 2, 0 at times 0, 1/2, 1: the chord is 1/2 in the middle, the excess 3/2; the barrier is 1."""
    assert corner_excess([1, 2, 0]) == F(3, 2)
    assert corner_excess([1, 2, 0]) == max(1, 2, 0) - max(1, 0) + F(1, 2)
    assert corner_excess([3, 0, 1]) == 0
    assert corner_excess([F(1, 3), 1]) == 0
    with pytest.raises(ValueError, match="at least its two ends"):
        corner_excess([1])


def test_a_barrier_of_0_can_be_above_the_chord():
    """Losses 0, 1, 1: never above the higher end, and half above the chord: so much the two conventions differ."""
    losses = [0, 1, 1]
    assert max(losses) - max(losses[0], losses[-1]) == 0
    assert corner_excess(losses) == F(1, 2) <= abs(losses[0] - losses[-1])
