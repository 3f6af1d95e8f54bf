"""L5 [ours]: how many directions of R^{d+1} can be pairwise more than an angle apart.

The machine proves the two facts behind kappa_d: the lower bound of a cap's measure (its derivative in the
radius) and kappa_d < 1. Left to the note: that the measure of a cap is the stated integral, and the packing
argument (closed caps of half the angle around such directions are disjoint).
"""

import math
from collections.abc import Callable
from fractions import Fraction

import flint
import sympy
import z3
from sympy import Expr, Ge, Gt, Le, cos, floor, gamma, pi, sin, sqrt

from theory.algebra import prove_equal
from theory.arguments import constructed, enclosed, identity, instances, part, sampled, smt
from theory.exact import BALL_BITS, Exact, ball, evaluate, number, strictly_below
from theory.proof import Method, ProofResult, Reach, Verdict
from theory.relations import Formula
from theory.smt import prove
from theory.statement import Kind, Provenance, Source, Statement
from theory.symbols import cap, count, d, rho

KAPPA = gamma((d + 1) / 2) / (d * sqrt(pi) * gamma(d / 2))
"""kappa_d for d >= 1: 1/pi, 1/4, 2/(3 pi), 3/16, ..."""


STATEMENTS = (
    Statement(
        id="L5",
        title="Packing of directions",
        kind=Kind.UPPER_BOUND,
        sources=(Provenance(Source.OURS, "all of it, with the constant; packing by caps is a standard argument"),),
        claim="Let d >= 1 and 0 < rho <= pi/2. A cap of angular radius rho on S^d has measure mu_d(rho) = (1/2) "
        "I_{sin^2 rho}(d/2, 1/2) > kappa_d sin^d rho, kappa_d = Gamma((d+1)/2)/(d sqrt(pi) Gamma(d/2)). For 0 < phi "
        "<= pi at most N_d(phi) = floor(1/mu_d(phi/2)) directions are pairwise more than phi apart, so all but "
        "N_d(phi) of m directions lie within phi of one of a greedy choice of at most N_d(phi) centres.",
        formulas=(
            Formula(Gt(cap, KAPPA * sin(rho) ** d), (Ge(d, 1), Le(rho, pi / 2))),
            Formula(Le(count, floor(1 / cap)), (Ge(d, 1),), "directions pairwise more than 2 rho apart"),
        ),
        depends_on=(),
        not_covered="That N_d(phi) is attained. Rows that are zero have no direction: they go into J first, at no "
        "cost. d = 0 has two directions and no angle below pi between them.",
        note="1/mu_d can be an integer or just above one, and a float floor one too small, which is unsound: here the "
        "floor is taken of the upper end of a ball, so it is never too small. Where 1/mu_d is exactly an integer the "
        "number could even be lowered by one: disjoint closed caps cannot fill a connected sphere.",
    ),
)


def kappa_d(dimension: int) -> Expr:
    """kappa_d exactly, a rational number or one divided by pi. Raises ValueError unless `dimension` >= 1."""
    if dimension == 0:
        raise ValueError("kappa_d is defined for d >= 1; for d = 0 merging equal signs is exact")
    return evaluate(KAPPA, {d: dimension})


def cap_measure(dimension: int, radius: Exact, bits: int = 128) -> flint.arb:
    """mu_d(rho), an enclosure computed at `bits`; d >= 0, 0 < rho <= pi/2, exact numbers.

    For d = 0 a cap is one of the two directions: 1/2.
    """
    evaluate(d, {d: dimension})
    angle = number(radius, "rho")
    if not strictly_below(0, angle) or strictly_below(pi / 2, angle):
        raise ValueError(f"a cap needs 0 < rho <= pi/2, got {radius}")
    with flint.ctx.workprec(bits):
        if dimension == 0 or angle == pi / 2:
            return flint.arb(1) / 2
        argument = ball(angle).sin() ** 2
        half = flint.arb(1) / 2
        return argument.beta_lower(flint.arb(dimension) / 2, half, regularized=True) / 2


