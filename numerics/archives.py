"""Reading named arrays from `.npz`: never pickled, sizes checked before anything is unpacked."""

from __future__ import annotations

import io
import math
import warnings
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.arithmetic.budget import DEFAULT, require
from numerics.errors import InputError
from numerics.files import read_bounded


def read_npz(path: Path, what: str) -> dict[str, NDArray[Any]]:
    """Name -> array. Raises InputError for anything but an ordinary `.npz` of plain arrays within the memory budget."""
    content = read_bounded(path, what)
    try:
        with warnings.catch_warnings(), zipfile.ZipFile(io.BytesIO(content)) as archive:
            warnings.simplefilter("error")  # numpy warns of odd headers instead of refusing them
            return {_stem(name): read_array(entry, name) for name, entry in read_entries(archive).items()}
    except InputError as error:
        raise InputError(f"{path}: {error}") from None
    except Exception as error:  # hostile bytes make zipfile, zlib, ast and numpy raise almost anything
        raise InputError(f"{path} is not a readable .npz ({_line(error)}): write it with numpy.savez") from None


def read_entries(archive: zipfile.ZipFile, budget: int | None = None) -> dict[str, bytes]:
    """Name -> bytes of every entry, as long as the directory declares. Raises InputError over budget or on repeats."""
    entries = archive.infolist()
    stems = [_stem(entry.filename) for entry in entries]
    if len(set(stems)) != len(stems):
        raise InputError("it names an entry twice: one array per name is needed")
    allowed = DEFAULT if budget is None else budget
    require(float(sum(entry.file_size for entry in entries)), allowed, "it, unpacked,")
    contents = {}
    for entry in entries:
        with archive.open(entry) as stream:
            contents[entry.filename] = stream.read(entry.file_size)
            if len(contents[entry.filename]) != entry.file_size or stream.read(1):
                raise InputError(f"{entry.filename} is not as long as the archive declares: the file is damaged")
    return contents


def read_array(content: bytes, name: str) -> NDArray[Any]:
    """The array in the bytes of a `.npy`. Raises InputError if it is pickled or not as long as its header says."""
    stream = io.BytesIO(content)
    version = np.lib.format.read_magic(stream)
    header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, _, dtype = header(stream)
    if dtype.hasobject:
        raise InputError(f"{name} holds Python objects: pickled arrays are never read; save plain numbers")
    if math.prod(shape) * dtype.itemsize != len(content) - stream.tell():
        raise InputError(f"{name} declares shape {shape} but holds another number of bytes: the file is damaged")
    return np.lib.format.read_array(io.BytesIO(content), allow_pickle=False)


def _stem(name: str) -> str:
    return name[:-4] if name.endswith(".npy") else name


def _line(error: BaseException) -> str:
    words = " ".join(str(error).split())
    if not words or "allow_pickle" in words:  # numpy's advice to trust a file is not passed on
        return type(error).__name__
    return words[:200]
