"""The two provers: what they prove, what they refute with an exact witness, and where they refuse."""

from fractions import Fraction
from functools import cache

import pytest
import sympy
import z3
from hypothesis import given, settings
from hypothesis import strategies as st

from theory import catalogue, corners, smt
from theory.algebra import prove_equal, prove_identity
from theory.exact import evaluate_rational
from theory.proof import Method, Verdict
from theory.smt import _rational_witness, assumptions, maximum, prove, translate
from theory.symbols import L_0, L, L_ref, N, a, b, c

losses = st.fractions(min_value=0, max_value=9, max_denominator=20)


def test_a_refutation_carries_values_that_falsify_the_claim():
    x, y = z3.Reals("x y")
    result = prove("L1b", x * y <= x + y, assuming=(x >= 1, y >= 1), scope="all reals >= 1")
    assert result.verdict is Verdict.REFUTED
    x_, y_ = result.witness["x"], result.witness["y"]
    assert isinstance(x_, Fraction)
    assert isinstance(y_, Fraction)
    assert x_ >= 1
    assert y_ >= 1
    assert x_ * y_ > x_ + y_


def test_an_irrational_counterexample_is_left_undecided():
    x = z3.Real("x")
    result = prove("L1b", x * x != 2, scope="all reals")
    assert result.verdict is Verdict.UNDECIDED
    assert not result.witness


def test_no_answer_is_no_proof():
    x, y = z3.Reals("x y")
    result = prove("L1b", 2 ** (x * y) + 2**y >= z3.Q(1, 1000), scope="beyond z3")  # true, but not polynomial
    assert result.verdict is Verdict.UNDECIDED


class LyingModel:
    """A model that claims any variable to be 0."""

    def eval(self, variable, model_completion):
        return z3.RealVal(0)


def test_a_witness_that_falsifies_nothing_is_not_believed():
    x = z3.Real("x")
    assert _rational_witness(LyingModel(), x > 0) is None
    assert _rational_witness(LyingModel(), x >= 0) == {"x": 0}


def test_contradictory_hypotheses_prove_nothing():
    x = z3.Real("x")
    with pytest.raises(ValueError, match="a proof would be empty"):
        prove("L1b", x == x + 1, assuming=(x > 0, x < 0), scope="nowhere")


def test_hypotheses_that_nobody_knows_a_solution_of_prove_nothing():
    """3^x = 5 has one, which z3 does not find: the claim, true anyway, is left undecided."""
    x, y = z3.Reals("x y")
    result = prove("L1b", y * y >= 0, assuming=(3**x == 5,), scope="beyond z3")
    assert result.verdict is Verdict.UNDECIDED


def test_hypotheses_are_part_of_the_printed_claim():
    x = z3.Real("x")
    assert "x >= 3" in prove("L1b", x >= 2, assuming=(x >= 3,), scope="reals").claim


@settings(max_examples=40, deadline=None)
@given(losses, losses, losses)
def test_translation_means_the_same_as_the_expression(one, two, three):
    expression = sympy.Max(L - 2 * L_0, L_0**3, L_ref / 7) ** 2 - L * L_ref
    values = {L: one, L_0: two, L_ref: three}
    pairs = [(z3.Real(symbol.name), z3.RealVal(str(value))) for symbol, value in values.items()]
    in_z3 = z3.simplify(z3.substitute(translate(expression), *pairs))
    assert in_z3.as_fraction() == evaluate_rational(expression, values)


@pytest.mark.parametrize("expression", [sympy.sqrt(L), 1 / L, sympy.pi, sympy.exp(L)])
def test_what_has_no_translation_is_refused(expression):
    with pytest.raises(ValueError, match="no translation"):
        translate(expression)


def test_assumptions_are_the_declared_signs():
    assert set(map(str, assumptions(N * L + a, L_0))) == {"N > 0", "L >= 0", "L_0 >= 0"}


def test_maximum_of_three_is_attained_and_an_upper_bound():
    x, y, z = z3.Reals("x y z")
    top = maximum(x, y, z)
    attained = z3.Or(top == x, top == y, top == z)
    assert prove("L7", z3.And(attained, top >= x, top >= y, top >= z), scope="reals").verdict is Verdict.PROVED


