"""T2 and T3, the elimination first: every block writes to a basis of the readers alone, and no output changes.

Outside the basis the stream then is the first layer, as in PARALLEL: neurons leave there by L3 and L4 in the form of
that class, which reads no row of U, and with the same masses, since `V U_k` and `A_h U_k` stay what they were.
"""

from __future__ import annotations

import numpy as np
from scipy.linalg import qr

from numerics.arithmetic.bases import ColumnBasis, exact_basis, float_basis
from numerics.errors import InputError
from numerics.moves.clear_rows import EXACT_ROWS, rows_cleared, spans, stacked_readers
from numerics.moves.merging import Indices
from numerics.networks.base import Network
from numerics.networks.readers import AnyArray, returns
from numerics.paths import Path, Segment, kind_of


def write_to_basis(network: Network, first: Indices | None = None) -> tuple[Path, Indices]:
    """T2, T3 [ours]. The path at whose end rows of every U are 0 outside the basis, and the neurons outside it.

    `U_J -> 0`, `U_B + C U_J`, one block at a time, where the readers are `R_J = R_B C` and J and B are what blocks
    write to: in fractions no output changes. With one U moving and rounded coefficients each segment is hidden.
    Neurons `first` come into the basis before others. Raises ValueError without a stream, InputError for weights that
    overflow.
    """
    kind, weights = network.kind, network.parameters()
    readers, everybody = stacked_readers(kind, weights), np.arange(network.width)
    written = np.flatnonzero(np.any([weights[name].any(axis=1) for name in returns(kind, weights)], axis=0))
    if not len(written):
        return Path(network), everybody
    found = spread_basis(readers[:, written], None if first is None else np.flatnonzero(np.isin(written, first)))
    basis = ColumnBasis(written[found.basis], written[found.rest], found.coefficients)
    path = Path(network)
    for name, U in rows_cleared(kind, weights, basis, basis.rest).items():
        end = path.end.replace({name: U})
        path = path.then(Segment(kind_of(path.end, end), path.end, end))
    return path, np.setdiff1d(everybody, basis.basis)


def spread_basis(readers: AnyArray, first: Indices | None = None) -> ColumnBasis:
    """A column basis of floats with large columns far from dependent, so that the coefficients, floats, are small.

    Columns come in the order of pivoted QR, those in `first` before others; up to `EXACT_ROWS` rows the rank is decided
    over the rationals, beyond in float64. What rounding does to the outputs is certified on the path. Raises InputError
    for coefficients that overflow.
    """
    preferred = np.zeros(0, dtype=np.int64) if first is None else first
    others = np.setdiff1d(np.arange(readers.shape[1]), preferred)
    order = np.concatenate([_spread(readers, preferred), _spread(readers, others)])
    if len(readers) <= EXACT_ROWS:
        found = exact_basis(readers, order)
    else:
        found = float_basis(readers, candidates=order[: max(len(readers), len(preferred))])
        found = found if spans(readers, found) else float_basis(readers)
    try:
        return ColumnBasis(found.basis, found.rest, found.coefficients.astype(np.float64))
    except OverflowError:
        raise InputError("the columns that read the stream differ too much in size for float64 coefficients") from None


def _spread(readers: AnyArray, columns: Indices) -> Indices:
    """The columns in the order of pivoted QR, the largest first."""
    if not len(columns):
        return columns
    part = readers[:, columns]
    _, order = qr(part / (np.abs(part).max() or 1.0), mode="r", pivoting=True, check_finite=False)
    ordered: Indices = columns[order]
    return ordered
