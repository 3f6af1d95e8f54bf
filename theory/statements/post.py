"""T1P [ours]: T1 for residual networks with a rectifier after each sum, whose slots carry g* through every rectifier.

D_P(J) is measured on the present network, by its recursion. The machine proves that recursion's step and that reading
off neurons one by one costs no less than together.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction

import z3
from sympy import Le

from theory.arguments import constructed, formal, sampled, smt, step
from theory.exact import Rational, rational
from theory.proof import ProofResult
from theory.relations import SMALLER, Formula
from theory.smt import prove
from theory.statement import Chapter, Kind, Provenance, Source, Statement
from theory.statements.connectivity import T1_LEVEL
from theory.symbols import L_t

STATEMENTS = (
    Statement(
        id="T1P",
        title="Rectifiers after the sums",
        kind=Kind.EXISTENCE,
        sources=(Provenance(Source.OURS, "all of it; the class is the ResNet as first published"),),
        claim="POST: z_0 = [W x]_+, z_k = [z_{k-1} + U_k q_k(A_k z_{k-1})]_+, f = V z_K, squared error, kappa = 0. For "
        "any theta, any J with |J| = l and any two-layer g* with l neurons a path leads to g* on J with sqrt L <= "
        "max(sqrt L(theta) + D_P(J), sqrt L(g*)), D_P(J) = ||V_J z_{K,J}|| + ||V|| sum_k u_k prod_{h>k} (1 + u_h "
        "||A_h||) ||A_{k,J} z_{k-1,J}||, u_k = ||U_k|| Lip(q_k), norms of the present functions.",
        formulas=(Formula(Le(L_t, T1_LEVEL), (SMALLER,), "D is D_P(J) here"),),
        chapter=Chapter.FURTHER,
        depends_on=("L7", "L8", "L9"),
        not_covered="A closed form of weights alone for D_P. Projection shortcuts, normalisation layers.",
        note="l <= m suffices. A G-Lipschitz loss has G D_P for D_P. No basis and no p is lost (T2, T3): C1 and C2 "
        "follow as from T1, with sum_j D_P({j}) in the place of sigma S, and T7's threshold with D = D_P({j}).",
    ),
)


def deviation(
    *,
    read_off: Sequence[Rational],
    gains: Sequence[Rational],
    readings: Sequence[Rational],
    readout: Rational,
    readout_off: Rational,
) -> Fraction:
    """D_P(J), exactly, from upper bounds, block by block: `read_off` ||A_{k,J} z_{k-1,J}||, `gains` u_k, `readings`
    ||A_k||; `readout` is ||V||, `readout_off` ||V_J z_{K,J}||. Raises ValueError unless blocks agree in number.
    """
    if not len(read_off) == len(gains) == len(readings):
        raise ValueError(f"T1P: {len(read_off)} readings off, {len(gains)} gains, {len(readings)} norms of A_k")
    change = Fraction(0)
    for off, gain, norm in zip(read_off, gains, readings, strict=True):
        change = (1 + Fraction(gain) * norm) * change + Fraction(gain) * off
    return rational(readout_off, "readout off") + Fraction(readout) * change


def one_block() -> ProofResult:
    """T1P: what a block adds: d' <= d + u (a d + t r) and d <= t D give d' <= t ((1 + u a) D + u r)."""
    before, gain, norm, time, off, bound, after = z3.Reals("d u a t r D d'")
    return prove(
        "T1P",
        after <= time * ((1 + gain * norm) * bound + gain * off),
        assuming=(gain >= 0, norm >= 0, after <= before + gain * (norm * before + time * off), before <= time * bound),
        scope="all reals; d, d' the changes of z_{k-1} and z_k",
    )


def together() -> ProofResult:
    """T1P: norms of sums are at most sums of norms, so D_P(J) <= sum_J D_P({j}); one block's step, two neurons."""
    gain, norm, first, second, off, one, two, both = z3.Reals("u a D_1 D_2 r r_1 r_2 D")
    return prove(
        "T1P",
        (1 + gain * norm) * both + gain * off
        <= ((1 + gain * norm) * first + gain * one) + ((1 + gain * norm) * second + gain * two),
        assuming=(gain >= 0, norm >= 0, off <= one + two, both <= first + second),
        scope="all reals",
    )


PROOFS: tuple[Callable[[], ProofResult], ...] = (one_block, together)

ARGUMENTS = (step("T1P", *smt(one_block, together), remains="Lipschitz maps and norms of functions, the path"),)

FORMAL = (formal("T1P", "post.T1P_deviation T1P_connect", "post_one_slot.T1P_one_slot"),)

INSTANCES = (sampled("T1P"), *constructed("T1P", "case.26"))
