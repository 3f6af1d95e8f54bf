"""L5: greedy packings of directions, counted exactly, against N_d(phi)."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import sympy
from hypothesis import strategies as st

from numerics.checks.check import Outcome, Witness, about, bounded
from numerics.common.shown import Shown
from theory.catalogue import STATEMENTS
from theory.statements import sphere

# Angles phi whose cosine is a root of a rational: (phi/pi, sign of cos phi, cos^2 phi).
ANGLES = (
    (Fraction(1, 6), 1, Fraction(3, 4)),
    (Fraction(1, 4), 1, Fraction(1, 2)),
    (Fraction(1, 3), 1, Fraction(1, 4)),
    (Fraction(1, 2), 0, Fraction(0)),
    (Fraction(2, 3), -1, Fraction(1, 4)),
    (Fraction(3, 4), -1, Fraction(1, 2)),
)

Vector = tuple[int, ...]


@dataclass(frozen=True)
class Directions(Shown):
    """Integer vectors of R^{d+1}, none of them 0, and an entry of `ANGLES`."""

    vectors: tuple[Vector, ...]
    angle: tuple[Fraction, int, Fraction]


@st.composite
def directions(draw: st.DrawFn) -> Directions:
    """`d` = 1, 2, 3; up to 24 vectors with entries in [-5, 5]."""
    d = draw(st.integers(1, 3))
    vector = st.tuples(*[st.integers(-5, 5)] * (d + 1)).filter(any)
    return Directions(tuple(draw(st.lists(vector, min_size=1, max_size=24))), draw(st.sampled_from(ANGLES)))


def within(problem: Directions) -> Outcome:
    """As many greedy centres as are pairwise more than phi apart; everybody else is within phi of one of them."""
    phi, sign, square = problem.angle
    centres: list[Vector] = []
    for vector in problem.vectors:
        if all(apart(vector, centre, sign, square) for centre in centres):
            centres.append(vector)
    d = len(problem.vectors[0]) - 1
    bound = sphere.packing_number(d, sympy.Rational(phi.numerator, phi.denominator) * sympy.pi)
    numbers = {f"direction {k}, entry {i}": Fraction(x) for k, v in enumerate(centres) for i, x in enumerate(v)}
    witness = Witness(numbers={"d": Fraction(d), "phi/pi": phi, **numbers})
    return bounded(Fraction(len(centres)), Fraction(bound), witness=witness)


def apart(left: Vector, right: Vector, sign: int, square: Fraction) -> bool:
    """Whether the angle is more than phi: `cos < sign sqrt(square)`, decided without roots."""
    inner = sum(a * b for a, b in zip(left, right, strict=True))
    cosine = Fraction((inner > 0) - (inner < 0)) * inner * inner  # signed square, times both lengths squared
    return cosine < sign * square * sum(a * a for a in left) * sum(b * b for b in right)


CLAIM = (
    "At most N_d(phi) directions are pairwise more than phi apart, so all but N_d(phi) of m directions lie within phi "
    "of a greedy choice of centres (phi/pi one of 1/6, 1/4, 1/3, 1/2, 2/3, 3/4)."
)

CHECKS = (about(STATEMENTS["L5"], directions(), within, claim=CLAIM),)
