"""Statements as relations: none is empty, they hold at witnesses and drawn values, and their sides are theory's own."""

from fractions import Fraction

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Max, Rational, pi, sqrt

from theory.catalogue import STATEMENTS
from theory.statements import connectivity, measured, merging, rates, separation, vacuity
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
FORMULAS = {id_: item.formulas for id_, item in STATEMENTS.items()}
scalars = st.fractions(min_value=-9, max_value=9, max_denominator=9)


def main(id_):
    return STATEMENTS[id_].formulas[0]


def holding(formula, values):
    """Whether the conclusion holds at those of the values that are in it."""
    return formula.holds({symbol: values[symbol] for symbol in formula.conclusion.free_symbols})


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

SLOT = 2 * len(rates.ONE_SLOT)
"""C3 begins with as many forms by one slot."""

ELSEWHERE = {
    ("T7B", 1): {corner: F(17, 8)},
    ("U1", 0): {K: F(1, 4)},
    ("U1", 1): {K: F(1, 4)},
    ("L1c", 2): {b: -1},
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


@settings(max_examples=40, deadline=None)
@given(scalars, scalars, scalars)
def test_the_scalar_statements_hold_at_drawn_values(x, y, factor):
    values = {a: x, b: y, c: factor}
    for id_ in ("L1a", "L1b", "L1c"):
        for form in FORMULAS[id_]:
            if form.applies(values):
                assert holding(form, values)


def test_hypotheses_matter():
    """c = -1, a = 1: L1a does not apply, and would be false."""
    values = {a: 1, c: -1}
    assert not main("L1a").applies(values)
    assert not main("L1a").holds(values)


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
        (
            "T7",
            {depth: 1, corner: 3, L: 2, L_free: 2, L_ref: 0, v_ref: 1, distance: 0, e: F(1, 2)},
            {corner: F(29, 10)},
        ),
        ("C7", {depth: F(1, 4), effect: F(1, 2), L: 2, L_ref: 0, K: 1}, {effect: F(49, 100)}),
        ("T7F", {depth: F(9, 4), effect: F(3, 2), L: 9, L_ref: 0, sigma: 1, S_ref: 2, kappa: 1}, {effect: F(149, 100)}),
        ("T7L", {depth: F(1, 8), effect: F(1, 2), beta: 1, L: 2, L_ref: 0, K: 1}, {beta: F(99, 100)}),
        ("T8b", {depth: F(1, 3), omega: F(1, 3), L: F(2, 3)}, {depth: F(32, 100)}),
        ("T10P", {depth: F(3, 200), m: 2}, {m: 3}),
    ],
)
def test_a_value_at_the_bound_holds_and_with_one_percent_less_does_not(id_, values, wrong):
    """Witnesses of `sharpness` and known answers 3 and 9; where D is irrational, a decimal just inside."""
    formula = main(id_)
    assert formula.applies(values)
    assert holding(formula, values)
    assert not holding(formula, {**values, **wrong})


def test_the_right_sides_are_the_expressions_that_are_evaluated():
    assert main("C1").conclusion.rhs is connectivity.C1_DEPTH
    assert [form.conclusion.rhs for form in FORMULAS["R1"]] == [merging.R1, merging.R1_AVERAGED]
    assert [form.conclusion.rhs for form in FORMULAS["R3"]] == [merging.R3_CENTRES, merging.R3_SHARE]


def test_the_other_forms():
    """N_1(2 pi/5): mu = 1/5 allows five directions and no six; a loss with G = 1; R3 with a third as centres."""
    packed, lipschitz, shared = FORMULAS["L5"][1], FORMULAS["L8"][1], FORMULAS["R3"][1]
    assert packed.holds({count: 5, cap: F(1, 5)})
    assert not packed.holds({count: 6, cap: F(1, 5)})
    values = dict.fromkeys(lipschitz.conclusion.free_symbols, 1)
    assert lipschitz.holds({**values, L_t: 2})
    assert not lipschitz.holds({**values, L_t: F(201, 100)})
    nine = {D: F(32, 10000), sigma: 1, S: 1, l_: 10, m: 1000, d: 2, nu: Rational(1, 3)}
    assert shared.holds(nine)
    assert not shared.holds({**nine, D: F(33, 10000)})


def test_L2_has_the_symmetric_and_the_normal_form():
    """X = +-1, a = 1, b = 0: 1/sqrt 2, attained; X ~ N(0, I) at a right angle: 1 - 1/pi."""
    symmetric, normal = FORMULAS["L2"][1:]
    assert symmetric.holds({change: sqrt(2) / 2, sigma: 1, gap: 1})
    assert not symmetric.holds({change: F(708, 1000), sigma: 1, gap: 1})
    assert normal.holds({change: sqrt(1 - 1 / pi), w_i: 1, w_j: 1, theta: pi / 2})
    assert not normal.holds({change: F(4, 5), w_i: 1, w_j: 1, theta: pi / 2})


