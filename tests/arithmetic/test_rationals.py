"""Rationals as text: exact, and rounded in the direction that was promised."""

from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from numerics.arithmetic.rationals import Enclosure, brief, decimal, parse, text
from numerics.errors import InputError


def test_large_numbers_are_brief_and_rounded_as_asked() -> None:
    """Five digits and an exponent from 10^12 on."""
    assert brief(Fraction(10**12 - 1), up=False, digits=5) == "999990000000"
    assert brief(Fraction(123456789 * 10**12), up=True, digits=5) == "1.2346e+20"
    assert brief(Fraction(123456789 * 10**12), up=False, digits=5) == "1.2345e+20"
    assert brief(Fraction(999999 * 10**12), up=True, digits=5) == "1e+18"
    assert brief(-Fraction(10**400), up=True, digits=5) == "-1e+400"


@given(st.fractions(), st.integers(1, 20))
@example(Fraction(-1, 3), 17)
@example(Fraction(999_999_999, 1_000_000), 3)
@example(Fraction(1, 10**400 + 1), 17)
def test_decimals_enclose_the_value_to_the_last_digit(value: Fraction, digits: int) -> None:
    """Lower <= value <= upper, and the two differ by less than one unit of the last digit."""
    lower, upper = (Fraction(decimal(value, up=up, digits=digits)) for up in (False, True))
    assert lower <= value <= upper
    assert upper - lower <= abs(value) / Fraction(10) ** (digits - 1)


@given(st.fractions())
def test_fractions_survive_their_text(value: Fraction) -> None:
    """`p/q` with q written even if it is 1."""
    assert Fraction(text(value)) == value
    assert text(value).count("/") == 1


def test_fractions_longer_than_python_prints_are_written() -> None:
    """Python refuses integers of more than 4,300 digits; FLINT does not."""
    assert len(text(Fraction(1, 3**20_000))) > 9_000


@given(st.fractions(min_value=0, max_denominator=10**6))
def test_levels_are_parsed_exactly(value: Fraction) -> None:
    """As p/q; decimals below."""
    assert parse(text(value)) == value
    assert parse("5e-2") == parse("0.05") == parse("1/20") == Fraction(1, 20)


@pytest.mark.parametrize(
    "bad", ["nan", "inf", "-inf", "x", "", "1/0", "1/2/3", "1e999999999", "0x10", "1/ x", "-1", "-1/2"]
)
def test_what_is_no_level_is_refused(bad: str) -> None:
    """With one line, and without building a huge number."""
    with pytest.raises(InputError, match="level"):
        parse(bad)


def test_a_single_value_has_an_exact_form_and_an_interval_has_none() -> None:
    """The JSON of an enclosure."""
    assert Enclosure.of(Fraction(1, 3)).to_json() == {
        "lower": "0.33333333333333333",
        "upper": "0.33333333333333334",
        "exact": "1/3",
    }
    assert Enclosure(Fraction(1, 3), None).to_json() == {"lower": "0.33333333333333333", "upper": None, "exact": None}
