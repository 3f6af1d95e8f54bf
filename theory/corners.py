"""Paths whose loss is nowhere above its largest corner (R6, T4, T6, T9, T9C, T9G, T9S): that level, and why."""

from collections.abc import Sequence
from fractions import Fraction

import z3

from theory.exact import Rational, evaluate_rational
from theory.proof import ProofResult
from theory.smt import maximum, prove
from theory.symbols import L


def corner_losses(losses: Sequence[Rational]) -> tuple[Fraction, ...]:
    """The losses at a path's corners, exactly, both ends too. Raises ValueError for fewer than two, or one below 0."""
    if len(losses) < 2:
        raise ValueError(f"a path has at least its two ends as corners, got {len(losses)} losses")
    return tuple(evaluate_rational(L, {L: loss}) for loss in losses)


def highest(losses: Sequence[Rational]) -> Fraction:
    """The maximum of the loss over the whole path, exactly, from the losses at all its corners."""
    return max(corner_losses(losses))


def one_more_segment(statement: str) -> ProofResult:
    """A path below its highest corner, and a next segment below its larger end: so is the whole."""
    before, start, end, value, earlier = z3.Reals("corners start end L_t L_s")
    return prove(
        statement,
        z3.And(value <= maximum(before, end), earlier <= maximum(before, end)),
        assuming=(start <= before, value <= maximum(start, end), earlier <= before),
        scope="all reals; the step of the induction over the segments, each below its larger end by L7 or L9",
    )


def room_for_both(statement: str, scope: str) -> ProofResult:
    """Of a layer at most half of which is live, as many units are free: for the next tail, and for the other's half."""
    width, mine, yours = z3.Ints("m mine yours")
    return prove(
        statement,
        z3.And(width - mine >= yours, width - yours >= mine),
        assuming=(width >= 0, mine >= 0, yours >= 0, 2 * mine <= width, 2 * yours <= width),
        scope=scope,
    )
