"""R6 [fb, ours]: refit the readout on the features that stay, then load the reference into the freed slots.

Readout line to a two-layer fit on the features outside J (U goes to 0), silent loading of g* on J, readout
line to g*: the maximum is at one of the three corners. Left to the note: that these segments form such a path
(L7, L9).
"""

from collections.abc import Callable
from fractions import Fraction

from sympy import Le, Max

from theory import corners
from theory.arguments import formal, part, sampled, smt
from theory.exact import Rational, evaluate_rational
from theory.proof import ProofResult
from theory.relations import Formula
from theory.smt import assumptions, maximum, prove, translate
from theory.statement import Kind, Provenance, Source, Statement
from theory.symbols import L, L_ref, L_t, delta, l_, m

LEVEL = Max(L, delta, L_ref)
"""What the loss does not exceed on the refit path."""


STATEMENTS = (
    Statement(
        id="R6",
        title="Refit",
        kind=Kind.UPPER_BOUND,
        sources=(
            Provenance(
                Source.FREEMAN_BRUNA,
                "the quantity delta(m-l, 0; m), the best refit on m-l present features, two-layer",
            ),
            Provenance(Source.OURS, "the same for PARALLEL with any branch and any convex loss; the proof"),
        ),
        claim="In TWO-LAYER and PARALLEL, for a loss convex in the output: let J be l <= m slots, delta the "
        "loss of any two-layer network on the features of theta outside J, g* a two-layer network with l "
        "neurons; a path leads from theta to g* on J (V = 0 off J, U = 0) on which the loss is at most "
        "max(L(theta), delta, L(g*)).",
        formulas=(Formula(Le(L_t, LEVEL), (Le(l_, m),)),),
        depends_on=("L7", "L9"),
        not_covered="RESIDUAL and STREAM, where the readout alone does not switch the blocks off. kappa > 0. "
        "How large delta is.",
        note="delta(m-l) of the blueprint is the least delta over J and over the fits; a fit with V = 0 "
        "gives L_0, so the best refit is never worse than R0. In RESIDUAL and STREAM reports print the "
        "same id for T2's elimination, a readout line that switches the blocks off, and then this.",
    ),
)


def level(loss: Rational, refit_loss: Rational, reference_loss: Rational) -> Fraction:
    """max(L(theta), delta, L(g*)), exactly."""
    return evaluate_rational(LEVEL, {L: loss, delta: refit_loss, L_ref: reference_loss})


LEVELS = {"R6": corners.highest}
"""delta is the largest loss at a corner between the ends, the last one is g*'s."""


def no_rise_when_refit_is_good() -> ProofResult:
    """R6: if refit and reference are no worse than theta, the loss never exceeds L(theta)."""
    return prove(
        "R6",
        translate(LEVEL) == translate(L),
        assuming=[*assumptions(LEVEL), translate(L) >= maximum(translate(delta), translate(L_ref))],
        scope="arithmetic of the level, all reals >= 0; the path itself is the note's",
    )


PROOFS: tuple[Callable[[], ProofResult], ...] = (no_rise_when_refit_is_good,)

ARGUMENTS = (
    part("R6", *smt(no_rise_when_refit_is_good), remains="that the readout and silent segments form the path"),
)

FORMAL = (formal("R6", "refit.R6_refit R6_depth", "losses.L7_convex_loss"),)

INSTANCES = (sampled("R6"),)
