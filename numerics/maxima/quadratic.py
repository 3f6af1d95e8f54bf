"""A quadratic in t with rational coefficients."""

from __future__ import annotations

from dataclasses import dataclass

from flint import fmpq

from numerics.common.shown import Shown


@dataclass(frozen=True)
class Quadratic(Shown):
    """`a + b t + c t^2`."""

    a: fmpq
    b: fmpq
    c: fmpq

    @classmethod
    def of(cls, constant: list[int], slope: list[int], unit: fmpq) -> Quadratic:
        """`unit sum (constant + slope t)^2`."""
        cross = sum(x * y for x, y in zip(constant, slope, strict=True))
        return cls(unit * sum(x * x for x in constant), unit * (2 * cross), unit * sum(y * y for y in slope))

    def plus(self, other: Quadratic) -> Quadratic:
        return Quadratic(self.a + other.a, self.b + other.b, self.c + other.c)

    def minus(self, other: Quadratic) -> Quadratic:
        return Quadratic(self.a - other.a, self.b - other.b, self.c - other.c)

    def value(self, t: fmpq) -> fmpq:
        return self.a + (self.b + self.c * t) * t
