"""C3 and C4: derived exponents against the blueprint's table, slopes of the bounds, and least widths."""

from fractions import Fraction

import mpmath
import pytest
import z3
from sympy import Rational, simplify, sqrt

from theory.exact import strictly_below
from theory.proof import Verdict
from theory.smt import maximum, prove
from theory.statements import merging, pairing, rates, vacuity
from theory.symbols import d, eta, m, n

F = Fraction
EXPONENTS = {"R1": (eta - 1) / d, "R2": -1 / d, "R3": eta - 1 - 1 / d, "R4": eta - 1, "R7": eta / 2 - 1}


@pytest.mark.parametrize("module", [rates, vacuity], ids=lambda module: module.__name__)
def test_proved(module):
    assert all(proof().verdict is Verdict.PROVED for proof in module.PROOFS)


@pytest.mark.parametrize("route", EXPONENTS)
def test_the_exponents_of_the_blueprint(route):
    assert simplify(rates.deviation_exponent(route) - EXPONENTS[route]) == 0


def test_the_exponent_of_the_paper_in_the_input_dimension():
    assert simplify(rates.paper_exponent(first_layer_bias=True) - (eta - 1) / n) == 0
    assert simplify(rates.paper_exponent(first_layer_bias=False) - (eta - 1) / (n - 1)) == 0


@pytest.mark.parametrize(
    ("route", "best", "exponent"),
    [
        ("R1", 2 / (d + 2), -1 / (d + 2)),
        ("R2", 2 / d, -1 / d),
        ("R3", Rational(2, 3) * (1 + 1 / d), -(d + 1) / (3 * d)),
        ("R4", Rational(2, 3), -Rational(1, 3)),
    ],
)
def test_the_best_rates_of_the_blueprint(route, best, exponent):
    found = rates.best_rate(route)
    assert simplify(found.eta - best) == 0
    assert simplify(found.exponent - exponent) == 0


@pytest.mark.parametrize(
    ("route", "live", "depth", "gap"),
    [
        (None, False, -2, -1),
        (None, True, -1, -Rational(1, 2)),
        ("R3", False, -2 - 2 / d, -1 - 1 / d),
        ("R3", True, -1 - 1 / d, -Rational(1, 2) - 1 / (2 * d)),
        ("R4", False, -2, -1),
        ("R1", True, -1 / d, -1 / (2 * d)),
    ],
)
def test_the_exponents_by_one_slot(route, live, depth, gap):
    """C7's; with R1 for the route at l = 1 the abstract's rate at eta = 0 comes back."""
    found = rates.slot_exponents(route, live=live)
    assert [simplify(one - other) for one, other in zip(found, (depth, gap), strict=True)] == [0, 0]


def test_pairing_with_a_quarter_has_rate_one_half_in_every_dimension():
    for dimension in (1, 2, 3, 10, 784):
        found = rates.rate("R7", dimension)
        assert found.neurons == m / 4
        assert found.exponent == -Rational(1, 2)


@pytest.mark.parametrize("dimension", [1, 2])
@pytest.mark.parametrize("route", ["R2", "R3"])
def test_in_two_dimensions_no_eta_below_one_attains_the_rate(route, dimension):
    """Found loose: the blueprint's "R2 any eta >= 2/d (d >= 2)" has no eta < 1 at d = 2; l = m/4 attains -1/2."""
    assert rates.best_rate(route).eta.subs(d, dimension) >= 1
    found = rates.rate(route, dimension)
    assert (found.neurons, found.exponent) == (m / 4, -Rational(1, 2))


def test_from_three_dimensions_on_it_does():
    assert rates.rate("R2", 3).eta == Rational(2, 3)
    assert rates.rate("R3", 3).exponent == -Rational(4, 9)


def test_the_balance_needs_a_rising_deviation():
    start, slope, meeting, other = z3.Reals("alpha beta eta* eta")
    claim = maximum(start + slope * other, -other / 2) >= -meeting / 2
    result = prove("C3", claim, assuming=(start + slope * meeting == -meeting / 2,), scope="beta >= 0 removed")
    assert result.verdict is Verdict.REFUTED


def test_pruning_ties_with_pigeonhole_at_one_dimension_only():
    gap = rates.deviation_exponent("R4") - rates.deviation_exponent("R1")
    assert simplify(gap.subs(d, 1)) == 0
    assert simplify(gap.subs(d, 2)) != 0


