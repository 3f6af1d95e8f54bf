"""L5: caps, constants and packing numbers, against known answers, recursions and an independent witness."""

import math
from fractions import Fraction

import flint
import mpmath
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Rational, pi

from theory.exact import upper
from theory.proof import Verdict
from theory.statements import sphere

F = Fraction


@pytest.mark.parametrize("proof", sphere.PROOFS, ids=lambda proof: proof.__name__)
def test_proved(proof):
    assert proof().verdict is Verdict.PROVED


@pytest.mark.parametrize(
    ("dimension", "angle", "number"),
    [(1, 2 * pi / 5, 5), (2, 2 * pi / 3, 4), (2, pi / 2, 6), (2, pi / 3, 14), (1, 1, 6), (3, pi / 3, 34), (0, 1, 2)],
)
def test_known_answer_8(dimension, angle, number):
    assert sphere.packing_number(dimension, angle) == number


def test_known_answer_8_the_cap_on_the_sphere():
    """mu_2(rho) = sin^2(rho/2), in balls at every tenth of pi/2."""
    for k in range(1, 11):
        with flint.ctx.workprec(128):
            expected = (flint.arb.pi() * k / 40).sin() ** 2
            assert sphere.cap_measure(2, k * pi / 20).overlaps(expected)


def test_the_constants_of_the_blueprint():
    assert [sphere.kappa_d(k) for k in (1, 2, 3, 4)] == [1 / pi, Rational(1, 4), 2 / (3 * pi), Rational(3, 16)]


def test_a_float_floor_is_one_too_small_where_ours_is_not():
    """On S^2 at this very float, 21 caps of half the angle still fit by measure; the float floor says 20."""
    angle = 0.8799519095818378
    assert math.floor(1 / math.sin(angle / 4) ** 2) == 20
    with flint.ctx.workprec(200):
        assert 21 * sphere.cap_measure(2, F(angle) / 2, 200) < 1
    assert sphere.packing_number(2, F(angle)) == 21


def test_flooring_the_lower_end_of_a_ball_is_one_too_small():
    """N_2(2 pi/3): 1/mu is exactly 4, the ball around it reaches below, and only its upper end is safe."""
    with flint.ctx.workprec(64):
        inverse = 1 / sphere.cap_measure(2, pi / 3, 64)
        assert inverse.contains(4)
        planted = math.floor(F(*map(int, (inverse.lower().fmpq().p, inverse.lower().fmpq().q))))
    assert planted == 3
    assert sphere.packing_number(2, 2 * pi / 3) == 4


def test_just_beside_an_exact_integer():
    """N_1 falls from 5 to 4 right above 2 pi/5: at 10^-40 beside it balls still decide."""
    tiny = Rational(1, 10**40)
    assert sphere.packing_number(1, 2 * pi / 5 + tiny) == 4
    assert sphere.packing_number(1, 2 * pi / 5 - tiny) == 5


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 40), st.fractions(F(1, 50), F(3, 2), max_denominator=50))
def test_caps_contain_an_independent_witness_and_exceed_their_lower_bound(dimension, radius):
    """mpmath at 60 digits, by quadrature-free incomplete beta, lies in the ball; kappa_d sin^d is below it."""
    measure = sphere.cap_measure(dimension, radius, 150)
    with mpmath.workdps(60):
        argument = mpmath.sin(mpmath.mpf(radius.numerator) / radius.denominator) ** 2
        half = mpmath.mpf(1) / 2
        witness = mpmath.betainc(mpmath.mpf(dimension) / 2, half, 0, argument, regularized=True) / 2
        witness_fraction = F(*map(int, (witness.man_exp[0], 1))) * F(2) ** int(witness.man_exp[1])
    with flint.ctx.workprec(150):
        point = flint.arb(flint.fmpq(witness_fraction.numerator, witness_fraction.denominator))
        assert abs(measure - point) < flint.arb(10) ** -40
        angle = flint.arb(flint.fmpq(radius.numerator, radius.denominator))
        constant = upper(sphere.kappa_d(dimension), 150)
        below = flint.arb(flint.fmpq(constant.numerator, constant.denominator)) * angle.sin() ** dimension
        assert measure > below


@settings(max_examples=30, deadline=None)
@given(st.integers(3, 30), st.fractions(F(1, 50), F(3, 2), max_denominator=50))
def test_caps_obey_the_recursion_of_the_sine_integrals(dimension, radius):
    """mu_d = mu_{d-2} - kappa' cos rho sin^{d-2} rho: an elementary second way to the same number."""
    with flint.ctx.workprec(256):
        angle = flint.arb(flint.fmpq(radius.numerator, radius.denominator))
        kappa = sphere.kappa_d(dimension)
        constant = flint.arb(flint.fmpq(int(sympy.numer(kappa).subs(pi, 1)), int(sympy.denom(kappa).subs(pi, 1))))
        constant = constant / flint.arb.pi() if kappa.has(pi) else constant
        step = dimension * constant / (dimension - 1) * angle.cos() * angle.sin() ** (dimension - 2)
        expected = sphere.cap_measure(dimension - 2, radius, 256) - step
        assert sphere.cap_measure(dimension, radius, 256).overlaps(expected)


def test_half_the_sphere_and_opposite_directions():
    assert sphere.cap_measure(7, pi / 2) == flint.arb(1) / 2
    assert all(sphere.packing_number(k, pi) == 2 for k in (1, 5, 100))


@pytest.mark.parametrize("radius", [0, -1, 2, pi])
def test_a_cap_beyond_half_the_sphere_is_refused(radius):
    with pytest.raises(ValueError, match="a cap needs 0 < rho <= pi/2"):
        sphere.cap_measure(2, radius)


def test_floats_and_dimension_zero_are_refused():
    with pytest.raises(ValueError, match="must be exact"):
        sphere.packing_number(2, 1.5)
    with pytest.raises(ValueError, match="d >= 1"):
        sphere.kappa_d(0)
    with pytest.raises(ValueError, match="nonnegative"):
        sphere.packing_number(-1, 1)
