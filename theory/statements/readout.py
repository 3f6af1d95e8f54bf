"""L7 [fb]: when only the readout moves along a line, the loss has its maximum at an end.

What the machine proves, and how it is glued: per sample and output the squared error stays below its chord
(`chord`); being below a chord survives weighted sums, hence passes to the loss by induction (`chords_add`); a
loss below its chord is below its larger end (`endpoint`, any convex loss). In this order: that each *sample*
stays below its larger end would not do, since a sum of maxima is more than the maximum of the sums.

The losses that people train with are convex in the output: each but logistic and cross-entropy is the largest of
affine functions, or a sum of such (`affine_below_chord`, and Huber's tangents in `huber_is_its_tangents`); these two
are log-sum-exp of affine functions (E2).

Left to the note: that f is affine in the readout, the induction over samples and outputs, the convexity of the mass.
"""

from collections.abc import Callable

import z3
from sympy import Le, Max

from theory.algebra import prove_identity
from theory.arguments import constructed, formal, identity, part, sampled, smt
from theory.proof import ProofResult
from theory.relations import UNIT_TIME, Formula
from theory.smt import maximum, prove
from theory.statement import Kind, Provenance, Source, Statement
from theory.symbols import L, L_ref, L_t, a, b, t

STATEMENTS = (
    Statement(
        id="L7",
        title="A line in the readout has its maximum at an end",
        kind=Kind.UPPER_BOUND,
        sources=(
            Provenance(Source.FREEMAN_BRUNA, "the idea, for two-layer networks and squared error"),
            Provenance(
                Source.OURS,
                "written out for the skip classes, for any convex loss and for the mass; the proofs here",
            ),
        ),
        claim="If along a straight segment only the readout moves ((V, U, c) in PARALLEL, (V, c) in "
        "TWO-LAYER, RESIDUAL and STREAM, (U, c) in PLAIN), then every output is affine in t, a loss convex "
        "in the output is convex in t, and its maximum over the segment is its value at an end; where the "
        "mass S is defined it is convex in t too.",
        formulas=(Formula(Le(L_t, Max(L, L_ref)), UNIT_TIME),),
        depends_on=(),
        not_covered="Segments on which U moves in RESIDUAL or STREAM together with V, or any W, A or inner "
        "weight moves: there the loss can exceed both ends. Losses that are not convex in the output.",
        note="PLAIN has no V, so its readout is (U, c). Convex in the output are squared, absolute and Huber error, "
        "hinge, logistic loss, each summed over the outputs, multi-class hinge and softmax cross-entropy.",
    ),
)

_SQUARED_AT_T = ((1 - t) * a + t * b) ** 2
_SQUARED_CHORD = (1 - t) * a**2 + t * b**2


def chord_gap() -> ProofResult:
    """L7: chord minus squared error along f affine is t (1 - t) (a - b)^2; a, b the residuals at the ends."""
    return prove_identity(
        "L7",
        _SQUARED_CHORD - _SQUARED_AT_T,
        t * (1 - t) * (a - b) ** 2,
        scope="one sample, one output, all real t: an identity of polynomials",
    )


def chord() -> ProofResult:
    """L7: on [0, 1] the squared error of an affine f is below its chord."""
    x, y, time = z3.Reals("a b t")
    at_time = (1 - time) * x + time * y
    return prove(
        "L7",
        at_time * at_time <= (1 - time) * x * x + time * y * y,
        assuming=(time >= 0, time <= 1),
        scope="squared error, one sample, one output, t in [0, 1], all reals",
    )


def chords_add() -> ProofResult:
    """L7: adding a term with weight w >= 0 keeps a function below its chord (one step of the induction)."""
    p_0, p_t, p_1, q_0, q_t, q_1, w, time = z3.Reals("p_0 p_t p_1 q_0 q_t q_1 w t")
    return prove(
        "L7",
        p_t + w * q_t <= (1 - time) * (p_0 + w * q_0) + time * (p_1 + w * q_1),
        assuming=(
            time >= 0,
            time <= 1,
            w >= 0,
            p_t <= (1 - time) * p_0 + time * p_1,
            q_t <= (1 - time) * q_0 + time * q_1,
        ),
        scope="one more term of a finite sum, any loss whose terms are below their chords, all reals; the "
        "induction is the note's",
    )


def endpoint() -> ProofResult:
    """L7: what is below its chord on [0, 1] is below the larger of its ends."""
    start, end, value, time = z3.Reals("start end value t")
    return prove(
        "L7",
        value <= maximum(start, end),
        assuming=(time >= 0, time <= 1, value <= (1 - time) * start + time * end),
        scope="any quantity below its chord, all reals: the whole loss once the chords are summed",
    )


def squared_error_endpoint() -> ProofResult:
    """L7 for one squared residual; alone it says nothing about a sum of them."""
    x, y, time = z3.Reals("a b t")
    at_time = (1 - time) * x + time * y
    return prove(
        "L7",
        at_time * at_time <= maximum(x * x, y * y),
        assuming=(time >= 0, time <= 1),
        scope="squared error, one sample, one output, t in [0, 1], all reals; does not sum over samples or outputs",
    )


def affine_below_chord() -> ProofResult:
    """L7: an affine function below a loss at both ends is below the loss's chord: so is the largest of any number.

    Absolute error, hinge and multi-class hinge are the largest of affine functions of the outputs.
    """
    start, end, loss_start, loss_end, time = z3.Reals("x y loss_0 loss_1 t")
    return prove(
        "L7",
        (1 - time) * start + time * end <= (1 - time) * loss_start + time * loss_end,
        assuming=(time >= 0, time <= 1, start <= loss_start, end <= loss_end),
        scope="one affine function below the loss, t in [0, 1], all reals; where it attains the loss, this is the loss",
    )


def huber_is_its_tangents() -> ProofResult:
    """L7: Huber's loss is the largest of its tangents s u - s^2/2, |s| <= delta, affine functions of u."""
    u, slope, edge = z3.Reals("u s delta")
    size = z3.Abs(u)
    value = z3.If(size <= edge, u * u / 2, edge * (size - edge / 2))
    best = z3.If(u > edge, edge, z3.If(u < -edge, -edge, u))
    return prove(
        "L7",
        z3.And(slope * u - slope * slope / 2 <= value, best * u - best * best / 2 == value),
        assuming=(edge > 0, slope <= edge, -slope <= edge),
        scope="one output, all reals, every threshold delta > 0",
    )


PROOFS: tuple[Callable[[], ProofResult], ...] = (
    chord_gap,
    chord,
    chords_add,
    endpoint,
    squared_error_endpoint,
    affine_below_chord,
    huber_is_its_tangents,
)

ARGUMENTS = (
    part(
        "L7",
        *identity(chord_gap),
        *smt(chord, chords_add, endpoint, squared_error_endpoint, affine_below_chord, huber_is_its_tangents),
        remains="f affine in the readout, the induction over samples and outputs, log-sum-exp (E2), the mass",
    ),
)

FORMAL = (
    formal(
        "L7",
        "readout.L7_affine L7_residual L7_plain",
        "stream.L7_stream",
        "losses.L7_squared L7_mean_loss L7_convex_loss",
        "training_losses.L7_readout_line",
        "regulariser.L10_readout",
        "stream_mass.L10_stream_readout L10_residual_readout",
        "output_bias.L7_readouts L7_output_bias L7_segment L7_sample_loss",
    ),
)

INSTANCES = (sampled("L7"), *constructed("L7", "case.14", "case.15"))
