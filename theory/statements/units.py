"""U1 [ours]: what T7 and C7 use of a neuron is that it is a unit; so they hold for channels and for whole branches.

Coq has the statement for any units. The machine proves the draw's and the price's arithmetic here once more, for one
unit of any kind.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction

import z3
from sympy import Gt, Le, sqrt

from theory.algebra import prove_identity
from theory.arguments import formal, identity, part, sampled, smt
from theory.exact import Rational
from theory.proof import ProofResult
from theory.relations import Formula
from theory.smt import prove
from theory.statement import Kind, Provenance, Source, Statement
from theory.statements.one_slot import KNOWN_STEP
from theory.symbols import K, L, L_ref, a, b, depth, effect, t

STATEMENTS = (
    Statement(
        id="U1",
        title="Units",
        kind=Kind.UPPER_BOUND,
        sources=(Provenance(Source.KNOWN, KNOWN_STEP), Provenance(Source.OURS, "the rest")),
        claim="A unit is h = V phi(w), linear in V, phi any map whose inner weights w may move while V = 0; f = "
        "sum_{u <= m} h_u, squared error, kappa = 0; g* a sum of any number of units of that kind, K^2 >= (sum "
        "||h*_k||)^2 - ||g*||^2. If L - L* > 2 K ||h_u||, or L - sqrt(L L*) > K ||h_u||, then depth(theta) <= "
        "||h_u||^2, for any theta and u. So for neurons, for channels, and for the branches of f = sum_b U_b q_b(x), "
        "q_b deep, of one architecture, weights their own: there g* is the best sum of any number of such branches.",
        formulas=(
            Formula(Le(depth, effect**2), (Gt(L - L_ref, 2 * K * effect),), "any unit"),
            Formula(Le(depth, effect**2), (Gt(L - sqrt(L * L_ref), K * effect),), "any unit"),
        ),
        depends_on=("T7", "C7"),
        not_covered="Branches that share weights or read each other. A rate without a bound of the sum of the ||h_u||. "
        "T7B and T7F for units, whose proofs are the same.",
        note="With H = sum ||h_u|| the best unit has ||h_u|| <= H/m. Further terms that are linear in readout weights "
        "of their own may be added, as T7's branch is. In a chain the units of the last hidden layer are such, on the "
        "network's own features.",
    ),
)


def least_effect(squares: Sequence[Rational]) -> Fraction:
    """min ||h_u||^2, the depth that U1 allows above the threshold with it. Raises ValueError without a unit."""
    if not squares:
        raise ValueError("U1 needs a unit, got none")
    return min(Fraction(value) for value in squares)


def scaled_or_exact() -> ProofResult:
    """U1: along V -> (1-t) V the loss is L - 2 t g + t^2 h^2: where g = 0 emptying costs t^2 h^2."""
    return prove_identity(
        "U1",
        (a - t * b) ** 2,
        a**2 - 2 * t * (a * b) + t**2 * b**2,
        scope="one entry, all reals: a = f - y, b = h; inner products expand alike",
    )


def slope_lowers() -> ProofResult:
    """U1: where g != 0 some s has L - 2 s g + s^2 h^2 < L."""
    slope, square, step = z3.Reals("g h^2 s")
    return prove(
        "U1",
        -2 * step * slope + step * step * square < 0,
        assuming=(slope != 0, square >= 0, step * (square + 1) == slope),
        scope="all reals",
    )


def best_of_all() -> ProofResult:
    """U1: the least of m numbers is at most their sum over m."""
    least, total, many = z3.Reals("h H m")
    return prove(
        "U1",
        least * least * many * many <= total * total,
        assuming=(least >= 0, many >= 1, least * many <= total),
        scope="all reals; the hypothesis is the sum over all units",
    )


PROOFS: tuple[Callable[[], ProofResult], ...] = (scaled_or_exact, slope_lowers, best_of_all)

ARGUMENTS = (
    part(
        "U1",
        *identity(scaled_or_exact),
        *smt(slope_lowers, best_of_all),
        remains="the draw and the thresholds, which are T7's and C7's",
    ),
)

FORMAL = (
    formal(
        "U1",
        "units.U1_one_slot U1_threshold U1_effect U1_neurons U1_branches",
        "one_slot.T7_first_threshold",
    ),
)

INSTANCES = (sampled("U1"),)
