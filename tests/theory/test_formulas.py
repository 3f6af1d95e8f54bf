"""Statements as relations: they hold at sharpest witnesses and drawn values, and their sides are theory's own."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Rational

from theory import connectivity, merging
from theory.catalogue import STATEMENTS
from theory.formulas import FORMULAS, LIPSCHITZ, PACKED, SHARED
from theory.statement import Kind
from theory.symbols import (
    D,
    L,
    L_ref,
    L_t,
    M,
    S,
    a,
    b,
    c,
    cap,
    change,
    count,
    d,
    depth,
    eps,
    gap,
    l_,
    light,
    m,
    nu,
    sigma,
    t,
)

F = Fraction
scalars = st.fractions(min_value=-9, max_value=9, max_denominator=9)


def test_every_bound_and_identity_has_a_formula_but_these():
    relations = {id_ for id_, item in STATEMENTS.items() if item.kind is not Kind.EXISTENCE}
    assert relations - set(FORMULAS) == {"RM", "C3"}
    assert set(FORMULAS) <= set(STATEMENTS)


@settings(max_examples=40, deadline=None)
@given(scalars, scalars, scalars)
def test_the_scalar_statements_hold_at_drawn_values(x, y, factor):
    values = {a: x, b: y, c: factor}
    for id_ in ("L1a", "L1b", "L1c"):
        if FORMULAS[id_].applies(values):
            assert FORMULAS[id_].holds({s: values[s] for s in FORMULAS[id_].conclusion.free_symbols})


def test_hypotheses_matter():
    """c = -1, a = 1: L1a does not apply, and would be false."""
    values = {a: 1, c: -1}
    assert not FORMULAS["L1a"].applies(values)
    assert not FORMULAS["L1a"].holds(values)


@pytest.mark.parametrize(
    ("id_", "values", "wrong"),
    [
        ("L2", {change: 1, sigma: 1, gap: 1}, {sigma: F(99, 100)}),
        ("L3", {change: 4, t: F(1, 2), D: 8}, {D: F(799, 100)}),
        ("L6", {light: F(3, 10), S: 1, l_: 3, M: 10}, {S: F(99, 100)}),
        ("T1", {L_t: 8, L: 0, L_ref: 0, D: F(3), l_: 1, m: 2}, {D: F(28, 10)}),
        ("C1", {depth: 12, L: 1, L_ref: 0, D: F(27, 10), l_: 1, m: 2}, {D: F(26, 10)}),
        ("R4", {D: F(1, 100), sigma: 1, S: 1, l_: 10, m: 1000}, {S: F(99, 100)}),
        ("R1", {D: F(4195, 10000), sigma: 1, S: 1, l_: 10, m: 1000, d: 2}, {S: F(99, 100)}),
        ("R2", {D: F(127, 1000), sigma: 1, S: 1, l_: 10, m: 1000, d: 2}, {S: F(99, 100)}),
        ("R7", {D: F(6447, 10**6), sigma: 1, S: 1, l_: 10, m: 1000, c: 1}, {S: F(99, 100)}),
        ("C4", {L: 4, eps: 5, D: 1}, {eps: F(49, 10)}),
    ],
)
def test_a_value_at_the_bound_holds_and_with_one_percent_less_does_not(id_, values, wrong):
    """Witnesses of `sharpness` and known answers 3 and 9; where D is irrational, a decimal just inside."""
    formula = FORMULAS[id_]
    needed = formula.conclusion.free_symbols
    assert formula.applies(values)
    assert formula.holds({s: v for s, v in values.items() if s in needed})
    assert not formula.holds({s: v for s, v in {**values, **wrong}.items() if s in needed})


def test_the_right_sides_are_the_expressions_that_are_evaluated():
    assert FORMULAS["C1"].conclusion.rhs is connectivity.C1_DEPTH
    assert FORMULAS["R1"].conclusion.rhs is merging.R1
    assert SHARED.conclusion.rhs is merging.R3_SHARE


def test_the_other_forms():
    """N_1(2 pi/5): mu = 1/5 allows five directions and no six; a loss with G = 1; R3 with a third as centres."""
    assert PACKED.holds({count: 5, cap: F(1, 5)})
    assert not PACKED.holds({count: 6, cap: F(1, 5)})
    values = dict.fromkeys(LIPSCHITZ.conclusion.free_symbols, 1)
    assert LIPSCHITZ.holds({**values, L_t: 2})
    assert not LIPSCHITZ.holds({**values, L_t: F(201, 100)})
    shared = {D: F(32, 10000), sigma: 1, S: 1, l_: 10, m: 1000, d: 2, nu: Rational(1, 3)}
    assert SHARED.holds(shared)
    assert not SHARED.holds({**shared, D: F(33, 10000)})
