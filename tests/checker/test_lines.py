"""A weight along a segment, cut into the model of a piece: the truth is inside, at the longest integers that fit."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from numerics.checker.grid import LONG, MACHINE, Grid, scaled
from numerics.checker.lines import Piece, line_of
from numerics.checker.products import Bounds, radius_product

TOP = (1 << 44) - 1
PIECES = [
    Piece(1, 1),
    Piece(3, 2),
    Piece((1 << 29) + 1, (1 << 28) + 1),
    Piece((1 << 30) - 1, 1),
    Piece(1 << 29, 1 << 29),
]


@pytest.mark.parametrize("grid", [MACHINE, LONG], ids=["machine", "long"])
@pytest.mark.parametrize("piece", PIECES, ids=str)
@pytest.mark.parametrize("ends", [(TOP, -TOP), (TOP, TOP - 1), (3, 5), (0.75, -TOP), (1e-300, 1e300), (0.0, 1.0)])
def test_a_line_on_a_piece_holds_the_weight(grid: Grid, piece: Piece, ends: tuple[float, float]) -> None:
    """At both ends of the piece and in its middle, exactly computed; and the model is nearly as sharp as the grid."""
    before, after = (np.array([[float(end)]]) for end in ends)
    found = line_of(grid, before, after).model(piece)
    scale = Fraction(2) ** found.exponent
    for sigma in (-1, 0, 1):
        t = Fraction(piece.middle + sigma * piece.radius, 1 << grid.time)
        truth = (1 - t) * Fraction(float(ends[0])) + t * Fraction(float(ends[1]))
        centre = int(found.mid[0, 0]) + sigma * int(found.slope[0, 0])
        radius = int(found.radius[0, 0])
        assert abs(truth - centre * scale) <= radius * scale
        assert radius <= 4
    assert found.bits <= grid.bits


def test_long_integers_times_long_times_are_not_multiplied_in_one_word() -> None:
    """46 bits times 31 bits."""
    array = np.array([[(1 << 46) - 1, -(1 << 46) + 1, -(1 << 45) - 1]])
    for numerator in ((1 << 30) + 3, (1 << 31) - 1, 1):
        wanted = [int(value) * numerator >> 30 for value in array[0]]
        assert scaled(array, numerator, 30).tolist() == [wanted]


def test_radii_of_long_integers_are_rounded_once() -> None:
    """Nothing is cut to 24 bits where Python's integers multiply."""
    radius, size = (1 << 80) + 1, (1 << 90) + 1
    found = radius_product(np.array([[radius]], dtype=object), Bounds.above(np.array([[size]], dtype=object)), 7)
    assert found.tolist() == [[-(-radius * size >> 7)]]
