"""Every form of every statement: none is empty, each says something, and no two say the same."""

from fractions import Fraction

import pytest
from sympy import pi

from support.formulas import FORMULAS, SLOT, holding, main
from theory.catalogue import STATEMENTS
from theory.symbols import (
    D_A,
    D_V,
    L_0,
    D,
    G,
    K,
    L,
    L_free,
    L_ref,
    L_t,
    Lambda,
    M,
    N,
    S,
    S_ref,
    S_t,
    V_j,
    a,
    above,
    b,
    barrier,
    barrier_chord,
    below,
    bend,
    beta,
    branch_change,
    c,
    cap,
    change,
    corner,
    count,
    d,
    delta,
    density,
    depth,
    distance,
    e,
    effect,
    eps,
    eta,
    exponent,
    gain,
    gap,
    inverse,
    k,
    kappa,
    l_,
    lambda_,
    light,
    m,
    misfit,
    nu,
    omega,
    piece_left,
    piece_right,
    price,
    r,
    radius,
    rank,
    readout_change,
    rho,
    s_i,
    s_j,
    sigma,
    t,
    theta,
    v_ref,
    w_i,
    w_j,
    width,
    wrong_end,
    wrong_ends,
    wrong_start,
    wrong_t,
)

F = Fraction


def test_every_statement_has_its_hypotheses_and_its_conclusion_as_relations():
    for id_, item in STATEMENTS.items():
        assert item.formulas
        assert (item.conclusion, item.hypotheses) == (main(id_).conclusion, main(id_).hypotheses)


def test_forms_of_one_statement_are_told_apart():
    """By hypotheses that differ, or in words."""
    for id_, forms in FORMULAS.items():
        assert len({(one.given, one.hypotheses) for one in forms}) == len(forms), id_


PLACE = {
    D: 1,
    D_A: F(1, 8),
    D_V: F(1, 8),
    G: 1,
    K: F(1, 2),
    L: 2,
    L_0: 3,
    L_free: 2,
    L_ref: 1,
    L_t: 1,
    Lambda: 1,
    M: 20,
    N: 4,
    S: 1,
    S_ref: F(1, 2),
    S_t: 1,
    V_j: 1,
    a: 2,
    above: F(1, 2),
    b: 1,
    barrier: 1,
    barrier_chord: F(3, 2),
    below: 2,
    bend: F(1, 8),
    beta: 1,
    branch_change: 1,
    c: 1,
    cap: F(1, 2),
    change: 1,
    corner: 2,
    count: 2,
    d: 4,
    delta: 2,
    density: 1,
    depth: 1,
    distance: 1,
    e: F(1, 2),
    effect: F(1, 2),
    eps: 9,
    eta: F(1, 2),
    exponent: F(-1, 6),
    gain: 1,
    gap: 1,
    inverse: 1,
    k: 10,
    kappa: 1,
    l_: 10,
    lambda_: 2,
    light: F(1, 2),
    m: 40,
    misfit: 1,
    nu: F(1, 4),
    omega: 1,
    piece_left: 1,
    piece_right: 2,
    price: F(1, 2),
    r: 1,
    radius: 1,
    rank: 4,
    readout_change: 1,
    rho: 1,
    s_i: F(1, 8),
    s_j: F(1, 4),
    sigma: 1,
    t: F(1, 2),
    theta: pi / 2,
    v_ref: F(1, 4),
    w_i: 1,
    w_j: 1,
    width: 40,
    wrong_end: F(1, 4),
    wrong_ends: F(1, 3),
    wrong_start: F(1, 8),
    wrong_t: F(1, 8),
}
"""A point at which most hypotheses hold."""

ELSEWHERE = {
    ("T7B", 1): {corner: F(17, 8)},
    ("U1", 0): {K: F(1, 4)},
    ("U1", 1): {K: F(1, 4)},
    ("L1c", 2): {b: -1},
    ("T4F", 0): {k: 2},
    ("T5", 0): {L: 2},
    ("C3", SLOT): {d: 2},
    ("C3", SLOT + 2): {d: 3, eta: F(8, 9)},
    ("C3", SLOT + 3): {eta: F(2, 3)},
    ("C4", 1): {eps: 3},
    ("C4", 2): {d: 1, m: 2000},
    ("C4", 3): {d: 1},
}
EVERY = [(id_, place) for id_, forms in FORMULAS.items() for place in range(len(forms))]
FALSE = {
    D: 10**9,
    L_t: 10**9,
    S_t: 2,
    change: 5,
    count: 9,
    depth: 10**9,
    exponent: 0,
    light: 2,
    cap: F(1, 10**9),
    L_free: 10**9,
    corner: 10**9,
    effect: 10**9,
    barrier: 10**9,
    barrier_chord: 10**9,
    wrong_ends: 10**9,
    wrong_start: 10**9,
    wrong_t: 10**9,
}
"""Values of left sides that no statement allows at that point; L5's cap must not be small."""
BELOW = {depth: 0, exponent: -1, gain: 0}
"""The same for lower bounds."""
TRUE_WHATEVER = {("L1a", 0), ("L1b", 0), ("L1c", 0), ("L1c", 1), ("L1c", 2), *(("C4", form) for form in range(8))}
"""Facts about numbers: where their hypotheses hold, nothing makes them false."""


@pytest.mark.parametrize(("id_", "form"), EVERY)
def test_no_form_is_empty_and_each_says_something(id_, form):
    """Its hypotheses hold somewhere; and there, unless it is a fact about numbers, its conclusion can be false."""
    formula = FORMULAS[id_][form]
    values = {**PLACE, **ELSEWHERE.get((id_, form), {})}
    needed = {symbol for one in formula.hypotheses for symbol in one.free_symbols}
    assert formula.applies({symbol: values[symbol] for symbol in needed})
    if (id_, form) in TRUE_WHATEVER:
        assert holding(formula, values)
    else:
        free = formula.conclusion.lhs.free_symbols - needed
        wrong = BELOW if formula.conclusion.rel_op == ">=" else FALSE
        assert not holding(formula, {**values, **{s: v for s, v in wrong.items() if s in free}})
