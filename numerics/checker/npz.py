"""The user's `.npz` files: a zip of `.npy` arrays, possibly deflated, never pickled, within an allowance.

Files of other writers than numpy are read too, so this is a tolerant reader; its strict sibling for
certificates is npy.py.
"""

import math
import re
from collections.abc import Collection
from typing import Any

import numpy as np
import numpy.typing as npt

from .files import Allowance
from .unzip import unzip

Raw = npt.NDArray[Any]
# A float64 of every number, the masks of comparisons, and what widens a bfloat16.
BYTES_PER_NUMBER = 16
_HEADER_LENGTH_BYTES = {b"\x01\x00": 2, b"\x02\x00": 4, b"\x03\x00": 4}
_MAX_HEADER = 10_000
_LENGTH = "(?:0|[1-9][0-9]{0,18})"
_HEADER = re.compile(
    r" *\{ *'descr' *: *'([^' ]*)' *, *'fortran_order' *: *(True|False) *,"
    rf" *'shape' *: *\(((?: *{_LENGTH} *,)*)( *{_LENGTH})? *\) *,? *\}} *\n?",
    re.ASCII,
)
_NUMBER = re.compile(r"[<>][iu][1248]|[<>]f[248]|\|[iu]1")
_TRUTH = re.compile(r"[<>|]b1")
_TEXT = re.compile(r"[<>]U[1-9][0-9]{0,2}")
_MAX_DIMENSIONS = 32


def read_npz(blob: bytes, allowance: Allowance, only: Collection[str] | None = None) -> dict[str, Raw]:
    """The arrays of the file by name (all, or those in `only`): integers, floats and short strings, views into it.

    Raises ValueError (the relation violated, what to do), Unusable if the allowance does not suffice.
    """
    stems = None if only is None else {name.encode("ascii") for name in only}
    arrays = {}
    for stem, contents in unzip(blob, allowance, stems).items():
        if not stem.isascii():
            raise ValueError(f"holds {stem[:60]!a}, a name that no array of it can have: remove the entry")
        name = stem.decode("ascii")
        try:
            arrays[name] = parse_npy(contents)
        except ValueError as error:
            raise ValueError(f"{name} {error}") from None
    allowance.take(BYTES_PER_NUMBER * sum(array.size for array in arrays.values()), "takes, as float64,")
    return arrays


def parse_npy(contents: memoryview) -> Raw:
    """The array in a `.npy` file of any version. Raises ValueError: what is wrong with it and what to do."""
    length_bytes = _HEADER_LENGTH_BYTES.get(bytes(contents[6:8]))
    if bytes(contents[:6]) != b"\x93NUMPY" or length_bytes is None:
        raise ValueError("is not in .npy format: write it with numpy.savez")
    header_at = 8 + length_bytes
    values_at = header_at + int.from_bytes(contents[8:header_at], "little")
    if values_at - header_at > _MAX_HEADER or values_at > len(contents):
        raise ValueError("has a .npy header that is too long: write plain arrays with numpy.savez")
    header = _HEADER.fullmatch(bytes(contents[header_at:values_at]).decode("latin-1"))
    if not header:
        raise ValueError("has a malformed or structured .npy header: write plain arrays with numpy.savez")
    descr, fortran, lengths, last = header.groups()
    if not any(known.fullmatch(descr) for known in (_NUMBER, _TEXT, _TRUTH)):
        raise ValueError(f"has dtype {descr[:20]!r}: store integers or float16/32/64 (nothing pickled is ever read)")
    if last is not None and not lengths:
        raise ValueError("has a malformed .npy header, whose shape is a number: write plain arrays with numpy.savez")
    dtype = np.dtype(descr)
    shape = tuple(int(length) for length in f"{lengths}{last or ''}".replace(",", " ").split())
    if len(shape) > _MAX_DIMENSIONS or 0 in shape:
        raise ValueError(f"has shape {shape}: at least one row, column or entry is needed in every dimension")
    count = math.prod(shape)
    if count * dtype.itemsize != len(contents) - values_at:
        raise ValueError(f"does not have the number of bytes that its shape {shape} demands: write it again")
    flat = np.frombuffer(contents, dtype, count, values_at)
    return flat.reshape(shape, order="F" if fortran == "True" else "C")


def as_float64(array: Raw) -> npt.NDArray[np.float64]:
    """The same numbers as finite float64, exactly. Raises ValueError (relation violated, what to do)."""
    kind, size = array.dtype.kind, array.dtype.itemsize
    if kind not in "iuf":
        raise ValueError(f"has dtype {array.dtype}: store integers or float16/32/64")
    if kind in "iu" and size == 8 and array.size:
        beyond = (array > 1 << 53) | (array < -(1 << 53)) if kind == "i" else array > 1 << 53
        if beyond.any():
            raise ValueError("has an integer beyond 2^53, which float64 cannot hold exactly: scale it down")
    # Before any conversion: that of a signalling NaN would warn.
    if kind == "f" and not np.isfinite(array).all():
        raise ValueError("has a value that is not finite: remove nan and inf")
    # An entry may start anywhere in the file: bits are only read where they are aligned.
    values: npt.NDArray[np.float64] = np.require(array, np.float64, ["C", "A"])
    return values
