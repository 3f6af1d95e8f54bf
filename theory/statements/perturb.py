"""L3 [fb]: a neuron's row moves straight to a multiple of another's, and what f can change by meanwhile.

The machine proves the optimal multiple, the sine, and the one-segment form for one neuron, one output and one
point. Left to the note: sums over J and outputs (triangle inequality), the branch's share (Lipschitz), L2.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction

import z3
from sympy import Expr, Le, sqrt

from theory.algebra import prove_identity
from theory.arguments import formal, identity, part, sampled, smt
from theory.exact import Exact, Rational, evaluate, number, rational, strictly_below, upper
from theory.proof import ProofResult
from theory.relations import UNIT_TIME, Formula
from theory.smt import prove
from theory.statement import Kind, Provenance, Source, Statement
from theory.symbols import D, S, V_i, V_j, c, change, p, sigma, t, w_i, w_j, z_i, z_j

STATEMENTS = (
    Statement(
        id="L3",
        title="Moving rows onto centres",
        kind=Kind.UPPER_BOUND,
        sources=(
            Provenance(Source.FREEMAN_BRUNA, "the idea, for two-layer networks"),
            Provenance(Source.OURS, "the branch, the deviation D(J), the multiple c >= 0, the one-segment form"),
        ),
        claim="TWO-LAYER, PARALLEL, RESIDUAL and STREAM. Let J be neurons, i(j) not in J, c_j >= 0, and let w_j "
        "go straight to c_j w_{i(j)} for j in J. For every t in [0, 1], ||f_t - f_0|| <= t sigma sum_J ||w_j - "
        "c_j w_{i(j)}|| (||V_j|| + Lambda ||A_j||). With c_j = (w_j.w_i)_+/||w_i||^2 (0 if w_i = 0) this is at "
        "most D(J) = sigma sum_J s_j sin(min(phi_j, pi/2)), phi_j the angle between w_j and w_i. In PARALLEL the "
        "same bound holds for one segment that leaves w_j and moves V_i + t c V_j, (1-t) V_j and A alike.",
        formulas=(Formula(Le(change, t * D), UNIT_TIME),),
        depends_on=("L1a", "L1b", "L2"),
        not_covered="How small D(J) can be made: a route's. c_j < 0. Which J is best.",
        note="c_j = 0 is pruning. D(J) <= sigma S always. In the one-segment form the V part of f is affine in t.",
    ),
)

DISTANCE_SQUARE = w_j**2 - 2 * c * p + c**2 * w_i**2
"""||w_j - c w_i||^2 with p = w_j.w_i."""

BEST = p / w_i**2
"""The multiple c that minimises it, where p >= 0."""

TERM = sigma * S * p
"""One neuron's share of D(J): S stands for its mass, p for its sine."""


def best_multiple(row: Sequence[Rational], centre: Sequence[Rational]) -> Fraction:
    """c = (w_j.w_i)_+/||w_i||^2 exactly, 0 if the centre is 0."""
    square = _dot(centre, centre)
    return max(Fraction(0), _dot(row, centre)) / square if square else Fraction(0)


def sine_square(row: Sequence[Rational], centre: Sequence[Rational]) -> Fraction:
    """sin^2(min(phi, pi/2)) exactly, phi the angle between the rows; 1 towards a zero centre, 0 for a zero row."""
    square = _dot(row, row)
    if not square:
        return Fraction(0)
    c_ = best_multiple(row, centre)
    gap = [x - c_ * y for x, y in zip(row, centre, strict=True)]
    return _dot(gap, gap) / square


def deviation_exact(spread: Exact, moves: Sequence[tuple[Exact, Exact]]) -> Expr:
    """D(J) = sigma sum s_j sin_j, an exact number; `moves` holds a mass s_j and sin^2 in [0, 1] for each j in J."""
    total = number(0, "zero")
    for mass, square in moves:
        sine = sqrt(number(square, "sin^2"))
        if strictly_below(number(square, "sin^2"), 0) or strictly_below(1, sine):
            raise ValueError(f"L3: sin^2 must be in [0, 1], got {square}")
        total += evaluate(TERM, {sigma: spread, S: mass, p: sine})
    return total


def deviation(*, sigma: Rational, moves: Sequence[tuple[Rational, Rational]]) -> Fraction:
    """A rational at least D(J), from upper bounds of sigma and the masses, and sin^2 of each j in J."""
    return upper(deviation_exact(sigma, moves))


def _dot(left: Sequence[Rational], right: Sequence[Rational]) -> Fraction:
    pairs = zip(left, right, strict=True)
    return sum((rational(x, "weight") * rational(y, "weight") for x, y in pairs), Fraction(0))


def completed_square() -> ProofResult:
    """L3: ||w_j - c w_i||^2 exceeds its value at c = (w_j.w_i)/||w_i||^2 by ||w_i||^2 times the miss squared."""
    return prove_identity(
        "L3",
        DISTANCE_SQUARE - DISTANCE_SQUARE.subs(c, BEST),
        w_i**2 * (c - BEST) ** 2,
        scope="all w_i != 0, all real c",
    )


def sine() -> ProofResult:
    """L3: at that multiple the distance is ||w_j|| sin: ||w_j||^2 (1 - cos^2), cos = p/(||w_i|| ||w_j||)."""
    return prove_identity(
        "L3",
        DISTANCE_SQUARE.subs(c, BEST),
        w_j**2 * (1 - (p / (w_i * w_j)) ** 2),
        scope="all non-zero rows, angle at most pi/2 (so that the multiple is >= 0)",
    )


def pruning_is_best_behind() -> ProofResult:
    """L3: where the angle is at least pi/2, no c >= 0 beats c = 0."""
    row, centre, inner, multiple = z3.Reals("w_j w_i p c")
    return prove(
        "L3",
        row * row - 2 * multiple * inner + multiple * multiple * centre * centre >= row * row,
        assuming=(multiple >= 0, inner <= 0),
        scope="all rows at an angle of at least pi/2, all reals",
    )


def one_segment() -> ProofResult:
    """L3: with w_j left alone and V_i + t c V_j, (1-t) V_j, f changes by t V_j (c z_i - z_j)."""
    return prove_identity(
        "L3",
        (V_i + t * c * V_j) * z_i + (1 - t) * V_j * z_j - V_i * z_i - V_j * z_j,
        t * V_j * (c * z_i - z_j),
        scope="one neuron, one output (or one input of the branch), one point, all real t; c z_i - z_j is the "
        "feature gap of c w_i and w_j by L1a, which L2 bounds",
    )


PROOFS: tuple[Callable[[], ProofResult], ...] = (completed_square, sine, pruning_is_best_behind, one_segment)

ARGUMENTS = (
    part(
        "L3",
        *identity(completed_square, sine, one_segment),
        *smt(pruning_is_best_behind),
        remains="triangle inequality over J and outputs, the branch's Lipschitz share, L2 feature by feature",
    ),
)

FORMAL = (
    formal(
        "L3",
        "perturb.L3_perturb L3_residual L3_sine L3_deviation",
        "transfer.L3_L4_fused fused_skip_affine",
        "stream.L3_stream L3_stream_deviation",
    ),
)

INSTANCES = (sampled("L3"),)
