"""L1: proved for all reals; false twins are refuted, their witnesses checked here by other arithmetic."""

from fractions import Fraction

import pytest
import z3
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.proof import Verdict
from theory.smt import prove
from theory.smt import relu as smt_relu
from theory.statements import relu

F = Fraction
modest = settings(max_examples=40, deadline=None)
scalars = st.fractions(min_value=-9, max_value=9, max_denominator=9)
A, B, C, U, V = z3.Reals("a b c u v")


def plus(value):
    """[value]_+ of a Fraction; no code shared with theory."""
    return value if value > 0 else F(0)


def mirrored_sum(u, v):
    return (plus(u) - plus(v)) ** 2 + (plus(-u) - plus(-v)) ** 2


@pytest.mark.parametrize("proof", relu.PROOFS, ids=lambda proof: proof.__name__)
def test_proved(proof):
    assert proof().verdict is Verdict.PROVED


def refuted(claim, *assuming):
    result = prove("L1", claim, assuming=assuming, scope="a planted error")
    assert result.verdict is Verdict.REFUTED
    return result.witness


def test_homogeneity_fails_for_negative_factors():
    w = refuted(smt_relu(C * A) == C * smt_relu(A))
    assert w["c"] < 0
    assert plus(w["c"] * w["a"]) != w["c"] * plus(w["a"])


def test_lipschitz_constant_below_one_is_refuted():
    w = refuted(10 * z3.Abs(smt_relu(A) - smt_relu(B)) <= 9 * z3.Abs(A - B))
    assert abs(plus(w["a"]) - plus(w["b"])) > F(9, 10) * abs(w["a"] - w["b"])


def test_lipschitz_is_not_strict():
    w = refuted(z3.Abs(smt_relu(A) - smt_relu(B)) < z3.Abs(A - B), A != B)
    assert w["a"] != w["b"]
    assert abs(plus(w["a"]) - plus(w["b"])) == abs(w["a"] - w["b"])


def test_mirrored_bound_is_not_strict():
    w = refuted(relu.mirrored_sum(U, V) < (U - V) * (U - V), U != V)
    assert mirrored_sum(w["u"], w["v"]) == (w["u"] - w["v"]) ** 2


def test_mirrored_bound_with_the_wrong_sign_is_refuted():
    w = refuted(relu.mirrored_sum(U, V) >= (U - V) * (U - V))
    assert mirrored_sum(w["u"], w["v"]) < (w["u"] - w["v"]) ** 2


def test_mirrored_bound_needs_the_square_on_both_terms():
    first, second = smt_relu(U) - smt_relu(V), smt_relu(-U) - smt_relu(-V)
    w = refuted(first * first + z3.Abs(second) <= (U - V) * (U - V))
    assert (plus(w["u"]) - plus(w["v"])) ** 2 + abs(plus(-w["u"]) - plus(-w["v"])) > (w["u"] - w["v"]) ** 2


def test_equality_also_happens_when_one_of_them_is_zero():
    same_sign = z3.Or(z3.And(U > 0, V > 0), z3.And(U < 0, V < 0))
    w = refuted((relu.mirrored_sum(U, V) == (U - V) * (U - V)) == same_sign)
    assert w["u"] * w["v"] == 0
    assert mirrored_sum(w["u"], w["v"]) == (w["u"] - w["v"]) ** 2


def test_known_answer_1():
    assert mirrored_sum(F(3), F(-2)) == 13
    assert (3 - -2) ** 2 == 25
    assert mirrored_sum(F(3), F(1)) == 4 == (3 - 1) ** 2


@modest
@given(scalars, scalars)
def test_the_three_facts_on_fractions(u, v):
    assert plus(abs(u) * v) == abs(u) * plus(v)
    assert abs(plus(u) - plus(v)) <= abs(u - v)
    assert mirrored_sum(u, v) <= (u - v) ** 2
    assert (mirrored_sum(u, v) == (u - v) ** 2) == (u * v >= 0)
