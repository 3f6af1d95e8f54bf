"""T3 [ours]: T1 for K residual blocks; the readers of the stream play the part of T2's readout.

The machine proves the elimination step for one reader of the stream. Left to the note: the order of the blocks.
"""

from collections.abc import Callable, Sequence

from theory.algebra import prove_identity
from theory.arguments import constructed, formal, identity, part, sampled
from theory.proof import ProofResult
from theory.statement import Chapter, Kind, Provenance, Source, Statement
from theory.statements.residual import WIDER, effective_width
from theory.symbols import U_i, U_j, V_i, c, q, t, z_i, z_j

STATEMENTS = (
    Statement(
        id="T3",
        title="T1 for a stream of residual blocks",
        kind=Kind.EXISTENCE,
        sources=(Provenance(Source.OURS, "all of it"),),
        claim="STREAM with K blocks, squared error, kappa = 0, any Lipschitz q_k. Let B be a column basis of the "
        "readers [V; A_2; ...; A_K], of rank r, l < m - r, and J, with all its centres, outside B, |J| = l, admissible "
        "in L3. Then T2's conclusion holds with m - r in place of m - p, r at most p plus the rows of A_2, ..., A_K.",
        formulas=(WIDER,),
        chapter=Chapter.FURTHER,
        depends_on=("L3", "L4", "L7", "L8", "L9", "T2"),
        not_covered="Streams whose readers have rank m - l or more: then nothing is said. A rate without bounded S.",
        note="A_1 reads only z_0, which is 0 on J, so it is no reader here; K = 1 is T2. R7 has c = sqrt(1+K).",
    ),
)


def reader_rank(*, outputs: int, later_rows: Sequence[int]) -> int:
    """An upper bound of the readers' rank: p plus the rows of A_2, ..., A_K (empty for K = 1)."""
    if outputs < 1 or any(rows < 0 for rows in later_rows):
        raise ValueError(f"T3 needs p >= 1 and numbers of rows >= 0, got p = {outputs}, rows {list(later_rows)}")
    return outputs + sum(later_rows)


def stream_width(*, width: int, outputs: int, later_rows: Sequence[int], neurons: int) -> int:
    """What a route may use for m. Raises ValueError unless it exceeds l."""
    readers = reader_rank(outputs=outputs, later_rows=later_rows)
    return effective_width(width=width, readers=readers, neurons=neurons, statement="T3")


def elimination() -> ProofResult:
    """T3: a reader R with R_j = c R_b sees the same stream when block k writes U_b + t c U_j and (1-t) U_j."""
    return prove_identity(
        "T3",
        V_i * (z_i + (U_i + t * c * U_j) * q) + (c * V_i) * (z_j + (1 - t) * U_j * q),
        V_i * (z_i + U_i * q) + (c * V_i) * (z_j + U_j * q),
        scope="one reader row, one basis column V_i, one output q of one block, all real t, c; V stands for any reader",
    )


PROOFS: tuple[Callable[[], ProofResult], ...] = (elimination,)

ARGUMENTS = (part("T3", *identity(elimination), remains="the order of the blocks, the path"),)

FORMAL = (
    formal(
        "T3",
        "stream.eliminate_stream",
        "stream_connectivity.T3_from_merge T3_connect T3_depth T3_connected",
        "readers.T3_prune_basis T3_prune",
    ),
)

INSTANCES = (sampled("T3"), *constructed("T3", "exact.T3"))
