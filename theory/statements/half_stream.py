"""T9S [ours, after T9]: RESIDUAL, STREAM and POST networks joined through half of the stream and of every block.

Not covered: streams or layers of one unit; how low the corners are.
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
        id="T9S",
        title="Half of the stream",
        kind=Kind.EXISTENCE,
        sources=(
            Provenance(Source.KNOWN, "half of each layer at a time, as in T9"),
            Provenance(
                Source.OURS, "for streams: the coordinates change over with every cut, whatever the blocks read"
            ),
        ),
        claim="Let A and B be RESIDUAL, STREAM or POST networks of one shape, m >= 2 coordinates, at least 2 units in "
        "every hidden layer of every block, and the loss convex in the output. Choose disjoint halves for A "
        "and for B, of one size, at most half of the coordinates and of every hidden layer. A cut lies behind"
        " every hidden layer of every block, before every block and behind the last one; for each let A_c be "
        "a network that keeps A up to the cut, but reads there only half of the coordinates, in turn A's and "
        "B's, and of a hidden layer only A's half, by any tail on half of the coordinates and of every hidden"
        " layer above, and any readout; B_c likewise. Then A and B are joined by a path of silent and readout"
        " segments, and the maximum of the loss over the whole path is the maximum of the losses of A, all "
        "A_c, all B_c, and B.",
        formulas=(Formula(Le(L_t, corner)),),
        chapter=Chapter.FURTHER,
        depends_on=("L7", "L9"),
        not_covered="m = 1, or a layer of one unit. kappa > 0. How low the corners are: the barrier is 0 exactly where "
        "the narrower networks A_c, B_c lie no higher than the ends.",
        note="No basis of what reads the blocks' output is used, so the blocks may read every column (r = m), where "
        "T2, T3 and T7S have no free coordinate. Output biases of blocks may be there, as in torch's modules; they "
        "move with the rows that they enter.",
    ),
)


LEVELS = {"T9S": corners.highest}


def one_more_cut() -> ProofResult:
    """T9S: behind a silent load and a readout line the loss lies below the larger of both narrower networks'."""
    return corners.one_more_segment("T9S")


def room() -> ProofResult:
    """T9S: on the coordinates that are not read, at least half, the next tail finds its own, and so does B's half."""
    return corners.room_for_both("T9S", "all integers; coordinates, and units of any hidden layer")


PROOFS: tuple[Callable[[], ProofResult], ...] = (one_more_cut, room)

ARGUMENTS = (
    part("T9S", *smt(one_more_cut, room), remains="that each tail can be loaded as said and leads to no output"),
)

FORMAL = (formal("T9S", "half_stream.T9S_half_stream", "losses.L7_convex_loss"),)

INSTANCES = (sampled("T9S"),)
