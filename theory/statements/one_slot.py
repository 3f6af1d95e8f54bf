"""T7, C7, T7B [ours; the step is known]: emptying one neuron is enough to leave any point that is worse than some g*.

One empty slot takes a single neuron of g*, drawn as Maurey draws, and one readout line mixes it in, as Frank and Wolfe
step: no width of g*, no eta and no input dimension enters. The machine proves the arithmetic of the step here, that of
C7's thresholds and prices in `one_slot_thresholds`; Coq has all three statements whole.
"""

from collections.abc import Callable
from fractions import Fraction

import z3
from sympy import Expr, Ge, Gt, Le, Lt, sqrt

from theory import symbols
from theory.algebra import prove_identity
from theory.arguments import formal, identity, part, sampled, smt
from theory.exact import Exact, Rational, evaluate, evaluate_rational, strictly_below, upper
from theory.proof import ProofResult
from theory.relations import Formula
from theory.smt import prove
from theory.statement import Kind, Provenance, Source, Statement
from theory.symbols import (
    D_A,
    D_V,
    K,
    L,
    L_free,
    L_ref,
    S,
    a,
    b,
    corner,
    depth,
    distance,
    e,
    effect,
    l_,
    m,
    s_i,
    s_j,
    sigma,
    t,
    v_ref,
    w_i,
    w_j,
)

STEP = (1 - e) * L_free + e * L_ref + e**2 * v_ref - e * (1 - e) * distance**2
"""What some draw of one neuron of g* leaves of the loss."""

BLOCK_STEP = STEP.subs(v_ref, v_ref / l_)
"""The same with l draws at once."""

SILENT_DEPTH = (sigma * S / m) ** 2
"""C7 where Lambda = 0: the lightest neuron weighs at most S/m."""

LIVE_DEPTH = 2 * sqrt(L) * sigma * S / m + (sigma * S / m) ** 2
"""C7 with a live branch."""

MIXED_DEPTH = 2 * sqrt(L) * D_A + (D_V + D_A) ** 2
"""C7 for one neuron, the readout's share and the branch's apart."""


def _above(rise: Expr) -> tuple[Expr, Expr]:
    """Both thresholds where emptying costs at most `rise` = delta^2; either suffices."""
    return Gt(L - L_ref, 2 * K * sqrt(rise)), Gt(L - sqrt(L * L_ref), K * sqrt(rise))


_SHARE = Le(e, 1)

KNOWN_STEP = "the step: Frank and Wolfe's, with Maurey's draw; one neuron at a time as in Barron's greedy approximation"

