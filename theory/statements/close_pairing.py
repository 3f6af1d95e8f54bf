"""R8 [ours]: R7's choice for pairs of neurons whose rows are close: of each pair one dies, the other is nearly like it.

The closed form and the form with a count of pairs are exact. The machine proves how the closed form comes from the
count, and that R7 covers the case where the chord would exceed the sphere.
"""

from collections.abc import Callable
from fractions import Fraction

import z3
from sympy import Expr, Ge, Gt, Le, sqrt

from theory import exact, symbols
from theory.arguments import COUNTS, formal, part, sampled, smt
from theory.exact import Exact, Rational, evaluate
from theory.proof import ProofResult
from theory.relations import Formula
from theory.smt import prove
from theory.statement import Kind, Provenance, Source, Statement
from theory.statements.sphere import KAPPA
from theory.symbols import D, S, count, d, gap, l_, m, sigma

R8_CHORD = sigma * gap * S * sqrt(l_) / (m - 2 * l_ - 2 * count + 1)
"""With pairs whose unit rows are at most `gap` = 2 sin(phi/2) apart, count = N_d(phi)."""

R8 = (2 * (d + 1) / d) * sigma * S * (sqrt(l_) / (m - 2 * l_)) * (2 * (d + 1) / (KAPPA * (m - 2 * l_))) ** (1 / d)
"""With the phi that makes a nearly best one: sin^d(phi/2) = 2 (d+1)/(kappa_d (m-2l))."""

STATEMENTS = (
    Statement(
        id="R8",
        title="Pairing close neurons",
        kind=Kind.UPPER_BOUND,
        sources=(Provenance(Source.OURS, "all of it"),),
        claim="p = 1, Lambda = 0, d >= 1, 2l < m. Among the lightest M = 2l + 2N_d(phi) <= m neurons l disjoint pairs "
        "have one sign of V and rows within the angle phi; R7's choice on them gives D <= 2 sigma sin(phi/2) S "
        "sqrt(l)/(m - 2l - 2N_d(phi) + 1), S constant. With the best phi, or by R7: D <= (2(d+1)/d) sigma S "
        "(sqrt(l)/(m-2l)) (2(d+1)/(kappa_d (m-2l)))^{1/d}.",
        formulas=(
            Formula(Le(D, R8), (Ge(d, 1), Gt(m, 2 * l_))),
            Formula(
                Le(D, R8_CHORD), (Ge(m, 2 * l_ + 2 * count),), "pairs within gap; count directions are farther apart"
            ),
        ),
        depends_on=("L2", "L5", "L6", "R7"),
        not_covered="p > 1 and a live branch: pairs need one direction of (V, Lambda A), and the sphere of those "
        "counts too; its constant is not worked out. A rate holds under bounded S only. Whether the bound is "
        "informative (R0).",
        note="Exponent eta/2 - 1 - 1/d: below R3's for eta > 0, below R7's always. At l = 1 R3 has the same exponent "
        "without signs. Its D^2 serves C1+.",
    ),
)


def bound(*, sigma: Exact, mass: Exact, width: int, neurons: int, dimension: int) -> Expr:
    """R8's closed form, an exact number. Raises ValueError unless d >= 1 and 2l < m."""
    _require("R8", width, neurons, dimension)
    values = {symbols.sigma: sigma, S: mass, m: width, l_: neurons, d: dimension}
    return evaluate(R8, values)


def deviation(*, sigma: Rational, mass: Rational, width: int, neurons: int, dimension: int) -> Fraction:
    """A rational at least R8's closed form, from upper bounds of sigma and S."""
    _require("R8", width, neurons, dimension)
    return exact.upper_at(R8, {symbols.sigma: sigma, S: mass, m: width, l_: neurons, d: dimension})


def chord_deviation(
    *, sigma: Rational, mass: Rational, width: int, neurons: int, directions: int, chord: Rational
) -> Fraction:
    """A rational at least R8's D for pairs within a chord 2 sin(phi/2), `directions` = N_d(phi), from upper bounds."""
    if neurons < 1 or directions < 1 or width < 2 * neurons + 2 * directions:
        raise ValueError(f"R8 needs 2l + 2N <= m, got l = {neurons}, N = {directions}, m = {width}")
    values = {symbols.sigma: sigma, gap: chord, S: mass, m: width, l_: neurons, count: directions}
    return exact.upper_at(R8_CHORD, values)


def _require(statement: str, width: int, neurons: int, dimension: int) -> None:
    if neurons < 1 or width <= 2 * neurons:
        raise ValueError(f"{statement} needs 2l < m, got l = {neurons}, m = {width}")
    if dimension < 1:
        raise ValueError(f"{statement} needs d >= 1, got {dimension}: with d = 0 equal signs merge exactly")


def matched() -> ProofResult:
    """R8: of the 2l + 2N lightest a maximal matching leaves at most N of each sign, so l pairs were found."""
    lightest, few, far, pairs, plus, minus = z3.Ints("M l N pairs left_plus left_minus")
    return prove(
        "R8",
        pairs >= few,
        assuming=(
            few >= 1,
            far >= 1,
            lightest == 2 * few + 2 * far,
            lightest == 2 * pairs + plus + minus,
            plus <= far,
            minus <= far,
        ),
        scope="all integers",
    )


def from_the_count() -> ProofResult:
    """R8: with x^d = 2(d+1)/(kappa_d n) the denominator n - 2/(kappa_d x^d) is n d/(d+1), n = m - 2l."""
    n, power, kappa, size = z3.Reals("n x^d kappa_d d")
    return prove(
        "R8",
        (n - 2 / (kappa * power)) * (size + 1) == n * size,
        assuming=(size >= 1, n > 0, kappa > 0, power * kappa * n == 2 * (size + 1)),
        scope="all reals; N_d(phi) <= 1/(kappa_d sin^d(phi/2)) by L5",
    )


def or_by_pairing() -> ProofResult:
    """R8: where x > 1 the closed form exceeds R7's bound 2 sigma S sqrt(l)/(m-2l+1)."""
    n, x, size, rest = z3.Reals("n x d sigma_S_root_l")
    return prove(
        "R8",
        2 * rest <= 2 * rest * (size + 1) * x * (n + 1) / (size * n),
        assuming=(size >= 1, n >= 1, x >= 1, rest >= 0),
        scope="all reals, n = m - 2l, both sides times n + 1",
    )


PROOFS: tuple[Callable[[], ProofResult], ...] = (matched, from_the_count, or_by_pairing)

ARGUMENTS = (
    part(
        "R8",
        *smt(from_the_count, or_by_pairing),
        *smt(matched, over=COUNTS),
        remains="L5's count, the choice for functions",
    ),
)

FORMAL = (
    formal(
        "R8",
        "close_pairing.R8_choice R8_pairing",
        remains="that close pairs are found (L5's count and the matching), the closed form",
    ),
)

INSTANCES = (sampled("R8"),)
