"""T10K [ours]: valleys of the regularised objective that no branch removes.

The mass of a neuron is at least the norm of the plane that it shows, so each cluster pays `l_j(u) + kappa ||u||` at
least; and what a plane pays that vanishes at a point has T10's closed form, at the minimiser of that sum. The evaluator
decides the hypotheses in rationals: that a plane is the minimiser says that some vector has length 1.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import z3
from sympy import Ge

from theory.arguments import formal, part, sampled, smt
from theory.exact import Rational
from theory.proof import ProofResult
from theory.relations import Formula
from theory.smt import prove
from theory.statement import Chapter, Kind, Provenance, Source, Statement
from theory.statements.clusters import Vector, inverse_gram, owners, plane_price
from theory.symbols import depth, price

STATEMENTS = (
    Statement(
        id="T10K",
        title="Valleys of the regularised objective",
        kind=Kind.LOWER_BOUND,
        sources=(Provenance(Source.OURS, "all of it"),),
        claim="F = L + kappa S, kappa > 0, PARALLEL or TWO-LAYER, data and signs as in T10, q positively homogeneous "
        "(no biases), U = 0 at theta and V_j w_j = u^_j, the minimiser of l_j(u) + kappa ||u||. Then the depth of "
        "theta for F is at least the least (u^_j.x)^2/(x^T G_j^{-1} x) over all j and all data points x, which is "
        "positive unless some u^_j is 0.",
        formulas=(Formula(Ge(depth, price), (), "price is that least value, depth that of F"),),
        chapter=Chapter.FURTHER,
        depends_on=("T10",),
        not_covered="U not 0 at theta, where the masses exceed the planes' norms. RESIDUAL (the same proof, on paper). "
        "Where some u^_j = 0, as for large kappa: the bound is 0 then. An upper bound.",
        note="The exact price of leaving the pattern is the least of inf_{u.x = 0} (l_j(u) + kappa ||u||) minus the "
        "least l_j(u) + kappa ||u||, which is no smaller. So bounded masses remove no valley.",
    ),
)


@dataclass(frozen=True)
class Penalised:
    """T10K's least price, and whose plane must vanish at which point."""

    price: Fraction
    neuron: int
    point: int


def penalised_depth(
    rows: Sequence[Vector],
    readouts: Vector,
    points: Sequence[Vector],
    targets: Vector,
    kappa: Rational,
    weights: Vector | None = None,
) -> Penalised:
    """T10K for one network with U = 0 and data, exactly: `rows` W, `readouts` V, `points` as the first layer sees them.

    Raises ValueError where a hypothesis fails: kappa, the signs, a cluster that does not span, a plane that is not the
    minimiser.
    """
    if kappa <= 0:
        raise ValueError(f"T10K needs kappa > 0, got {kappa}")
    share = [Fraction(1, len(points))] * len(points) if weights is None else [Fraction(value) for value in weights]
    whose = owners(rows, points)
    prices: list[tuple[Fraction, int, int]] = []
    for j, (row, readout) in enumerate(zip(rows, readouts, strict=True)):
        plane = [Fraction(readout) * value for value in row]
        own = [k for k, owner in enumerate(whose) if owner == j]
        inverse = inverse_gram([points[k] for k in own], [share[k] for k in own], len(row), j)
        miss = [share[k] * (_dot(plane, points[k]) - targets[k]) for k in own]
        pull = [
            -2 * sum((r * points[k][i] for r, k in zip(miss, own, strict=True)), Fraction(0)) / Fraction(kappa)
            for i in range(len(row))
        ]
        if not is_slope_of_the_norm(pull, plane):
            raise ValueError(f"T10K needs V_j w_j to be the minimiser of l_j(u) + kappa ||u||: neuron {j}'s is not")
        prices += [(plane_price(plane, x, inverse), j, k) for k, x in enumerate(points)]
    if not prices:
        raise ValueError("T10K needs at least one neuron and one point")
    return Penalised(*min(prices))


def is_slope_of_the_norm(slope: Vector, at: Vector) -> bool:
    """Whether ||u|| >= ||at|| + slope.(u - at) for all u, decided in rationals: slope is at/||at||, or of length at
    most 1 where `at` is 0.
    """
    length, inner = _dot(slope, slope), _dot(slope, at)
    return length <= 1 and inner >= 0 and inner * inner == _dot(at, at)


def _dot(left: Vector, right: Vector) -> Fraction:
    return sum((Fraction(x) * y for x, y in zip(left, right, strict=True)), Fraction(0))


def mass_of_a_plane() -> ProofResult:
    """T10K: ||u_j|| = |Psi(e_j)| ||w_j|| <= s_j, as |Psi(e_j)| <= ||V_j|| + Lambda ||A_j||; equality where U = 0."""
    psi, readout, gain, reading, row = z3.Reals("|Psi(e_j)| ||V_j|| Lambda ||A_j|| ||w_j||")
    mass = row * (readout + gain * reading)
    return prove(
        "T10K",
        z3.And(psi * row <= mass, z3.Implies(z3.And(gain == 0, psi == readout), psi * row == mass)),
        assuming=(row >= 0, psi <= readout + gain * reading, gain >= 0, reading >= 0, readout >= 0),
        scope="all reals; q(0) = 0 gives ||q(A_j)|| <= Lip(q) ||A_j||",
    )


def penalised_excess() -> ProofResult:
    """T10K: with 2 (G u^ - b) = -kappa g, u exceeds u^ by (u-u^)^T G (u-u^) at least, as ||u|| - g.u >= 0.

    g.u^ is the norm of u^.
    """
    quadratic, kappa, there, here, slope_there = z3.Reals("quad kappa ||u|| ||u^|| g.u")
    excess = quadratic - kappa * (slope_there - here) + kappa * (there - here)
    return prove(
        "T10K",
        excess >= quadratic,
        assuming=(kappa >= 0, slope_there <= there),
        scope="all reals; g is a slope of the norm at u^, of length at most 1",
    )


PROOFS: tuple[Callable[[], ProofResult], ...] = (mass_of_a_plane, penalised_excess)

ARGUMENTS = (
    part(
        "T10K",
        *smt(mass_of_a_plane, penalised_excess),
        remains="the first exit from the pattern (continuity), Cauchy-Schwarz in any dimension, any number of clusters",
    ),
)

FORMAL = (formal("T10K", "cluster_mass.T10K_barrier T10K_price T10K_clusters T10K_parallel T10K_positive"),)

INSTANCES = (sampled("T10K"),)
