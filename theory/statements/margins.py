"""E1 [ours]: the share of wrong samples along a segment, from the signs of margins at its ends.

A margin is the label's output less another output; a sample is right where all its margins are positive. The machine
proves the scalar steps. Left to the note: sums over samples, and which segments have affine outputs (L7).
"""

from collections.abc import Callable, Sequence
from fractions import Fraction

import z3
from sympy import Le, Max

from theory.arguments import formal, part, sampled, smt
from theory.exact import Rational
from theory.proof import ProofResult
from theory.relations import UNIT_TIME, Formula
from theory.smt import maximum, prove
from theory.statement import Chapter, Kind, Provenance, Source, Statement
from theory.symbols import wrong_end, wrong_ends, wrong_start, wrong_t

STATEMENTS = (
    Statement(
        id="E1",
        title="Right at both ends, right between",
        kind=Kind.UPPER_BOUND,
        sources=(Provenance(Source.OURS, "written out here; the facts are elementary"),),
        claim="A sample is right where its label's output is strictly larger than every other output. Where every "
        "output is affine in t (a readout segment), a sample that is right at both ends is right between; so at every "
        "t the share of wrong samples, by their weights, is at most the share of those that are wrong at one end or "
        "the other, which is at least the larger of the ends' shares and at most their sum. On any segment: if for |s| "
        "<= r each margin of a sample is at least a_j + b_j s, and this is positive at s = r and s = -r, the sample is "
        "right for all |s| <= r.",
        formulas=(
            Formula(Le(wrong_t, wrong_ends), UNIT_TIME, "every output affine in t"),
            Formula(Le(Max(wrong_start, wrong_end), wrong_ends), (), "the least that the bound can be"),
            Formula(Le(wrong_ends, wrong_start + wrong_end), (), "the most that the bound can be"),
        ),
        chapter=Chapter.LEMMAS,
        depends_on=("L7", "L9"),
        not_covered="Segments on which some output is not affine, from their ends alone: there a sample can be wrong "
        "only in between. That the bound is attained: the samples that are wrong at one end need not be wrong at one "
        "and the same time.",
        note="On a silent segment no output changes, and no prediction. A tie with the label's output is wrong.",
    ),
)


def is_right(outputs: Sequence[Rational], label: int) -> bool:
    """Whether the label's output is strictly the largest. Raises ValueError for a label that is no output's."""
    if not 0 <= label < len(outputs):
        raise ValueError(f"label {label} is out of range, there are outputs 0 to {len(outputs) - 1}")
    return all(outputs[label] > other for j, other in enumerate(outputs) if j != label)


def wrong_share(
    starts: Sequence[Sequence[Rational]], ends: Sequence[Sequence[Rational]], labels: Sequence[int]
) -> Fraction:
    """Share of the samples that are wrong at the segment's start or its end; `starts`, `ends` are outputs (N, p).

    Raises ValueError for no samples, for lengths that differ and for a label out of range.
    """
    if not labels:
        raise ValueError("a share of wrong samples needs at least one sample")
    found = [
        not (is_right(first, label) and is_right(last, label))
        for first, last, label in zip(starts, ends, labels, strict=True)
    ]
    return Fraction(sum(found), len(found))


def margin_between() -> ProofResult:
    """E1: a margin that is positive at both ends is positive at every t in [0, 1]."""
    start, end, time = z3.Reals("start end t")
    return prove(
        "E1",
        (1 - time) * start + time * end > 0,
        assuming=(start > 0, end > 0, time >= 0, time <= 1),
        scope="one margin, affine in t, all reals",
    )


def margin_on_a_piece() -> ProofResult:
    """E1: a margin above a + b s on |s| <= r is positive there if a + b r and a - b r are."""
    value, slope, radius, time, margin = z3.Reals("a b r s margin")
    return prove(
        "E1",
        margin > 0,
        assuming=(
            radius >= 0,
            time <= radius,
            -time <= radius,
            margin >= value + slope * time,
            value + slope * radius > 0,
            value - slope * radius > 0,
        ),
        scope="one margin and its lower model on one piece, all reals",
    )


def shares_add() -> ProofResult:
    """E1: one more sample of weight w keeps the share below the bound, and the bound between its two limits."""
    share, bound, first, last, weight = z3.Reals("W_t W W_0 W_1 w")
    here, start, end = z3.Reals("here start end")
    either = maximum(start, end)
    total = bound + weight * either
    return prove(
        "E1",
        z3.And(
            share + weight * here <= total,
            maximum(first + weight * start, last + weight * end) <= total,
            total <= first + weight * start + last + weight * end,
        ),
        assuming=(
            start >= 0,
            end >= 0,
            here <= either,
            weight >= 0,
            share <= bound,
            first <= bound,
            last <= bound,
            bound <= first + last,
        ),
        scope="one more term of a finite sum, 1 for wrong, 0 for right, or any numbers >= 0; induction in the note",
    )


PROOFS: tuple[Callable[[], ProofResult], ...] = (margin_between, margin_on_a_piece, shares_add)

ARGUMENTS = (
    part(
        "E1",
        *smt(margin_between, margin_on_a_piece, shares_add),
        remains="the induction over samples, all margins at once",
    ),
)

FORMAL = (formal("E1", "margins.E1_between E1_error_rate E1_shares E1_readout E1_piece"),)

INSTANCES = (sampled("E1"),)
