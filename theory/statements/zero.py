"""R0 [ours]: the path through the zero output, the yardstick for every other route.

The readout goes to 0 (with an output bias: to the best constant), g* is loaded silently, the readout rises to
g*. All segments are readout or silent, so the maximum of the loss is at a corner. Left to the note: that
these segments form such a path in each class (L7, L9).
"""

from collections.abc import Callable, Sequence
from fractions import Fraction

from sympy import Le, Lt, Max

from theory.algebra import prove_identity
from theory.arguments import constructed, formal, identity, part, sampled, smt
from theory.exact import Exact, Rational, evaluate_rational, strictly_below
from theory.proof import ProofResult
from theory.relations import Formula
from theory.smt import assumptions, prove, translate
from theory.statement import Kind, Provenance, Source, Statement
from theory.symbols import L_0, L, L_ref, L_t, N, Q, c, depth, l_, m, s, y

LEVEL = Max(L, L_0, L_ref)
"""What the loss does not exceed on the zero path."""

DEPTH = Max(0, L_0 - L)
"""The depth that follows where L_ref < L."""

STATEMENTS = (
    Statement(
        id="R0",
        title="Zero path",
        kind=Kind.UPPER_BOUND,
        sources=(Provenance(Source.OURS, "all of it"),),
        claim="In TWO-LAYER, PARALLEL, RESIDUAL and STREAM, for a loss convex in the output and a two-layer "
        "network g* with l <= m neurons: from any parameter theta a path leads to g* (U = 0, V = 0 off l "
        "slots) on which the loss is at most max(L(theta), L_0, L(g*)), L_0 the loss of the zero output "
        "or, where the network has an output bias, of any constant output; so if L(g*) < L(theta), the "
        "depth of theta is at most max(0, L_0 - L(theta)).",
        formulas=(
            Formula(Le(depth, DEPTH), (Le(l_, m), Lt(L_ref, L))),
            Formula(Le(L_t, LEVEL), (Le(l_, m),), "along the zero path"),
        ),
        depends_on=("L7", "L9"),
        not_covered="PLAIN, which has no V to load g* into. kappa > 0. A reference with an output bias where "
        "the network has none. The depth form without L(g*) < L(theta).",
        note="The same path leads to any network of the same class, its loss in place of L(g*): route zero "
        "between two networks. The depth form is attained by known answer 16: valley at 2, L_0 = 5/2, "
        "reference 1/2, depth exactly 1/2.",
    ),
)

CONSTANT_ERROR = Q - 2 * c * s + N * c**2
"""Sum over N points of (y - c)^2, one output, from the moments N, s = sum y, Q = sum y^2."""

MEAN_SQUARE = Q / N
MEAN_SQUARED = s**2 / N**2


def level(loss: Rational, reference_loss: Rational, zero_loss: Rational) -> Fraction:
    """max(L(theta), L_0, L(g*)), exactly."""
    return evaluate_rational(LEVEL, {L: loss, L_ref: reference_loss, L_0: zero_loss})


def depth_bound(loss: Rational, zero_loss: Rational, *, reference_loss: Rational) -> Fraction:
    """max(0, L_0 - L(theta)), exactly. Raises ValueError unless L(g*) < L(theta), the bound's hypothesis."""
    require_better_reference("R0", loss, reference_loss)
    return evaluate_rational(DEPTH, {L: loss, L_0: zero_loss})


def zero_loss(
    points: int,
    square_sum: Rational,
    output_sums: Sequence[Rational],
    *,
    output_bias: bool,
) -> Fraction:
    """L_0 of finite data, squared error: mean ||y||^2, and with an output bias mean ||y||^2 - ||mean y||^2.

    `points` >= 1 is the number of points, `square_sum` the sum of ||y||^2 over them, `output_sums` the sum of
    y, one entry per output. Raises ValueError if ||sum y||^2 > points * square_sum, which no data has.
    """
    if not output_sums:
        raise ValueError("output_sums must have one entry per output, got none")
    mean_square = evaluate_rational(MEAN_SQUARE, {N: points, Q: square_sum})
    squared_mean = sum((evaluate_rational(MEAN_SQUARED, {N: points, s: total}) for total in output_sums), Fraction(0))
    if squared_mean > mean_square:
        raise ValueError(f"no data has ||mean y||^2 = {squared_mean} > mean ||y||^2 = {mean_square}")
    return mean_square - squared_mean if output_bias else mean_square


def depth_from_level() -> ProofResult:
    """R0: the depth form is the level minus L(theta)."""
    return prove(
        "R0",
        translate(LEVEL) - translate(L) == translate(DEPTH),
        assuming=[*assumptions(LEVEL), translate(L_ref) < translate(L)],
        scope="the step from level to depth, all reals >= 0; the path itself is the note's",
    )


def moments_add() -> ProofResult:
    """R0: one more point y adds (y - c)^2 to `CONSTANT_ERROR`, which is 0 at no point: the induction."""
    one_more = CONSTANT_ERROR.subs({Q: Q + y**2, s: s + y, N: N + 1}, simultaneous=True)
    return prove_identity(
        "R0",
        one_more - CONSTANT_ERROR,
        (y - c) ** 2,
        scope="squared error, one output, one step of the induction over the points",
    )


def best_constant() -> ProofResult:
    """R0: the mean is the best constant: any c exceeds mean y^2 - (mean y)^2 by (c - mean y)^2."""
    return prove_identity(
        "R0",
        CONSTANT_ERROR / N,
        MEAN_SQUARE - MEAN_SQUARED + (c - s / N) ** 2,
        scope="squared error, one output, any number of points; outputs add up",
    )


PROOFS: tuple[Callable[[], ProofResult], ...] = (depth_from_level, moments_add, best_constant)


def require_better_reference(statement: str, loss: Exact, reference_loss: Exact) -> None:
    """Refuse a depth bound whose hypothesis L(g*) < L(theta) fails."""
    if not strictly_below(reference_loss, loss):
        raise ValueError(
            f"{statement} bounds the depth only if L(g*) < L(theta), got L(g*) = {reference_loss}, "
            f"L(theta) = {loss}: use a better reference, or the level instead"
        )


ARGUMENTS = (
    part(
        "R0",
        *smt(depth_from_level),
        *identity(moments_add, best_constant),
        remains="that the readout and silent segments form such a path in each class",
    ),
)

FORMAL = (
    formal(
        "R0",
        "zero.R0_zero_path R0_depth",
        "losses.L7_convex_loss",
        "zero_classes.R0_classes R0_reference R0_reach R0_reach_bias R0_depth_classes R0_depth_bias",
    ),
)

INSTANCES = (sampled("R0"), *constructed("R0", "case.16"))