def test_C2F_by_hand():
    """lambda = 4, kappa = 1, sigma = 1, l/m = 1/4: (2 + 4/4)^2 = 9."""
    values = {lambda_: 4, kappa: 1, sigma: 1, l_: 1, m: 4, L: 4, L_ref: 4}
    assert main("C2F").applies(values)
    assert not main("C2F").applies({**values, L: 5})
    assert holding(main("C2F"), {**values, L_t: 9})
    assert not holding(main("C2F"), {**values, L_t: F(901, 100)})


def test_T4_and_T4b_suppose_that_the_point_is_inside_and_not_global():
    values = {m: 5, N: 3, l_: 2, L: 1, lambda_: 1, L_ref: 0}
    assert main("T4").applies(values)
    assert not main("T4").applies({**values, L: 2})
    assert main("T4b").applies(values)
    assert not main("T4b").applies({**values, L_ref: 1})


def test_T5_is_known_answer_13():
    valley = separation.plain_valley([1, -2])
    values = {above: valley.depth, below: valley.loss, L: valley.loss}
    assert main("T5").applies(values)
    assert holding(main("T5"), {**values, depth: F(1, 2)})
    assert not holding(main("T5"), {**values, depth: F(49, 100)})
    assert not main("T5").applies({above: 2, below: 2, L: 2})


def test_RM_is_known_answer_3():
    """B_V = (3, -1), features (1, 0) and (3, 4) on the points (1, 0), (0, 1): D^2 = 8, and t D = change."""
    square = measured.squared_norm([[3, -1]], [[F(1, 2), F(3, 2)], [F(3, 2), F(25, 2)]])
    assert square == 8
    values = {readout_change: sqrt(sympy.Integer(8)), branch_change: 7, Lambda: 0, t: F(1, 2)}
    assert holding(main("RM"), {**values, change: sqrt(sympy.Integer(2))})
    assert not holding(main("RM"), {**values, change: F(142, 100)})


@settings(max_examples=25, deadline=None)
@given(
    st.fractions(min_value=F(1, 100), max_value=F(99, 100), max_denominator=100),
    st.integers(min_value=1, max_value=12),
    st.sampled_from(sorted(rates.STATED)),
)
def test_C3_no_eta_gives_a_smaller_exponent_and_the_stated_one_attains_it(share, size, route):
    """The total gap's exponent, from the derived one of D and Maurey's -eta/2, in C3's relations."""

    def total(at):
        ours = rates.deviation_exponent(route).subs({eta: at, d: size})
        return Max(sympy.nsimplify(ours), -at / 2)

    place = sorted(rates.STATED).index(route)
    attained, least = FORMULAS["C3"][SLOT + place], FORMULAS["C3"][SLOT + 4 + place]
    assert f"route {route}," in attained.given
    assert attained.given == least.given
    values = {eta: share, d: size}
    if least.applies(values):
        assert holding(least, {**values, exponent: total(Rational(share.numerator, share.denominator))})
    best = rates.STATED[route][0].subs(d, size)
    if attained.applies({eta: best, d: size}):
        assert holding(attained, {d: size, exponent: total(best)})
        assert not holding(least, {d: size, exponent: total(best) - Rational(1, 100)})


@settings(max_examples=25, deadline=None)
@given(*[st.fractions(min_value=0, max_value=5, max_denominator=6)] * 3)
def test_C4_bounds_the_depth_by_eps_exactly_up_to_delta(loss, wanted, deviation):
    values = {L: loss, eps: wanted, D: deviation}
    small, large = FORMULAS["C4"][:2]
    assert small.applies(values) != large.applies(values)
    assert holding(small if small.applies(values) else large, values)
    assert not holding(large if small.applies(values) else small, values)


@pytest.mark.parametrize(("form", "route"), [(2, "R1"), (3, "R2"), (4, "R4"), (5, "R7")])
def test_C4_widths_suffice_and_one_neuron_less_does_not(form, route):
    """d = 2, l = 3, sigma = S = 1, D = 1/2, c = 1."""
    formula = FORMULAS["C4"][form]
    assert formula.given == f"route {route}"
    values = {sigma: 1, S: 1, D: F(1, 2), l_: 3, d: 2, c: 1}
    free = vacuity.WIDTHS[route].free_symbols
    least = int(sympy.ceiling(vacuity.WIDTHS[route].subs({s: v for s, v in values.items() if s in free})))
    assert formula.applies({**values, m: least})
    assert not formula.applies({**values, m: least - 1})
    assert holding(formula, {**values, m: least})
    assert not holding(formula, {**values, m: least - 1})
