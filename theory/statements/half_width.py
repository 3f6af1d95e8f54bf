"""T9, T9C [known idea; ours: exact form, the order from the top, any tail]: chains joined through half of every layer.

T9 is about units, T9C about channels. Not covered: widths that cannot spare half; weights shared between layers;
groups; how low the corners are.
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
    Statement(
        id="T9C",
        title="Half of every layer's channels",
        kind=Kind.EXISTENCE,
        sources=(
            Provenance(Source.KNOWN, "half of each layer at a time, as in T9"),
            Provenance(Source.OURS, "the exact form for channels; one statement of which T9 is an instance"),
        ),
        claim="Let A and B be chains of one shape with K >= 1 hidden layers of m_k channels, and the loss convex in "
        "the output. Layer k gives for every channel j the sum of a bias, if it has biases, and of what it makes of "
        "every channel i below by weights of its own: at each place a sum of these weights times numbers that depend "
        "on channel i alone. So do convolutions with groups = 1, whatever kernel, stride, padding and dilation, and "
        "dense layers behind a flatten. Behind it stands any map without weights that acts on each channel by itself: "
        "ReLU, average, maximum and global pooling, flatten. The last layer is dense and has no ReLU. Choose channels "
        "I_k of A and J_k of B in every layer, disjoint, at most m_k/2 of each. For k = K down to 1 let A_k be a "
        "network that keeps A's layers up to k, but reads of layer k only I_k, by any layers k+1 to K with |I_j| "
        "channels and any readout; B_k likewise. Then A and B are joined by a path of segments on which no output "
        "changes and of readout segments, and the maximum of the loss over the whole path is the maximum of the "
        "losses of A, A_K, ..., A_1, B_1, ..., B_K, B.",
        formulas=(Formula(Le(L_t, corner)),),
        chapter=Chapter.FURTHER,
        depends_on=("L7", "L9"),
        not_covered="Layers of one channel. Groups > 1, depthwise convolutions among them: a channel of the next tail "
        "could not read those that are kept. Weights of a channel that stand behind the sum (scales, normalisation "
        "that is not folded) or are shared between layers. kappa > 0. How low the corners are.",
        note="Certificates of graphs read it off entry by entry: a load moves only what enters dead entries, so it is "
        "a silent segment and nothing is enclosed.",
    ),
)


LEVELS = {"T9": corners.highest, "T9C": corners.highest}


def one_more_layer() -> ProofResult:
    """T9: behind a silent load and a readout line the loss lies below the larger of both narrower networks'."""
    return corners.one_more_segment("T9")


def room() -> ProofResult:
    """T9: a layer whose live units are at most half of it has as many free slots: the next tail fits, and B's half."""
    return corners.room_for_both("T9", "all integers")


def one_more_channel_layer() -> ProofResult:
    """T9C: behind a load and a readout line the loss lies below the larger of both narrower networks'."""
    return corners.one_more_segment("T9C")


def channel_room() -> ProofResult:
    """T9C: a layer whose live channels are at most half of it has as many free ones, for the next tail and B's half."""
    return corners.room_for_both("T9C", "all integers; channels of any hidden layer")


PROOFS: tuple[Callable[[], ProofResult], ...] = (one_more_layer, room, one_more_channel_layer, channel_room)

ARGUMENTS = (
    part("T9", *smt(one_more_layer, room), remains="that each tail can be loaded as said and leads to no output"),
    part(
        "T9C",
        *smt(one_more_channel_layer, channel_room),
        remains="that each tail can be loaded as said and leads to no output",
    ),
)

FORMAL = (
    formal("T9", "half_width.T9_half_width", "losses.L7_convex_loss"),
    formal("T9C", "half_channels.T9C_half_channels", "losses.L7_convex_loss"),
)

INSTANCES = (sampled("T9"), sampled("T9C"), *constructed("T9C", "exact.half_channels"))
