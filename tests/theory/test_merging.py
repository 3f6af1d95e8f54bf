"""R1 to R4: known answer 9, rounding, the order of the bounds, and where the blueprint's order fails."""

from fractions import Fraction

import flint
import mpmath
import pytest
import sympy
import z3
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sympy import Rational, pi, sqrt

from theory.algebra import prove_equal
from theory.exact import strictly_below, upper
from theory.proof import Verdict
from theory.smt import prove
from theory.statements import merging, merging_order
from theory.statements.merging import R2, R3_CENTRES, R3_SHARE
from theory.symbols import d, k, m, nu

F = Fraction
few = settings(max_examples=40, deadline=None)
UNIT = {"sigma": 1, "mass": 1}
NINE = UNIT | {"width": 1000, "neurons": 10, "dimension": 2}


def sizes_up_to(width):
    """(m, l, d) with 1 <= l < m <= width and 1 <= d <= 40."""
    return st.integers(2, width).flatmap(lambda m_: st.tuples(st.just(m_), st.integers(1, m_ - 1), st.integers(1, 40)))


sizes = sizes_up_to(5000)


@pytest.mark.parametrize("proof", merging_order.PROOFS, ids=lambda proof: proof.__name__)
def test_proved(proof):
    assert proof().verdict is Verdict.PROVED


KNOWN = {
    "R1": 2 * sqrt(Rational(11, 250)),
    "R2": 2 * sqrt(Rational(4, 991)),
    "R3": Rational(3, 100) * sqrt(Rational(12, 1000)),
    "R4": Rational(1, 100),
}


@pytest.mark.parametrize("route", KNOWN)
def test_known_answer_9(route):
    assert merging.bound(route, **NINE) == KNOWN[route]
    above = merging.deviation(route, **NINE)
    assert isinstance(above, Fraction)
    if route != "R3":
        assert not strictly_below(above, KNOWN[route])
        assert strictly_below(above, KNOWN[route] + Rational(1, 10**30))


def test_known_answer_9_R3_with_the_best_number_of_centres_is_a_little_sharper():
    assert merging.best_centres(1000, 10, 2) == 333
    exact = merging.centres_bound(**NINE, centres=333)
    assert exact == 2 * Rational(10, 667) * sqrt(Rational(4, 334))
    assert strictly_below(exact, KNOWN["R3"])
    above = merging.deviation("R3", **NINE)
    assert not strictly_below(above, exact)
    assert strictly_below(above, KNOWN["R3"])


@few
@given(sizes)
def test_no_root_is_rounded_down_against_mpmath(size):
    """mpmath at 60 digits: the Fraction is at least its value, up to its own last digits, and close."""
    width, neurons, dimension = size
    with mpmath.workdps(60):
        half = mpmath.mpf(1) / 2
        kappa = mpmath.gamma((dimension + 1) * half) / (
            dimension * mpmath.sqrt(mpmath.pi) * mpmath.gamma(dimension * half)
        )
        for route, base in (("R1", (neurons + 1) / (kappa * width)), ("R2", 1 / (kappa * (width - neurons + 1)))):
            witness = 2 * base ** (mpmath.mpf(1) / dimension)
            above = merging.deviation(route, **UNIT, width=width, neurons=neurons, dimension=dimension)
            gap = mpmath.mpf(above.numerator) / above.denominator - witness
            assert -(mpmath.mpf(10) ** -55) * witness <= gap <= mpmath.mpf(10) ** -30 * witness


def test_a_sigma_rounded_down_gives_a_smaller_bound():
    """The planted twin: with sigma = 0.7071 for sqrt(1/2) R4's Fraction is below the true bound."""
    true = Rational(1, 100) * sqrt(Rational(1, 2))
    planted = merging.deviation("R4", **NINE | {"sigma": F(7071, 10000)})
    sound = merging.deviation("R4", **NINE | {"sigma": upper(sqrt(Rational(1, 2)))})
    assert strictly_below(planted, true)
    assert not strictly_below(sound, true)


@few
@given(sizes)
@example((2, 1, 1))
@example((6, 4, 2))
@example((2, 1, 40))
def test_the_order_of_the_bounds(size):
    width, neurons, dimension = size
    at = UNIT | {"width": width, "neurons": neurons, "dimension": dimension}
    R1_, R2_, R3_, R4_ = (merging.deviation(route, **at) for route in ("R1", "R2", "R3", "R4"))
    slack = 1 + F(1, 2**100)
    assert R2_ * slack >= R3_
    assert R1_ * slack >= R2_
    assert R4_ <= R1_
    assert upper(merging.bound("R3", **at)) >= R3_
    assert (
        upper(
            merging.R1_AVERAGED.subs(
                {merging.m: width, merging.l_: neurons, d: dimension, merging.sigma: 1, merging.S: 1}
            )
        )
        <= R1_
    )


