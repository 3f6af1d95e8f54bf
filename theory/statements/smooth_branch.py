"""T7V [ours]: with a live branch that is smooth the depth by one slot is of order m^{-2} again.

Two light neurons share one fate, as in R7, and the choice which of them dies cancels the term of first order; what is
left is quadratic. The machine proves the choice, that it serves at every time, and the masses of the two lightest.
"""

from collections.abc import Callable
from fractions import Fraction

import z3
from sympy import Ge, Gt, Le, sqrt

from theory.algebra import prove_identity
from theory.arguments import formal, identity, part, sampled, smt
from theory.exact import Rational
from theory.proof import ProofResult
from theory.relations import Formula
from theory.smt import prove
from theory.statement import Chapter, Kind, Provenance, Source, Statement
from theory.symbols import K, L, L_ref, S, a, b, bend, depth, m, r, s_i, s_j, sigma

SMOOTH = 4 * sigma**2 + 4 * r * bend
"""T7V's C; r is the root of the loss, bend = ||U|| beta_q tau^2/Lambda^2."""

SMOOTH_DEPTH = SMOOTH.subs(r, sqrt(L)) * s_i * s_j
"""T7V's bound for any two neurons."""

_LIGHTEST = SMOOTH.subs(r, sqrt(L)) * (S / m) ** 2

STATEMENTS = (
    Statement(
        id="T7V",
        title="A smooth live branch",
        kind=Kind.UPPER_BOUND,
        sources=(Provenance(Source.OURS, "all of it"),),
        claim="PARALLEL, squared error, kappa = 0, any theta, m >= 2, q with ||Dq(a) - Dq(b)|| <= beta_q ||a - b||, "
        "Lambda = ||U|| Lip(q) > 0, tau^4 = sup over ||w|| = 1 of E (w.X)^4, C = 4 sigma^2 + 4 sqrt(L) ||U|| beta_q "
        "tau^2/Lambda^2. Above C7's threshold with the same delta^2: depth(theta) <= C s_i s_j for any two neurons i "
        "and j, hence <= C (S/m)^2.",
        formulas=(
            Formula(Le(depth, SMOOTH_DEPTH), (Gt(L - L_ref, 2 * K * sqrt(SMOOTH_DEPTH)),), "any two neurons"),
            Formula(Le(depth, _LIGHTEST), (Ge(m, 2), Gt(L - L_ref, 2 * K * sqrt(_LIGHTEST)))),
        ),
        chapter=Chapter.FURTHER,
        depends_on=("C7", "R7", "L2", "L6"),
        not_covered="ReLU branches: at a kink the term of first order is one-sided (T11, T12). A rate without bounded "
        "S and without C bounded, that is Lambda bounded below against ||U|| beta_q.",
        note="tanh, softplus and GELU layers are such q. With s_i, s_j any upper bounds of the masses the same holds. "
        "A neuron of mass 0 is emptied at no cost.",
    ),
)


def smooth_constant(
    *, sigma_square: Rational, root: Rational, outer: Rational, bend: Rational, fourth: Rational, branch: Rational
) -> Fraction:
    """T7V's C, exactly, from upper bounds: `root` of the loss, `outer` ||U||, `bend` beta_q, `fourth` tau^2.

    `branch` is Lambda > 0: no upper bound but the very number that the masses were made with, at least ||U|| Lip(q).
    """
    if branch <= 0:
        raise ValueError(f"T7V needs Lambda > 0, got {branch}: with a silent branch C7 says more")
    return 4 * Fraction(sigma_square) + 4 * Fraction(root) * outer * bend * fourth / Fraction(branch) ** 2


def smooth_depth(constant: Rational, first: Rational, second: Rational) -> Fraction:
    """T7V's C s_i s_j, exactly."""
    return Fraction(constant) * first * second


def balanced() -> ProofResult:
    """T7V: weighed by s_i and s_j the two choices of e have mean 0 and mean square s_i s_j."""
    return prove_identity(
        "T7V",
        (s_i * (2 * (-s_j) * b + a * s_j**2) + s_j * (2 * s_i * b + a * s_i**2)) / (s_i + s_j),
        a * s_i * s_j,
        scope="all reals, b = <R, l> the term of first order, a = C: the better choice is at most the mean",
    )


def at_every_time() -> ProofResult:
    """T7V: 2 e b + C e^2 <= B at t = 1 gives 2 t e b + C t^2 e^2 <= B for 0 <= t <= 1."""
    e, first, constant, bound, t = z3.Reals("e b C B t")
    return prove(
        "T7V",
        2 * t * e * first + constant * t * t * e * e <= bound,
        assuming=(t >= 0, t <= 1, constant >= 0, bound >= 0, 2 * e * first + constant * e * e <= bound),
        scope="all reals",
    )


def of_second_order() -> ProofResult:
    """T7V: ||change||^2 <= 4 sigma^2 e^2 and ||rest|| <= 2 bend e^2 add up to C e^2."""
    e, spread, root, bend_, moved, rest = z3.Reals("e sigma r bend change rest")
    return prove(
        "T7V",
        moved * moved + 2 * root * rest <= (4 * spread * spread + 4 * root * bend_) * e * e,
        assuming=(moved * moved <= 4 * spread * spread * e * e, rest <= 2 * bend_ * e * e, root >= 0, rest >= 0),
        scope="all reals; r = ||f - y||, rest is what is not linear in e",
    )


def two_lightest() -> ProofResult:
    """T7V: s_i <= S/m and s_j <= (S - s_i)/(m-1) give s_i s_j <= (S/m)^2."""
    first, second, total, width = z3.Reals("s_i s_j S m")
    return prove(
        "T7V",
        first * second * width * width <= total * total,
        assuming=(
            width >= 2,
            first >= 0,
            second >= 0,
            total >= 0,
            first * width <= total,
            second * (width - 1) <= total - first,
        ),
        scope="all reals",
    )


PROOFS: tuple[Callable[[], ProofResult], ...] = (balanced, at_every_time, of_second_order, two_lightest)

ARGUMENTS = (
    part(
        "T7V",
        *identity(balanced),
        *smt(at_every_time, of_second_order, two_lightest),
        remains="Taylor's formula for the branch, norms of functions, T7's step",
    ),
)

FORMAL = (formal("T7V", "smooth_branch.T7V_pair T7V_rate", "one_slot.T7_first_threshold"),)

INSTANCES = (sampled("T7V"),)
