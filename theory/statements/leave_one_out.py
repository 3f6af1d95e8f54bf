"""R9 [ours]: one slot as an algorithm that needs no reference, and the exact prices of its two choices.

What leaving neurons out costs after a refit is read from the inverse of the Gram matrix (exactly, by FLINT); what a new
row gains is a quotient. The machine proves both for two neurons. Left to the note: the path, whose segments are R6's.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction

import flint
import z3
from sympy import Eq, Ge, Gt, Le, Lt, sqrt

from theory.algebra import prove_identity
from theory.arguments import formal, identity, part, sampled, smt
from theory.exact import Exact, Rational, upper_at
from theory.proof import ProofResult
from theory.relations import Formula
from theory.smt import prove
from theory.statement import Kind, Provenance, Source, Statement
from theory.symbols import (
    K,
    L,
    L_free,
    L_ref,
    V_i,
    V_j,
    a,
    b,
    c,
    corner,
    depth,
    gain,
    inverse,
)

PRICE = V_j**2 / inverse
"""||V_j||^2/[Gram^{-1}]_jj: what leaving neuron j out costs after the refit of the others."""

LEAST_GAIN = L_free * (sqrt(L_free) - sqrt(L_ref)) ** 2 / K**2
"""What the best new row gains at least, for every g* with L* <= L'."""

STATEMENTS = (
    Statement(
        id="R9",
        title="One slot by leaving out",
        kind=Kind.UPPER_BOUND,
        sources=(
            Provenance(Source.KNOWN, "leave-one-out by the inverse Gram matrix; greedy neurons by Frank and Wolfe"),
            Provenance(Source.OURS, "the path and its certificate"),
        ),
        claim="TWO-LAYER, and PARALLEL with U = 0 after the first line, squared error, kappa = 0. Readout line "
        "to an optimal V; readout line to the refit without J (V_J = 0); silent load of rows into J; readout line to "
        "a refit with them. The loss on the path is at most its largest corner, so if the last corner is below "
        "L(theta), depth(theta) <= largest corner - L(theta). With V optimal and Gram = E z z^T invertible leaving J "
        "out costs exactly tr(V_J ([Gram^{-1}]_JJ)^{-1} V_J^T), for one neuron ||V_j||^2/[Gram^{-1}]_jj <= "
        "||h_j||^2. The best readout of a new row w gains psi(w) = ||E[R [w.X]_+]||^2/E[w.X]_+^2, R = y - f', and if "
        "<R, f'> = 0, then sup_w psi(w) >= L' (sqrt L' - sqrt L*)^2/H*^2 for every two-layer g* with L* <= L' and "
        "H* > 0.",
        formulas=(
            Formula(Le(depth, corner - L), (Lt(L_ref, L),), "L_ref is the last corner's loss here"),
            Formula(Eq(L_free - L, PRICE), (), "V optimal, Lambda = 0, Gram invertible"),
            Formula(Ge(gain, LEAST_GAIN), (Le(L_ref, L_free), Gt(K, 0)), "the best new row, <R, f'> = 0, K >= H*"),
        ),
        depends_on=("T7", "C7", "L7", "L9"),
        not_covered="That the search finds a good row: psi is not concave, and a poor row makes the route fail, never "
        "lie. kappa > 0. A live branch that stays: its features join the refit, and the slot is emptied on a "
        "piecewise-linear segment whose breakpoints are corners too.",
        note="With an output bias Gram is that of (z, 1). Several neurons: one after the other, each with its refit.",
    ),
)


def leave_out_price(
    readout: Sequence[Sequence[Rational]], gram: Sequence[Sequence[Rational]], leaving: Sequence[int]
) -> Fraction:
    """tr(V_J ([Gram^{-1}]_JJ)^{-1} V_J^T), exactly: what leaving J = `leaving` out costs after the refit, V optimal.

    `readout` is V (p, m), `gram` E z z^T (m, m); with an output bias (p, m+1) and (m+1, m+1), the bias last. Raises
    ValueError for a singular Gram matrix, shapes that do not fit or a place that is no neuron.
    """
    size = len(gram)
    if any(len(row) != size for row in (*gram, *readout)):
        raise ValueError(f"R9: V and Gram must have {size} columns, got {sorted({len(r) for r in (*gram, *readout)})}")
    if not leaving or len(set(leaving)) != len(leaving) or not set(leaving) <= set(range(size)):
        raise ValueError(f"R9: J must be some of 0..{size - 1}, each once, got {list(leaving)}")
    try:
        whole = _matrix(gram).inv()
    except ZeroDivisionError:
        raise ValueError("R9: Gram is singular: a feature in the span of the others leaves at no cost") from None
    part_ = flint.fmpq_mat([[whole[i, j] for j in leaving] for i in leaving]).inv()
    total = flint.fmpq(0)
    for row in readout:
        out = _matrix([[row[j]] for j in leaving])
        total += (out.transpose() * part_ * out)[0, 0]
    return Fraction(int(total.p), int(total.q))


