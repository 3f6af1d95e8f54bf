"""Exact evaluation refuses what is not exact; comparison is decided or refused, never guessed."""

from fractions import Fraction

import pytest
import sympy
from sympy import Integer, Rational, pi, sqrt

from theory.exact import (
    ceiling,
    enclosure,
    evaluate,
    evaluate_rational,
    lower,
    number,
    rational,
    strictly_below,
    upper,
    upper_at,
)
from theory.symbols import D, L, N

F = Fraction


@pytest.mark.parametrize("value", [0.5, True, "1/2", None, sympy.Float("0.5"), L, sympy.I, sympy.oo, sympy.nan])
def test_what_is_no_exact_real_number_is_refused(value):
    with pytest.raises(ValueError, match="loss must be"):
        number(value, "loss")


def test_a_missing_symbol_is_named():
    with pytest.raises(ValueError, match="no value for D"):
        evaluate(L + D, {L: 1})


@pytest.mark.parametrize(
    ("symbol", "value", "property_"),
    [
        (L, F(-1, 2), "nonnegative"),
        (N, 0, "positive"),
        (N, F(1, 2), "integer"),
        (L, 1 - sqrt(2), "nonnegative"),
    ],
)
def test_a_value_that_breaks_the_symbols_assumptions_is_refused(symbol, value, property_):
    with pytest.raises(ValueError, match=f"must be {property_}"):
        evaluate(symbol + 1, {symbol: value})


def test_rational_results_are_fractions_and_others_refused():
    result = evaluate_rational(L / 3, {L: F(1, 2)})
    assert result == F(1, 6)
    assert isinstance(result, Fraction)
    with pytest.raises(ValueError, match="not rational"):
        evaluate_rational(sqrt(L), {L: 2})


@pytest.mark.parametrize(
    ("left", "right", "below"),
    [
        (F(1, 3), F(333, 1000), False),
        (F(333, 1000), F(1, 3), True),
        (F(1, 3), F(1, 3), False),
        (pi, F(355, 113), True),
        (F(333, 106), pi, True),
        (sqrt(2) + sqrt(3), sqrt(5 + 2 * sqrt(6)), False),  # equal, and sympy does not see it at once
        (sqrt(2) + sqrt(3), sqrt(5 + 2 * sqrt(6)) + F(1, 10**30), True),  # float64 sees them equal
        (sqrt(2) + sqrt(3), sqrt(5 + 2 * sqrt(6)) - F(1, 10**30), False),
        (sympy.Max(sqrt(2) * pi, 4, evaluate=False), F(9, 2), True),
        (Integer(-2) * sqrt(2), F(-5, 2), True),
    ],
)
def test_strict_order_of_exact_numbers(left, right, below):
    assert strictly_below(left, right) is below


def test_an_equality_out_of_reach_is_refused_not_guessed():
    with pytest.raises(ArithmeticError, match="undecided"):
        strictly_below(sqrt(pi**2 + 2 * pi + 1), pi + 1)


def test_a_function_without_enclosure_is_refused():
    with pytest.raises(ValueError, match="no enclosure"):
        strictly_below(sympy.tan(2), 1)


@pytest.mark.parametrize(
    "value", [sqrt(2), pi, pi ** Rational(1, 7), sqrt(2) - 10**6 * sqrt(3), sympy.gamma(Rational(1, 3))]
)
def test_ends_lie_on_their_sides_and_are_close(value):
    below, above = lower(value), upper(value)
    assert strictly_below(below, value)
    assert strictly_below(value, above)
    assert above - below < F(1, 10**28)


def test_a_rational_is_its_own_end():
    assert lower(F(1, 3)) == upper(F(1, 3)) == F(1, 3)
    assert upper(sqrt(Rational(9, 4))) == F(3, 2)


@pytest.mark.parametrize(
    ("value", "least"),
    [(F(7, 2), 4), (3, 3), (F(-1, 2), 0), (sqrt(2), 2), (sqrt(16), 4), (10**50 * pi, None), (-pi, -3)],
)
def test_ceilings(value, least):
    result = ceiling(value)
    if least is not None:
        assert result == least
    assert not strictly_below(result, value)
    assert strictly_below(result - 1, value)


def test_a_ceiling_next_to_an_integer_is_decided_and_of_a_hidden_integer_safe():
    assert ceiling(4 - Rational(1, 10**60) * sqrt(2)) == 4
    assert ceiling(4 + Rational(1, 10**60) * sqrt(2)) == 5
    hidden = sqrt(2) + sqrt(3) - sqrt(5 + 2 * sqrt(6))  # zero, and balls cannot tell
    assert ceiling(hidden) in (0, 1)


def test_a_power_of_a_difference_that_is_zero_is_enclosed():
    """From R9's search: both losses are 8, and FLINT's own power of the tiny ball around 0 is no number."""
    least = -L * (sqrt(L) - sqrt(D)) ** 2 / 3
    assert 0 <= upper_at(least, {L: 8, D: 8}) < F(1, 2**200)
    assert 0 <= upper_at((sqrt(L) + 1) ** -4, {L: 4}) - F(1, 81) < F(1, 2**100)


def test_upper_at_agrees_with_upper_and_is_exact_on_rational_functions():
    assert upper_at(L / (D + 1), {L: F(1, 3), D: 2}) == F(1, 9)
    expression = sqrt(L) * D + pi
    above = upper_at(expression, {L: 2, D: 3})
    exact = 3 * sqrt(2) + pi
    assert strictly_below(exact, above)
    assert strictly_below(above, exact + Rational(1, 10**30))
    with pytest.raises(ValueError, match="no value for D"):
        upper_at(expression, {L: 2})
    with pytest.raises(ValueError, match="must be nonnegative"):
        upper_at(expression, {L: -2, D: 1})


def test_an_infinite_enclosure_is_refused():
    with pytest.raises(ArithmeticError, match="no finite enclosure"):
        enclosure(1 / (sqrt(2) - Rational(lower(sqrt(2), 200))), 64)


def test_irrational_numbers_are_no_rationals():
    assert rational(F(1, 2), "x") == F(1, 2)
    with pytest.raises(ValueError, match="x must be rational"):
        rational(sqrt(2), "x")
    with pytest.raises(ValueError, match="x must be exact"):
        rational(0.5, "x")
