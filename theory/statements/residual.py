"""T2 [ours]: T1 for a residual block, by keeping a column basis of the readout out of the merging.

The machine proves the elimination step. Left to the note: the whole path, and that the rest of T1 is unchanged.
"""

from collections.abc import Callable

from sympy import Le, Lt

from theory.algebra import prove_identity
from theory.arguments import constructed, formal, identity, part, sampled
from theory.exact import evaluate
from theory.proof import ProofResult
from theory.relations import Formula
from theory.statement import Chapter, Kind, Provenance, Source, Statement
from theory.statements.connectivity import T1_LEVEL
from theory.symbols import L_t, U_i, U_j, V_i, c, l_, m, t, width

WIDER = Formula(Le(L_t, T1_LEVEL), (Lt(l_, width),), "width is m less the rank of the readers")
"""T1's level with fewer neurons to use, here and in T3."""


STATEMENTS = (
    Statement(
        id="T2",
        title="T1 for a residual block",
        kind=Kind.EXISTENCE,
        sources=(Provenance(Source.OURS, "all of it"),),
        claim="RESIDUAL, squared error, kappa = 0, any Lipschitz q, p outputs, l < m - p. Let B be a column basis of V "
        "(at most p columns) and J, with all its centres, outside B, |J| = l, admissible in L3. Then an explicit "
        "path leads from theta to g* on J (V = 0 off J, V U = 0) with sqrt L <= max(sqrt L(theta) + D(J), sqrt "
        "L(g*)); C1 and C2 follow, and R4 with m - p in place of m.",
        formulas=(WIDER,),
        chapter=Chapter.FURTHER,
        depends_on=("L3", "L4", "L7", "L8", "L9", "T1", "C1", "C2", "R4"),
        not_covered="J that meets the column basis. The one-segment form of L3 while blocks write outside the basis. "
        "A rate without bounded S.",
        note="After L4 z_j = 0 on J and V_J lies in the span of V_B: U_j -> (1-t) U_j, U_b + t c_jb U_j is exact. That "
        "does not need z_j = 0: the routes do it first, for every j outside B, where the stream then is the first "
        "layer and L3 and L4 have the forms of PARALLEL, with the same masses. R1 to R3 and R7 choose among the "
        "neurons outside B too, so their D holds with m - p: on paper, no part of the claim.",
    ),
)


def effective_width(*, width: int, readers: int, neurons: int, statement: str = "T2") -> int:
    """What a route may use for m: m - rank of the readers (p in T2). Raises ValueError unless it exceeds l."""
    left = int(evaluate(m, {m: width})) - readers
    if readers < 0 or left <= neurons:
        raise ValueError(f"{statement} needs l < m - {readers}, got l = {neurons}, m = {width}")
    return left


def elimination() -> ProofResult:
    """T2: with V_j = c V_b, U_b + t c U_j and (1-t) U_j leave V U, all that the output sees of the block, as it is."""
    return prove_identity(
        "T2",
        V_i * (U_i + t * c * U_j) + (c * V_i) * (1 - t) * U_j,
        V_i * U_i + (c * V_i) * U_j,
        scope="one basis column V_i, one entry of U, all real t, c of either sign; V_j in the span is a sum of such",
    )


PROOFS: tuple[Callable[[], ProofResult], ...] = (elimination,)

ARGUMENTS = (part("T2", *identity(elimination), remains="several columns at once, the path, R4 with m - p"),)

FORMAL = (
    formal(
        "T2",
        "residual_connectivity.T2_connect T2_depth T2_connected T2_from_merge",
        "readers.T2_prune",
    ),
)

INSTANCES = (sampled("T2"), *constructed("T2", "exact.T2"))