def row_gain(correlations: Sequence[Rational], square: Rational) -> Fraction:
    """psi(w) = ||E[R z]||^2/E z^2: `correlations` are E[R_o z] by output, `square` is E z^2. 0 for a silent row."""
    if square < 0 or (square == 0 and any(correlations)):
        raise ValueError(f"R9: E z^2 must be > 0 where z is seen, got {square}")
    return sum((Fraction(one) ** 2 for one in correlations), Fraction(0)) / square if square else Fraction(0)


def least_gain(*, free_loss: Rational, reference_loss: Rational, spread: Exact) -> Fraction:
    """A rational at most L' (sqrt L' - sqrt L*)^2/K^2, `spread` = K >= H*; needs L* <= L' and K > 0."""
    if reference_loss > free_loss:
        raise ValueError(f"R9 needs L* <= L', got {reference_loss} and {free_loss}")
    if spread == 0:
        raise ValueError("R9 needs H* > 0: with H* = 0 the reference is 0 on the data, and L* = L' or more")
    return -upper_at(-LEAST_GAIN, {L_free: free_loss, L_ref: reference_loss, K: spread})


def _matrix(rows: Sequence[Sequence[Rational]]) -> flint.fmpq_mat:
    fractions = [[Fraction(value) for value in row] for row in rows]
    return flint.fmpq_mat([[flint.fmpq(one.numerator, one.denominator) for one in row] for row in fractions])


def two_neurons() -> ProofResult:
    """R9: of two neurons with Gram ((a, b), (b, c)), refitting the first without the second costs V_j^2 (c - b^2/a)."""
    refit = V_i + V_j * b / a
    left = a * (V_i - refit) ** 2 + 2 * b * (V_i - refit) * V_j + c * V_j**2
    return prove_identity(
        "R9",
        left,
        V_j**2 / (a / (a * c - b**2)),
        scope="two neurons, one output, V optimal: the loss rises by the quadratic form of Gram at the change; a/(ac - "
        "b^2) is [Gram^{-1}]_jj",
    )


def refit_is_best() -> ProofResult:
    """R9: V_i + V_j b/a is the best readout of the first feature alone, and dropping without a refit costs c V_j^2."""
    first, second, gram_a, gram_b, gram_c, other = z3.Reals("V_i V_j a b c u")

    def cost(value: z3.ArithRef) -> z3.ArithRef:
        gap = first - value
        return gram_a * gap * gap + 2 * gram_b * gap * second + gram_c * second * second

    best = z3.Real("refit")
    return prove(
        "R9",
        z3.And(cost(best) <= cost(other), cost(first) == gram_c * second * second),
        assuming=(gram_a > 0, (best - first) * gram_a == second * gram_b),
        scope="two neurons, one output, all reals",
    )


def best_readout() -> ProofResult:
    """R9: a new feature z read by v gains 2 v E[R z] - v^2 E z^2, at most E[R z]^2/E z^2."""
    value, inner, square, most = z3.Reals("v E[Rz] E[z^2] psi")
    return prove(
        "R9",
        2 * value * inner - value * value * square <= most,
        assuming=(square > 0, most * square == inner * inner),
        scope="one output, all reals",
    )


def residual_meets_reference() -> ProofResult:
    """R9: <R, f'> = 0 gives 2 <R, g*> = L' - L* + ||f' - g*||^2 >= 2 sqrt L' (sqrt L' - sqrt L*)."""
    root, goal, far, inner = z3.Reals("sqrt(L') sqrt(L*) |f'-g*| <R,g*>")
    return prove(
        "R9",
        inner >= root * (root - goal),
        assuming=(
            root >= 0,
            goal >= 0,
            goal <= root,
            far >= root - goal,
            2 * inner == root * root - goal * goal + far * far,
        ),
        scope="all reals; the distance is at least sqrt L' - sqrt L* by the triangle inequality",
    )


def one_of_the_neurons() -> ProofResult:
    """R9: some neuron of g* has at least the average of <R, h_k>/||h_k||, weighted by the norms: <R, g*>/H*."""
    first, second, weight, other = z3.Reals("<R,h_i> <R,h_j> |h_i| |h_j|")
    return prove(
        "R9",
        z3.Or(
            first * (weight + other) >= weight * (first + second), second * (weight + other) >= other * (first + second)
        ),
        scope="two neurons of g* for any number, all reals, cleared of the norms",
    )


PROOFS: tuple[Callable[[], ProofResult], ...] = (
    two_neurons,
    refit_is_best,
    best_readout,
    residual_meets_reference,
    one_of_the_neurons,
)

ARGUMENTS = (
    part(
        "R9",
        *identity(two_neurons),
        *smt(refit_is_best, best_readout, residual_meets_reference, one_of_the_neurons),
        remains="two neurons for any number (block inverses), one output for p, that the segments form the path",
    ),
)

FORMAL = (
    formal(
        "R9",
        "leave_out.R9_refit C7_refit",
        "refit_rows.R9_path R9_block R9_gain R9_least",
    ),
)

INSTANCES = (sampled("R9"),)
