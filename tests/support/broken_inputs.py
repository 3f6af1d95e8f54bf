"""Files to spoil: whole ones, ways to write broken ones, and what a refusal looks like."""

import hashlib
import io
import json
import struct
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save as safetensors_bytes

from support.command_line import skipscape

Arrays = dict[str, Any]
DRAW = np.random.default_rng(11)
W, V, A, U = (DRAW.integers(-8, 9, shape) / 8 for shape in ((6, 3), (2, 6), (2, 6), (2, 2)))
NET = {"class": "parallel", "bias": 1, "W": W, "V": V, "A": A, "a": np.ones(2), "U": U, "c": np.zeros(2)}
OTHER = NET | {"W": W[::-1] + 1.0}
REFERENCE = {"class": "two-layer", "bias": 1, "W": W[:3] / 2, "V": V[:, :3], "c": np.zeros(2)}
POINTS = {"X": DRAW.integers(-8, 9, (8, 2)) / 4, "Y": DRAW.integers(-8, 9, (8, 2)) / 4}
ABSENT = object()


def changed(arrays: Arrays, changes: Arrays) -> Arrays:
    return {name: value for name, value in (arrays | changes).items() if value is not ABSENT}


def npz(arrays: Mapping[str, Any]) -> bytes:
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return stream.getvalue()


def zipped(entries: Iterable[tuple[str, bytes]], compression: int = zipfile.ZIP_STORED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return stream.getvalue()


def npy(header: str, values: bytes = b"\0" * 8) -> bytes:
    text = header.encode("latin-1")
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + values


def described(shape: object, descr: str = "<f8") -> str:
    return f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n"


def tensors(arrays: Mapping[str, Any], **metadata: str) -> bytes:
    plain = {name: np.ascontiguousarray(array) for name, array in arrays.items() if name not in ("class", "bias")}
    return bytes(safetensors_bytes(plain, metadata=metadata or None))


def raw_tensors(header: object, values: bytes = b"") -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + values


def single(dtype: str, size: int) -> bytes:
    entry = {"dtype": dtype, "shape": [6, 3], "data_offsets": [0, 18 * size]}
    return raw_tensors({"__metadata__": {"class": "two-layer", "bias": "1"}, "W": entry}, b"\0" * 18 * size)


def spoilt(value: float, array: np.ndarray = W) -> np.ndarray:
    copy = array.copy()
    copy[0, 0] = value
    return copy


HEADER = "{'descr': '<f8', 'fortran_order'\n"
WHOLE = npz(NET)
ENCRYPTED = bytearray(WHOLE)
ENCRYPTED[6] |= 1
ENCRYPTED[ENCRYPTED.find(b"PK\1\2") + 8] |= 1


def digests(folder: Path) -> dict[str, str]:
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir()) if path.is_file()
    }


def require_refused(folder: Path, arguments: Iterable[object], *words: object) -> str:
    """Status 2, one line with the words, no output of any kind, every file as it was."""
    before = digests(folder)
    status, out, err = skipscape(*arguments)
    assert status == 2, (status, out, err)
    assert out == ""
    assert len(err.splitlines()) == 1, err
    assert "Traceback" not in err
    for word in words:
        assert str(word) in err
    assert digests(folder) == before
    return err


def connect_arguments(folder: Path, start: str = "A.npz", end: str = "B.npz", data: str = "D.npz") -> list[str | Path]:
    return ["connect", folder / start, folder / end, "--data", folder / data, "--out", folder / "new.cert"]


def depth_arguments(
    folder: Path, network: str = "A.npz", reference: str = "R.npz", data: str = "D.npz"
) -> list[str | Path]:
    given: list[str | Path] = ["--reference", folder / reference, "--data", folder / data]
    return ["depth", folder / network, *given, "--out", folder / "new.cert"]