STATEMENTS = (
    Statement(
        id="T7",
        title="One slot",
        kind=Kind.UPPER_BOUND,
        sources=(
            Provenance(Source.KNOWN, KNOWN_STEP),
            Provenance(Source.OURS, "the statement about depth, the path, any branch, the constants"),
        ),
        claim="PARALLEL, squared error, kappa = 0, any q, any m >= 1. Let a path in {L <= c} lead from theta to a "
        "point theta' whose slot j is empty (V_j = 0, A_j = 0), f' its function, L' its loss; g* a two-layer network "
        "of any width, L* its loss, v* = H*^2 - ||g*||^2, H* = sum ||V*_k z*_k||. If for some e in [0, 1] (1-e) L' + "
        "e L* + e^2 v* - e(1-e) ||f' - g*||^2 < L(theta), then the depth of theta is at most c - L(theta).",
        formulas=(Formula(Le(depth, corner - L), (_SHARE, Lt(STEP, L)), "corner is c"),),
        depends_on=("L7", "L9"),
        not_covered="How the slot is emptied, which is C7's and the routes'. A bound uniform in theta without bounded "
        "S. Points below the threshold. Other losses (T7L), kappa > 0 (T7F). Networks whose branch beats every "
        "two-layer g*.",
        note="With an output bias the step moves c too, and ||g* - c*|| stands for ||g*|| in v*. In RESIDUAL and "
        "STREAM the slot must be unwritten too (row j of every U is 0), which T2 and T3 reach with m - r for m; the "
        "step then moves V alone.",
    ),
    Statement(
        id="T7B",
        title="A block of slots",
        kind=Kind.UPPER_BOUND,
        sources=(
            Provenance(Source.KNOWN, "Maurey's draw of l neurons"),
            Provenance(Source.OURS, "the rest"),
        ),
        claim="As T7, with l slots empty and l draws at once: if for some e in [0, 1] (1-e) L' + e L* + e^2 v*/l - "
        "e(1-e) ||f' - g*||^2 < L(theta), then the depth of theta is at most c - L(theta). So both thresholds of C7 "
        "hold with K/sqrt l for K.",
        formulas=(
            Formula(Le(depth, corner - L), (_SHARE, Lt(BLOCK_STEP, L)), "corner is c"),
            Formula(Le(depth, corner - L), (Gt(L - L_ref, 2 * K * sqrt((corner - L) / l_)), Ge(corner, L))),
        ),
        depends_on=("T7", "C7", "L7", "L9"),
        not_covered="That a block is better than one slot: in closed form it is not, as what emptying costs grows with "
        "l at least as fast as sqrt l. It pays where it is measured.",
    ),
    Statement(
        id="C7",
        title="Depth by one slot",
        kind=Kind.UPPER_BOUND,
        sources=(Provenance(Source.OURS, "all of it"),),
        claim="PARALLEL, squared error, kappa = 0, any theta, any two-layer g* of any width, K any of sigma S* >= H* "
        ">= sqrt(v*). Let delta^2 be one of the bounds that follow; if L - L* > 2 K delta, or L - sqrt(L L*) > K "
        "delta, then depth(theta) <= delta^2. Lambda = 0: ||h_j||^2 = ||V_j z_j||^2 for any j, hence (H/m)^2 <= "
        "(sigma S/m)^2, H = sum ||h_j||. Any branch: 2 sqrt(L) D_A + (D_V + D_A)^2 for any j, D_V = sigma ||w_j|| "
        "||V_j||, D_A = sigma Lambda ||w_j|| ||A_j||, hence 2 sqrt(L) sigma S/m + (sigma S/m)^2. With a deviation D of "
        "a route at l = 1: 2 sqrt(L) D + D^2.",
        formulas=(
            *(
                Formula(Le(depth, effect**2), (condition,), "Lambda = 0, any neuron j")
                for condition in _above(effect**2)
            ),
            Formula(Le(depth, SILENT_DEPTH), (_above(SILENT_DEPTH)[0],), "Lambda = 0"),
            Formula(Le(depth, MIXED_DEPTH), (_above(MIXED_DEPTH)[0],), "any branch, any neuron j"),
            Formula(Le(depth, LIVE_DEPTH), (_above(LIVE_DEPTH)[0],), "any branch"),
        ),
        depends_on=("T7", "L2", "L3", "L6", "L7"),
        not_covered="A rate without bounded S. Points below the threshold. That the threshold's constant is sharp. "
        "Networks whose branch beats every two-layer g*. Whether the bound is informative (R0).",
        note="No V needs to be optimal: where it is not, one readout line lowers the loss at once, and the depth is 0. "
        "||h_j||^2 is attained at every width (T8b), (sigma S/m)^2 up to a constant (T8c), both for TWO-LAYER.",
    ),
)


def step_level(
    share: Rational, *, free_loss: Rational, reference_loss: Rational, variance: Rational, distance_square: Rational
) -> Fraction:
    """T7's value at e = `share`: some draw leaves no more of the loss. `variance` is v*, or v*/l for a block.

    Raises ValueError unless 0 <= e <= 1 and nothing is negative.
    """
    if not 0 <= share <= 1:
        raise ValueError(f"T7 needs 0 <= e <= 1, got {share}")
    values = {e: share, L_free: free_loss, L_ref: reference_loss, v_ref: variance}
    return evaluate_rational(STEP.subs(distance**2, t), {**values, t: distance_square})


def best_share(
    *, free_loss: Rational, reference_loss: Rational, variance: Rational, distance_square: Rational
) -> Fraction:
    """The e in [0, 1] at which T7's value, quadratic in e, is least."""
    slope = Fraction(free_loss) - reference_loss + distance_square
    curvature = 2 * (Fraction(variance) + distance_square)
    if slope <= 0:
        return Fraction(0)
    return Fraction(1) if slope >= curvature else slope / curvature


def above_threshold(*, loss: Exact, reference_loss: Exact, spread: Exact, rise: Exact) -> bool:
    """C7's condition, exactly: L - L* > 2 K delta or L - sqrt(L L*) > K delta, `spread` = K and `rise` = delta^2.

    The second is implied by the first; both are tried as the first needs fewer roots. False where L <= L*.
    """
    values = {L: loss, L_ref: reference_loss, K: spread, t: rise}
    if not strictly_below(reference_loss, loss):
        return False
    edge = evaluate(K * sqrt(t), values)
    first = strictly_below(2 * edge, evaluate(L - L_ref, values))
    return first or strictly_below(edge, evaluate(L - sqrt(L * L_ref), values))


