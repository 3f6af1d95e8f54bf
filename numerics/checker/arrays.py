"""Float64 arrays as bytes. Floats are data here: their bits are read, never rounded or computed with."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Integers = npt.NDArray[np.int64]
Weights = Mapping[str, Array]
"""Parameter name -> array, as in section 1 of the certificate's page."""


def little_endian(array: Array) -> memoryview:
    """The float64 little-endian C-order bytes of `array` (no copy when it already is that)."""
    return np.ascontiguousarray(array, dtype="<f8").data.cast("B")


def same_bits(left: Array, right: Array) -> bool:
    """Equal shapes and equal bit patterns: 0.0 and -0.0 differ."""
    if left.shape != right.shape:
        return False
    return little_endian(left) == little_endian(right)
