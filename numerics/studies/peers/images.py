"""Digits of 28 x 28 pixels: scikit-learn's 8 x 8 ones made larger, so that networks read 784 inputs, offline."""

from __future__ import annotations

import numpy as np

from numerics.data import Data
from numerics.networks.arrays import Array

SIDE, LARGE = 8, 28
LEVELS = 256  # grey levels of a pixel


def enlarged(data: Data) -> Data:
    """Every image bilinear on 28 x 28 pixels, row by row, in multiples of 1/256: `X` (N, 64) becomes (N, 784).

    Entry by entry and in one order, so the same numbers on every machine. Raises ValueError for other sizes.
    """
    if data.X.shape[1] != SIDE * SIDE:
        raise ValueError(f"X has {data.X.shape[1]} columns: images of {SIDE} x {SIDE} are enlarged")
    images = _along(_along(data.X.reshape(-1, SIDE, SIDE)).transpose(0, 2, 1)).transpose(0, 2, 1)
    return Data(np.rint(LEVELS * images.reshape(-1, LARGE * LARGE)) / LEVELS, data.Y, f"{data.name}-{LARGE * LARGE}")


def _along(images: Array) -> Array:
    """The last axis from 8 to 28 entries: each the mean, weighted by nearness, of the two pixels around its place."""
    place = np.clip((np.arange(LARGE) + 0.5) * SIDE / LARGE - 0.5, 0.0, SIDE - 1.0)
    left = np.minimum(place.astype(np.int64), SIDE - 2)
    share = place - left
    found: Array = (1.0 - share) * images[..., left] + share * images[..., left + 1]
    return found
