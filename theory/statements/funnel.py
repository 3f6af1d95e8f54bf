"""C2F+ [ours]: sub-level sets of F = L + kappa S, joined a little above themselves, with nothing assumed on S.

Each of two networks descends below a threshold above F(g*), one slot emptied and refilled a round; there half of the
own neurons joins them. The level is evaluated exactly; the machine proves what a round costs and gains, Coq the whole.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import z3
from sympy import Ge, Gt, Le, Max, floor

from theory.arguments import constructed, formal, sampled, smt, step
from theory.exact import Rational
from theory.proof import ProofResult
from theory.relations import Formula
from theory.smt import prove
from theory.statement import Kind, Provenance, Source, Statement
from theory.symbols import L, L_ref, L_t, S_ref, eps, kappa, lambda_, m, sigma

RISE = sigma * lambda_ / (kappa * m)
"""delta: no neuron that is lightest has a larger effect where F <= lambda."""

BOTTOM = L_ref + 2 * sigma * S_ref * RISE + eps
"""mu: above it every round lowers F; L_ref stands for F(g*)."""

FUNNEL_LEVEL = Max(lambda_ + RISE**2, BOTTOM + sigma**2 * (BOTTOM / kappa) ** 2 / floor(m / 2))
"""What F does not exceed on C2F+'s path."""

STATEMENTS = (
    Statement(
        id="C2F+",
        title="A funnel, regularised",
        kind=Kind.EXISTENCE,
        sources=(
            Provenance(Source.KNOWN, "the steps: Frank-Wolfe and Maurey's draw"),
            Provenance(Source.OURS, "the statement, the path, the constants"),
        ),
        claim="TWO-LAYER, squared error, kappa > 0, F = L + kappa S, m >= 2, any two-layer g* of any width with mass "
        "S*, any eps > 0. With delta = sigma lambda/(kappa m) and mu = F(g*) + 2 sigma S* delta + eps any two points "
        "of {F <= lambda} are joined inside {F <= max(lambda + delta^2, mu + sigma^2 (mu/kappa)^2/floor(m/2))}. "
        "Nothing is assumed on S, and no readout need be optimal.",
        formulas=(
            Formula(
                Le(L_t, FUNNEL_LEVEL),
                (Ge(m, 2), Gt(kappa, 0), Gt(eps, 0), Le(L, lambda_)),
                "L, L_t, L_ref are values of F here",
            ),
        ),
        depends_on=("T7F", "C2T", "L2", "L7", "L9", "L10"),
        not_covered="A live branch: nothing holds the level when the branches change over. kappa = 0 (C2T). Penalties "
        "of another form.",
        note="Above mu the gap is delta^2, of order m^-2; the bottom costs a gap of order m^-1. The bottom alone, with "
        "lambda for mu, is C2T for F.",
    ),
)


@dataclass(frozen=True)
class Funnel:
    """`rise` = delta, `bottom` = mu, `level` what F does not exceed; all exact."""

    rise: Fraction
    bottom: Fraction
    level: Fraction


def funnel(
    level: Rational,
    *,
    reference: Rational,
    reference_mass: Rational,
    sigma: Rational,
    penalty: Rational,
    width: int,
    margin: Rational,
) -> Funnel:
    """C2F+'s numbers from lambda, F(g*), S* and an upper bound of sigma.

    Raises ValueError unless m >= 2, kappa > 0 and eps > 0.
    """
    if width < 2:
        raise ValueError(f"C2F+ needs m >= 2, got {width}")
    if penalty <= 0 or margin <= 0:
        raise ValueError(f"C2F+ needs kappa > 0 and eps > 0, got {penalty} and {margin}")
    rise = Fraction(sigma) * Fraction(level) / (Fraction(penalty) * width)
    bottom = Fraction(reference) + 2 * Fraction(sigma) * Fraction(reference_mass) * rise + Fraction(margin)
    joined = bottom + Fraction(sigma) ** 2 * (bottom / Fraction(penalty)) ** 2 / (width // 2)
    return Funnel(rise, bottom, max(Fraction(level) + rise**2, joined))


def a_round_gains() -> ProofResult:
    """C2F+: above mu the step e = delta/(delta + K) ends at least e eps lower, if emptying costs at most delta^2."""
    value, goal, spread, rise, margin, share, free = z3.Reals("F F* K delta eps e F'")
    return prove(
        "C2F+",
        (1 - share) * free + share * goal + share * share * spread * spread <= value - share * margin,
        assuming=(
            spread >= 0,
            rise > 0,
            margin > 0,
            share * (rise + spread) == rise,
            share >= 0,
            share <= 1,
            free <= value + rise * rise,
            value - goal >= 2 * spread * rise + margin,
        ),
        scope="all reals, K = sigma S*; delta = 0 is a small step",
    )


def a_removal_costs() -> ProofResult:
    """C2F+: F along the removal, F - t c + t^2 h^2, is at most F + h^2 + g for 0 <= t <= 1 where c >= -g."""
    value, slope, square, slack, time = z3.Reals("F c h^2 g t")
    return prove(
        "C2F+",
        value - time * slope + time * time * square <= value + square + slack,
        assuming=(square >= 0, slack >= 0, slope >= -slack, time >= 0, time <= 1),
        scope="all reals",
    )


def a_scaling_gains() -> ProofResult:
    """C2F+: with t = c/(h^2 - c), c < 0, scaling up ends at F + t^2 c < F."""
    value, slope, square, time = z3.Reals("F c h^2 t")
    return prove(
        "C2F+",
        z3.And(
            value - time * slope + time * time * square == value + time * time * slope,
            value + time * time * slope < value,
        ),
        assuming=(square >= 0, slope < 0, time * (square - slope) == slope),
        scope="all reals",
    )


PROOFS: tuple[Callable[[], ProofResult], ...] = (a_round_gains, a_removal_costs, a_scaling_gains)

ARGUMENTS = (
    step(
        "C2F+",
        *smt(a_round_gains, a_removal_costs, a_scaling_gains),
        remains="the draw, that finitely many rounds reach mu, the bottom",
    ),
)

FORMAL = (formal("C2F+", "funnel.C2F_funnel"),)

INSTANCES = (sampled("C2F+"), *constructed("C2F+", "exact.funnel"))
