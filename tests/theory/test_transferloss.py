"""L8: constants of losses, and the planted errors around each."""

from fractions import Fraction

import mpmath
import pytest
import z3
from sympy import Rational, sqrt

from theory.proof import Verdict
from theory.smt import prove, relu
from theory.statements import connectivity, transferloss
from theory.statements.transferloss import huber, lipschitz_constant

F = Fraction


@pytest.mark.parametrize("proof", transferloss.PROOFS, ids=lambda proof: proof.__name__)
def test_proved(proof):
    assert proof().verdict is Verdict.PROVED


def test_the_constants_of_the_blueprint():
    assert [lipschitz_constant(name) for name in ("absolute", "hinge", "logistic")] == [1, 1, 1]
    assert lipschitz_constant("huber", threshold=F(3, 2)) == Rational(3, 2)
    assert lipschitz_constant("cross-entropy", outputs=10) == lipschitz_constant("multi-hinge", outputs=10) == sqrt(2)


def test_a_sum_of_absolute_errors_needs_the_root_of_the_outputs():
    """f - y from (0, 0) to (1, 1): the sum rises by 2, the Euclidean step is sqrt 2: G = sqrt 2, not 1."""
    assert lipschitz_constant("absolute", outputs=2) == sqrt(2)
    assert lipschitz_constant("absolute", outputs=2) * sqrt(2) == 2
    assert lipschitz_constant("huber", outputs=4, threshold=3) == 6
    assert lipschitz_constant("hinge", outputs=9) == lipschitz_constant("logistic", outputs=9) == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"loss": "squared"}, "no Lipschitz constant"),
        ({"loss": "huber"}, "threshold belongs to huber"),
        ({"loss": "hinge", "threshold": 1}, "threshold belongs to huber"),
        ({"loss": "huber", "threshold": 0}, "must be positive"),
        ({"loss": "absolute", "outputs": 0}, "outputs must be >= 1"),
    ],
)
def test_a_constant_that_does_not_exist_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        lipschitz_constant(**arguments)


def refuted(claim, *assuming):
    return prove("L8", claim, assuming=assuming, scope="a planted error").verdict is Verdict.REFUTED


def test_smaller_constants_are_refuted():
    x, y = z3.Reals("x y")
    nine = z3.Q(9, 10) * z3.Abs(x - y)
    assert refuted(z3.Abs(x) - z3.Abs(y) <= nine)
    assert refuted(relu(1 - x) - relu(1 - y) <= nine)
    assert refuted(huber(x, z3.RealVal(2)) - huber(y, z3.RealVal(2)) <= 2 * nine)


def test_multi_class_hinge_moves_by_root_two_and_no_less():
    """f_j up by 1, f_y down by 1: the step is sqrt 2 long, the loss rises by 2 = sqrt 2 * sqrt 2."""
    other, own, rival, low, high = z3.Reals("1+g_j-g_y b a at_g at_f")
    facts = (high == relu(other + rival - own), low >= other, low >= 0)

    def within(square):
        step = (high - low) * (high - low) <= square * (own * own + rival * rival)
        return prove("L8", z3.Or(high <= low, step), assuming=facts, scope="a planted error")

    assert within(2).verdict is Verdict.PROVED
    result = within(z3.Q(199, 100))
    assert result.verdict is Verdict.REFUTED
    w = result.witness
    assert (w["at_f"] - w["at_g"]) ** 2 > F(199, 100) * (w["a"] ** 2 + w["b"] ** 2)


def test_the_sum_over_outputs_needs_the_root_of_their_number():
    total, square, new, count = z3.Reals("sum squares g p")
    step = (total + new) * (total + new) <= count * (square + new * new)
    assert refuted(step, count >= 1, square >= 0, total * total <= count * square)


def test_each_assumption_is_needed():
    r, g, p, target, x, y = z3.Reals("r g p y_k x y")
    step = r * r + 2 * p + g * g <= (r + g) * (r + g)
    assert refuted(step, r >= 0, g >= 0)
    assert refuted(relu(1 - target * x) - relu(1 - target * y) <= z3.Abs(x - y))
    before, after, root, new = z3.Reals("kS kS' sqrtF r'")
    facts = (r >= 0, g >= 0, before >= 0, after >= 0, root >= 0, new >= 0, new <= r + g, root * root == r * r + before)
    assert refuted(new * new + after <= (root + g) * (root + g), *facts)


def test_the_cross_entropy_constant_is_approached_and_a_smaller_one_refuted():
    own, others, square = z3.Reals("p_y rest rest2")
    facts = (own >= 0, others >= 0, own + others == 1, square >= 0, square <= others * others)
    assert refuted((1 - own) * (1 - own) + square <= z3.Q(19, 10), *facts)
    with mpmath.workdps(50):
        p = 1 / (1 + mpmath.exp(40))
        assert mpmath.sqrt(2) - mpmath.sqrt(2) * (1 - p) < mpmath.mpf(10) ** -16


def test_levels_of_lipschitz_losses():
    level = connectivity.lipschitz_level(
        loss=1, deviation=F(1, 2), reference_loss=0, constant=lipschitz_constant("hinge")
    )
    assert level == F(3, 2)
    above = connectivity.lipschitz_level(loss=1, deviation=1, reference_loss=2, constant=sqrt(2))
    assert 0 < (above - 1) ** 2 - 2 < F(1, 10**30)
    assert connectivity.lipschitz_level(loss=1, deviation=1, reference_loss=3, constant=sqrt(2)) == 3
