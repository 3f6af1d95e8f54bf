"""R0: level, depth and the loss of the best constant, against direct sums and planted errors."""

from fractions import Fraction

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.algebra import prove_identity
from theory.proof import Verdict
from theory.smt import assumptions, prove, translate
from theory.statements import zero
from theory.symbols import L_0, L, L_ref, N, Q, c, s

F = Fraction
modest = settings(max_examples=40, deadline=None)
losses = st.fractions(min_value=0, max_value=9, max_denominator=9)
vectors = st.integers(1, 3).flatmap(
    lambda p: st.lists(
        st.lists(st.fractions(min_value=-9, max_value=9, max_denominator=9), min_size=p, max_size=p),
        min_size=1,
        max_size=5,
    )
)


@pytest.mark.parametrize("proof", zero.PROOFS, ids=lambda proof: proof.__name__)
def test_proved(proof):
    assert proof().verdict is Verdict.PROVED


def test_the_depth_form_without_the_max_is_refuted():
    result = prove(
        "R0",
        translate(zero.LEVEL - L) == translate(L_0 - L),
        assuming=[*assumptions(zero.LEVEL), translate(L_ref) < translate(L)],
        scope="a planted error",
    )
    assert result.verdict is Verdict.REFUTED
    w = result.witness
    assert w["L_ref"] < w["L"]
    assert w["L_0"] < w["L"]
    assert max(w["L"], w["L_0"], w["L_ref"]) - w["L"] == 0 > w["L_0"] - w["L"]


def test_the_depth_form_without_its_hypothesis_is_refuted():
    result = prove(
        "R0",
        translate(zero.LEVEL - L) == translate(zero.DEPTH),
        assuming=assumptions(zero.LEVEL),
        scope="a planted error",
    )
    assert result.verdict is Verdict.REFUTED
    w = result.witness
    assert w["L_ref"] > max(w["L"], w["L_0"])


@pytest.mark.parametrize(
    "wrong",
    [Q / N + s**2 / N**2 + (c - s / N) ** 2, Q / N - s**2 / N + (c - s / N) ** 2, Q / N - s**2 / N**2],
    ids=["sign", "missing square of N", "no excess"],
)
def test_a_wrong_completion_of_the_square_is_refuted(wrong):
    result = prove_identity("R0", zero.CONSTANT_ERROR / N, wrong, scope="a planted error")
    assert result.verdict is Verdict.REFUTED
    at = {symbol: sympy.Rational(result.witness[symbol.name]) for symbol in (N, Q, c, s)}
    assert (zero.CONSTANT_ERROR / N).subs(at) != wrong.subs(at)


def test_known_answer_16():
    """Targets 1, -2: L_0 = 5/2; the valley at 2 with reference 1/2 has depth exactly 1/2, as R0 says."""
    assert zero.zero_loss(2, 5, [-1], output_bias=False) == F(5, 2)
    assert zero.zero_loss(2, 5, [-1], output_bias=True) == F(9, 4)
    assert zero.depth_bound(F(2), F(5, 2), reference_loss=F(1, 2)) == F(1, 2)
    assert zero.level(F(2), F(1, 2), F(5, 2)) == F(5, 2)


def test_a_point_above_the_zero_output_has_depth_zero():
    assert zero.depth_bound(3, F(5, 2), reference_loss=F(1, 2)) == 0
    assert zero.level(3, F(1, 2), F(5, 2)) == 3


@pytest.mark.parametrize("reference", [F(2), F(3)])
def test_the_depth_bound_is_refused_without_a_better_reference(reference):
    with pytest.raises(ValueError, match=r"R0 bounds the depth only if L\(g\*\) < L\(theta\)"):
        zero.depth_bound(F(2), F(5, 2), reference_loss=reference)


def test_floats_are_refused():
    with pytest.raises(ValueError, match="must be exact"):
        zero.level(0.5, F(1), F(2))


@modest
@given(losses, losses, losses)
def test_level_and_depth_against_plain_arithmetic(loss, reference, at_zero):
    assert zero.level(loss, reference, at_zero) == max(loss, reference, at_zero)
    if reference < loss:
        bound = zero.depth_bound(loss, at_zero, reference_loss=reference)
        assert bound == max(0, at_zero - loss)
        assert isinstance(bound, Fraction)


def constant_loss(targets, constant):
    return sum((sum(((y - c) ** 2 for y, c in zip(row, constant, strict=True)), F(0)) for row in targets), F(0)) / len(
        targets
    )


@modest
@given(vectors, st.fractions(min_value=-2, max_value=2, max_denominator=9))
def test_zero_loss_against_direct_sums_and_other_constants(targets, shift):
    points, sums = len(targets), [sum(column, F(0)) for column in zip(*targets, strict=True)]
    square_sum = sum((y * y for row in targets for y in row), F(0))
    mean = [total / points for total in sums]
    best = zero.zero_loss(points, square_sum, sums, output_bias=True)
    assert best == constant_loss(targets, mean)
    assert best + len(mean) * shift**2 == constant_loss(targets, [value + shift for value in mean])
    assert zero.zero_loss(points, square_sum, sums, output_bias=False) == constant_loss(targets, [0] * len(mean))


@pytest.mark.parametrize(
    ("moments", "message"),
    [
        ((2, 1, [2]), r"no data has \|\|mean y\|\|\^2 = 1 > mean \|\|y\|\|\^2 = 1/2"),
        ((0, 1, [1]), "N must be positive"),
        ((F(1, 2), 1, [1]), "N must be integer"),
        ((2, -1, [0]), "Q must be nonnegative"),
        ((2, 1, []), "one entry per output"),
        ((2, 1.0, [0]), "must be exact"),
    ],
)
def test_moments_that_no_data_has_are_refused(moments, message):
    with pytest.raises(ValueError, match=message):
        zero.zero_loss(*moments, output_bias=True)
