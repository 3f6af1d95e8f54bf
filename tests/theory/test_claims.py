"""Somebody's claims: implied, refuted by a witness that is recomputed here, or open; never implied by what is open."""

import re
from fractions import Fraction

import pytest
import sympy
from sympy import Rational, pi, sqrt

from theory import claims_file
from theory.catalogue import CATALOGUE, STATEMENTS
from theory.claims import LEAST, Exponent, Outcome, Packed, Scaled, answer
from theory.claims_file import read_claims
from theory.exact import strictly_below
from theory.ledger import Status
from theory.reading import read_formula
from theory.symbols import eta, n

F = Fraction
ALL = dict.fromkeys(STATEMENTS, Status.PROVED_BY_PARTS)


def outcome(claim, statuses=ALL):
    return answer(claim, statuses).outcome


def test_a_long_bound_is_printed_with_a_decimal_between():
    """R1's bound at the cross-polytope is a root of large numbers; the decimal separates it from 201/202, exactly."""
    found = answer(Scaled("R1 halved and more", "R1", Rational(12, 25)), ALL)
    assert found.outcome is Outcome.REFUTED
    (decimal,) = re.findall(r"201/202 > (\d\.\d+) >= 12/25 times the bound", found.reason)
    bound = CATALOGUE.witnesses["R1"]().bound
    assert not strictly_below(Rational(decimal), Rational(12, 25) * bound)
    assert F(decimal) < F(201, 202)


@pytest.mark.parametrize("bound", LEAST)
def test_a_bound_of_the_ledger_is_implied_and_99_percent_of_it_refuted_or_open(bound):
    """Refuted where the witness attains the bound; else open, as no larger ratio is known."""
    least, _ = LEAST[bound]
    assert outcome(Scaled("ours", bound, least)) is Outcome.IMPLIED
    open_ones = ("C1", "C1+", "R1", "R2", "R3")
    expected = Outcome.OPEN if bound in open_ones else Outcome.REFUTED
    assert outcome(Scaled("1% less", bound, least * Rational(99, 100))) is expected


def test_half_of_R1_follows_from_R4_and_less_than_the_cross_polytope_is_refuted():
    half = answer(Scaled("half", "R1", Rational(1, 2)), ALL)
    assert (half.outcome, half.by) == (Outcome.IMPLIED, ("R4",))
    assert outcome(Scaled("48%", "R1", Rational(48, 100))) is Outcome.REFUTED
    assert outcome(Scaled("1%", "R7", Rational(998, 1000))) is Outcome.REFUTED


def test_the_shipped_file_is_the_abstract_s_rate_and_no_constant():
    read = read_claims(claims_file.shipped("abstract"))
    assert all(isinstance(one, Exponent) and one.value == (eta - 1) / n for one in read)
    assert {(one.bias, one.bounded_mass): outcome(one) for one in read} == {
        (True, False): Outcome.OPEN,
        (False, False): Outcome.OPEN,
        (True, True): Outcome.IMPLIED,
        (False, True): Outcome.IMPLIED,
    }
    assert answer(read[2], ALL).by == ("C1", "R0", "R1")


def test_an_implication_by_an_open_statement_is_open():
    rate = Exponent("rate", "depth", (eta - 1) / n, bias=True, bounded_mass=True)
    assert outcome(rate, {**ALL, "C1": Status.TESTED}) is Outcome.OPEN
    assert outcome(rate, {**ALL, "R0": Status.TESTED}) is Outcome.OPEN
    assert outcome(rate, {}) is Outcome.OPEN
    assert outcome(Scaled("ours", "R4", sympy.Integer(1)), {"R4": Status.REFUTED}) is Outcome.OPEN


@pytest.mark.parametrize(
    ("value", "quantity", "expected"),
    [
        ((eta - 1) / n, "depth", Outcome.IMPLIED),
        (eta - 1, "depth", Outcome.IMPLIED),
        (eta / 2 - 1, "depth", Outcome.IMPLIED),
        (eta / 2 - 1, "deviation", Outcome.OPEN),
        (eta - 1 - 1 / n, "deviation", Outcome.IMPLIED),
        (eta - 1 - 2 / n, "depth", Outcome.OPEN),
        (eta - 1 - Rational(101, 100) / n, "deviation", Outcome.REFUTED),
        (eta - 3, "deviation", Outcome.REFUTED),
        (2 * eta - 3, "deviation", Outcome.REFUTED),
    ],
)
def test_exponents(value, quantity, expected):
    assert outcome(Exponent("rate", quantity, value, bias=True, bounded_mass=True)) is expected


@pytest.mark.parametrize("width", [4, 8, 64, 1000])
def test_the_polygons_that_refute_exponents_do_what_is_said(width):
    """Every sine between two of m equally spaced directions is at least sin(2 pi/m) >= 4/m."""
    from theory.exact import strictly_below

    assert not strictly_below(sympy.sin(2 * pi / width), F(4, width))


@pytest.mark.parametrize(
    ("dimension", "angle", "directions", "expected"),
    [
        (1, Rational(6, 5), 5, Outcome.IMPLIED),
        (1, Rational(6, 5), 4, Outcome.REFUTED),
        (1, 2 * pi / 5, 5, Outcome.IMPLIED),
        (1, 2 * pi / 5, 4, Outcome.OPEN),  # true: five caps would fill the circle; no witness can exist
        (2, Rational(3, 2), 5, Outcome.REFUTED),
        (2, Rational(3, 2), 6, Outcome.OPEN),
        (3, Rational(1), 23, Outcome.REFUTED),
        (7, Rational(1), 10, Outcome.OPEN),
    ],
)
def test_numbers_of_directions(dimension, angle, directions, expected):
    assert outcome(Packed("packing", dimension, angle, directions)) is expected


