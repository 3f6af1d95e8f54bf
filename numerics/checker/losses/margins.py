"""Margins `f_j - f_label`: exactly, from exact residuals, and which samples they show to be wrong."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from flint import fmpz

from numerics.checker.arrays import Array, Mask
from numerics.checker.models import Model

from .loss import Columns, against_label

PIECE = 64
"""Bits to which a bound over a piece is computed: it is off by much more than that."""


def one_below(exponent: int) -> fmpz:
    """The largest integer that is at most 1 in units of 2^exponent."""
    return fmpz(1) << -exponent if exponent <= 0 else fmpz(0)


def margin_rows(residuals: Columns) -> Iterator[list[fmpz]]:
    """f_j - f_label of every sample, in the units of the residuals; 0 at the label."""
    return rows_of(zip(*residuals.cells, strict=True), residuals.y.argmax(axis=1).tolist(), residuals.one)


def rows_of(rows: Any, labels: Sequence[int], one: fmpz) -> Iterator[list[fmpz]]:
    """f_j - f_label of rows of residuals, of which any multiple of (1, ..., 1) may have been taken."""
    for row, label in zip(rows, labels, strict=True):
        own = one + row[label]
        margins = [entry - own for entry in row]
        margins[label] = fmpz(0)
        yield margins


def wrong(residuals: Columns) -> Mask:
    """Which samples (rows,) have a label whose output is not strictly the largest."""
    found = [sum(margin >= 0 for margin in row) > 1 for row in margin_rows(residuals)]
    return np.array(found, dtype=np.bool_)


def unsure(residuals: Model, y: Array) -> int:
    """How many samples are not surely right all over the piece."""
    most = np.maximum(*against_label(residuals, y))
    reached = (most >= int(one_below(residuals.exponent))) & (y == 0)
    return int(reached.any(axis=1).sum())
