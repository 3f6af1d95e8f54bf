"""Files to spoil: whole ones, ways to write broken ones, and what a refusal looks like."""

import hashlib
import io
import json
import struct
import zipfile

import numpy as np
from safetensors.numpy import save as safetensors_bytes

from support.command_line import skipscape

DRAW = np.random.default_rng(11)
W, V, A, U = (DRAW.integers(-8, 9, shape) / 8 for shape in ((6, 3), (2, 6), (2, 6), (2, 2)))
NET = {"class": "parallel", "bias": 1, "W": W, "V": V, "A": A, "a": np.ones(2), "U": U, "c": np.zeros(2)}
OTHER = NET | {"W": W[::-1] + 1.0}
REFERENCE = {"class": "two-layer", "bias": 1, "W": W[:3] / 2, "V": V[:, :3], "c": np.zeros(2)}
POINTS = {"X": DRAW.integers(-8, 9, (8, 2)) / 4, "Y": DRAW.integers(-8, 9, (8, 2)) / 4}
ABSENT = object()


def changed(arrays, changes):
    return {name: value for name, value in (arrays | changes).items() if value is not ABSENT}


def npz(arrays):
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return stream.getvalue()


def zipped(entries, compression=zipfile.ZIP_STORED):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return stream.getvalue()


def npy(header, values=b"\0" * 8):
    text = header.encode("latin-1")
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + values


def described(shape, descr="<f8"):
    return f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n"


def tensors(arrays, **metadata):
    plain = {name: np.ascontiguousarray(array) for name, array in arrays.items() if name not in ("class", "bias")}
    return safetensors_bytes(plain, metadata=metadata or None)


def raw_tensors(header, values=b""):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + values


def single(dtype, size):
    entry = {"dtype": dtype, "shape": [6, 3], "data_offsets": [0, 18 * size]}
    return raw_tensors({"__metadata__": {"class": "two-layer", "bias": "1"}, "W": entry}, b"\0" * 18 * size)


def spoilt(value, array=W):
    copy = array.copy()
    copy[0, 0] = value
    return copy


HEADER = "{'descr': '<f8', 'fortran_order'\n"
WHOLE = npz(NET)
ENCRYPTED = bytearray(WHOLE)
ENCRYPTED[6] |= 1
ENCRYPTED[ENCRYPTED.find(b"PK\1\2") + 8] |= 1


def digests(folder):
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir()) if path.is_file()
    }


def require_refused(folder, arguments, *words):
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


def connect_arguments(folder, start="A.npz", end="B.npz", data="D.npz"):
    return ["connect", folder / start, folder / end, "--data", folder / data, "--out", folder / "new.cert"]


def depth_arguments(folder, network="A.npz", reference="R.npz", data="D.npz"):
    given = ["--reference", folder / reference, "--data", folder / data]
    return ["depth", folder / network, *given, "--out", folder / "new.cert"]
