"""T7F [ours]: one slot under regularisation, where nothing is assumed on the mass.

F = L + kappa S. Scaling one neuron either lowers F at once or is exactly a parabola whose end is the empty slot, and
the mass is linear on T7's step. The machine proves these parts, Coq the statement.
"""

from collections.abc import Callable
from fractions import Fraction

import z3
from sympy import Expr, Gt, Le, Max, sqrt

from theory import symbols
from theory.algebra import prove_identity
from theory.arguments import formal, identity, part, sampled, smt
from theory.exact import Exact, Rational, evaluate, evaluate_rational, strictly_below
from theory.proof import ProofResult
from theory.relations import Formula
from theory.smt import prove
from theory.statement import Kind, Provenance, Source, Statement
from theory.symbols import L, L_ref, S_ref, a, b, c, depth, effect, kappa, m, r, s, s_i, s_j, sigma, t, w_i, w_j

RATE = (sigma**2 * L**2) / (kappa * m) ** 2
"""(sigma F/(kappa m))^2; L stands for F(theta)."""

LIVE_RISE = Max(0, s_j * (2 * sigma * r - kappa) + sigma**2 * s_j**2)
"""What emptying neuron j costs in F with a live branch at most; r is sqrt(L(theta)), the loss without the mass."""

_POSITIVE = Gt(kappa, 0)
_WORDS = "L, L_ref are values of the objective F here"

STATEMENTS = (
    Statement(
        id="T7F",
        title="One slot, regularised",
        kind=Kind.UPPER_BOUND,
        sources=(
            Provenance(
                Source.KNOWN,
                "the step as in T7; that positively homogeneous penalties make an empty slot decisive: Haeffele and "
                "Vidal 2017 (abstract only seen)",
            ),
            Provenance(Source.OURS, "the depth, both constants, any theta, the branch"),
        ),
        claim="Squared error, kappa > 0, F = L + kappa S, any theta, any two-layer g* of any width with mass S*. "
        "TWO-LAYER, or PARALLEL with U = 0: if F(theta) - F(g*) > 2 sigma S* ||h_j||, then the depth of F at theta is "
        "at most ||h_j||^2; so F(theta) - F(g*) > 2 sigma S* sigma F(theta)/(kappa m) implies depth <= (sigma "
        "F(theta)/(kappa m))^2, with nothing assumed on S. PARALLEL: if F(theta) - F(g*) > 2 sigma S* delta, delta^2 = "
        "[s_j (2 sigma sqrt(L(theta)) - kappa) + sigma^2 s_j^2]_+, then the depth is at most delta^2.",
        formulas=(
            Formula(Le(depth, effect**2), (_POSITIVE, Gt(L - L_ref, 2 * sigma * S_ref * effect)), _WORDS),
            Formula(Le(depth, RATE), (_POSITIVE, Gt(L - L_ref, 2 * sigma * S_ref * sqrt(RATE))), _WORDS),
            Formula(
                Le(depth, LIVE_RISE),
                (_POSITIVE, Gt(L - L_ref, 2 * sigma * S_ref * sqrt(LIVE_RISE))),
                _WORDS + "; r is the root of the loss L(theta); any branch",
            ),
        ),
        depends_on=("T7", "C7", "L2", "L7", "L9", "L10"),
        not_covered="The second threshold of C7, whose proof uses that a loss is a square. Penalties of another form. "
        "Points below the threshold (C2F). kappa = 0.",
        note="kappa is not kappa_d. g* counts with its own mass: F(g*) = L(g*) + kappa S*.",
    ),
)


def rate(*, objective: Rational, sigma_square: Rational, penalty: Rational, width: int) -> Fraction:
    """(sigma F/(kappa m))^2, exactly; `sigma_square` is sigma^2. Raises ValueError unless kappa > 0."""
    _need_penalty(penalty)
    return Fraction(sigma_square) * (Fraction(objective) / (Fraction(penalty) * width)) ** 2


def live_rise(*, loss: Exact, mass: Exact, sigma: Exact, penalty: Exact) -> Expr:
    """delta^2 of the live branch for one neuron of mass s_j > 0, an exact number."""
    _need_penalty(penalty)
    root = sqrt(evaluate(L, {L: loss}))
    return evaluate(LIVE_RISE, {r: root, s_j: mass, symbols.sigma: sigma, kappa: penalty})


def above_threshold(*, objective: Exact, reference: Exact, spread: Exact, rise: Exact) -> bool:
    """F(theta) - F(g*) > 2 K delta, exactly; `spread` = K >= sigma S*, or any bound of sqrt(v*), `rise` = delta^2."""
    return strictly_below(2 * evaluate(symbols.K * sqrt(t), {symbols.K: spread, t: rise}), _less(objective, reference))


def slope(*, inner: Rational, penalty: Rational, mass: Rational) -> Fraction:
    """c_j = 2 <f - y, h_j> + kappa s_j: scaling neuron j lowers F at once unless it is 0."""
    return evaluate_rational(2 * a + kappa * b, {a: inner, kappa: penalty, b: mass})