def depth_bound(*, loss: Exact, sigma: Exact, mass: Exact, width: int, silent_branch: bool) -> Expr:
    """C7's closed form, an exact number: (sigma S/m)^2 if Lambda = 0, else 2 sqrt(L) sigma S/m + (sigma S/m)^2.

    It bounds the depth where `above_threshold` holds with it for `rise`. RESIDUAL, STREAM: `width` is m less the rank.
    """
    if silent_branch:
        return evaluate(SILENT_DEPTH, {symbols.sigma: sigma, S: mass, m: width})
    return evaluate(LIVE_DEPTH, {L: loss, symbols.sigma: sigma, S: mass, m: width})


def depth_upper(*, loss: Rational, sigma: Rational, mass: Rational, width: int, silent_branch: bool) -> Fraction:
    """A rational at least C7's closed form, from upper bounds of the loss, sigma and S."""
    return upper(depth_bound(loss=loss, sigma=sigma, mass=mass, width=width, silent_branch=silent_branch))


def mixed_depth(*, loss: Exact, readout: Exact, branch: Exact) -> Expr:
    """C7 for one neuron: 2 sqrt(L) D_A + (D_V + D_A)^2, `readout` = D_V and `branch` = D_A, an exact number."""
    return evaluate(MIXED_DEPTH, {L: loss, D_V: readout, D_A: branch})


def draw() -> ProofResult:
    """T7: drawn with probability norm/H*, the neuron has mean g* and mean square H*^2, so the variance is v*."""
    both = w_i + w_j
    first, second = ((1 - t) * a + t * sign * both for sign in (1, -1))
    goal = w_i - w_j
    return prove_identity(
        "T7",
        (w_i * first**2 + w_j * second**2) / both,
        ((1 - t) * a + t * goal) ** 2 + t**2 * (both**2 - goal**2),
        scope="two neurons of g* with effects w_i and -w_j for any number of vectors, t for e, a for f' - y and y = 0",
    )


def mixture() -> ProofResult:
    """T7: the square of a mixture is the mixture of the squares less e(1-e) times the square of the difference."""
    return prove_identity(
        "T7",
        ((1 - t) * a + t * b) ** 2,
        (1 - t) * a**2 + t * b**2 - t * (1 - t) * (a - b) ** 2,
        scope="scalars for vectors (inner products expand alike): a for f' - y, b for g* - y, t for e",
    )


def some_draw() -> ProofResult:
    """T7: the least of two losses is at most any weighted average of them."""
    x, y, weight, other, average = z3.Reals("L_i L_j s_i s_j mean")
    return prove(
        "T7",
        z3.If(x <= y, x, y) <= average,
        assuming=(weight > 0, other > 0, average * (weight + other) == weight * x + other * y),
        scope="all reals, weights > 0",
    )


def line_stays() -> ProofResult:
    """T7: the readout line from L' <= c to a draw below L(theta) <= c stays in {L <= c} (L7)."""
    value, free, drawn, start, level, time = z3.Reals("L_t L' L_k L c t")
    return prove(
        "T7",
        value <= level,
        assuming=(
            time >= 0,
            time <= 1,
            value <= (1 - time) * free + time * drawn,
            free <= level,
            drawn < start,
            start <= level,
        ),
        scope="losses, all reals; the chord is L7's, the loading is silent (L9)",
    )


def block_variance() -> ProofResult:
    """T7B: the mean of two independent draws has the same mean and half the variance."""
    weight, both = s_i, s_i + s_j
    pairs = ((s_i, a, s_i, a), (s_i, a, s_j, b), (s_j, b, s_i, a), (s_j, b, s_j, b))
    drawn = sum(p * q * ((x + y) / 2) ** 2 for p, x, q, y in pairs) / both**2
    mean = (weight * a + s_j * b) / both
    square = (weight * a**2 + s_j * b**2) / both
    return prove_identity(
        "T7B",
        drawn,
        mean**2 + (square - mean**2) / 2,
        scope="l = 2 and a draw of two values a, b with weights s_i, s_j; scalars for vectors",
    )


PROOFS: tuple[Callable[[], ProofResult], ...] = (draw, mixture, some_draw, line_stays, block_variance)

ARGUMENTS = (
    part(
        "T7",
        *identity(draw, mixture),
        *smt(some_draw, line_stays),
        remains="L2(P) norms for scalars, any number of neurons for two, that the segments form the path",
    ),
    part("T7B", *identity(block_variance), remains="l = 2 for any l; T7's argument with l slots"),
)

FORMAL = (
    formal("T7", "one_slot.T7_one_slot"),
    formal("T7B", "one_slot.T7B_block T7B_threshold T7_first_threshold", "emptying.T7B_merge"),
    formal(
        "C7",
        "one_slot.T7_threshold T7_first_threshold",
        "emptying.C7_effect C7_mean C7_rate C7_live C7_mixed C7_route",
        "draw.C7_constants",
        "leave_out.C7_refit",
    ),
)

INSTANCES = (sampled("T7"), sampled("T7B"), sampled("C7"))
