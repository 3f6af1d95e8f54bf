"""Data in clusters along a parabola, each seen by one neuron alone (T10): drawn points, planes and residuals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

from numerics.common.shown import Shown
from numerics.data import Data

Point = tuple[Fraction, Fraction]


@dataclass(frozen=True, eq=False)
class Clusters(Shown):
    """Four points a cluster, in coordinates (xi, eta) of their own, x = (j + xi, j^2 + 2 j xi + eta), and combinations
    of them on which every plane is 0. Neuron j's row is `(8j, -4, threshold - 4j^2)`: its value is threshold - 4 eta.
    """

    places: tuple[tuple[Point, ...], ...]
    threshold: int

    @property
    def width(self) -> int:
        return len(self.places)

    @property
    def rows(self) -> list[list[Fraction]]:
        return [[Fraction(8 * j), Fraction(-4), Fraction(self.threshold - 4 * j * j)] for j in range(self.width)]

    @property
    def points(self) -> list[list[Fraction]]:
        """Every x as the first layer sees it, cluster by cluster."""
        found = []
        for j, places in enumerate(self.places):
            found += [[j + xi, j * j + 2 * j * xi + eta, Fraction(1)] for xi, eta in places]
        return found

    def values(self, j: int) -> list[Fraction]:
        """What neuron j makes of its own points."""
        return [self.threshold - 4 * eta for _, eta in self.places[j]]

    def residual(self, j: int) -> list[Fraction]:
        """A combination of cluster j's points that is 0, in whole numbers over 4 (cofactors)."""
        signs = (1, -1, 1, -1)
        rest = [[place for k, place in enumerate(self.places[j]) if k != out] for out in range(4)]
        return [64 * sign * area(*three) for sign, three in zip(signs, rest, strict=True)]

    def data(self, targets: Sequence[Fraction]) -> Data:
        """Equal weights. Raises ValueError unless these are floats."""
        y = np.array([float(value) for value in targets])
        if any(Fraction(one) != value for one, value in zip(y.tolist(), targets, strict=True)):
            raise ValueError("a target is no float")
        return Data(np.array([[float(x[0]), float(x[1])] for x in self.points]), y[:, None])


def area(a: Point, b: Point, c: Point) -> Fraction:
    """Twice the triangle's, with its sign."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


@st.composite
def clusters(draw: st.DrawFn, *, least: int = 1, most: int = 3) -> Clusters:
    """Squares of side 1/4 about the parabola's points, their corners moved by up to 1/32."""
    width = draw(st.integers(least, most))
    moves = st.integers(-1, 1).map(lambda k: Fraction(k, 32))
    corners = [(Fraction(s, 8), Fraction(t, 8)) for s in (1, -1) for t in (1, -1)]
    places = tuple(tuple((xi + draw(moves), eta + draw(moves)) for xi, eta in corners) for _ in range(width))
    assume(all(area(*four[:3]) for four in places))
    return Clusters(places, 1)


@st.composite
def rectangles(draw: st.DrawFn, *, most: int = 3) -> Clusters:
    """Rectangles about the parabola's points, of sides 1/16 or 1/32, and rows of whole length: G_j^{-1} is dyadic in
    the cluster's coordinates.
    """
    halves = st.sampled_from((Fraction(1, 32), Fraction(1, 64)))
    sides = [(draw(halves), draw(halves)) for _ in range(draw(st.integers(1, most)))]
    return Clusters(tuple(tuple((s * a, t * b) for s in (1, -1) for t in (1, -1)) for a, b in sides), 3)