def _less(objective: Exact, reference: Exact) -> Expr:
    return evaluate(a - b, {a: objective, b: reference})


def _need_penalty(penalty: Exact) -> None:
    if not strictly_below(0, penalty):
        raise ValueError(f"T7F needs kappa > 0, got {penalty}")


def scaled() -> ProofResult:
    """T7F: F along V_j -> (1-t) V_j is F - t c_j + t^2 ||h_j||^2 with c_j = 2 <f - y, h_j> + kappa s_j."""
    return prove_identity(
        "T7F",
        (a - t * b) ** 2 + c * (s - t * s_j),
        a**2 + c * s - t * (2 * a * b + c * s_j) + t**2 * b**2,
        scope="scalars for vectors, t <= 1: a for f - y, b for h_j, c for kappa, s for S",
    )


def scaling_lowers() -> ProofResult:
    """T7F: where c_j is not 0, some small t lowers F: t = c_j/(2 h^2 + 1), or of its sign and smaller."""
    slope_, square, time = z3.Reals("c_j h^2 t")
    return prove(
        "T7F",
        -time * slope_ + time * time * square < 0,
        assuming=(slope_ != 0, square >= 0, time * (2 * square + 1) == slope_),
        scope="all reals; t <= 1 is reached with a smaller t of the same sign, as F is convex in t",
    )


def mass_of_the_step() -> ProofResult:
    """T7F: drawn with probability norm/H*, the new neuron of readout e H*/norm has mean mass e S*."""
    both = w_i + w_j
    return prove_identity(
        "T7F",
        (w_i / both) * (t * both / w_i * s_i) + (w_j / both) * (t * both / w_j * s_j),
        t * (s_i + s_j),
        scope="two neurons of g* for any number, effects of norms w_i, w_j > 0 and masses s_i, s_j; t for e",
    )


def threshold() -> ProofResult:
    """T7F: where F - F* > 2 K delta, e = delta/(delta + K) takes F below its start, as in C7 (i)."""
    value, goal, spread, rise, share, free = z3.Reals("F F* K delta e F'")
    return prove(
        "T7F",
        (1 - share) * free + share * goal + share * share * spread * spread < value,
        assuming=(
            value >= 0,
            goal >= 0,
            spread >= 0,
            rise > 0,
            free <= value + rise * rise,
            value - goal > 2 * spread * rise,
            share * (rise + spread) == rise,
        ),
        scope="all reals, delta > 0; ||f' - g*||^2 >= 0 is left out, v* <= K^2",
    )


def lightest() -> ProofResult:
    """T7F: kappa S <= F and m s_j <= S give kappa m s_j <= F, so ||h_j|| <= sigma s_j <= sigma F/(kappa m)."""
    value, penalty, total, mass, many, spread, moved = z3.Reals("F kappa S s_j m sigma h")
    return prove(
        "T7F",
        penalty * many * moved <= spread * value,
        assuming=(
            penalty > 0,
            many >= 1,
            mass >= 0,
            spread >= 0,
            penalty * total <= value,
            many * mass <= total,
            moved <= spread * mass,
            penalty * many * mass <= penalty * total,
        ),
        scope="all reals; h = ||h_j|| <= sigma s_j is L2's, the lightest neuron L6's",
    )


def live_emptying() -> ProofResult:
    """T7F: with a live branch emptying raises F by at most t s_j (2 sigma sqrt L - kappa) + t^2 sigma^2 s_j^2."""
    root, spread, mass, penalty, time, inner, moved, rise = z3.Reals("r sigma s_j kappa t p g rise")
    lost = spread * mass
    linear = mass * (2 * spread * root - penalty)
    return prove(
        "T7F",
        2 * inner + moved * moved - penalty * time * mass <= rise,
        assuming=(
            *(value >= 0 for value in (root, spread, mass, penalty, time, moved)),
            time <= 1,
            moved <= time * lost,
            inner <= root * time * lost,
            moved * moved <= time * time * lost * lost,
            rise >= 0,
            rise >= linear + lost * lost,
            time * time * lost * lost <= time * lost * lost,
            time * (linear + lost * lost) <= rise,
        ),
        scope="all reals, the change of f at most t sigma s_j (L2, L3); a convex parabola in t is below its ends",
    )


PROOFS: tuple[Callable[[], ProofResult], ...] = (
    scaled,
    scaling_lowers,
    mass_of_the_step,
    threshold,
    lightest,
    live_emptying,
)

ARGUMENTS = (
    part(
        "T7F",
        *identity(scaled, mass_of_the_step),
        *smt(scaling_lowers, threshold, lightest, live_emptying),
        remains="L2(P) norms for scalars, any number of neurons for two, that the segments form the path",
    ),
)

FORMAL = (
    formal(
        "T7F",
        "one_slot_regularised.T7F_one_slot T7F_threshold T7F_scale_or_exact T7F_effect T7F_rate T7F_branch_off "
        "T7F_parallel",
    ),
)

INSTANCES = (sampled("T7F"),)