def test_the_form_with_nu_can_exceed_R2_against_the_blueprint():
    """Found wrong: "R3 <= R2 for all d >= 1, 1 <= l < m". At d = 1, m = 2, l = 1 it is 2 pi against pi."""
    at = UNIT | {"width": 2, "neurons": 1, "dimension": 1}
    assert merging.bound("R3", **at) == 2 * pi
    assert merging.bound("R2", **at) == pi
    assert merging.centres_bound(**at, centres=1) == pi


def test_the_form_with_nu_exceeds_R2_at_every_dimension_near_l_equal_m_d_over_d_plus_1():
    for dimension in range(1, 8):
        at = UNIT | {"width": 10 * (dimension + 1), "neurons": 10 * dimension, "dimension": dimension}
        assert strictly_below(merging.bound("R2", **at), merging.bound("R3", **at))


@few
@given(sizes_up_to(60), st.integers(0, 60))
def test_no_other_number_of_centres_is_better(size, other):
    width, neurons, dimension = size
    best = merging.best_centres(width, neurons, dimension)
    other = min(other, width - neurons)
    assert 0 <= best <= width - neurons
    assert (width - other) ** dimension * (other + 1) <= (width - best) ** dimension * (best + 1)


def test_a_share_that_is_not_the_best_one_is_worse():
    at = {merging.sigma: 1, merging.S: 1, m: 1000, merging.l_: 10, d: 2}
    best, other = (R3_SHARE.subs({**at, nu: share}) for share in (Rational(1, 3), Rational(1, 2)))
    assert strictly_below(best, other)


def test_a_wrong_share_is_not_proved():
    slope = sympy.diff(sympy.log(1 / (1 - nu)) + sympy.log(1 / nu) / d, nu)
    result = prove_equal("R3", slope, (d * nu - 1) / (d * nu * (1 - nu)), scope="a planted error")
    assert result.verdict is Verdict.UNDECIDED


def test_centres_one_off_are_not_R2():
    result = prove_equal("R3", R3_CENTRES.subs(k, m - merging.l_ - 1), R2, scope="a planted error")
    assert result.verdict is Verdict.UNDECIDED


@pytest.mark.parametrize("dropped", ["l >= 1", "l <= m"])
def test_packing_below_pigeonhole_needs_its_sizes(dropped):
    few_, many = z3.Reals("l m")
    assuming = {"l >= 1": few_ >= 1, "l <= m": few_ <= many}
    kept = [fact for name, fact in assuming.items() if name != dropped]
    claim = many <= few_ * (many - few_ + 1)
    assert prove("R2", claim, assuming=kept, scope="an assumption removed").verdict is Verdict.REFUTED


def test_pruning_below_pigeonhole_needs_a_constant_below_one():
    few_, many, kappa, power = z3.Reals("l m kappa_d x^d")
    claim = power * (kappa * many) <= few_ + 1
    assuming = (few_ >= 1, few_ < many, kappa > 0, power * many <= few_)
    assert prove("R4", claim, assuming=assuming, scope="an assumption removed").verdict is Verdict.REFUTED


def test_dimension_zero_merges_equal_signs():
    at = UNIT | {"neurons": 3, "dimension": 0}
    assert merging.deviation("R1", **at, width=7) == 0
    assert merging.deviation("R2", **at, width=5) == 0 == merging.deviation("R3", **at, width=5)
    assert merging.deviation("R4", **at, width=6) == F(1, 2)
    for route, width in (("R1", 6), ("R2", 4), ("R3", 4)):
        with pytest.raises(ValueError, match="with d = 0"):
            merging.deviation(route, **at, width=width)
    with pytest.raises(ValueError, match="closed form needs d >= 1"):
        merging.bound("R1", **at, width=9)


@pytest.mark.parametrize(
    ("route", "change", "message"),
    [
        ("R1", {"neurons": 1000}, "R1 needs l < m"),
        ("R4", {"neurons": 0}, "l must be positive"),
        ("R2", {"sigma": F(-1)}, "sigma must be nonnegative"),
        ("R2", {"sigma": 0.5}, "must be exact"),
        ("R9", {}, "route 'R9'"),
    ],
)
def test_unusable_sizes_are_refused(route, change, message):
    with pytest.raises(ValueError, match=message):
        merging.deviation(route, **NINE | change)


def test_a_large_dimension_and_width_need_no_factoring():
    above = merging.deviation("R1", **UNIT, width=10**300 + 7, neurons=10, dimension=784)
    with flint.ctx.workprec(64):
        assert F(4, 5) < above < 2
