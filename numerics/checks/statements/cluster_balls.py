"""T10B: what is left of the target's variance on a ball, given one linear form, against the closed form and its bound.

A conditional mean of a quadratic target given a linear form is a quadratic polynomial of the form, so the variance left
is a least-squares distance in the ball's moments: rational for every row, with no angle in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations_with_replacement
from math import prod

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

from numerics.checks.check import Facts, Outcome, Witness, about, bounded
from numerics.checks.statements.clusters import determinant, solve
from numerics.common.shown import Shown
from numerics.networks.readers import AnyArray
from theory.catalogue import STATEMENTS
from theory.statements.cluster_balls import SHARE

Polynomial = dict[tuple[int, int, int], Fraction]

FRAMES = (
    ((1, 0, 0), (0, 1, 0), (0, 0, 1), 1),
    ((2, 2, -1), (-1, 2, 2), (2, -1, 2), 3),
    ((6, 2, -3), (-3, 6, -2), (2, 3, 6), 7),
)
"""Rational frames of orthogonal vectors, with their length."""


@dataclass(frozen=True, eq=False)
class Exit(Shown):
    """A cluster (unit frame e, b, c; e along w_j of length `size`, centre, radius, alpha, rho) and a row that is 0 at
    x.
    """

    frame: tuple[AnyArray, AnyArray, AnyArray]
    size: Fraction
    alpha: Fraction
    bend: Fraction
    radius: Fraction
    row: AnyArray
    x: AnyArray


@st.composite
def exits(draw: st.DrawFn) -> Exit:
    """Any frame, any row, any point that this row does not see; the bend up to the largest that T10B allows."""
    *vectors, norm = draw(st.sampled_from(FRAMES))
    e, b, c = (np.array([Fraction(v, norm) for v in vector], dtype=object) for vector in vectors)
    size, radius = (Fraction(draw(st.integers(1, 8)), 4) for _ in range(2))
    alpha = Fraction(draw(st.sampled_from((1, -1, 2, 3))), 2)
    bend = 2 * abs(alpha) * size / radius * Fraction(draw(st.integers(-4, 4)), 4)
    entries = st.integers(-6, 6).map(lambda k: Fraction(k, 2))
    row, away = (np.array([draw(entries) for _ in range(3)], dtype=object) for _ in range(2))
    x = np.cross(row, away)
    assume((row != 0).any() and (x != 0).any())
    return Exit((e, b, c), size, alpha, bend, radius, row, x)


def moment(powers: tuple[int, int, int], radius: Fraction) -> Fraction:
    """E of v_1^a v_2^b v_3^c, v uniform on the ball: 3 a^n/(n + 3) times the sphere's, products of odd factorials."""
    if any(power % 2 for power in powers):
        return Fraction(0)
    degree = sum(powers)
    odd = prod(prod(range(1, power, 2)) for power in powers)
    return Fraction(3, degree + 3) * radius**degree * Fraction(odd, prod(range(1, degree + 2, 2)))


def linear(vector: AnyArray) -> Polynomial:
    unit = ((1, 0, 0), (0, 1, 0), (0, 0, 1))
    return {powers: Fraction(value) for powers, value in zip(unit, vector, strict=True)}


def times(one: Polynomial, other: Polynomial) -> Polynomial:
    found: Polynomial = {}
    for p, a in one.items():
        for q, b in other.items():
            powers = (p[0] + q[0], p[1] + q[1], p[2] + q[2])
            found[powers] = found.get(powers, Fraction(0)) + a * b
    return found


def plus(one: Polynomial, other: Polynomial, factor: Fraction) -> Polynomial:
    return {key: one.get(key, Fraction(0)) + factor * other.get(key, Fraction(0)) for key in {*one, *other}}


def mean(polynomial: Polynomial, radius: Fraction) -> Fraction:
    return sum((value * moment(powers, radius) for powers, value in polynomial.items()), Fraction(0))


def left_over(target: Polynomial, row: AnyArray, radius: Fraction) -> Fraction:
    """The least E (y - p(s))^2 over quadratic p, s the row's form: y's variance given s."""
    s = linear(row)
    basis: list[Polynomial] = [{(0, 0, 0): Fraction(1)}, s, times(s, s)]
    gram = np.empty((3, 3), dtype=object)
    for i, k in combinations_with_replacement(range(3), 2):
        gram[i, k] = gram[k, i] = mean(times(basis[i], basis[k]), radius)
    right = np.array([mean(times(target, one), radius) for one in basis], dtype=object)
    assert determinant(gram) != 0
    explained = sum((a * b for a, b in zip(right, solve(gram, right), strict=True)), Fraction(0))
    return mean(times(target, target), radius) - explained


def target_of(problem: Exit) -> Polynomial:
    """y on the ball, in v, less its value at the centre."""
    e, b, c = problem.frame
    straight = {key: problem.alpha * problem.size * value for key, value in linear(e).items()}
    return plus(straight, times(linear(b), linear(c)), problem.bend)


def costs(problem: Exit) -> Outcome:
    """What theta pays on the ball is rho^2 a^4/35; the row pays more by 9/70 (alpha a w_j.x/||x||)^2 at least."""
    e, *_ = problem.frame
    y = target_of(problem)
    here, there = (left_over(y, row, problem.radius) for row in (e, problem.row))
    x = problem.x
    square = (problem.size * (e @ x)) ** 2 / (x @ x)
    bound = SHARE * problem.alpha**2 * problem.radius**2 * square
    stated = here == problem.bend**2 * problem.radius**4 / 35
    numbers = {"alpha": problem.alpha, "rho": problem.bend, "a": problem.radius, "||w_j||": problem.size}
    return bounded(bound, there - here, Facts(active=True), besides=stated, witness=Witness(numbers=numbers))


CLAIM = (
    "On a ball, y = alpha w_j.x + rho (b_j.v)(c_j.v), |rho| a <= 2 |alpha| ||w_j||: given w.x, for any row w that is "
    "0 at a point x, the target's variance exceeds that given w_j.x, which is rho^2 a^4/35, by (9/70) (alpha a "
    "w_j.x)^2/||x||^2 at least."
)

CHECKS = (about(STATEMENTS["T10B"], exits(), costs, claim=CLAIM, tight=True),)
