"""R5 [known]: on finite data, features that are combinations of others can be freed at no cost.

The machine proves the elimination of one neuron. Left to the note: one after another, and column bases.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction

import flint
from sympy import Eq, Ge

from theory.algebra import prove_identity
from theory.arguments import formal, identity, part, sampled
from theory.exact import Rational, rational
from theory.proof import ProofResult
from theory.relations import SMALLER, Formula
from theory.statement import Kind, Provenance, Source, Statement
from theory.statements.merging import require_sizes
from theory.symbols import D, V_i, V_j, c, l_, m, rank, t, z_i

STATEMENTS = (
    Statement(
        id="R5",
        title="Rank",
        kind=Kind.UPPER_BOUND,
        sources=(
            Provenance(Source.KNOWN, "elimination of dependent features on finite data; the proof is written here"),
        ),
        claim="TWO-LAYER and PARALLEL, N points, kappa = 0. If the feature matrix z_j(x_k) has rank r, all neurons but "
        "a column basis of r can be freed along exact segments on which f is constant on the data; so D = 0 once m "
        "- r >= l, in particular once m >= N + l.",
        formulas=(Formula(Eq(D, 0), (SMALLER, Ge(m - rank, l_))),),
        depends_on=("L9",),
        not_covered="f off the data. kappa > 0: the mass can rise. RESIDUAL and STREAM, whose blocks write the stream.",
        note="V_b + t c_b V_j, (1-t) V_j and A alike, z_j = sum_b c_b z_b on the data. f is kept at points of "
        "weight 0 too; left out, N counts the others, f may move there, and no loss sees it.",
    ),
)


def feature_rank(features: Sequence[Sequence[Rational]]) -> int:
    """Rank of a rational matrix of features, (N, m), exactly."""
    rows = [[rational(value, "feature") for value in row] for row in features]
    if not rows or not rows[0] or len({len(row) for row in rows}) != 1:
        raise ValueError("R5 needs a feature matrix with at least one row and column, rows of one length")
    entries = [flint.fmpq(x.numerator, x.denominator) for row in rows for x in row]
    return int(flint.fmpq_mat(len(rows), len(rows[0]), entries).rank())


def deviation(*, width: int, rank: int, neurons: int) -> Fraction:
    """R5's D: 0. Raises ValueError unless m - rank >= l; `rank` is the feature matrix's, or N, or any bound of it."""
    require_sizes("R5", width, neurons)
    if rank < 0 or width - rank < neurons:
        raise ValueError(f"R5 needs m - rank >= l, got m = {width}, rank = {rank}, l = {neurons}")
    return Fraction(0)


def elimination() -> ProofResult:
    """R5: V_b + t c V_j on the basis, (1-t) V_j: the linear form stays where z_j = c z_b (sums of such terms alike)."""
    return prove_identity(
        "R5",
        (V_i + t * c * V_j) * z_i + (1 - t) * V_j * (c * z_i),
        V_i * z_i + V_j * (c * z_i),
        scope="one basis feature, one entry of V or A, one point, all real t and c of either sign",
    )


PROOFS: tuple[Callable[[], ProofResult], ...] = (elimination,)

ARGUMENTS = (part("R5", *identity(elimination), remains="column bases, one neuron after another"),)

FORMAL = (formal("R5", "rank.R5_rank R5_basis"),)

INSTANCES = (sampled("R5"),)
