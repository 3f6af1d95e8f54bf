"""What a loss is to the checker: convex in the outputs, averaged over the samples, and a function of the residuals.

Residuals `f - y` are all that a forward pass hands over, as integers times one `unit` for all of them. With targets -1
and 1 or one-hot rows the outputs follow from them, so every loss here is written in residuals.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, ClassVar

import numpy as np
from flint import fmpq, fmpz

from numerics.checker.arrays import Array
from numerics.checker.grid import Ints, magnitude
from numerics.checker.intervals import Interval
from numerics.checker.models import Model


class Targets(Enum):
    """What the targets Y (N, p) of a loss must be, in words."""

    VALUES = "any numbers"
    SIGNS = "-1 or 1 in every entry"
    LABELS = "one-hot rows, of at least two classes"


Line = tuple[fmpq, fmpq]
"""a, b of a + b t."""
Square = tuple[fmpq, fmpq, fmpq]
"""a, b, c of a + b t + c t^2."""


@dataclass(frozen=True)
class Columns:
    """Exact residuals of some samples: `cells[i][k]` times `unit` > 0 is output i of sample k less its target.

    `unit` is one over an integer, so that targets are integers too. `y` (rows, p): the targets.
    """

    cells: Sequence[Sequence[fmpz]]
    unit: fmpq
    y: Array

    @property
    def one(self) -> fmpz:
        """The number 1 in these units."""
        return fmpz((1 / self.unit).p)

    @classmethod
    def of(cls, cells: Sequence[Sequence[Any]], unit: fmpq, y: Array) -> "Columns":
        """Of any positive unit: the numerator goes into the cells."""
        if unit.p == 1:
            return cls(cells, unit, y)
        return cls([[cell * unit.p for cell in column] for column in cells], fmpq(1, unit.q), y)


class Loss(ABC):
    """`L = (1/N) sum_k l(f(x_k), y_k)`. `rational`: whether it is a rational number where the residuals are.

    `cell`: word operations on one residual beside the product that it comes from.
    """

    name: str
    targets: ClassVar[Targets] = Targets.VALUES
    rational: ClassVar[bool] = True
    cell: ClassVar[int] = 100

    @abstractmethod
    def total(self, residuals: Columns, precision: int) -> Interval:
        """The sum over the samples: exactly, or to a relative error of about 2^-`precision`."""

    @abstractmethod
    def ends(self, residuals: Model, y: Array) -> tuple[fmpq, fmpq]:
        """Two numbers, of which the larger is at least the sum over the samples wherever sigma stands.

        Every term is at most a convex function of sigma, in [-1, 1], so an end is the largest; both are summed over
        everything before they are compared.
        """

    def brief_ends(self, residuals: Model, y: Array) -> tuple[fmpq, fmpq] | None:
        """The same somewhat larger, at less cost, where there is such a way."""
        return None

    def fault(self, y: Array) -> str | None:
        """Why targets (N, p) are not what this loss is about, or None."""
        if self.targets is Targets.SIGNS and not (np.abs(y) == 1.0).all():
            return f"loss {self.name} is about targets {self.targets.value}"
        if self.targets is Targets.LABELS and not is_one_hot(y):
            return f"loss {self.name} is about targets that are {self.targets.value}"
        return None


class Bending(Loss):
    """One that is piecewise quadratic: of residuals that are straight lines in t it is a square from bend to bend."""

    @abstractmethod
    def bends_of(self, lines: Sequence[Line], y: Sequence[float]) -> Iterable[Line]:
        """Of one sample whose residuals are these lines: lines at whose zeros alone its loss may change its form."""

    @abstractmethod
    def square_at(self, lines: Sequence[Line], y: Sequence[float], t: fmpq) -> Square:
        """Its loss at t, and all over the stretch around t on which none of `bends_of` changes its sign."""


def is_one_hot(y: Array) -> bool:
    """Whether every row of y (N, p), p >= 2, has one 1 and zeros: then its samples have labels."""
    ones = y == 1.0
    return bool(y.shape[1] >= 2 and ((y == 0.0) | ones).all() and (ones.sum(axis=1) == 1).all())


def both_ends(residuals: Model) -> tuple[Ints, Ints]:
    """The affine part of a model at sigma = 1 and at -1, without the radius."""
    return residuals.mid + residuals.slope, residuals.mid - residuals.slope


def moduli(residuals: Model) -> tuple[Ints, Ints]:
    """|r| at most, at both ends."""
    one, other = both_ends(residuals)
    return magnitude(one) + residuals.radius, magnitude(other) + residuals.radius


def against_signs(residuals: Model, y: Array) -> tuple[Ints, Ints]:
    """-y r at most, at both ends, for y of -1 and 1."""
    signs = (y > 0) * 2 - 1
    one, other = both_ends(residuals)
    return residuals.radius - signs * one, residuals.radius - signs * other


def against_label(residuals: Model, y: Array) -> tuple[Ints, Ints]:
    """r_j - r_label at most, at both ends; 0 at the label. (rows, p)."""
    own = y > 0
    found = []
    for end in both_ends(residuals):
        label, off = end[own][:, None], residuals.radius[own][:, None]
        found.append(np.where(own, 0, end - label + residuals.radius + off))
    return found[0], found[1]


def total_of(array: Ints) -> int:
    """The sum of all entries, which may be more than a machine word."""
    return sum(array.ravel().tolist())


def value_of(line: Line, t: fmpq) -> fmpq:
    """a + b t."""
    return line[0] + line[1] * t


def summed(lines: Iterable[Line]) -> Square:
    """The sum of straight lines."""
    a, b = fmpq(0), fmpq(0)
    for start, slope in lines:
        a, b = a + start, b + slope
    return a, b, fmpq(0)


def times(line: Line, factor: int) -> Line:
    """The multiple of a line."""
    return line[0] * factor, line[1] * factor