@pytest.mark.parametrize("dimension", [1, 2, 5])
@pytest.mark.parametrize("route", ["R1", "R2", "R3", "R4", "R7"])
def test_measured_slopes_of_the_bounds_approach_the_exponents(route, dimension):
    """l = m^{1/2} at m = 10^200 and 10^400: the slope of log bound/log m to ten digits."""
    values = []
    for power in (200, 400):
        width, neurons = 10**power, 10 ** (power // 2)
        if route == "R7":
            above = pairing.deviation(sigma=2, mass=3, width=width, neurons=neurons, silent_branch=False)
        else:
            above = merging.deviation(route, sigma=2, mass=3, width=width, neurons=neurons, dimension=dimension)
        with mpmath.workdps(50):
            values.append(mpmath.log(mpmath.mpf(above.numerator) / above.denominator))
    with mpmath.workdps(50):
        slope = (values[1] - values[0]) / (200 * mpmath.log(10))
        exact = rates.deviation_exponent(route).subs({eta: Rational(1, 2), d: dimension})
        assert abs(slope - mpmath.mpf(exact.p) / exact.q) < mpmath.mpf(10) ** -10


def test_routes_without_a_rate_are_refused():
    with pytest.raises(ValueError, match="has no rate"):
        rates.deviation_exponent("R5")
    with pytest.raises(ValueError, match="d >= 1"):
        rates.rate("R1", 0)


WANTED = {"loss": F(1, 4), "depth": F(1, 10), "sigma": 1, "mass": F(3, 2), "neurons": 7}


@pytest.mark.parametrize("dimension", [1, 2, 5])
@pytest.mark.parametrize("route", vacuity.ROUTES)
def test_the_least_width_is_enough_and_one_less_is_not(route, dimension):
    width = vacuity.least_width(route, **WANTED, dimension=dimension)
    delta = vacuity.wanted_deviation(loss=WANTED["loss"], depth=WANTED["depth"])
    assert delta == sqrt(Rational(7, 20)) - Rational(1, 2)

    def bound(at):
        if route == "R7":
            return pairing.deviation(sigma=1, mass=F(3, 2), width=at, neurons=7, silent_branch=False)
        return merging.deviation(route, sigma=1, mass=F(3, 2), width=at, neurons=7, dimension=dimension)

    assert not strictly_below(delta, bound(width))
    assert strictly_below(delta, bound(width - 1))


def test_an_exact_integer_width_is_not_rounded_up():
    """L = 0, eps = 1/100: delta = 1/10, so R4 asks for l sigma S/delta = 100 exactly."""
    at = {"loss": 0, "depth": F(1, 100), "sigma": 1, "mass": 1, "neurons": 10}
    assert vacuity.least_width("R4", **at, dimension=0) == 100
    assert vacuity.least_width("R2", **at, dimension=2) == 9 + 4 * 400


def test_a_width_is_never_below_what_the_route_needs():
    at = {"loss": 0, "depth": 10**6, "sigma": 1, "mass": F(1, 10**6), "neurons": 10, "dimension": 1}
    assert [vacuity.least_width(route, **at) for route in vacuity.ROUTES] == [11, 11, 11, 11, 20]


def test_pigeonhole_is_astronomical_beyond_a_few_dimensions():
    at = {"loss": F(1, 100), "depth": F(1, 1000), "sigma": 1, "mass": 1, "neurons": 10}
    widths = [vacuity.least_width("R1", **at, dimension=k) for k in (1, 2, 10, 64)]
    assert widths[:2] == [14161, 7387808]
    assert widths[2] > 10**28
    assert widths[3] > 10**169
    assert vacuity.least_width("R4", **at, dimension=64) == 2049


@pytest.mark.parametrize(
    ("route", "change", "message"),
    [
        ("R1", {"dimension": 0}, "d >= 1"),
        ("R1", {"depth": 0}, "wanted depth > 0"),
        ("R6", {}, "has no width"),
    ],
)
def test_unusable_questions_are_refused(route, change, message):
    with pytest.raises(ValueError, match=message):
        vacuity.least_width(route, **{**WANTED, "dimension": 2, **change})
