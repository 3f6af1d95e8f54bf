"""E2, E3 [ours]: convexity where outputs are only enclosed, and above the line between the ends' losses.

E2 bounds a loss on a piece of a segment by its values at the piece's ends, E3 the excess of a path's loss over the
chord of its ends by its values at the corners. The machine proves the scalar steps. Left to the note: sums over samples
and classes, and which segments have a loss that is convex in time (L7, L9).
"""

from collections.abc import Callable, Sequence
from fractions import Fraction

import sympy
import z3
from sympy import Abs, Le, Max

from theory import corners
from theory.algebra import prove_equal
from theory.arguments import formal, identity, part, sampled, smt
from theory.exact import Rational
from theory.proof import ProofResult
from theory.relations import UNIT_TIME, Formula
from theory.smt import maximum, prove, relu
from theory.statement import Chapter, Kind, Provenance, Source, Statement
from theory.symbols import L, L_ref, L_t, a, b, barrier, barrier_chord, piece_left, piece_right, t

CHORD = (1 - t) * L + t * L_ref
"""c(t), the line between the losses at the path's ends."""

STATEMENTS = (
    Statement(
        id="E2",
        title="A piece's bound is at its ends",
        kind=Kind.UPPER_BOUND,
        sources=(
            Provenance(Source.KNOWN, "log-sum-exp is convex"),
            Provenance(Source.OURS, "the bound of a loss on a piece, written out here"),
        ),
        claim="Let |s| <= r be a piece of a segment. If the margins d_j of every sample (output j less the label's "
        "output) are at most a_j + b_j s, then a mean over samples of a loss that is convex in the margins and does "
        "not fall where a margin rises is at most the larger of its two values with a_j - b_j r and with a_j + b_j r "
        "for d_j; cross-entropy, log sum_j exp d_j, and multi-class hinge, max(0, max_{j != y} 1 + d_j), are such "
        "losses. If every output u of a sum of convex losses phi(u) is between l(s) and h(s), both affine in s, the "
        "same holds with max(phi(l), phi(h)) for phi(u).",
        formulas=(Formula(Le(L_t, Max(piece_left, piece_right))),),
        chapter=Chapter.LEMMAS,
        depends_on=(),
        not_covered="How close the bound is to the loss: pieces are halved until it is close enough. Losses that are "
        "not convex. That the models enclose the outputs.",
        note="The sum over samples comes before the larger end: the sum of the larger ends is more. The larger of the "
        "margins is no bound of cross-entropy from above: log-sum-exp exceeds it by up to log p.",
    ),
    Statement(
        id="E3",
        title="The excess over the chord is at a corner",
        kind=Kind.UPPER_BOUND,
        sources=(Provenance(Source.OURS, "written out here; the facts are elementary"),),
        claim="Let segments share [0, 1] equally, and let the loss L(t) of a path be below its chord on each of them "
        "(readout segments by L7, silent ones). Then the excess L(t) - ((1-t) L(0) + t L(1)) over the line between the "
        "ends' losses is at every t at most the largest excess at a corner. On any path it is at least L(t) - "
        "max(L(0), L(1)) and at most L(t) - min(L(0), L(1)); so the barrier above the higher end is at most the one "
        "above the chord, which is at most the former plus |L(0) - L(1)|.",
        formulas=(
            Formula(Le(L_t - CHORD, barrier_chord), UNIT_TIME, "the loss below its chord on every segment"),
            Formula(Le(barrier, barrier_chord), (), "of one path, both at least 0"),
            Formula(Le(barrier_chord, barrier + Abs(L - L_ref)), (), "of one path"),
        ),
        chapter=Chapter.LEMMAS,
        depends_on=("L7", "L9"),
        not_covered="Segments on which the loss is not convex in t, from their corners alone. Another "
        "parametrisation of the path: the chord runs in path time, in which all segments are equally long.",
        note="L and L* of the formulas are the losses at the path's two ends. Both barriers are 0 or more, as the "
        "excess is 0 at the ends.",
    ),
)


def corner_excess(losses: Sequence[Rational]) -> Fraction:
    """The largest excess over the chord at a path's corners, exactly, from all its corner losses (both ends too).

    Raises ValueError for fewer than two losses, or one below 0.
    """
    exact = corners.corner_losses(losses)
    first, last, segments = exact[0], exact[-1], len(exact) - 1
    return max(loss - (first + (last - first) * Fraction(k, segments)) for k, loss in enumerate(exact))


def log_sum_exp_bends() -> ProofResult:
    """E2: the second derivative of log(exp(a t) + exp(b t)) is a product of weights and a square, so not negative."""
    first, second = sympy.exp(a * t), sympy.exp(b * t)
    return prove_equal(
        "E2",
        sympy.diff(sympy.log(first + second), t, 2),
        first * second * (a - b) ** 2 / (first + second) ** 2,
        scope="two margins with slopes a and b, all real t, by sympy's rewriting",
    )