def toml(**keys):
    lines = [f"{key} = {str(value).lower() if isinstance(value, bool) else repr(value)}" for key, value in keys.items()]
    return "[[claim]]\n" + "\n".join(lines) + "\n"


RATE = {"name": "x", "exponent": "(eta-1)/n", "quantity": "depth", "bias": True, "bounded_mass": True}
SCALED = {"name": "x", "bound": "R4", "constant": "0.99"}
PACKED = {"name": "x", "dimension": 1, "angle": "6/5", "directions": 4}


def test_what_is_written_is_read_exactly():
    read = read_claims(toml(**RATE) + toml(**SCALED) + toml(**PACKED))
    assert read == (
        Exponent("x", "depth", (eta - 1) / n, True, True),
        Scaled("x", "R4", Rational(99, 100)),
        Packed("x", 1, Rational(6, 5), 4),
    )
    assert read_claims(toml(**{**SCALED, "constant": "1/sqrt(2)"}))[0].constant == sqrt(2) / 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "tables"),
        ("claim = 3", "tables"),
        ("[[claim]\n", "no TOML"),
        ("[[claim]]\n" * 101, "too many"),
        ("other = 1\n" + toml(**SCALED), "tables"),
        ("claim = [1]", "claim 1 is no table"),
        (toml(name="x"), "exactly one of"),
        (toml(**SCALED, **{k: v for k, v in PACKED.items() if k != "name"}), "exactly one of"),
        (toml(**SCALED, more=1), "differs in"),
        (toml(bound="R4", constant="1"), "differs in"),
        (toml(**{**SCALED, "name": " "}), "name must be a text"),
        (toml(**{**SCALED, "bound": "R5"}), "bound must be one of"),
        (toml(**{**SCALED, "bound": []}), "bound must be one of"),
        (toml(**{**SCALED, "constant": "-1"}), "real number >= 0"),
        (toml(**{**SCALED, "constant": "sqrt(-1)"}), "real number >= 0"),
        (toml(**{**SCALED, "constant": "1/0"}), "divides by zero"),
        (toml(**{**SCALED, "constant": 0.99}), "must be a text"),
        (toml(**{**SCALED, "constant": "m"}), "no formula of numbers"),
        (toml(**{**SCALED, "constant": "2**1000"}), "at most 64"),
        (toml(**{**SCALED, "constant": "1+" * 200 + "1"}), "too long"),
        (toml(**{**RATE, "exponent": "sqrt(eta)"}), "fraction of polynomials"),
        (toml(**{**RATE, "exponent": "pi*eta"}), "fraction of polynomials"),
        (toml(**{**RATE, "quantity": "height"}), "quantity must be one of"),
        (toml(**{**RATE, "bias": "yes"}), "true or false"),
        (toml(**{**PACKED, "angle": "4"}), r"in \(0, pi\]"),
        (toml(**{**PACKED, "dimension": 0}), "whole number"),
        (toml(**{**PACKED, "directions": True}), "whole number"),
    ],
)
def test_an_unusable_file_is_one_line_that_says_where(text, message):
    with pytest.raises(ValueError, match=message) as raised:
        read_claims(text)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os')",
        "(lambda: 1)()",
        "eta.free_symbols",
        "[1]",
        "1 if 1 else 2",
        "True",
        "1j",
        "f'{1}'",
        "eta <= 1",
        "",
        "1 +",
        "9" * 300,
    ],
)
def test_formulas_are_read_and_never_run(text):
    with pytest.raises(ValueError, match=r"formula"):
        read_formula(text, {"eta": eta})


@pytest.mark.parametrize("text", ["((9**64)**64)**64", "(1/9)**(-64)*((2**64)**64)**64", "1e999999999", "1e-101"])
def test_a_number_that_fits_nowhere_is_refused_before_it_is_made(text):
    with pytest.raises(ValueError, match="out of range"):
        read_formula(text, {})


def test_what_balls_do_not_decide_is_open(monkeypatch):
    def undecided(dimension, angle):
        raise ArithmeticError("no enclosure")

    monkeypatch.setattr("theory.statements.sphere.packing_number", undecided)
    found = answer(Packed("fine", 3, Rational(1), 5), ALL)
    assert (found.outcome, found.reason) == (Outcome.OPEN, "not decided: no enclosure")


def test_numbers_too_long_to_print_are_sized():
    found = answer(Packed("fine", 1000, Rational(1, 10**9), 5), ALL)
    assert found.outcome is Outcome.OPEN
    assert "> 2^" in found.reason
    assert len(found.reason) < 100


@pytest.mark.parametrize("quantity", ["depth", "deviation"])
def test_an_exponent_with_a_pole_at_the_edge_gets_an_answer(quantity):
    """1/(n - 1) has none at n = 1; from there on it is positive and ours are negative."""
    assert outcome(Exponent("odd", quantity, 1 / (n - 1), bias=True, bounded_mass=True)) is Outcome.IMPLIED


def test_half_of_R1_needs_its_order(monkeypatch):
    monkeypatch.setattr("theory.orders.holds", lambda order: False)
    assert outcome(Scaled("half", "R1", Rational(1, 2))) is Outcome.OPEN
    assert outcome(Scaled("ours", "R1", sympy.Integer(1))) is Outcome.IMPLIED


def test_numbers_are_exact():
    assert read_formula("0.1 + 1e-3", {}) == Rational(101, 1000)
    assert read_formula("-(2)**2*pi", {}) == -4 * pi
