"""Rationals as text: canonical form, levels, directed decimals."""

from fractions import Fraction

import pytest
from flint import fmpq
from hypothesis import given
from hypothesis import strategies as st

from numerics.checker import rationals

EXPONENTS = st.integers(-700, 700)
NUMERATORS = st.integers(-(10**25), 10**25)
DENOMINATORS = st.integers(1, 10**25)


def exact(value: Fraction) -> fmpq:
    return fmpq(value.numerator, value.denominator)


@given(NUMERATORS, DENOMINATORS, EXPONENTS)
def test_decimals_enclose_the_value_within_one_unit_of_the_last_of_17_digits(p, q, exponent):
    value = Fraction(p, q) * Fraction(10) ** exponent
    lower, upper = (rationals.decimal(exact(value), up=up) for up in (False, True))
    assert Fraction(lower) <= value <= Fraction(upper)
    if value:
        assert Fraction(upper) - Fraction(lower) <= abs(value) / 10**16
        digits = upper.lstrip("-").split("e")[0].replace(".", "").lstrip("0")
        assert len(digits) == 17


@pytest.mark.parametrize(
    ("value", "lower", "upper"),
    [
        (Fraction(0), "0", "0"),
        (Fraction(1), "1.0000000000000000", "1.0000000000000000"),
        (Fraction(1, 3), "0.33333333333333333", "0.33333333333333334"),
        (Fraction(-1, 3), "-0.33333333333333334", "-0.33333333333333333"),
        (Fraction(1, 30), "0.033333333333333333", "0.033333333333333334"),
        (Fraction(1, 10**6), "0.0000010000000000000000", "0.0000010000000000000000"),
        (Fraction(1, 10**7), "1.0000000000000000e-07", "1.0000000000000000e-07"),
        (1 - Fraction(1, 10**30), "0.99999999999999999", "1.0000000000000000"),
        (Fraction(10) ** 16, "10000000000000000", "10000000000000000"),
        (Fraction(2) ** 1023, "8.9884656743115795e+307", "8.9884656743115796e+307"),
        (Fraction(1, 2**1074), "4.9406564584124654e-324", "4.9406564584124655e-324"),
    ],
)
def test_known_decimals(value, lower, upper):
    assert rationals.decimal(exact(value), up=False) == lower
    assert rationals.decimal(exact(value), up=True) == upper


@given(NUMERATORS, DENOMINATORS)
def test_canonical_text_round_trips(p, q):
    value = Fraction(p, q)
    written = f"{value.numerator}/{value.denominator}"
    assert rationals.text(rationals.parse(written)) == written


def test_long_integers_pass_pythons_limit_on_digits():
    written = "1" + "0" * 20000 + "1/2"
    assert rationals.text(rationals.parse(written)) == written


@pytest.mark.parametrize(
    "written",
    [
        "1",
        "2/4",
        "-0/1",
        "+1/2",
        "1/0",
        "0/0",
        "01/2",
        "1/02",
        "1/-2",
        " 1/2",
        "1/2 ",
        "1_0/3",
        "0.5",
        "1/2/3",
        "",
        "/",
        "٣/1",
        1,
        None,
        "1" * rationals.MAX_TEXT + "/1",
    ],
    ids=lambda written: repr(written)[:20],
)
def test_any_other_text_is_no_rational(written):
    with pytest.raises(ValueError, match="rational"):
        rationals.parse(written)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("0.05", Fraction(1, 20)),
        ("5e-2", Fraction(1, 20)),
        ("1/20", Fraction(1, 20)),
        ("2/40", Fraction(1, 20)),
        (".5", Fraction(1, 2)),
        ("5.", Fraction(5)),
        ("+1E+2", Fraction(100)),
        ("0", Fraction(0)),
        (" 1 ", Fraction(1)),
        ("0.1", Fraction(1, 10)),
        ("1e-999", Fraction(1, 10**999)),
        (Fraction(1, 3), Fraction(1, 3)),
    ],
)
def test_levels_are_read_exactly(written, value):
    assert rationals.parse_level(written) == exact(value)


@pytest.mark.parametrize(
    "written",
    [
        "",
        ".",
        "e5",
        "-1",
        "-0",
        "nan",
        "inf",
        "Infinity",
        "1e999999999",
        "1e99999",
        "0x10",
        "1,5",
        "1/0",
        "1//2",
        "1_000",
        "٣",
        "9" * 1001,
        Fraction(-1, 2),
        "1e",
        "--1",
    ],
    ids=str,
)
def test_nonsense_levels_are_refused_with_a_hint(written):
    with pytest.raises(ValueError, match="write a nonnegative number"):
        rationals.parse_level(written)
