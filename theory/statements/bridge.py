"""T6 [ours]: two networks joined through two-layer fits on mixtures of their features.

Not covered: that the corners are low. The bridge silences the branch, so it does no better than the two-layer
fits it uses.
"""

from collections.abc import Callable

from sympy import Le

from theory import corners
from theory.arguments import formal, part, sampled, smt
from theory.proof import ProofResult
from theory.relations import Formula
from theory.statement import Chapter, Kind, Provenance, Source, Statement
from theory.symbols import L_t, corner

STATEMENTS = (
    Statement(
        id="T6",
        title="Bridge",
        kind=Kind.EXISTENCE,
        sources=(Provenance(Source.OURS, "all of it"),),
        claim="Let A and B be networks of one shape, TWO-LAYER or PARALLEL with any branch, and the loss "
        "convex in the output. Choose a chain of two-layer fits from features of A alone to features of B "
        "alone, each next mixture reached by loading features of B into the slots that they have in B, where the "
        "present fit leaves these free. Then A and B are joined by a path of silent and readout segments, and the "
        "maximum of the loss over the whole path is the maximum over its finitely many corners.",
        formulas=(Formula(Le(L_t, corner)),),
        chapter=Chapter.FURTHER,
        depends_on=("L7", "L9"),
        not_covered="RESIDUAL, STREAM and PLAIN. kappa > 0. How low the corners are: the branch is silenced, "
        "so the level is at least the refit loss of the two-layer part, and the barrier need not be 0.",
        note="Half-and-half needs a + b <= m; where B's features were loaded into other slots than their "
        "own, they are handed back by L9's permutation, which uses a free slot. No training, no g*. In "
        "RESIDUAL and STREAM reports print the same id for T2's elimination, a readout line that switches "
        "the blocks off at each end, and then this. skipscape export makes of a certificate of silent and readout "
        "segments under squared error a file in which Coq closes, of these two networks and data: `exists g, path g "
        "/\\ g 0 = A /\\ g 1 = B /\\ forall t, 0 <= t <= 1 -> Loss (g t) <= c`.",
    ),
)


LEVELS = {"T6": corners.highest}


def one_more_segment() -> ProofResult:
    """T6: a path below its highest corner, and a next segment below its larger end: so is the whole."""
    return corners.one_more_segment("T6")


PROOFS: tuple[Callable[[], ProofResult], ...] = (one_more_segment,)

ARGUMENTS = (part("T6", *smt(one_more_segment), remains="that the chain of fits can be loaded as said"),)

FORMAL = (formal("T6", "bridge.T6_bridge T6_half", "losses.L7_convex_loss"),)

INSTANCES = (sampled("T6"),)
