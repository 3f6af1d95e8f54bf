"""L4 [ours]: once a row is a multiple of another, its outgoing weights are handed over and f stays the same.

Scalars stand for the entries of the columns V, A and of the rows of U: every form here is linear in them.
Left to the note: the induction over the blocks of a stream, whose start and step are proved.
"""

from collections.abc import Callable

from sympy import Eq

from theory.algebra import prove_identity
from theory.arguments import constructed, formal, identity, part, sampled
from theory.proof import ProofResult
from theory.relations import UNIT_TIME, Formula
from theory.statement import Kind, Provenance, Source, Statement
from theory.symbols import U_i, U_j, V_i, V_j, c, change, q, t, z_i, z_j

STATEMENTS = (
    Statement(
        id="L4",
        title="Handing a copy's weights over",
        kind=Kind.IDENTITY,
        sources=(Provenance(Source.OURS, "all of it"),),
        claim="Let w_j = c w_i, c >= 0. For all t in [0, 1] f does not change along: in TWO-LAYER and PARALLEL, V_i "
        "+ t c V_j, (1-t) V_j, and A alike; in RESIDUAL and STREAM, w_j(t) = (1-t) c w_i, V_i + t c V_j, A_{k,i} + "
        "t c A_{k,j}, row U_{k,j} - t c U_{k,i} for all blocks k, V_j and A_{k,j} kept; there z_{0,j} = 0 at t = 1.",
        formulas=(Formula(Eq(change, 0), UNIT_TIME),),
        depends_on=("L1a",),
        not_covered="w_j only nearly a multiple (L3). The PARALLEL move in RESIDUAL or STREAM, which changes f: "
        "known answer 5 has 12 instead of 21.",
        note="In RESIDUAL and STREAM it is a change of basis of the stream: coordinate j loses t c times "
        "coordinate i, before, between and after all blocks. Several j at once, each with i outside J.",
    ),
)

_SCOPE = "one entry of a column or row, one point, all real t, c"


def parallel() -> ProofResult:
    """L4 PARALLEL: V z and A z stay, entry by entry, where z_j = c z_i."""
    return prove_identity(
        "L4",
        (V_i + t * c * V_j) * z_i + (1 - t) * V_j * (c * z_i),
        V_i * z_i + V_j * (c * z_i),
        scope=_SCOPE + "; V stands for V or A",
    )


def stream_start() -> ProofResult:
    """L4 STREAM: with w_j(t) = (1-t) c w_i coordinate j starts as z_j - t c z_i."""
    return prove_identity("L4", (1 - t) * c * z_i, c * z_i - t * c * z_i, scope=_SCOPE + "; z_j = c z_i at t = 0")


def stream_step() -> ProofResult:
    """L4 STREAM: a block with row U_j - t c U_i keeps coordinate j at z_j - t c z_i."""
    moved = (z_j - t * c * z_i) + (U_j - t * c * U_i) * q
    return prove_identity(
        "L4",
        moved,
        (z_j + U_j * q) - t * c * (z_i + U_i * q),
        scope=_SCOPE + ", one output q of the block, whose input is unchanged (`stream_reader`)",
    )


def stream_reader() -> ProofResult:
    """L4 STREAM: a reader (V or A_k) with R_i + t c R_j sees the same stream."""
    return prove_identity(
        "L4",
        (V_i + t * c * V_j) * z_i + V_j * (z_j - t * c * z_i),
        V_i * z_i + V_j * z_j,
        scope=_SCOPE + "; V stands for any reader",
    )


def stream_product() -> ProofResult:
    """L4 RESIDUAL: V U, of which the mass is made, stays."""
    return prove_identity(
        "L4",
        (V_i + t * c * V_j) * U_i + V_j * (U_j - t * c * U_i),
        V_i * U_i + V_j * U_j,
        scope=_SCOPE,
    )


PROOFS: tuple[Callable[[], ProofResult], ...] = (parallel, stream_start, stream_step, stream_reader, stream_product)

ARGUMENTS = (
    part(
        "L4",
        *identity(parallel, stream_start, stream_step, stream_reader, stream_product),
        remains="columns and rows entry by entry, the induction over the blocks",
    ),
)

FORMAL = (
    formal(
        "L4",
        "transfer.L4_transfer",
        "residual.L4_residual L4_residual_silent",
        "stream.L4_stream L4_stream_silent",
    ),
)

INSTANCES = (sampled("L4"), *constructed("L4", "case.5"))
