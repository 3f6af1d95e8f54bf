"""T2 and T3: what the blocks write into coordinates that the first layer has left is written elsewhere instead."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from numerics.arithmetic.bases import ColumnBasis, exact_basis, float_basis
from numerics.moves.transfer import plus_at
from numerics.networks.base import Network
from numerics.networks.readers import AnyArray, Weights, has_stream, later_readers, returns
from numerics.paths import Segment, kind_of

EXACT_ROWS = 16  # of stacked readers: at width 1024 elimination over the rationals takes 0.8 s, with 32 rows 5 s


def stacked_readers(kind: str, weights: Weights) -> AnyArray:
    """`[V; A_2; ...; A_K]` (rows, m): all that reads what blocks have added. Raises ValueError without a stream."""
    if not has_stream(kind):
        raise ValueError(f"a {kind} network has no stream: its neurons are free once nothing reads them")
    return np.vstack([weights[name] for name in later_readers(kind, weights)])


def reader_basis(network: Network, last: Iterable[int] = ()) -> ColumnBasis:
    """T2's (T3's) basis B of the readers' columns, to be chosen before J and kept clear of J and its centres.

    Neurons in `last` (light ones, say) come into the basis only where the others do not span. Up to `EXACT_ROWS` rows
    the rank is decided over the rationals and the coefficients are fractions; beyond, both are a float search.
    """
    readers = stacked_readers(network.kind, network.parameters())
    late = np.array(sorted(set(last)), dtype=np.int64)
    early = np.setdiff1d(np.arange(network.width), late)
    if len(readers) <= EXACT_ROWS:
        return exact_basis(readers, np.concatenate([early, late]))
    found = float_basis(readers, candidates=early)
    return found if spans(readers, found) else float_basis(readers)


def spans(readers: AnyArray, found: ColumnBasis) -> bool:
    """Whether a basis found in floats misses no column by more than `2^-30` of its largest entry."""
    scale = np.abs(readers).max(axis=0)
    error = np.abs(readers[:, found.rest] - readers[:, found.basis] @ found.coefficients).max(axis=0, initial=0.0)
    return bool((error <= 2.0**-30 * scale[found.rest]).all())


def rows_cleared(
    kind: str, weights: Weights, basis: ColumnBasis, leaving: Sequence[int] | np.ndarray
) -> dict[str, AnyArray]:
    """The end of the line `U_j -> (1-t) U_j`, `U_b += t c_{jb} U_j` for every block, j in J, b in the basis.

    With `R_J = R_B C` for the readers `R`, and `z_{0,J} = 0` (L4), no output changes all along, and at the end `z_k` is
    0 on J for every k, so that `V_J` and every `A_J` are free (L9). Exact for fractions. Raises ValueError if J meets
    the basis.
    """
    chosen, C = np.asarray(leaving, dtype=np.int64), basis.of(leaving)
    changed = {}
    for name in returns(kind, weights):
        changed[name] = plus_at(weights[name], basis.basis, C @ weights[name][chosen])
        changed[name][chosen] *= 0
    return changed


def clear_rows(network: Network, leaving: Sequence[int] | np.ndarray, basis: ColumnBasis | None = None) -> Segment:
    """T2, T3 [ours]. Free the coordinates J of the stream, after L4: at the end row j of every U is 0.

    Rounded coefficients make it a general segment. Without a basis one is found that avoids J where it can. Raises
    ValueError if J meets the basis, or if `w_J` is not 0 (L4 comes first).
    """
    if network.W[np.asarray(leaving, dtype=np.int64)].any():
        raise ValueError("a leaving neuron still has a row of W: transfer it first")
    if basis is None:
        basis = reader_basis(network, last=[int(j) for j in leaving])
    rounded = ColumnBasis(basis.basis, basis.rest, basis.coefficients.astype(np.float64))
    end = network.replace(rows_cleared(network.kind, network.parameters(), rounded, leaving))
    return Segment(kind_of(network, end), network, end)
