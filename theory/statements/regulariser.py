"""L10 [ours]: the mass does not grow along the moves of T1, so T1 holds for F = L + kappa S.

The machine proves the arithmetic of the mass. Left to the note: triangle inequalities of norms, and that the
product V U is constant along L4 (`transfer.stream_product`).
"""

from collections.abc import Callable, Sequence
from fractions import Fraction

import z3
from sympy import Expr, Le, sqrt

from theory.arguments import constructed, formal, part, sampled, smt
from theory.exact import Rational, number, rational
from theory.proof import ProofResult
from theory.relations import UNIT_TIME, Formula
from theory.smt import prove
from theory.statement import Kind, Provenance, Source, Statement
from theory.symbols import S, S_t

STATEMENTS = (
    Statement(
        id="L10",
        title="The mass does not grow",
        kind=Kind.UPPER_BOUND,
        sources=(Provenance(Source.OURS, "all of it"),),
        claim="PARALLEL and, with ||V U|| in Lambda, RESIDUAL and STREAM: S(t) <= S(0) along L3 (c_j the "
        "projection or 0) and along L4; S is linear along T1's readout line. So T1 holds with F in place of L, "
        "and S <= F/kappa makes its deviation depend on kappa, the level and P only.",
        formulas=(Formula(Le(S_t, S), UNIT_TIME),),
        depends_on=("L3", "L4", "L7", "L8", "L9", "T1"),
        not_covered="R5: elimination can raise the mass, so T4 is for kappa = 0. RESIDUAL with ||V|| ||U|| in Lambda: "
        "false, S rises from 7 + 6 sqrt 65 to 7 + 15 sqrt 41 in known answer 7.",
        note="Along L3 other weights stay, so s_j shrinks with ||w_j(t)||.",
    ),
)

Matrix = Sequence[Sequence[Rational]]


def residual_mass(
    rows: Sequence[Rational], V: Sequence[Rational], A: Sequence[Rational], U: Sequence[Rational], *, product: bool
) -> Expr:
    """S of a RESIDUAL network with n = p = 1 and one branch unit, Lip(q) = 1, exactly.

    `rows` are w_j, V_j, A_j, U_j one entry each. `product`: Lambda = |V U|, the right one; else ||V|| ||U||.
    """
    w, v, a, u = ([rational(x, name) for x in given] for given, name in ((rows, "w"), (V, "V"), (A, "A"), (U, "U")))
    through = abs(sum((x * y for x, y in zip(v, u, strict=True)), Fraction(0)))
    squares = [sum((x * x for x in vector), Fraction(0)) for vector in (v, u)]
    slope = number(through, "Lambda") if product else sqrt(number(squares[0] * squares[1], "Lambda^2"))
    return sum(
        (
            number(abs(x) * abs(y), "w V") + number(abs(x) * abs(z), "w A") * slope
            for x, y, z in zip(w, v, a, strict=True)
        ),
        number(0, "zero"),
    )


def shrinking_row() -> ProofResult:
    """L10 along L3: the row (1-t) w_j + t c w_i has at most the norm of w_j when c w_i is its projection."""
    row, projected, time = z3.Reals("w_j P t")
    return prove(
        "L10",
        (1 - time) * row + time * projected <= row,
        assuming=(time >= 0, time <= 1, projected >= 0, projected <= row),
        scope="norms, all reals >= 0; P = ||c w_i|| <= ||w_j|| as a projection, and the triangle inequality before",
    )


def handing_over() -> ProofResult:
    """L10 along L4: ||w_i|| (||V_i|| + t c ||V_j||) + (1-t) c ||w_i|| ||V_j|| is s_i + s_j, so S is at most that."""
    row, own, other, multiple, time, sum_ = z3.Reals("w_i r_i r_j c t r")
    return prove(
        "L10",
        row * sum_ + (1 - time) * multiple * row * other <= row * own + multiple * row * other,
        assuming=(
            *(value >= 0 for value in (row, own, other, multiple)),
            time >= 0,
            time <= 1,
            sum_ <= own + time * multiple * other,
        ),
        scope="r = ||V|| + Lambda ||A|| of a neuron's outgoing weights, a norm; Lambda does not grow; all reals >= 0",
    )


def readout_line() -> ProofResult:
    """L10 on T1's readout line: off J a mass is (1-t) ||w|| ||V|| + (1-t) Lambda ||w|| ||A||: linear in t."""
    row, readout, branch, slope, time = z3.Reals("w V A Lambda t")
    return prove(
        "L10",
        row * ((1 - time) * readout + ((1 - time) * slope) * branch)
        == (1 - time) * (row * (readout + slope * branch)) + time * 0,
        assuming=(time >= 0, time <= 1),
        scope="PARALLEL, one neuron off J, norms; on J it is t ||w*|| ||V*||, as A is 0 there",
    )


PROOFS: tuple[Callable[[], ProofResult], ...] = (shrinking_row, handing_over, readout_line)

ARGUMENTS = (
    part(
        "L10",
        *smt(shrinking_row, handing_over, readout_line),
        remains="norms by the triangle inequality, summing over neurons",
    ),
)

FORMAL = (
    formal(
        "L10",
        "regulariser.L10_merge L10_transfer L10_load L10_readout",
        "residual.L10_rebase rebase_product",
        "stream_mass.L10_stream_merge L10_stream_projection L10_stream_rebase L10_stream_readout",
        "stream_mass.L10_residual_merge L10_residual_rebase L10_residual_readout L10_linear",
        "regularised.T1_regularised C2F_rate",
    ),
)

INSTANCES = (sampled("L10"), *constructed("L10", "case.7"))
