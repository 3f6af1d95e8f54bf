"""Proof of identities by sympy: rational ones by expansion, decided; others by rewriting, or left undecided."""

from fractions import Fraction
from itertools import product

import sympy

from theory.proof import Method, ProofResult, Reach, Verdict


def prove_identity(statement: str, left: sympy.Expr, right: sympy.Expr, *, scope: str) -> ProofResult:
    """Decide `left == right` for rational functions with rational coefficients.

    PROVED if the numerator of the difference is the zero polynomial. Otherwise REFUTED: a non-zero polynomial
    of degree k in each variable cannot vanish on a grid of more than k points a side, so one of them is a
    witness; the grid is 1, 2, ..., inside every positivity assumption. Raises ValueError if the difference is
    not a rational function.
    """
    claim = f"{left} == {right}"
    numerator, denominator = sympy.fraction(sympy.together(left - right))
    symbols = sorted((left - right).free_symbols, key=lambda symbol: symbol.name)
    if not all(part.is_polynomial(*symbols) for part in (numerator, denominator)):
        raise ValueError(f"{statement}: {claim} is no identity between rational functions")
    if sympy.expand(numerator) == 0:
        return ProofResult(statement, claim, scope, Verdict.PROVED, method=Method.IDENTITY, reach=Reach.FORMULAS)
    obstacle = sympy.expand(numerator * denominator)
    sides = [range(1, sympy.degree(obstacle, symbol) + 2) for symbol in symbols]
    for values in product(*sides):
        if obstacle.subs(dict(zip(symbols, values, strict=True))) != 0:
            witness = {symbol.name: Fraction(value) for symbol, value in zip(symbols, values, strict=True)}
            return ProofResult(statement, claim, scope, Verdict.REFUTED, witness, Method.IDENTITY, Reach.FORMULAS)
    raise AssertionError(f"{statement}: a non-zero polynomial vanished on a whole grid: {obstacle}")


def prove_equal(statement: str, left: sympy.Expr, right: sympy.Expr, *, scope: str) -> ProofResult:
    """Prove `left == right` by sympy's rewriting of roots, powers, sines and Gamma; never refutes.

    PROVED if the difference is rewritten to 0, which trusts sympy's rules; else UNDECIDED.
    """
    claim = f"{left} == {right}"
    rewritten = sympy.simplify(sympy.expand_func(sympy.gammasimp(left - right)))
    verdict = Verdict.PROVED if rewritten == 0 else Verdict.UNDECIDED
    return ProofResult(statement, claim, scope, verdict, method=Method.IDENTITY, reach=Reach.FORMULAS)
