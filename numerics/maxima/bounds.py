"""The bound of a piece by loss: squared error by one quadratic, every other loss by its convexity."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from numerics.arithmetic.rounding import Array
from numerics.losses.loss import Loss
from numerics.losses.registry import SQUARED
from numerics.maxima.bound import NONE, Bound
from numerics.maxima.convex import Arguments, ConvexPart, convex_bound, convex_part
from numerics.maxima.models import Model
from numerics.maxima.squares import SquaresPart, squares_bound, squares_part

Part: TypeAlias = SquaresPart | ConvexPart
"""Sums over one block of samples."""


def part_of(loss: Loss, f: Model, Y: Array, r: float, open_signs: int, labelled: bool) -> Part:
    """The sums over one block; `labelled`: whether `Y` is one-hot, so that there are right outputs."""
    if loss == SQUARED:
        return squares_part(f, Y, r, open_signs, Arguments.margins(f, Y).signs(r) if labelled else NONE)
    return convex_part(loss, f, Y, r, open_signs, labelled)


def summed(parts: Sequence[Part], samples: int, r: float) -> Bound:
    """The loss from all blocks of a segment, which are of one loss."""
    squares = [part for part in parts if isinstance(part, SquaresPart)]
    others = [part for part in parts if isinstance(part, ConvexPart)]
    return squares_bound(squares, samples, r) if squares else convex_bound(others, samples, r)
