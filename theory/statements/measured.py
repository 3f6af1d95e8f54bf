"""RM [ours]: this network's own deviation for the J found, by exact quadratic forms on the data."""

from collections.abc import Callable, Sequence
from fractions import Fraction

import z3
from sympy import Le, sqrt

from theory.arguments import formal, identity, part, sampled, smt
from theory.exact import Rational, evaluate_rational, number, rational, upper
from theory.proof import ProofResult
from theory.relations import UNIT_TIME, Formula
from theory.smt import prove
from theory.statement import Kind, Provenance, Source, Statement
from theory.statements.perturb import one_segment
from theory.symbols import Lambda, branch_change, change, readout_change, t

STATEMENTS = (
    Statement(
        id="RM",
        title="Measured deviation",
        kind=Kind.UPPER_BOUND,
        sources=(Provenance(Source.OURS, "all of it"),),
        claim="PARALLEL, a segment on which V and A alone move, by B_V and B_A: with K = E[z z^T], "
        "||f_t - f_0|| <= t D, D = sqrt(tr(B_V K B_V^T)) + Lambda sqrt(tr(B_A K B_A^T)); and D <= D(J) where it is "
        "L3's one-segment form, merging j in J into multiples c_j of i(j).",
        formulas=(Formula(Le(change, t * (readout_change + Lambda * branch_change)), UNIT_TIME),),
        depends_on=("L3",),
        not_covered="Another J or other data. That this J is the best. A rate: D belongs to one network.",
        note="The first term is exact: with Lambda = 0, ||f_t - f_0|| = t D.",
    ),
)

Matrix = Sequence[Sequence[Rational]]


def squared_norm(change: Matrix, gram: Matrix) -> Fraction:
    """tr(B K B^T) = E ||B z||^2 exactly; B is (rows, m), K (m, m) symmetric."""
    K = [[rational(x, "K") for x in row] for row in gram]
    total = Fraction(0)
    for line in change:
        b = [rational(x, "B") for x in line]
        total += sum(
            (x * y * z for x, row in zip(b, K, strict=True) for y, z in zip(row, b, strict=True) if x), Fraction(0)
        )
    if total < 0:
        raise ValueError(f"RM: K is no second moment, a change has squared norm {total}")
    return total


def deviation(
    *, readout_change: Matrix, gram: Matrix, branch_change: Matrix | None = None, slope: Rational = 0
) -> Fraction:
    """A rational at least D; `slope` is an upper bound of Lambda, `branch_change` is B_A and needed if it is not 0."""
    through = evaluate_rational(Lambda, {Lambda: slope})
    result = upper(sqrt(number(squared_norm(readout_change, gram), "square")))
    if not through:
        return result
    if branch_change is None:
        raise ValueError(f"RM: Lambda = {slope} is not 0, so the change of A is needed")
    return result + through * upper(sqrt(number(squared_norm(branch_change, gram), "square")))


def branch_adds() -> ProofResult:
    """RM: by the triangle inequality the change of f is at most that of V z plus Lambda times that of A z."""
    total, readout, branch, slope, inner = z3.Reals("df dVz dAz Lambda dq")
    return prove(
        "RM",
        total <= readout + slope * inner,
        assuming=(total <= readout + branch, branch <= slope * inner, slope >= 0, inner >= 0),
        scope="norms, all reals; the hypotheses are the triangle inequality and Lambda's meaning",
    )


PROOFS: tuple[Callable[[], ProofResult], ...] = (branch_adds,)

ARGUMENTS = (
    part(
        "RM",
        *identity(one_segment),
        *smt(branch_adds),
        remains="that the quadratic forms are the squared norms in L2(P); D <= D(J), by L2 feature by feature",
    ),
)

FORMAL = (formal("RM", "measured.RM_measured RM_exact RM_merge"),)

INSTANCES = (sampled("RM"),)
