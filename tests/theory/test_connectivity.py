"""T1, C1, C2: levels and depths exactly, planted errors, and the yardstick."""

from fractions import Fraction

import pytest
import sympy
import z3
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Rational, sqrt

from support.oracles import exact_loss
from theory.proof import Verdict
from theory.smt import assumptions, prove, translate
from theory.statements import connectivity, zero
from theory.statements.connectivity import informative
from theory.symbols import L_0, D, L, L_ref, lambda_, r, r_level, r_ref

F = Fraction
modest = settings(max_examples=40, deadline=None)
roots = st.fractions(min_value=0, max_value=9, max_denominator=9)
BY_ROOTS = {L: r**2, L_ref: r_ref**2, lambda_: r_level**2}
T1_LEVEL = connectivity.T1_LEVEL.subs(BY_ROOTS)


@pytest.mark.parametrize("proof", connectivity.PROOFS, ids=lambda proof: proof.__name__)
def test_proved(proof):
    assert proof().verdict is Verdict.PROVED


@pytest.mark.parametrize("wrong", [r * D + D**2, 2 * r * D, 2 * r * D - D**2, D**2], ids=str)
def test_a_wrong_depth_is_refuted(wrong):
    result = prove(
        "C1",
        translate(T1_LEVEL - r**2) <= translate(wrong),
        assuming=[*assumptions(T1_LEVEL), translate(r_ref) < translate(r)],
        scope="a planted error",
    )
    assert result.verdict is Verdict.REFUTED
    w = result.witness
    assert w["r_ref"] < w["r"]
    at = {symbol: Rational(w[symbol.name]) for symbol in (r, D)}
    assert max(w["r"] + w["D"], w["r_ref"]) ** 2 - w["r"] ** 2 > F(str(wrong.subs(at)))


C1_AND_R0 = -sympy.Max(-connectivity.C1_DEPTH, -zero.DEPTH).subs({L: r**2, L_0: r_level**2})
"""The depth that C1 and R0 leave together, by the roots r of L(theta) and r_level of L_0."""


@pytest.mark.parametrize("bound", [r_level**2 - sympy.Max(0, r_level - D) ** 2, 2 * r_level * D], ids=str)
def test_with_the_zero_path_one_depth_serves_every_loss(bound):
    """Whatever L(theta): what C1 leaves open where L is large, R0 closes."""
    given_ = assumptions(C1_AND_R0, bound)
    result = prove("C1", translate(C1_AND_R0) <= translate(bound), assuming=given_, scope="the note")
    assert result.verdict is Verdict.PROVED


@pytest.mark.parametrize(
    ("depth", "wrong"),
    [
        (C1_AND_R0, Rational(99, 100) * (2 * r_level * D - D**2)),  # the constant is sharp for these two bounds
        (connectivity.C1_DEPTH.subs(L, r**2), 2 * r_level * D + D**2),  # C1 alone grows with L
    ],
    ids=["a smaller constant", "without R0"],
)
def test_one_depth_for_every_loss_needs_its_constant_and_the_zero_path(depth, wrong):
    result = prove("C1", translate(depth) <= translate(wrong), assuming=assumptions(depth, wrong), scope="planted")
    assert result.verdict is Verdict.REFUTED


def test_the_depth_does_not_follow_where_the_reference_is_worse():
    result = prove(
        "C1",
        translate(T1_LEVEL - r**2) == translate(2 * r * D + D**2),
        assuming=assumptions(T1_LEVEL),
        scope="a planted error",
    )
    assert result.verdict is Verdict.REFUTED
    assert result.witness["r_ref"] > result.witness["r"] + result.witness["D"]


def test_sub_level_sets_are_not_connected_at_their_own_level_by_this_argument():
    result = prove(
        "C2",
        translate(T1_LEVEL) <= translate(r_level**2),
        assuming=[
            *assumptions(T1_LEVEL, r_level),
            translate(r) <= translate(r_level),
            translate(r_ref) <= translate(r_level),
        ],
        scope="a planted error",
    )
    assert result.verdict is Verdict.REFUTED
    w = result.witness
    assert max(w["r"] + w["D"], w["r_ref"]) ** 2 > w["r_level"] ** 2


