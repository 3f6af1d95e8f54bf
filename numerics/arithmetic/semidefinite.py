"""Largest eigenvalues of tiny symmetric matrices of fractions, by exact elimination."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.arithmetic.positive import Positive
from numerics.arithmetic.rationals import simplest_between

AnyArray = NDArray[Any]

MARGINS = tuple(Fraction(1, 1 << bits) for bits in (44, 40, 32, 20, 8))


def is_semidefinite(matrix: AnyArray) -> tuple[bool, bool]:
    """`(positive semidefinite, singular)` of a symmetric matrix of fractions, by elimination without square roots.

    A pivot 0 under a row that is not all 0 is a negative 2 x 2 minor. `singular` means something only where the first
    is True.
    """
    rest, singular = matrix.copy(), False
    while len(rest):
        pivot, row = rest[0, 0], rest[0, 1:]
        if pivot < 0 or (pivot == 0 and any(entry != 0 for entry in row)):
            return False, False
        if pivot == 0:
            singular, rest = True, rest[1:, 1:]
        else:
            rest = rest[1:, 1:] - np.multiply.outer(row, row) / pivot
    return True, singular


def exact_largest_eigenvalue(matrix: AnyArray) -> Positive:
    """`lambda_max` of a positive semidefinite matrix of fractions: a float64 guess, proved from both sides.

    `lambda I - M` semidefinite says `lambda_max <= lambda`, and singular too that they are equal; not semidefinite
    that `lambda_max > lambda`. Where it is the simplest rational near the guess it
    is found exactly. Raises ArithmeticError if the guess is off by more than 1/256 of itself.
    """
    largest = max((abs(entry) for entry in matrix.ravel()), default=Fraction(0))
    if largest == 0:
        return Positive.exact(0)
    if len(matrix) == 1:
        return Positive.exact(largest)
    floats = np.array(matrix / largest, dtype=np.float64)
    guess = Fraction(float(np.linalg.eigvalsh(floats)[-1])) * largest
    identity = np.eye(len(matrix), dtype=int).astype(object)

    def shifted(value: Fraction) -> AnyArray:
        difference: AnyArray = value * identity - matrix
        return difference

    simple = simplest_between(guess * (1 - MARGINS[0]), guess * (1 + MARGINS[0]))
    if is_semidefinite(shifted(simple)) == (True, True):
        return Positive.exact(simple)
    above = (guess * (1 + margin) for margin in MARGINS)
    below = (guess * (1 - margin) for margin in MARGINS)
    upper = next((value for value in above if is_semidefinite(shifted(value))[0]), None)
    lower = next((value for value in below if not is_semidefinite(shifted(value))[0]), None)
    if upper is None or lower is None:
        raise ArithmeticError(f"float64 misses the largest eigenvalue by more than 1/256: it found {float(guess)}")
    return Positive(lower, upper)
