"""Reading named arrays from `.npz`: never pickled, sizes checked before anything is unpacked."""

from __future__ import annotations

import io
import zipfile
import zlib
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
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            names = [entry.filename for entry in entries]
            if len(set(names)) != len(names):
                raise InputError(f"{path} names an entry twice: {what} needs one array per name")
            require(float(sum(entry.file_size for entry in entries)), DEFAULT, f"{path}, unpacked,")
            return {_stem(entry.filename): _array(archive, entry) for entry in entries}
    except InputError as error:
        raise InputError(str(error) if str(path) in str(error) else f"{path}: {error}") from None
    except (
        zipfile.BadZipFile,
        zlib.error,
        ValueError,
        OSError,
        EOFError,
        KeyError,
        TypeError,
        NotImplementedError,
    ) as error:
        raise InputError(f"{path} is not a readable .npz ({_line(error)}): write it with numpy.savez") from None
    except (SyntaxError, MemoryError, RuntimeError, OverflowError, RecursionError) as error:
        raise InputError(f"{path} is not a readable .npz ({_line(error)}): write it with numpy.savez") from None


def _array(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> NDArray[Any]:
    content = archive.read(entry)  # zipfile checks length and CRC against the directory
    stream = io.BytesIO(content)
    version = np.lib.format.read_magic(stream)
    header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, _, dtype = header(stream)
    if dtype.hasobject:
        raise InputError(f"{entry.filename} holds Python objects: pickled arrays are never read; save plain numbers")
    count = 1
    for length in shape:
        count *= length
    if count * dtype.itemsize != len(content) - stream.tell():
        raise InputError(
            f"{entry.filename} declares shape {shape} but holds another number of bytes: the file is damaged"
        )
    return np.lib.format.read_array(io.BytesIO(content), allow_pickle=False)


def _stem(name: str) -> str:
    return name[:-4] if name.endswith(".npy") else name


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
