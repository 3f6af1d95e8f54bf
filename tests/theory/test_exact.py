"""Exact evaluation refuses what is not exact; comparison is decided or refused, never guessed."""

from fractions import Fraction

import pytest
import sympy
from sympy import Integer, pi, sqrt

from theory.exact import evaluate, evaluate_rational, number, strictly_below
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
        strictly_below(sympy.log(2), 1)
