"""T9 [known idea; ours: exact form, the order from the top, any tail]: chains joined through half of every layer.

Not covered: widths that cannot spare half; weights shared between layers; how low the corners are.
"""

from collections.abc import Callable

import z3
from sympy import Le

from theory import corners
from theory.arguments import formal, part, sampled, smt
from theory.proof import ProofResult
from theory.relations import Formula
from theory.smt import prove
from theory.statement import Chapter, Kind, Provenance, Source, Statement
from theory.symbols import L_t, corner

STATEMENTS = (
    Statement(
        id="T9",
        title="Half of every layer",
        kind=Kind.EXISTENCE,
        sources=(
            Provenance(
                Source.KNOWN,
                "that networks which lose little without half of each layer are connected: Kuditipudi et al. 2019 "
                "(dropout stability), Shevchenko and Mondelli 2020, Nguyen 2019",
            ),
            Provenance(Source.OURS, "the exact form, corner by corner; the order from the top; any tail"),
        ),
        claim="Let A and B be PLAIN chains of one shape with K >= 2 hidden layers of widths m_k, and the loss convex "
        "in the output. Choose units I_k of A and J_k of B in every layer, disjoint, at most m_k/2 of each. For k = K "
        "down to 1 let A_k be a network that keeps A's layers up to k, but reads of layer k only I_k, by any "
        "layers k+1 to K of widths |I_j| and any readout; B_k likewise. Then A and B are joined by a path of silent "
        "and readout segments, and the maximum of the loss over the whole path is the maximum of the losses of A, "
        "A_K, ..., A_1, B_1, ..., B_K, B.",
        formulas=(Formula(Le(L_t, corner)),),
        chapter=Chapter.FURTHER,
        depends_on=("L7", "L9"),
        not_covered="Widths that cannot spare half: m_k = 1. Weights shared between layers. kappa > 0. How low the "
        "corners are: the barrier is 0 exactly where the narrower networks A_k, B_k lie no higher than the ends.",
        note="No skip connection is used: a plain chain needs half of every layer where a skip network needs one slot "
        "(T7). Loading a tail is silent whatever is loaded, so it may be trained before.",
    ),
)


LEVELS = {"T9": corners.highest}


def one_more_layer() -> ProofResult:
    """T9: behind a silent load and a readout line the loss lies below the larger of both narrower networks'."""
    return corners.one_more_segment("T9")


def room() -> ProofResult:
    """T9: a layer whose live units are at most half of it has as many free slots: the next tail fits, and B's half."""
    width, mine, yours = z3.Ints("m mine yours")
    return prove(
        "T9",
        z3.And(width - mine >= yours, width - yours >= mine),
        assuming=(width >= 0, mine >= 0, yours >= 0, 2 * mine <= width, 2 * yours <= width),
        scope="all integers",
    )


PROOFS: tuple[Callable[[], ProofResult], ...] = (one_more_layer, room)

ARGUMENTS = (
    part("T9", *smt(one_more_layer, room), remains="that each tail can be loaded as said and leads to no output"),
)

FORMAL = (formal("T9", "half_width.T9_half_width", "losses.L7_convex_loss"),)

INSTANCES = (sampled("T9"),)
