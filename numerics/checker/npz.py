"""The user's `.npz` files: a zip of `.npy` arrays, possibly deflated, never pickled, within a budget.

Files of other writers than numpy are read too, so this is a tolerant reader; its strict sibling for
certificates is npy.py.
"""

import io
import math
import os
import re
import zipfile
from collections.abc import Collection
from typing import Any

import numpy as np
import numpy.typing as npt

from .errors import Unusable
from .files import read_bytes

Raw = npt.NDArray[Any]
_HEADER_LENGTH_BYTES = {b"\x01\x00": 2, b"\x02\x00": 4, b"\x03\x00": 4}
_HEADER = re.compile(
    r"\{ *'descr': *'([^']*)', *'fortran_order': *(True|False), *'shape': *\(([0-9, ]{0,200})\),? *\}\s*",
    re.ASCII,
)
_NUMBER = re.compile(r"[<>|=](?:[iu][1248]|f[248])")
_TRUTH = re.compile(r"\|b1")
_TEXT = re.compile(r"[<>|=]U[1-9][0-9]{0,2}")


def read_npz(
    path: str | os.PathLike[str], budget: int, what: str, only: Collection[str] | None = None
) -> dict[str, Raw]:
    """The arrays of the file by name (all, or those in `only`): integers, floats and short strings.

    Raises Unusable (the file, the relation violated, what to do).
    """
    blob = read_bytes(path, budget, what)
    try:
        with zipfile.ZipFile(io.BytesIO(blob)) as archive:
            return _read_entries(archive, path, budget, what, only)
    except (Unusable, MemoryError):
        raise
    # zipfile raises a dozen kinds of exceptions on garbage (BadZipFile, NotImplementedError, zlib.error,
    # struct.error, RuntimeError for encryption, UnicodeDecodeError, ...), a list that grows with Python.
    except Exception as error:
        reason = str(error) or type(error).__name__
        raise Unusable(f"{path}: not a readable .npz file ({reason[:120]}): write {what} with numpy.savez") from None


def _read_entries(
    archive: zipfile.ZipFile, path: object, budget: int, what: str, only: Collection[str] | None
) -> dict[str, Raw]:
    directory = archive.infolist()
    names = [entry.filename.removesuffix(".npy") for entry in directory]
    if len(set(names)) != len(names):
        raise Unusable(f"{path}: two arrays have the same name: write {what} again with numpy.savez")
    wanted = [(name, entry) for name, entry in zip(names, directory, strict=True) if only is None or name in only]
    # The directory's sizes bound everything read below, so a bomb is refused before it goes off.
    total = sum(entry.file_size for _, entry in wanted)
    if total > budget:
        raise Unusable(f"{path}: unpacks to {total} bytes, more than the {budget} allowed for {what}: raise --memory")
    arrays = {}
    for name, entry in wanted:
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise Unusable(f"{path}: {name} is neither stored nor deflated: write {what} with numpy.savez")
        with archive.open(entry) as stream:
            # An explicit size keeps the decompressor from producing more than that at once.
            contents = stream.read(entry.file_size) if entry.file_size else b""
        try:
            arrays[name] = parse_npy(contents)
        except ValueError as error:
            raise Unusable(f"{path}: {name} {error}") from None
    return arrays


def parse_npy(contents: bytes) -> Raw:
    """The array in a `.npy` file of any version. Raises ValueError: what is wrong with it and what to do."""
    length_bytes = _HEADER_LENGTH_BYTES.get(contents[6:8])
    if contents[:6] != b"\x93NUMPY" or length_bytes is None:
        raise ValueError("is not in .npy format: write it with numpy.savez")
    header_at = 8 + length_bytes
    values_at = header_at + int.from_bytes(contents[8:header_at], "little")
    header = _HEADER.fullmatch(contents[header_at:values_at].decode("latin-1"))
    if not header or values_at > len(contents):
        raise ValueError("has a malformed or structured .npy header: write plain arrays with numpy.savez")
    descr, fortran, written_shape = header.groups()
    if not any(known.fullmatch(descr) for known in (_NUMBER, _TEXT, _TRUTH)):
        raise ValueError(f"has dtype {descr[:20]!r}: store integers or float16/32/64 (nothing pickled is ever read)")
    dtype = np.dtype(descr)
    shape = tuple(int(length) for length in written_shape.replace(",", " ").split())
    count = math.prod(shape)
    if count * dtype.itemsize != len(contents) - values_at:
        raise ValueError(f"does not have the number of bytes that its shape {shape} demands: write it again")
    flat = np.frombuffer(contents, dtype, count, values_at) if count else np.empty(0, dtype)
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
    values = np.ascontiguousarray(array, dtype=np.float64)
    if not np.isfinite(values).all():
        raise ValueError("has a value that is not finite: remove nan and inf")
    # ascontiguousarray makes a 0-d array 1-d
    return values.reshape(array.shape)