def one_more_exponential() -> ProofResult:
    """E2: the second derivative of log Z is Q/Z - (M/Z)^2; one more exponential e with slope b keeps Q Z >= M^2.

    Z, M and Q are the sums of the exponentials, times their slopes and times the slopes' squares.
    """
    total, mean, spread, new, slope = z3.Reals("Z mu v e b")
    moment, square = total * mean, total * (mean * mean + spread)
    return prove(
        "E2",
        (square + new * slope * slope) * (total + new) >= (moment + new * slope) * (moment + new * slope),
        assuming=(total > 0, spread >= 0, new >= 0),
        scope="M = Z mu and Q = Z (mu^2 + v) with v >= 0 says Q Z >= M^2; all reals; the induction is the note's",
    )


def larger_stays_below_its_chord() -> ProofResult:
    """E2: where two functions are below their chords, the larger of them is below the chord of the larger ones."""
    low_0, low_1, high_0, high_1, low, high, time = z3.Reals("p_0 p_1 q_0 q_1 p_t q_t t")
    return prove(
        "E2",
        maximum(low, high) <= (1 - time) * maximum(low_0, high_0) + time * maximum(low_1, high_1),
        assuming=(
            time >= 0,
            time <= 1,
            low <= (1 - time) * low_0 + time * low_1,
            high <= (1 - time) * high_0 + time * high_1,
        ),
        scope="one sample, one more term of a largest, all reals: multi-class hinge, and a loss at two models",
    )


def between_the_models() -> ProofResult:
    """E2: a loss below its chord, at an output between two models, is at most the larger of its values there."""
    left, right, value, share = z3.Reals("phi(l) phi(h) phi(u) share")
    return prove(
        "E2",
        value <= maximum(left, right),
        assuming=(share >= 0, share <= 1, value <= (1 - share) * left + share * right),
        scope="one output, u = (1 - share) l + share h, all reals",
    )


def hinge_grows() -> ProofResult:
    """E2: one more margin in multi-class hinge: the larger of what was there and [1 + d]_+ does not fall with d."""
    lower, upper, before, after = z3.Reals("d d' h h'")
    return prove(
        "E2",
        maximum(before, relu(1 + lower)) <= maximum(after, relu(1 + upper)),
        assuming=(lower <= upper, before <= after),
        scope="one more margin, all reals",
    )


def ends_of_a_piece() -> ProofResult:
    """E2, E3's step: what is below its chord on |s| <= r is at most the larger of its values at r and -r."""
    left, right, value, time, radius = z3.Reals("left right value s r")
    return prove(
        "E2",
        value <= maximum(left, right),
        assuming=(
            radius > 0,
            time <= radius,
            -time <= radius,
            2 * radius * value <= (radius - time) * left + (radius + time) * right,
        ),
        scope="any quantity below its chord on the piece, all reals: the whole sum over samples",
    )


def convex_less_affine() -> ProofResult:
    """E3: on a segment from x to y in path time, loss less chord is at most the larger of its values at the corners."""
    start, end, left, right, value, share, x, y = z3.Reals("L(0) L(1) L(x) L(y) L(t) s x y")

    def less_chord(loss: z3.ArithRef, time: z3.ArithRef) -> z3.ArithRef:
        return loss - ((1 - time) * start + time * end)

    return prove(
        "E3",
        less_chord(value, (1 - share) * x + share * y) <= maximum(less_chord(left, x), less_chord(right, y)),
        assuming=(share >= 0, share <= 1, value <= (1 - share) * left + share * right),
        scope="one segment, t = (1 - s) x + s y, all reals",
    )


def conventions() -> ProofResult:
    """E3: the excess over the chord is between the heights above the higher and above the lower end."""
    start, end, value, time = z3.Reals("L(0) L(1) L(t) t")
    over = value - ((1 - time) * start + time * end)
    return prove(
        "E3",
        z3.And(value - maximum(start, end) <= over, over <= value - maximum(start, end) + z3.Abs(start - end)),
        assuming=(time >= 0, time <= 1),
        scope="any path, all reals; max less |difference| is min",
    )


PROOFS: tuple[Callable[[], ProofResult], ...] = (
    log_sum_exp_bends,
    one_more_exponential,
    larger_stays_below_its_chord,
    between_the_models,
    hinge_grows,
    ends_of_a_piece,
    convex_less_affine,
    conventions,
)

ARGUMENTS = (
    part(
        "E2",
        *identity(log_sum_exp_bends),
        *smt(one_more_exponential, larger_stays_below_its_chord, between_the_models, hinge_grows, ends_of_a_piece),
        remains="the induction over margins, the sum over samples, that exp and log increase",
    ),
    part("E3", *smt(convex_less_affine, conventions), remains="that every time lies in a segment"),
)

FORMAL = (
    formal(
        "E2",
        "convex_ends.E2_piece E2_log_sum_exp_convex E2_cross_entropy E2_multi_hinge E2_residual",
    ),
    formal("E3", "convex_ends.E3_segment E3_corner E3_conventions"),
)

INSTANCES = (sampled("E2"), sampled("E3"))
