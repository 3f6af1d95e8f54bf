"""Values with their samples last: every entry of a value is one row of all samples; windows copy whole rows.

A value (N, q, k) of the operations is stored as an array (k, q, N). An affine map then is one product of its matrix
with (k, q N), and what it makes, (o, q N), has the entries of an image, channel by channel, in their place already.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from numerics.networks.arrays import Array
from numerics.networks.graph.windows import OUTSIDE, Index

Places = NDArray[np.int64]


def taker(entries: int, rows: int, index: Index) -> Callable[[Array], Array]:
    """The operation `take` on arrays (entries, rows, N): to (k, q, N) for an index (q, k), 0 for `OUTSIDE`.

    Nothing is copied where only the shape changes.
    """
    wanted = index.T.ravel()
    places = wanted if 1 in (entries, rows) else wanted % entries * rows + wanted // entries
    outside = wanted == OUTSIDE
    whole = len(places) == entries * rows and bool((places == np.arange(len(places))).all())
    padded = bool(outside.any())
    sizes = index.shape[1], index.shape[0]

    def taken(array: Array) -> Array:
        flat = array.reshape(entries * rows, -1)
        if not whole:
            flat = flat.take(np.where(outside, 0, places) if padded else places, axis=0)
            if padded:
                flat[outside] = 0.0
        return flat.reshape(*sizes, -1)

    return taken


def stored(X: Array) -> Array:
    """Inputs (N, n) as a value of one row, (n, 1, N)."""
    return np.ascontiguousarray(X.T)[:, None, :]


def by_sample(array: Array) -> Array:
    """A value (k, q, N) with all its entries in order, (N, q k)."""
    return np.ascontiguousarray(array.transpose(2, 1, 0)).reshape(array.shape[2], -1)


def in_one_row(array: Array) -> Array:
    """A value (k, q, N) with all its entries in order in one row, (q k, 1, N)."""
    entries, rows, _ = array.shape
    return taker(entries, rows, np.arange(entries * rows, dtype=np.int64)[None, :])(array)
