"""Arrays of weights: float64, whose bits are read and never rounded; or rationals, where some entry is no float."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from flint import fmpq, fmpz

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Integers = npt.NDArray[np.int64]
Weights = Mapping[str, Array]
"""Parameter name -> array, as in section 1 of the certificate's page."""


def is_rational(array: Array) -> bool:
    """Whether the array holds fmpq (dtype object): only corners of a path with exact segments do."""
    return array.dtype == np.object_


def rational(array: Array) -> npt.NDArray[Any]:
    """The same values as fmpq, in a new array."""
    if is_rational(array):
        return array.copy()
    cells = np.empty(array.size, dtype=np.object_)
    for k, value in enumerate(array.ravel().tolist()):
        p, q = value.as_integer_ratio()
        cells[k] = fmpq(fmpz(p), fmpz(q))
    return cells.reshape(array.shape)


def differing(before: Array, after: Array) -> Mask:
    """Which entries differ as numbers: a change from 0.0 to -0.0 is none."""
    if is_rational(before) or is_rational(after):
        before, after = rational(before), rational(after)
    mask: Mask = np.asarray(before != after, dtype=np.bool_)
    return mask


def is_float(value: fmpq) -> bool:
    """Whether some finite float64 has this value: an odd integer below 2^53 times a power of two in range."""
    p, q = abs(int(value.p)), int(value.q)
    if q & (q - 1):
        return False
    trailing = (p & -p).bit_length() - 1 if p else 0
    exponent = trailing - (q.bit_length() - 1)
    length = p.bit_length() - trailing
    return p == 0 or (length <= 53 and exponent >= -1074 and length + exponent <= 1024)


def little_endian(array: Array) -> memoryview:
    """The float64 little-endian C-order bytes of `array` (no copy when it already is that)."""
    require_floats(array)
    return np.ascontiguousarray(array, dtype="<f8").data.cast("B")


def same_bits(left: Array, right: Array) -> bool:
    """Equal shapes and equal bit patterns: 0.0 and -0.0 differ."""
    if left.shape != right.shape:
        return False
    return little_endian(left) == little_endian(right)


def require_floats(array: Array) -> None:
    """Guards what works on bits: a rational must never be rounded on the way. Raises TypeError."""
    if is_rational(array):
        raise TypeError("rationals where floats are needed")
