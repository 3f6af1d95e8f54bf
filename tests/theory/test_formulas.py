"""Statements as relations by hand: they hold at witnesses and drawn values, and their sides are theory's own."""

from fractions import Fraction

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Max, Rational, pi, sqrt

from support.formulas import FORMULAS, SLOT, holding, main
from theory.statements import connectivity, measured, merging, rates, separation, vacuity
from theory.symbols import (
    D,
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
    a,
    above,
    b,
    below,
    beta,
    branch_change,
    c,
    cap,
    change,
    corner,
    count,
    d,
    depth,
    distance,
    e,
    effect,
    eps,
    eta,
    exponent,
    gap,
    kappa,
    l_,
    lambda_,
    light,
    m,
    nu,
    omega,
    readout_change,
    sigma,
    t,
    theta,
    v_ref,
    w_i,
    w_j,
)

F = Fraction
scalars = st.fractions(min_value=-9, max_value=9, max_denominator=9)


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
