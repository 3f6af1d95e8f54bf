"""C2T [ours; Maurey known]: without a reference and without a threshold, two networks of bounded mass are joined a
little above their losses, half of the own neurons at a time.

The level is evaluated exactly. The machine proves that half of the slots stay free for the other half network, and
that the level is below the one in roots; Coq proves the rest.
"""

from collections.abc import Callable
from fractions import Fraction

import z3
from sympy import Ge, Le, floor

from theory.arguments import COUNTS, constructed, formal, sampled, smt, step
from theory.exact import Rational
from theory.proof import ProofResult
from theory.relations import Formula
from theory.smt import prove
from theory.statement import Kind, Provenance, Source, Statement
from theory.symbols import L, L_t, S, lambda_, m, sigma

C2T_LEVEL = lambda_ + (sigma * S) ** 2 / floor(m / 2)
"""What the loss does not exceed on C2T's path."""

STATEMENTS = (
    Statement(
        id="C2T",
        title="Connected without a threshold",
        kind=Kind.EXISTENCE,
        sources=(
            Provenance(Source.KNOWN, "the draw (Maurey), derandomised by conditional expectations"),
            Provenance(Source.OURS, "the statement, the path, the constant"),
        ),
        claim="TWO-LAYER, squared error, kappa = 0, m >= 2: any two points of {L <= lambda} with masses <= S are "
        "joined inside {L <= lambda + sigma^2 S^2/floor(m/2)}. No g*, no e(l), no optimality.",
        formulas=(Formula(Le(L_t, C2T_LEVEL), (Ge(m, 2), Le(L, lambda_))),),
        depends_on=("L2", "L7", "L9", "T6"),
        not_covered="A live branch: nothing holds the level when the branches change over. A rate without bounded S. "
        "Levels that width alone connects (T4).",
        note="The blueprint has sqrt lambda + sigma S/sqrt(floor(m/2)) for the root, which is more: the draw keeps the "
        "loss itself in the mean. For a convex loss that is beta-smooth in the outputs: beta/2 times the step. With "
        "kappa > 0 the same for F, with S = lambda/kappa, as the draw keeps the mass.",
    ),
)


def level(
    level_: Rational, *, sigma_square: Rational, mass: Rational, width: int, smoothness: Rational = 2
) -> Fraction:
    """C2T's level, exactly, from upper bounds of lambda, sigma^2 and S; of a beta-smooth loss with its beta, which is 2
    for squared error. Raises ValueError for m < 2 or beta <= 0.
    """
    if width < 2:
        raise ValueError(f"C2T needs m >= 2, got {width}")
    if smoothness <= 0:
        raise ValueError(f"C2T needs beta > 0, got {smoothness}")
    return Fraction(level_) + Fraction(smoothness) / 2 * Fraction(sigma_square) * Fraction(mass) ** 2 / (width // 2)


def the_other_half_fits() -> ProofResult:
    """C2T: of m slots floor(m/2) are live, and as many are free; one more is, for L9, where m >= 2."""
    width, half, live = z3.Ints("m half live")
    return prove(
        "C2T",
        z3.And(width - live >= half, half < width),
        assuming=(width >= 2, 2 * half <= width, width <= 2 * half + 1, live <= half, live >= 0),
        scope="all integers, half = floor(m/2)",
    )


def below_the_roots() -> ProofResult:
    """C2T: lambda + D^2 <= (sqrt lambda + D)^2, the blueprint's form."""
    root, step_ = z3.Reals("r D")
    return prove(
        "C2T",
        root * root + step_ * step_ <= (root + step_) * (root + step_),
        assuming=(root >= 0, step_ >= 0),
        scope="all reals, r = sqrt lambda, D = sigma S/sqrt(floor(m/2))",
    )


PROOFS: tuple[Callable[[], ProofResult], ...] = (the_other_half_fits, below_the_roots)

ARGUMENTS = (
    step(
        "C2T",
        *smt(below_the_roots),
        *smt(the_other_half_fits, over=COUNTS),
        remains="the draw, the path",
    ),
)

FORMAL = (formal("C2T", "halves.C2T_connected C2T_smooth"),)

INSTANCES = (sampled("C2T"), *constructed("C2T", "case.25"))
