"""L2: sigma is checked exactly, the symmetric factor is refused where it fails, the kernel lies in its ball."""

from fractions import Fraction

import flint
import mpmath
import pytest
import z3
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Rational, pi, sqrt

from theory.exact import enclosure
from theory.proof import Verdict
from theory.smt import prove, relu
from theory.statements import moment

F = Fraction
modest = settings(max_examples=40, deadline=None)
clouds = st.lists(st.lists(st.integers(-3, 3), min_size=2, max_size=2), min_size=1, max_size=4)


@pytest.mark.parametrize("proof", moment.PROOFS, ids=lambda proof: proof.__name__)
def test_proved(proof):
    assert proof().verdict is Verdict.PROVED


def feature_gap(a, b, points):
    """||[a.X]_+ - [b.X]_+||^2 of an empirical law, by sums alone."""

    def plus(w, x):
        return max(sum((F(u) * v for u, v in zip(w, x, strict=True)), F(0)), F(0))

    return sum(((plus(a, x) - plus(b, x)) ** 2 for x in points), F(0)) / len(points)


def test_known_answer_2():
    """X = +1, -1 seen as (x, 1): sigma = 1, a = (0, 1), b = 0: the norm is 1, above 1/sqrt 2."""
    points = [[1], [-1]]
    second = moment.second_moment(points, first_layer_bias=True)
    assert second == ((1, 0), (0, 1))
    assert moment.is_sigma(1, second)
    assert feature_gap((0, 1), (0, 0), [(1, 1), (-1, 1)]) == 1 == moment.distance_bound(1, 1)
    with pytest.raises(ValueError, match="a bias is never symmetric"):
        moment.symmetric_bound(1, 1, points, first_layer_bias=True)


def test_without_the_bias_the_factor_is_gained_and_attained():
    points = [[1], [-1]]
    assert moment.symmetric_bound(1, 1, points, first_layer_bias=False) == sqrt(2) / 2
    assert feature_gap((1,), (0,), points) == F(1, 2)


def test_a_law_with_unequal_weights_is_not_symmetric():
    assert not moment.is_symmetric([[1], [1], [-1]], first_layer_bias=False)
    with pytest.raises(ValueError, match="no mirror image"):
        moment.symmetric_bound(1, 1, [[1], [1], [-1]], first_layer_bias=False)


def test_the_factor_without_the_mirror_image_is_refuted():
    u, v = z3.Reals("u v")
    gap = relu(u) - relu(v)
    result = prove("L2", gap * gap <= (u - v) * (u - v) / 2, scope="a planted error")
    assert result.verdict is Verdict.REFUTED
    w = result.witness
    assert (max(w["u"], 0) - max(w["v"], 0)) ** 2 > (w["u"] - w["v"]) ** 2 / 2


def test_a_sigma_rounded_down_is_refused_and_rounded_up_accepted():
    """Known answer 3: sigma^2 = 1/2 on the points (1,0), (0,1)."""
    second = moment.second_moment([[1, 0], [0, 1]], first_layer_bias=False)
    assert second == ((F(1, 2), 0), (0, F(1, 2)))
    assert moment.is_sigma(F(70710678119, 10**11), second)
    assert not moment.is_sigma(F(70710678118, 10**11), second)
    assert not moment.is_sigma(0, second)


def test_a_zero_pivot_hides_no_negative_direction():
    assert not moment.is_sigma(1, [[1, F(1, 2)], [F(1, 2), 1]])
    assert moment.is_sigma(2, [[4, 0], [0, 1]])


@modest
@given(clouds, st.lists(st.integers(-3, 3), min_size=4, max_size=4))
def test_every_bound_holds_and_the_quadratic_form_is_sharpest(points, weights):
    a, b = weights[:2], weights[2:]
    second = moment.second_moment(points, first_layer_bias=False)
    difference = [x - y for x, y in zip(a, b, strict=True)]
    form = moment.quadratic_form(difference, second)
    assert feature_gap(a, b, points) <= form
    trace = second[0][0] + second[1][1]
    for sigma in (F(1), F(2), F(4)):
        if moment.is_sigma(sigma, second):
            assert form <= sigma**2 * sum(x * x for x in difference)
    if trace <= 16:
        assert moment.is_sigma(4, second)
    if moment.is_symmetric(points, first_layer_bias=False):
        assert feature_gap(a, b, points) <= form / 2


@pytest.mark.parametrize("angle", [0, Rational(1, 3), pi / 3, pi / 2, Rational(5, 2), pi])
def test_the_kernel_lies_in_its_ball_against_mpmath(angle):
    ball = enclosure(moment.arc_cosine(2, 3, angle), 200)
    with mpmath.workdps(60):
        t = mpmath.mpf(angle.p) / angle.q if isinstance(angle, Rational) else (angle / pi) * mpmath.pi
        t = mpmath.mpf(int(t)) if angle == 0 else mpmath.mpmathify(t)
        witness = 6 * (mpmath.sin(t) + (mpmath.pi - t) * mpmath.cos(t)) / (2 * mpmath.pi)
        text = mpmath.nstr(witness, 55)
    with flint.ctx.workprec(200):
        assert abs(ball - flint.arb(text)) < flint.arb(10) ** -50


def test_kernel_values_known_exactly():
    assert moment.arc_cosine(1, 1, 0) == Rational(1, 2)
    assert moment.arc_cosine(1, 1, pi) == 0
    assert moment.arc_cosine(1, 1, pi / 2) == 1 / (2 * pi)


@pytest.mark.parametrize("angle", [Rational(-1, 9), Rational(22, 7)])
def test_an_angle_outside_zero_to_pi_is_refused(angle):
    with pytest.raises(ValueError, match=r"in \[0, pi\]"):
        moment.arc_cosine(1, 1, angle)


def test_unusable_points_are_refused():
    with pytest.raises(ValueError, match="at least one point"):
        moment.second_moment([], first_layer_bias=True)
    with pytest.raises(ValueError, match="different dimension"):
        moment.second_moment([[1], [1, 2]], first_layer_bias=True)
    with pytest.raises(ValueError, match="must be exact"):
        moment.second_moment([[0.5]], first_layer_bias=True)