def packing_number(dimension: int, angle: Exact) -> int:
    """N_d(phi), never too small: d >= 0, 0 < phi <= pi, an exact angle.

    It is the floor of the upper end of a ball around 1/mu_d(phi/2), narrowed until both ends agree; where 1/mu
    is an integer they never do, and the integer itself is returned. Raises ArithmeticError if no finite ball
    is found.
    """
    largest: int | None = None
    for bits in BALL_BITS:
        with flint.ctx.workprec(bits):
            inverse = 1 / cap_measure(dimension, number(angle, "phi") / 2, bits)
            if not inverse.is_finite():
                continue
            least, most = (_floor(end) for end in (inverse.lower(), inverse.upper()))
        largest = most if largest is None else min(largest, most)
        if least == most:
            return most
    if largest is None:
        raise ArithmeticError(f"no enclosure of 1/mu_{dimension}({angle}/2) at {BALL_BITS[-1]} bits")
    return largest


def _floor(point: flint.arb) -> int:
    exact = point.fmpq()
    return math.floor(Fraction(int(exact.p), int(exact.q)))


def measure_derivative() -> ProofResult:
    """L5: kappa_d sin^d rho has derivative d kappa_d sin^{d-1} rho cos rho; that of mu_d is without the cosine."""
    density = d * KAPPA * sin(rho) ** (d - 1)
    return prove_equal(
        "L5",
        sympy.diff(KAPPA * sin(rho) ** d, rho),
        density * cos(rho),
        scope="all d >= 1 and rho, by sympy's rewriting; that mu_d has derivative d kappa_d sin^{d-1} rho, the "
        "density of the polar angle, is the note's",
    )


def cosine_loses() -> ProofResult:
    """L5: mu_d grows faster than kappa_d sin^d: the difference of derivatives is density times (1 - cos) > 0."""
    density, cosine = z3.Reals("density cosine")
    return prove(
        "L5",
        density - density * cosine > 0,
        assuming=(density > 0, cosine >= 0, cosine < 1),
        scope="0 < rho <= pi/2, where 0 <= cos < 1; both sides are 0 at rho = 0",
    )


def kappa_ratio() -> ProofResult:
    """L5: kappa_{d+2} = kappa_d (d+1)/(d+2)."""
    return prove_equal(
        "L5",
        KAPPA.subs(d, d + 2) / KAPPA,
        (d + 1) / (d + 2),
        scope="all d >= 1, by sympy's rewriting of Gamma",
    )


def kappa_below_one() -> ProofResult:
    """L5: with the ratio, kappa_d < 1 passes from d to d + 2 (it holds at d = 1, 2: 1/pi and 1/4)."""
    value, next_value, size = z3.Reals("kappa_d kappa_{d+2} d")
    return prove(
        "L5",
        z3.And(next_value > 0, next_value < 1),
        assuming=(size >= 1, value > 0, value < 1, next_value * (size + 2) == value * (size + 1)),
        scope="the step of the induction, all real d >= 1; the induction is the note's, its start is exact",
    )


def kappa_starts() -> ProofResult:
    """L5: the start of that induction: 0 < kappa_1, kappa_2 < 1."""
    held = all(strictly_below(0, kappa_d(size)) and strictly_below(kappa_d(size), 1) for size in (1, 2))
    verdict = Verdict.PROVED if held else Verdict.UNDECIDED
    return ProofResult("L5", "0 < kappa_d < 1", "d = 1, 2", verdict, method=Method.BALL, reach=Reach.START)


def caps_of_a_radian() -> ProofResult:
    """L5: mu_d(1) > kappa_d sin^d 1 in balls, dimension by dimension."""
    with flint.ctx.workprec(BALL_BITS[1]):
        sine = flint.arb(1).sin()
        held = all(cap_measure(size, 1, BALL_BITS[1]) > ball(kappa_d(size)) * sine**size for size in range(1, 101))
    verdict = Verdict.PROVED if held else Verdict.UNDECIDED
    return ProofResult("L5", "mu_d(1) > kappa_d sin(1)^d", "d = 1..100, rho = 1", verdict, method=Method.BALL)


PROOFS: tuple[Callable[[], ProofResult], ...] = (
    measure_derivative,
    cosine_loses,
    kappa_ratio,
    kappa_below_one,
    kappa_starts,
    caps_of_a_radian,
)

ARGUMENTS = (
    part(
        "L5",
        *identity(measure_derivative, kappa_ratio),
        *smt(cosine_loses, kappa_below_one),
        *enclosed(kappa_starts, over="d = 1, 2", reach=Reach.START),
        remains="that a cap has the stated measure, disjoint caps of half the angle, the induction for kappa_d < 1",
    ),
    instances("L5", *enclosed(caps_of_a_radian, over="d = 1..100", reach=Reach.GIVEN)),
)

INSTANCES = (sampled("L5"), *constructed("L5", "case.8"))
