"""T9G [ours, after T9]: graphs of sums and concatenations, ResNets among them, joined through half of their channels.

Not covered: convolutions by groups, shared weights; how low the corners are.
"""

from collections.abc import Callable

from sympy import Le

from theory import corners
from theory.arguments import constructed, formal, part, sampled, smt
from theory.proof import ProofResult
from theory.relations import Formula
from theory.statement import Chapter, Kind, Provenance, Source, Statement
from theory.symbols import L_t, corner

STATEMENTS = (
    Statement(
        id="T9G",
        title="Half of every group of channels",
        kind=Kind.EXISTENCE,
        sources=(
            Provenance(Source.KNOWN, "half of each layer at a time, as in T9"),
            Provenance(Source.OURS, "for any graph of layers: channels that are tied, and levels that take turns"),
        ),
        claim="Let A and B be networks of one graph, and the loss convex in the output. A layer of the graph is an "
        "affine node whose weights are its own: as in T9C it gives every channel a bias, if it has biases, and what it "
        "makes of every channel that it reads by weights of that pair. Between layers stand sums; scales, which "
        "multiply each channel by a number of its own and may add one; and maps without weights of whose value each "
        "channel is made of one channel of one other value, or is 0, as ReLU, pooling, a choice of channels, a "
        "concatenation. The last node is a dense layer, the readout. Channels that a sum adds are tied to one another, "
        "and so is what a scale or map makes of a channel to that: tied channels are called one channel. Let the "
        "layers before the readout be in levels 1 (the top) to D, so that what a layer makes is read by the readout or "
        "by layers of lower numbers alone. Choose channels I of A and others, J, of B. Of each channel let I have its "
        "turn at every second d, and J at the others, either at d = 0; let H(d), d = 0 to D, be the channels of I or J "
        "that have their turn. Let A_d be a network that keeps A's layers of all levels beyond d, and the scales that "
        "layers of level d or beyond read (the readout is of level 0); of values that no layer beyond level d reads, "
        "its readout and those channels H(d) that its layers of levels 1 to d make read channels H(d) alone. B_d "
        "likewise with I and J exchanged. Then A and B are joined by a path of segments on which no output changes and "
        "of readout segments, and the maximum of the loss over the whole path is the maximum of the losses of A, A_0, "
        "..., A_D, B_D, ..., B_0, B.",
        formulas=(Formula(Le(L_t, corner)),),
        chapter=Chapter.FURTHER,
        depends_on=("L7", "L9"),
        not_covered="Convolutions by groups. Weights shared between layers. kappa > 0. How low the corners are: the "
        "barrier is 0 exactly where A_d and B_d lie no higher than the ends; what has one channel leaves one of them "
        "nothing to read.",
        note="A ResNet as torch's modules have it is such a graph, its normalisations folded, a DenseNet and a U-Net "
        "too. Halves of one size, of all channels that the same layers enter and read, let a tail of any shape lie on "
        "either. Chains (T9C) and dense blocks on a stream (T9S) are such graphs.",
    ),
)

LEVELS = {"T9G": corners.highest}


def one_more_level() -> ProofResult:
    """T9G: behind a silent load and a readout line the loss lies below the larger of both narrower networks'."""
    return corners.one_more_segment("T9G")


def room() -> ProofResult:
    """T9G: a group whose live channels are at most half of it has as many free ones, for the next tail and B's half."""
    return corners.room_for_both("T9G", "all integers; channels of any group")


PROOFS: tuple[Callable[[], ProofResult], ...] = (one_more_level, room)

ARGUMENTS = (
    part("T9G", *smt(one_more_level, room), remains="that each tail can be loaded as said and leads to no output"),
)

FORMAL = (formal("T9G", "half_groups.T9G_half_groups", "losses.L7_convex_loss"),)

INSTANCES = (sampled("T9G"), *constructed("T9G", "exact.half_groups"))
