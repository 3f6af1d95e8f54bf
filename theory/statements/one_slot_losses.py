"""T7L [ours]: one slot for losses that are smooth in the output, and what is left for Lipschitz losses.

Smooth losses pay the variance with beta/2; kinks block one slot, so a Lipschitz loss needs l of them. The machine
proves the constants beta and the thresholds. Left to the note: norms for scalars, the path.
"""

from collections.abc import Callable, Mapping
from fractions import Fraction
from types import MappingProxyType

import z3
from sympy import Expr, Gt, Integer, Le, Rational, sqrt

from theory.arguments import formal, part, sampled, smt
from theory.exact import Exact, evaluate, evaluate_rational, strictly_below
from theory.exact import Rational as ExactRational
from theory.proof import ProofResult
from theory.relations import SMALLER, Formula
from theory.smt import prove
from theory.statement import Kind, Provenance, Source, Statement
from theory.symbols import D, G, K, L, L_free, L_ref, beta, depth, e, effect, l_, v_ref

SMOOTH_STEP = (1 - e) * L_free + e * L_ref + e**2 * (beta / 2) * v_ref
"""T7's value for a beta-smooth convex loss."""

SMOOTH_DEPTH = beta / 2 * effect**2
"""C7's bound for it, Lambda = 0."""

SMOOTHNESS: Mapping[str, Expr] = MappingProxyType(
    {
        "squared": Integer(2),
        "logistic": Rational(1, 4),
        "huber": Integer(1),
        "cross-entropy": Rational(1, 2),
    }
)
"""beta by loss: l2 norm of any number of outputs, logistic log(1 + exp(-y f)) with y = +-1, Huber u^2/2 near 0.

Absolute error, hinge and multi-class hinge have kinks, and no beta."""

STATEMENTS = (
    Statement(
        id="T7L",
        title="One slot, other losses",
        kind=Kind.UPPER_BOUND,
        sources=(
            Provenance(Source.KNOWN, "the step as in T7; Maurey's draw; Popoviciu's inequality for cross-entropy"),
            Provenance(Source.OURS, "the rest"),
        ),
        claim="PARALLEL, kappa = 0, loss convex in the output. If it is beta-smooth, beta > 0, T7 holds with (1-e) L' "
        "+ e L* + e^2 (beta/2) v* for its value, and for Lambda = 0 the depth is at most (beta/2) ||h_j||^2 for any j "
        "if L - L* > beta K ||h_j||, K as in C7. beta: squared 2, logistic 1/4, Huber (u^2/2 near 0) 1, all summed "
        "over any number of outputs, softmax cross-entropy 1/2, and no less serves two classes. If it is G-Lipschitz "
        "and J, |J| = l < m, is admissible in L3: depth <= G D(J) if L > L* + G K/sqrt l.",
        formulas=(
            Formula(Le(depth, SMOOTH_DEPTH), (Gt(L - L_ref, beta * K * effect),), "beta-smooth, Lambda = 0"),
            Formula(Le(depth, G * D), (SMALLER, Gt(L, L_ref + G * K / sqrt(l_))), "G-Lipschitz"),
        ),
        depends_on=("T7", "C7", "T1", "L7", "L8", "L9"),
        not_covered="One slot for a Lipschitz loss: at a kink the step costs e G H*, linear in e, and one slot can "
        "really be too few (known answer 29). The second threshold of C7. A live branch with a smooth loss, where "
        "emptying costs G-wise (L8). kappa > 0.",
        note="A Huber loss is both: 1-smooth and delta-Lipschitz. Label smoothing keeps cross-entropy's beta.",
    ),
)


def smoothness(loss: str) -> Expr:
    """beta of a loss by its name in `SMOOTHNESS`; `huber:DELTA` for any DELTA. Raises ValueError for one without."""
    name = loss.partition(":")[0]
    if name not in SMOOTHNESS:
        raise ValueError(f"loss {loss!r} has no smoothness constant, known: {', '.join(SMOOTHNESS)}")
    return SMOOTHNESS[name]


def step_level(
    share: ExactRational,
    *,
    constant: ExactRational,
    free_loss: ExactRational,
    reference_loss: ExactRational,
    variance: ExactRational,
) -> Fraction:
    """T7's value for a `constant`-smooth loss at e = `share`. Raises ValueError unless 0 <= e <= 1."""
    if not 0 <= share <= 1:
        raise ValueError(f"T7L needs 0 <= e <= 1, got {share}")
    values = {e: share, L_free: free_loss, L_ref: reference_loss, v_ref: variance, beta: constant}
    return evaluate_rational(SMOOTH_STEP, values)


def smooth_depth(*, constant: ExactRational, effect_square: ExactRational) -> Fraction:
    """(beta/2) ||h_j||^2, exactly."""
    return Fraction(constant) / 2 * Fraction(effect_square)


def above_threshold(*, loss: Exact, reference_loss: Exact, constant: Exact, spread: Exact, effect_norm: Exact) -> bool:
    """L - L* > beta K ||h_j||, exactly."""
    edge = evaluate(beta * K * effect, {beta: constant, K: spread, effect: effect_norm})
    return strictly_below(edge, evaluate(L - L_ref, {L: loss, L_ref: reference_loss}))


