"""Proof over all reals by z3: a claim holds if its negation has no solution.

A refutation does not trust z3: the witness is put back as rationals and must falsify the claim. A proof does
trust z3's answer `unsat`.
"""

from fractions import Fraction
from functools import reduce
from operator import add, mul

import sympy
import z3

from theory.proof import Method, ProofResult, Reach, Verdict

TIMEOUT_MS = 10_000


def relu(value: z3.ArithRef) -> z3.ArithRef:
    """[value]_+, without rounding or approximation."""
    return z3.If(value >= 0, value, 0)


def maximum(*values: z3.ArithRef) -> z3.ArithRef:
    return reduce(lambda a, b: z3.If(a >= b, a, b), values)


def translate(expression: sympy.Expr) -> z3.ArithRef:
    """The same real expression in z3: rationals, symbols, sums, products, natural powers, Max.

    A symbol keeps its name; its assumptions are not carried over (see `assumptions`). Raises ValueError on
    anything else.
    """
    if expression.is_Rational:
        return z3.RealVal(str(expression))
    if expression.is_Symbol:
        return z3.Real(expression.name)
    if expression.is_Pow and expression.exp.is_Integer and expression.exp > 0:
        return reduce(mul, [translate(expression.base)] * int(expression.exp))
    operation = next((op for kind, op in ((sympy.Add, add), (sympy.Mul, mul)) if isinstance(expression, kind)), None)
    if operation is not None:
        return reduce(operation, map(translate, expression.args))
    if isinstance(expression, sympy.Max):
        return maximum(*map(translate, expression.args))
    raise ValueError(f"no translation to z3 for {expression}: use sums, products, natural powers and Max only")


def assumptions(*expressions: sympy.Expr) -> list[z3.BoolRef]:
    """The signs that the symbols of `expressions` are declared with (integrality is not used: all reals)."""
    symbols = sorted(set().union(*(e.free_symbols for e in expressions)), key=lambda symbol: symbol.name)
    positive = [z3.Real(symbol.name) > 0 for symbol in symbols if symbol.is_positive]
    nonnegative = [z3.Real(symbol.name) >= 0 for symbol in symbols if symbol.is_nonnegative and not symbol.is_positive]
    return positive + nonnegative


def prove(
    statement: str, claim: z3.BoolRef, *, assuming: tuple[z3.BoolRef, ...] | list[z3.BoolRef] = (), scope: str
) -> ProofResult:
    """Ask z3 for a counterexample to `claim` under `assuming`, over all reals.

    No counterexample: PROVED. One whose rational values really satisfy `assuming` and falsify `claim`:
    REFUTED. Otherwise (time-out, irrational witness, hypotheses not known to have a solution): UNDECIDED. Raises
    ValueError if `assuming` has none, since anything follows from a contradiction.
    """
    possible = _solver(*assuming).check()
    if possible == z3.unsat:
        raise ValueError(f"{statement}: the hypotheses {list(assuming)} have no solution, a proof would be empty")
    negation = z3.And(*assuming, z3.Not(claim))
    text = " ".join(str(z3.Implies(z3.And(*assuming), claim) if assuming else claim).split())
    solver = _solver(negation)
    answer = solver.check()
    if answer == z3.unsat and possible == z3.sat:
        return ProofResult(statement, text, scope, Verdict.PROVED, method=Method.SMT, reach=Reach.SCALARS)
    if answer == z3.sat:
        witness = _rational_witness(solver.model(), negation)
        if witness is not None:
            return ProofResult(statement, text, scope, Verdict.REFUTED, witness, Method.SMT, Reach.SCALARS)
    return ProofResult(statement, text, scope, Verdict.UNDECIDED, method=Method.SMT, reach=Reach.SCALARS)


def _solver(*formulas: z3.BoolRef) -> z3.Solver:
    solver = z3.Solver()
    solver.set("timeout", TIMEOUT_MS)
    solver.add(*formulas)
    return solver


def _rational_witness(model: z3.ModelRef, formula: z3.BoolRef) -> dict[str, Fraction] | None:
    """The model's values if they are rational and make `formula` true when evaluated at them, else None."""
    values = {v: model.eval(v, model_completion=True) for v in z3.z3util.get_vars(formula)}
    if not all(z3.is_rational_value(value) for value in values.values()):
        return None
    if not z3.is_true(z3.simplify(z3.substitute(formula, *values.items()))):
        return None
    return {str(v): value.as_fraction() for v, value in values.items()}