def test_known_answer_3():
    """L = 0, D^2 = 8, reference 0: T1's level is 8, and merging the two neurons attains it."""
    assert connectivity.level(0, 0, sqrt(8)) == 8
    assert connectivity.sublevel(0, sqrt(8)) == 8
    points, targets = [[1, 0], [0, 1]], [[4], [4]]
    assert exact_loss({"W": [[1, 0], [3, 4]], "V": [[1, 1]]}, "two-layer", 0, points, targets) == 0
    assert exact_loss({"W": [[1, 0], [3, 0]], "V": [[1, 1]]}, "two-layer", 0, points, targets) == 8
    assert exact_loss({"W": [[1, 1]], "V": [[4]]}, "two-layer", 0, points, targets) == 0


def test_known_answer_9_as_deviations():
    """d=2, m=1000, l=10, sigma=S=1 at L = 1/4: R4's D = 1/100 is rational, R1's 2 sqrt(11/250) is not."""
    assert connectivity.depth_bound(F(1, 4), F(1, 100), reference_loss=0) == Rational(101, 10000)
    r1 = 2 * sqrt(Rational(11, 250))
    assert connectivity.depth_bound(F(1, 4), r1, reference_loss=0) == r1 + Rational(44, 250)


@pytest.mark.parametrize("reference", [F(1, 4), F(1)])
def test_the_depth_bound_is_refused_without_a_better_reference(reference):
    with pytest.raises(ValueError, match=r"C1 bounds the depth only if L\(g\*\) < L\(theta\)"):
        connectivity.depth_bound(F(1, 4), F(1), reference_loss=reference)


def test_a_float_deviation_is_refused():
    with pytest.raises(ValueError, match="D must be exact"):
        connectivity.level(F(1), F(0), 0.01)


@modest
@given(roots, roots, roots)
def test_levels_against_plain_arithmetic(root, reference_root, deviation):
    loss, reference = root**2, reference_root**2
    level = connectivity.level(loss, reference, deviation)
    assert F(str(level)) == max(root + deviation, reference_root) ** 2
    assert F(str(connectivity.sublevel(max(loss, reference), deviation))) >= F(str(level))
    if reference < loss:
        depth = connectivity.depth_bound(loss, deviation, reference_loss=reference)
        assert F(str(depth)) == F(str(level)) - loss


def test_a_route_is_informative_only_strictly_below_R0():
    at_zero = zero.level(F(2), F(1, 2), F(5, 2))
    assert informative(F(12, 5), at_zero)
    assert not informative(F(5, 2), at_zero)
    assert not informative(F(13, 5), at_zero)


def test_a_level_that_equals_R0_exactly_is_not_informative():
    """D = sqrt(5/2) - sqrt 2 at L = 2 reaches 5/2 exactly; a little less is informative, by 10^-40."""
    deviation = sqrt(Rational(5, 2)) - sqrt(2)
    assert not informative(connectivity.level(2, F(1, 2), deviation), F(5, 2))
    assert informative(connectivity.level(2, F(1, 2), deviation - Rational(1, 10**40)), F(5, 2))
    assert not informative(connectivity.level(2, F(1, 2), deviation + Rational(1, 10**40)), F(5, 2))


def test_nothing_is_informative_where_R0_costs_nothing():
    at_zero = zero.level(F(3), F(1, 2), F(5, 2))
    assert not informative(connectivity.level(3, F(1, 2), 0), at_zero)


def test_a_closed_form_with_pi_is_compared_too():
    """R1 at d = 1 has kappa_1 = 1/pi inside."""
    r1 = 2 * (11 / (1 / sympy.pi * 1000))
    assert informative(connectivity.level(F(1, 4), 0, r1), F(1, 2))
    assert not informative(connectivity.level(F(1, 4), 0, 10 * r1), F(1, 2))


