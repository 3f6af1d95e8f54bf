"""T10B [ours]: clusters that are balls, under a continuous law: valleys that stay whatever stands above the first
layer.

On such a cluster the output is a function of one linear form of the input alone, and what is left of the target's
variance given that form has a closed form. The machine proves it, and its bound; the first exit is on paper.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction

import flint
import sympy
import z3
from sympy import Ge
from sympy import Rational as Exactly

from theory.algebra import prove_identity
from theory.arguments import identity, part, sampled, smt
from theory.exact import Rational
from theory.proof import ProofResult
from theory.relations import Formula
from theory.smt import prove
from theory.statement import Chapter, Kind, Provenance, Source, Statement
from theory.symbols import depth, price

SHARE = Fraction(9, 70)
"""Of pi_j alpha^2 ||w_j||^2 a^2 sin^2 t: what a row at angle t costs at least."""

Place = Sequence[Rational]

STATEMENTS = (
    Statement(
        id="T10B",
        title="Valleys under any network",
        kind=Kind.LOWER_BOUND,
        sources=(Provenance(Source.OURS, "all of it"),),
        claim="First layer without bias, f(x) = Psi(z(x)), Psi any measurable map that depends on the other weights "
        "(biases, normalisation, any depth). n = 3, squared error: the law is, with mass pi_j, uniform on the ball "
        "C_j of radius a > 0 at p_j, j = 1..m; points of the closed ball C_j are seen by neuron j only (w_j.x > 0, "
        "w_i.x < 0 for i != j), strictly; x = p_j + v, y = alpha w_j.x + rho (b_j.v)(c_j.v), b_j, c_j unit, b_j, c_j, "
        "w_j orthogonal, alpha not 0, |rho| a <= 2 |alpha| ||w_j||. theta: f = alpha w_j.x on C_j. Then the depth of "
        "theta is at least (9/70) min_j pi_j alpha^2 ||w_j||^2 a^2 s_j^2, s_j the least |w_j.x|/(||w_j|| ||x||) over "
        "all balls.",
        formulas=(Formula(Ge(depth, price), (), "price is that product"),),
        chapter=Chapter.FURTHER,
        depends_on=(),
        not_covered="Finite data: a branch with biases and enough units interpolates along each w_j.x, and the "
        "argument ends. A first-layer bias. Points that no neuron sees. That the bound is attained.",
        note="Places p_j = (j, j^2, 1), rows (2j, -1, 1/2 - j^2), a small: every m. The other weights may be any "
        "number, and Psi need not be continuous.",
    ),
)


def remaining_variance(*, plane: Rational, bend: Rational, along: Rational, b: Rational, c: Rational) -> Fraction:
    """E Var(y | w.x) on the unit ball, w a unit row, exactly: `plane` is alpha ||w_j||, `bend` rho, `along` the cosine
    of w and w_j, `b` and `c` those of w with b_j and c_j.
    """
    straight = Fraction(plane) ** 2 * (1 - Fraction(along) ** 2) / 5
    return straight + Fraction(bend) ** 2 * (Fraction(1, 35) - (Fraction(b) * Fraction(c)) ** 2 / 14)


def ball_depth(
    rows: Sequence[Place], centres: Sequence[Place], *, radius: Rational, alpha: Rational, masses: Place
) -> Fraction:
    """T10B's bound, rounded down: `rows` w_j and `centres` p_j of length 3, `masses` pi_j.

    Raises ValueError unless each closed ball is seen by its own neuron alone.
    """
    size = flint.arb(flint.fmpq(Fraction(radius).numerator, Fraction(radius).denominator))
    found: list[Fraction] = []
    for j, row in enumerate(rows):
        length = _root(_dot(row, row))
        sines = []
        for i, centre in enumerate(centres):
            inner, away = _dot(row, centre), _root(_dot(centre, centre))
            if (inner > 0) != (i == j) or not abs(_ball(inner)) > size * length:
                raise ValueError(f"T10B needs ball {i} on one side of neuron {j}'s plane, seen by its own neuron alone")
            # The point of the ball nearest to the plane in angle: the centre's angle less the ball's.
            sines.append((abs(_ball(inner) / (length * away)).asin() - (size / away).asin()).sin())
        least = min(_down(sine) for sine in sines)
        found.append(SHARE * Fraction(masses[j]) * (Fraction(alpha) * radius * least) ** 2 * _dot(row, row))
    return min(found)


def _dot(left: Place, right: Place) -> Fraction:
    return sum((Fraction(x) * y for x, y in zip(left, right, strict=True)), Fraction(0))


def _ball(value: Fraction) -> flint.arb:
    return flint.arb(flint.fmpq(value.numerator, value.denominator))


def _root(value: Fraction) -> flint.arb:
    return _ball(value).sqrt()


def _down(value: flint.arb) -> Fraction:
    """A number below all of a ball."""
    man, exp = value.lower().man_exp()
    return Fraction(int(man)) * Fraction(2) ** int(exp)


def moments_of_the_ball() -> ProofResult:
    """T10B: E Var of b.v c.v given w.v is 1/35 - (b.w)^2 (c.w)^2/14 in the unit ball, b and c unit and orthogonal.

    s = w.v has density 3/4 (1 - s^2); given s the rest is uniform on a disk of radius^2 1 - s^2, where a linear form of
    length k has mean square k^2 (1 - s^2)/4 and (b.v)(c.v) the mean below.
    """
    s, product = sympy.symbols("s (b.w)(c.w)", real=True)
    density = Exactly(3, 4) * (1 - s**2)
    mean = product * (s**2 - (1 - s**2) / 4)
    explained = sympy.integrate(density * mean**2, (s, -1, 1)) - sympy.integrate(density * mean, (s, -1, 1)) ** 2
    whole = 3 * sympy.integrate(s**6, (s, 0, 1)) * Exactly(1, 15)  # E |v|^4 E (n_1 n_2)^2 on the sphere
    return prove_identity(
        "T10B",
        whole - explained,
        Exactly(1, 35) - product**2 / 14,
        scope="all values of (b.w)(c.w); b's and c's parts orthogonal to w have the product -(b.w)(c.w)",
    )


def plane_in_the_ball() -> ProofResult:
    """T10B: E Var of a unit linear form given w.v is sin^2 t/5 in the unit ball, t their angle."""
    s, sine = sympy.symbols("s sin", real=True)
    density = Exactly(3, 4) * (1 - s**2)
    left = sympy.integrate(density * sine**2 * (1 - s**2) / 4, (s, -1, 1))
    return prove_identity("T10B", left, sine**2 / 5, scope="all angles; the disk's moment")


def angle_costs() -> ProofResult:
    """T10B: with sin^2 = (b.w)^2 + (c.w)^2 and |rho| a <= 2 |alpha| ||w_j|| the cost over theta's is at least 9/70 of
    (alpha ||w_j|| a sin)^2.
    """
    plane, bend, first, second = z3.Reals("(alpha||w_j||a)^2 (rho.a^2)^2 (b.w)^2 (c.w)^2")
    sine = first + second
    return prove(
        "T10B",
        plane * sine / 5 - bend * first * second / 14 >= z3.Q(9, 70) * plane * sine,
        assuming=(plane >= 0, bend >= 0, bend <= 4 * plane, first >= 0, second >= 0, sine <= 1),
        scope="all reals; squares by their names",
    )


PROOFS: tuple[Callable[[], ProofResult], ...] = (moments_of_the_ball, plane_in_the_ball, angle_costs)

ARGUMENTS = (
    part(
        "T10B",
        *identity(moments_of_the_ball, plane_in_the_ball),
        *smt(angle_costs),
        remains="that odd and even parts are orthogonal, the first exit (continuity, closed balls), the angle at it",
    ),
)

INSTANCES = (sampled("T10B"),)