def test_a_false_identity_is_refuted_at_a_point_where_the_sides_differ():
    left, right = (a + b) ** 2, a**2 + a * b + b**2
    result = prove_identity("L7", left, right, scope="reals")
    assert result.verdict is Verdict.REFUTED
    at = {symbol: sympy.Rational(result.witness[symbol.name]) for symbol in (a, b)}
    assert left.subs(at) != right.subs(at)


def test_an_identity_that_holds_on_small_integers_is_still_refuted():
    vanishing = (a - 1) * (a - 2) * (a - 3)
    result = prove_identity("L7", vanishing, sympy.Integer(0), scope="reals")
    assert result.verdict is Verdict.REFUTED
    assert vanishing.subs(a, sympy.Rational(result.witness["a"])) != 0


def test_a_false_rational_identity_is_refuted_off_its_poles():
    result = prove_identity("R0", a / (b - 1), 2 * a / (b - 1), scope="b not 1")
    assert result.verdict is Verdict.REFUTED
    assert result.witness["b"] != 1
    assert result.witness["a"] != 0


@pytest.mark.parametrize("left", [sympy.sqrt(L), sympy.Max(a, b), sympy.sin(c)])
def test_what_is_not_rational_is_refused(left):
    with pytest.raises(ValueError, match="no identity between rational functions"):
        prove_identity("L7", left, a, scope="reals")


def test_rewriting_proves_or_leaves_undecided():
    root = sympy.sqrt(L)
    assert (
        prove_equal("L7", root**2 * sympy.sin(a) ** 2, L * (1 - sympy.cos(a) ** 2), scope="all").verdict
        is Verdict.PROVED
    )
    wrong = prove_equal("L7", root * L_0, sympy.sqrt(L * L_0), scope="a planted error")
    assert wrong.verdict is Verdict.UNDECIDED
    assert not wrong.witness


@cache
def asked(name):
    """What a prover of the catalogue asks z3, as (claim, hypotheses), and its result."""
    questions = []

    def spy(statement, claim, *, assuming=(), scope):
        questions.append((claim, list(assuming)))
        return smt.prove(statement, claim, assuming=assuming, scope=scope)

    with pytest.MonkeyPatch.context() as patch:
        for module in (*catalogue.CATALOGUE.modules, corners):
            if hasattr(module, "prove"):
                patch.setattr(module, "prove", spy)
        return questions, catalogue.PROVERS[name]()


def solutions(*formulas):
    solver = z3.Solver()
    solver.set("timeout", 10_000)
    solver.add(*formulas)
    return solver.check()


ZERO_BY_DESIGN = {
    "one_slot_thresholds.emptied": {"p"},
    "slots.zero_weight_hides": {"V_j"},
    "connectivity.orthogonal_change": {"p"},
}
"""A weight that is 0; a residual that sees no feature."""
IDENTITIES = {"regulariser.readout_line"}
"""True for all t, with t in [0, 1] for the reader."""


@pytest.mark.parametrize("name", catalogue.PROVERS)
def test_no_proof_by_z3_is_empty(name):
    """Its hypotheses have a solution in which all variables are different and none is 0, but for those that must be:
    if they forced everything to 0 they would say nothing. Without hypotheses, where there are any, the claim is false.
    """
    questions, result = asked(name)
    assert bool(questions) is (result.method is Method.SMT)
    for claim, hypotheses in questions:
        variables = z3.z3util.get_vars(z3.And(claim, *hypotheses))
        free = [one for one in variables if str(one) not in ZERO_BY_DESIGN.get(name, set())]
        distinct = [z3.Distinct(*free)] if len(free) > 1 else []
        assert solutions(*hypotheses, *[one != 0 for one in free], *distinct) == z3.sat
        assert solutions(*hypotheses, z3.Not(claim)) == z3.unsat
        assert name in IDENTITIES or not hypotheses or solutions(z3.Not(claim)) == z3.sat


def test_hypotheses_that_force_a_zero_would_be_seen():
    """The planted twin: x >= 0 and x <= 0 have a solution, none in general position."""
    x, y = z3.Reals("x y")
    assert prove("L1b", x * y == 0, assuming=(x >= 0, x <= 0), scope="nowhere else").verdict is Verdict.PROVED
    assert solutions(x >= 0, x <= 0) == z3.sat
    assert solutions(x >= 0, x <= 0, x != 0, y != 0) == z3.unsat