def smooth_threshold() -> ProofResult:
    """T7L: where L - L* > beta K h, e = h/(h + K) takes (1-e)(L + (beta/2) h^2) + e L* + e^2 (beta/2) K^2 below L."""
    loss, goal, spread, moved, share, constant = z3.Reals("L L* K h e beta")
    half = constant / 2
    return prove(
        "T7L",
        (1 - share) * (loss + half * moved * moved) + share * goal + share * share * half * spread * spread < loss,
        assuming=(
            loss >= 0,
            goal >= 0,
            spread >= 0,
            moved > 0,
            constant > 0,
            loss - goal > constant * spread * moved,
            share * (moved + spread) == moved,
        ),
        scope="all reals, h = ||h_j|| > 0; v* <= K^2",
    )


def logistic_curvature() -> ProofResult:
    """T7L: log(1 + exp(-yf)) has second derivative pi (1 - pi), pi = 1/(1 + exp(yf)), which is at most 1/4."""
    share = z3.Real("pi")
    return prove("T7L", share * (1 - share) <= z3.Q(1, 4), scope="all reals pi; y^2 = 1")


def one_class() -> ProofResult:
    """T7L, Popoviciu's step: (high - u)(u - low) >= 0, so u^2 <= (high + low) u - high low, class by class."""
    u, low, high = z3.Reals("u low high")
    return prove(
        "T7L",
        u * u <= (high + low) * u - high * low,
        assuming=(low <= u, u <= high),
        scope="one class, all reals; the mean over pi keeps it",
    )


def softmax_curvature() -> ProofResult:
    """T7L: then Var_pi(u) <= (high - mean)(mean - low) <= (high - low)^2/4 <= (high^2 + low^2)/2 <= ||u||^2/2."""
    square, mean, low, high, norm = z3.Reals("E[u^2] E[u] low high |u|^2")
    variance = square - mean * mean
    return prove(
        "T7L",
        variance <= norm / 2,
        assuming=(
            square <= (high + low) * mean - high * low,
            low <= mean,
            mean <= high,
            norm >= high * high + low * low,
        ),
        scope="any number of classes; u^T (diag(pi) - pi pi^T) u = Var_pi(u), high != low among the u",
    )


def huber_curvature() -> ProofResult:
    """T7L: Huber's derivative is the projection onto [-delta, delta], which is 1-Lipschitz."""
    u, v, edge = z3.Reals("u v delta")

    def clipped(value: z3.ArithRef) -> z3.ArithRef:
        return z3.If(value > edge, edge, z3.If(value < -edge, -edge, value))

    gap = clipped(u) - clipped(v)
    return prove("T7L", gap * gap <= (u - v) * (u - v), assuming=(edge > 0,), scope="one output, all reals")


def outputs_keep_curvature() -> ProofResult:
    """T7L: one more output of a sum keeps it below tangent plus (beta/2) times the squared step, with the same beta."""
    value, tangent, square, new, line, step, constant = z3.Reals("l T d2 l_c T_c d_c beta")
    return prove(
        "T7L",
        value + new <= tangent + line + constant / 2 * (square + step * step),
        assuming=(
            constant > 0,
            square >= 0,
            value <= tangent + constant / 2 * square,
            new <= line + constant / 2 * step * step,
        ),
        scope="one more output, all reals; the induction is the note's",
    )


def lipschitz_threshold() -> ProofResult:
    """T7L: with l draws some g_l has L <= L* + G K/sqrt l, so T1's level L + G D is what the path needs."""
    loss, goal, constant, spread, root, drawn = z3.Reals("L L* G K sqrt(l) L(g_l)")
    return prove(
        "T7L",
        drawn < loss,
        assuming=(
            constant >= 0,
            spread >= 0,
            root >= 1,
            (drawn - goal) * root <= constant * spread,
            (loss - goal) * root > constant * spread,
        ),
        scope="all reals; that some draw is within K/sqrt l is Maurey's, the loss's share L8's",
    )


PROOFS: tuple[Callable[[], ProofResult], ...] = (
    smooth_threshold,
    logistic_curvature,
    one_class,
    softmax_curvature,
    huber_curvature,
    outputs_keep_curvature,
    lipschitz_threshold,
)

ARGUMENTS = (
    part(
        "T7L",
        *smt(
            smooth_threshold,
            logistic_curvature,
            one_class,
            softmax_curvature,
            huber_curvature,
            outputs_keep_curvature,
            lipschitz_threshold,
        ),
        remains="that a bounded second derivative is smoothness, norms for scalars, the mean over draws, the path",
    ),
)

FORMAL = (
    formal(
        "T7L",
        "one_slot.T7L_block T7L_one_slot T7L_threshold",
        "emptying.T7L_effect",
        "smooth.T7L_squared T7L_mean_loss",
        "curvature.T7L_huber T7L_logistic T7L_cross_entropy T7L_cross_entropy_sharp",
        "training_losses.T7L_summed T7L_huber_sum T7L_logistic_sum",
        "lipschitz.T7L_gradient",
        "lipschitz_depth.T7L_near T7L_lipschitz",
    ),
)

INSTANCES = (sampled("T7L"),)
