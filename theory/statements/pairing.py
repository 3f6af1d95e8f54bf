"""R7 [ours]: the 2l lightest neurons in pairs, one of each dies, and random signs made greedy keep D small.

The machine proves the scalar parts: the mass stays, the balanced choice, the sum. Left to the note: L2(P) norms
and the branch's share, which costs the factor sqrt 2.
"""

from collections.abc import Callable
from fractions import Fraction

import z3
from sympy import Expr, Ge, Integer, Le, sqrt

from theory import symbols
from theory.algebra import prove_equal, prove_identity
from theory.arguments import formal, identity, part, sampled, smt
from theory.exact import Exact, Rational, evaluate, upper
from theory.proof import ProofResult
from theory.relations import Formula
from theory.smt import prove
from theory.statement import Kind, Provenance, Source, Statement
from theory.symbols import D, S, a, b, c, l_, m, s_i, s_j

R7 = 2 * c * symbols.sigma * S * sqrt(l_) / (m - 2 * l_ + 1)
"""The bound; c is 1 if Lambda = 0, else sqrt 2, with K blocks sqrt(1+K)."""


STATEMENTS = (
    Statement(
        id="R7",
        title="Pairing",
        kind=Kind.UPPER_BOUND,
        sources=(Provenance(Source.OURS, "all of it"),),
        claim="2l <= m, any d. Take the 2l lightest neurons in pairs (j, i); scale the outgoing weights of j by 1 + "
        "e/s_j and of i by 1 - e/s_i with e in {-s_j, +s_i}, chosen greedily (a neuron of mass 0 is dropped "
        "instead). One of each pair dies, S is constant, and D <= 2 c sigma S sqrt(l)/(m-2l+1), c = 1 if Lambda = "
        "0, else sqrt 2.",
        formulas=(Formula(Le(D, R7), (Le(2 * l_, m), Ge(c, 1))),),
        depends_on=("L2", "L3", "L6"),
        not_covered="A value uniform over parameters: S depends on theta, so a rate holds under bounded S only. Widths "
        "m < 2l. Whether the bound is informative (R0).",
        note="In RESIDUAL and STREAM scale the rows w_j, w_i instead, which does the same to z, and with K blocks of "
        "Lambda_k > 0, c = sqrt(1+K). The l dead neurons are the J of T1.",
    ),
)


def bound(*, sigma: Exact, mass: Exact, width: int, neurons: int, silent_branch: bool, blocks: int = 1) -> Expr:
    """R7's closed form, an exact number; `silent_branch` says that Lambda = 0, `blocks` how many have Lambda_k > 0.

    With `g` the change that [V; Lambda_1 A_1; ...; Lambda_K A_K] read, the output's is at most the sum of the norms
    of its 1 + K parts, so at most sqrt(1+K) ||g||. Raises ValueError unless 2l <= m, or for less than one block.
    """
    if width < 2 * neurons:
        raise ValueError(f"R7 needs 2l <= m, got l = {neurons}, m = {width}")
    if blocks < 1:
        raise ValueError(f"blocks must be >= 1, got {blocks}: say silent_branch where there is none")
    factor = Integer(1) if silent_branch else sqrt(1 + blocks)
    return evaluate(R7, {symbols.sigma: sigma, S: mass, m: width, l_: neurons, c: factor})


def deviation(
    *, sigma: Rational, mass: Rational, width: int, neurons: int, silent_branch: bool, blocks: int = 1
) -> Fraction:
    """A rational at least D for R7, from upper bounds of sigma and S."""
    sizes = {"width": width, "neurons": neurons, "blocks": blocks}
    return upper(bound(sigma=sigma, mass=mass, silent_branch=silent_branch, **sizes))


def mass_stays() -> ProofResult:
    """R7: s_j (1 + e/s_j) + s_i (1 - e/s_i) = s_j + s_i, e = a."""
    return prove_identity(
        "R7", s_j * (1 + a / s_j) + s_i * (1 - a / s_i), s_j + s_i, scope="all masses > 0, all real e = a"
    )


def one_dies() -> ProofResult:
    """R7: at e = -s_j the factor of j is 0, at e = +s_i that of i, and no factor is negative."""
    first, second, change = z3.Reals("s_j s_i e")
    by_j, by_i = 1 + change / first, 1 - change / second
    return prove(
        "R7",
        z3.And(by_j >= 0, by_i >= 0, by_j * by_i == 0),
        assuming=(first > 0, second > 0, z3.Or(change == -first, change == second)),
        scope="all masses > 0: factors of outgoing weights stay >= 0, so s_j scales with them",
    )


def balanced_choice() -> ProofResult:
    """R7: with weights s_i and s_j the two choices of e average (a + e b)^2 to a^2 + s_i s_j b^2."""
    return prove_identity(
        "R7",
        (s_i * (a - s_j * b) ** 2 + s_j * (a + s_i * b) ** 2) / (s_i + s_j),
        a**2 + s_i * s_j * b**2,
        scope="scalars for vectors (inner products expand alike), a the sum so far, b the pair's change per e: the "
        "better choice is at most the average",
    )


def better_than_average() -> ProofResult:
    """R7: the lesser of two numbers is at most any weighted average of them."""
    x, y, weight, other, average = z3.Reals("x y s_i s_j mean")
    return prove(
        "R7",
        z3.If(x <= y, x, y) <= average,
        assuming=(weight > 0, other > 0, average * (weight + other) == weight * x + other * y),
        scope="all reals, weights > 0",
    )


def light_neurons() -> ProofResult:
    """R7: the heaviest of the 2l lightest weighs at most S/(m-2l+1), as m - 2l + 1 neurons weigh that or more."""
    level, heavier, lighter, few, many = z3.Reals("s_2l S_heavier S_lighter l m")
    return prove(
        "R7",
        level * (many - 2 * few + 1) <= lighter + heavier,
        assuming=(level >= 0, few >= 1, many >= 2 * few, lighter >= 0, heavier >= (many - 2 * few + 1) * level),
        scope="all reals; S is the mass of the 2l - 1 lightest and of the others, the heaviest m - 2l + 1",
    )


def pairs_add() -> ProofResult:
    """R7: l pairs of at most (2 c sigma)^2 s^2 each, s = S/(m-2l+1), add up to the bound squared."""
    return prove_equal(
        "R7",
        l_ * (2 * c * symbols.sigma * S / (m - 2 * l_ + 1)) ** 2,
        R7**2,
        scope="all sizes; s_i s_j <= s^2, and ||b|| <= 2 sigma for unit masses by L2",
    )


PROOFS: tuple[Callable[[], ProofResult], ...] = (
    mass_stays,
    one_dies,
    balanced_choice,
    better_than_average,
    light_neurons,
    pairs_add,
)

ARGUMENTS = (
    part(
        "R7",
        *identity(mass_stays, balanced_choice, pairs_add),
        *smt(one_dies, better_than_average, light_neurons),
        remains="L2(P) norms for scalars, the branch's share (the factor sqrt 2), the induction over the pairs",
    ),
)

FORMAL = (
    formal(
        "R7",
        "pairing.R7_pairing R7_connect greedy_factors",
        "pairing_streams.R7_stream R7_residual",
    ),
)

INSTANCES = (sampled("R7"),)
