"""Column bases: which columns span the rest, with what coefficients; exact over the rationals, or a float search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from flint import fmpq, fmpq_mat
from numpy.typing import NDArray
from scipy.linalg import lstsq, qr

from numerics.common.shown import Shown

Array = NDArray[np.float64]
AnyArray = NDArray[Any]
Indices = NDArray[np.int64]

RELATIVE = 2.0**-40  # a float search takes a pivot below this, relative to the first, for zero


@dataclass(frozen=True, eq=False)
class ColumnBasis(Shown):
    """`M[:, rest] = M[:, basis] C`, exactly if found exactly, else about; `coefficients` is C (|basis|, |rest|)."""

    basis: Indices
    rest: Indices
    coefficients: AnyArray

    def of(self, columns: Sequence[int] | np.ndarray) -> AnyArray:
        """The coefficients of these columns (|basis|, columns). Raises ValueError if one is in the basis."""
        place = {int(column): k for k, column in enumerate(self.rest)}
        if meeting := [int(column) for column in columns if int(column) not in place]:
            raise ValueError(f"columns {meeting} are in the basis (or not there): they cannot be freed by it")
        return self.coefficients[:, [place[int(column)] for column in columns]]


def exact_basis(matrix: AnyArray, order: Sequence[int] | np.ndarray | None = None) -> ColumnBasis:
    """A column basis of a matrix (of fractions, or floats taken for the rationals that they are), rank decided exactly.

    Columns are taken greedily in `order` (default: from the left), by FLINT's reduced row echelon form; the
    coefficients are fractions.
    """
    chosen = np.arange(matrix.shape[1]) if order is None else np.asarray(order, dtype=np.int64)
    columns = matrix[:, chosen]
    entries = [fmpq(*Fraction(value).as_integer_ratio()) for value in columns.ravel().tolist()]
    reduced, rank = fmpq_mat(*columns.shape, entries).rref()
    pivots: list[int] = []
    for k in range(columns.shape[1]):
        if len(pivots) < rank and reduced[len(pivots), k] != 0:
            pivots.append(k)
    others = np.setdiff1d(np.arange(columns.shape[1]), pivots)
    C = np.full((rank, len(others)), Fraction(0), dtype=object)
    for i in range(rank):
        for j, k in enumerate(others.tolist()):
            entry = reduced[i, k]
            C[i, j] = Fraction(int(entry.p), int(entry.q))
    return ColumnBasis(chosen[np.array(pivots, dtype=np.int64)], chosen[others], C)


def float_basis(
    matrix: Array, *, candidates: Sequence[int] | np.ndarray | None = None, size: int | None = None
) -> ColumnBasis:
    """A column basis in float64 by pivoted QR of the columns over their norms, taken from the `candidates` alone, with
    coefficients by least squares: a search, which decides no rank and proves nothing.

    At most `size` columns; fewer where a pivot falls under 2^-40 of the first.
    """
    n = matrix.shape[1]
    pool = np.arange(n) if candidates is None else np.asarray(candidates, dtype=np.int64)
    largest = np.abs(matrix).max(axis=0)
    scaled = matrix / np.where(largest == 0.0, 1.0, largest)
    norms = np.linalg.norm(scaled, axis=0)
    scaled = scaled / np.where(norms == 0.0, 1.0, norms)
    pivots = np.zeros(0)
    order = np.zeros(0, dtype=np.int64)
    if len(pool):
        R, order = qr(scaled[:, pool], mode="r", pivoting=True, check_finite=False)
        pivots = np.abs(np.diagonal(R))
    rank = int((pivots > RELATIVE * pivots[0]).sum()) if len(pivots) and pivots[0] > 0.0 else 0
    basis = np.sort(pool[order[: rank if size is None else min(rank, size)]])
    rest = np.setdiff1d(np.arange(n), basis)
    C = np.zeros((len(basis), len(rest)))
    if len(basis) and len(rest):
        C = lstsq(scaled[:, basis], scaled[:, rest], lapack_driver="gelsy", check_finite=False)[0]
    scale = np.where(largest == 0.0, 1.0, largest) * np.where(norms == 0.0, 1.0, norms)
    return ColumnBasis(basis, rest, C * (scale[rest] / scale[basis][:, None]))
