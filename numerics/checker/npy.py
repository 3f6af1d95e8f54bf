"""A certificate's arrays: `.npy` 1.0 exactly as numpy writes it. Nothing is parsed, only compared."""

import io

import numpy as np
from numpy.lib import format as npy_format

from .arrays import Array
from .errors import Refused


def canonical_header(shape: tuple[int, ...]) -> bytes:
    """What numpy writes before the values of a float64 C-order array of this shape."""
    stream = io.BytesIO()
    npy_format.write_array_header_1_0(stream, {"descr": "<f8", "fortran_order": False, "shape": shape})
    return stream.getvalue()


def read_array(entry: memoryview, shape: tuple[int, ...], name: str) -> Array:
    """The finite float64 array of `shape` in `entry`, as a read-only view. Raises Refused naming `name`."""
    header = canonical_header(shape)
    count = 1
    for length in shape:
        count *= length
    # Sizes first: no array is built from bytes that do not have the length its shape demands.
    if len(entry) != len(header) + 8 * count:
        raise Refused(f"{name} has {len(entry)} bytes: an array of shape {shape} takes {len(header) + 8 * count}")
    if entry[: len(header)] != header:
        raise Refused(f"{name} does not start with the header that numpy writes for shape {shape}")
    values = np.frombuffer(entry, dtype="<f8", offset=len(header)).reshape(shape)
    if not np.isfinite(values).all():
        raise Refused(f"{name} holds a value that is not finite")
    return values