def test_T1_with_half_the_deviation_is_refuted():
    """The planted D/2: the triangle inequality sqrt L(f + g) <= sqrt L + ||g||, ||g|| <= D, does not give it."""
    moved, deviation = z3.Real("sqrt L'"), translate(D)
    facts = [*assumptions(r, r_ref, D), moved <= translate(r) + deviation, translate(r_ref) <= translate(r)]
    true, planted = (
        prove("T1", moved <= translate(sympy.Max(r + share, r_ref)), assuming=facts, scope="one time")
        for share in (D, D / 2)
    )
    assert true.verdict is Verdict.PROVED
    assert planted.verdict is Verdict.REFUTED
    w = planted.witness
    assert w["r"] + w["D"] / 2 < w["sqrt L'"] <= w["r"] + w["D"]


def test_known_answer_3_refutes_half_the_deviation():
    """The path of known answer 3 reaches 8; with D/2 the level would be 2."""
    assert connectivity.level(0, 0, sqrt(8) / 2) == 2
    merged = exact_loss({"W": [[1, 0], [3, 0]], "V": [[1, 1]]}, "two-layer", 0, [[1, 0], [0, 1]], [[4], [4]])
    assert merged == 8 > 2


def test_upper_ends_are_fractions_above_and_close():
    above = connectivity.level_upper(loss=2, deviation=F(1, 2), reference_loss=0)
    assert isinstance(above, Fraction)
    exact = connectivity.level(2, 0, F(1, 2))
    assert exact < Rational(above) < exact + Rational(1, 10**30)
    depth = connectivity.depth_upper(loss=2, deviation=F(1, 2), reference_loss=0)
    assert abs(depth - (above - 2)) < F(1, 10**30)
    assert not sympy.Rational(depth) < sqrt(2) + Rational(1, 4)


def test_upper_ends_are_exact_where_the_level_is_rational():
    assert connectivity.level_upper(loss=F(1, 4), deviation=F(1, 2), reference_loss=0) == 1
    assert connectivity.level_upper(loss=F(1, 4), deviation=F(1, 2), reference_loss=4) == 4
    assert connectivity.depth_upper(loss=F(1, 4), deviation=F(1, 100), reference_loss=0) == F(101, 10000)


def test_an_optimal_readout_leaves_only_the_square():
    depth = connectivity.depth_upper(loss=F(1, 4), deviation=F(1, 10), reference_loss=0, optimal_readout=True)
    assert depth == F(1, 100)
    with pytest.raises(ValueError, match=r"C1\+ bounds the depth only if"):
        connectivity.depth_upper(loss=F(1, 4), deviation=F(1, 10), reference_loss=1, optimal_readout=True)


def test_without_the_optimal_readout_the_square_is_refuted():
    before, after, change, inner = z3.Reals("L L' g p")
    facts = [before >= 0, after == before + 2 * inner + change * change, change >= 0, change <= translate(D)]
    result = prove("C1+", after - before <= translate(D**2), assuming=facts, scope="optimality removed")
    assert result.verdict is Verdict.REFUTED
    assert result.witness["p"] > 0


def test_the_regularised_level_of_pruning_by_hand():
    """lambda = 1, kappa = 1/2: S <= 2, D = 2/100 for l/m = 1/100, level (1 + 1/50)^2."""
    sizes = {"width": 1000, "neurons": 10, "dimension": 2}
    assert connectivity.regularised_level("R4", level=1, penalty=F(1, 2), sigma=1, **sizes) == F(51, 50) ** 2
    by_R1 = connectivity.regularised_level("R1", level=1, penalty=F(1, 2), sigma=1, **sizes)
    exact = (1 + 4 * sqrt(Rational(11, 250))) ** 2
    assert exact < Rational(by_R1) < exact + Rational(1, 10**30)
    with pytest.raises(ValueError, match="C2F needs kappa > 0"):
        connectivity.regularised_level("R4", level=1, penalty=0, sigma=1, **sizes)


def test_the_mass_is_not_bounded_without_the_penalty():
    kappa, mass, level, loss = z3.Reals("kappa S lambda L")
    claim, facts = mass <= level, [loss >= 0, mass >= 0, level >= 0, loss + kappa * mass <= level]
    result = prove("C2F", claim, assuming=[*facts, kappa == 0], scope="kappa > 0 removed")
    assert result.verdict is Verdict.REFUTED
