"""Files byte by byte: zip archives, `.npy` and `.safetensors` as any program could write them, right and wrong."""

from __future__ import annotations

import io
import json
import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

AnyArray = NDArray[Any]
ZIP64 = 0xFFFFFFFF


@dataclass(frozen=True)
class Entry:
    """One member. `central` and `local` overwrite what is said of it in the directory and before its content."""

    name: bytes
    content: bytes
    method: int = 0
    flags: int = 0
    descriptor: bool = False
    zip64_local: bool = False
    zip64_central: bool = False
    extra: bytes = b""
    packed: bytes | None = None
    central: Mapping[str, Any] = field(default_factory=dict)
    local: Mapping[str, Any] = field(default_factory=dict)

    def stored(self) -> bytes:
        """The content as it lies in the file."""
        if self.packed is not None:
            return self.packed
        if self.method != 8:
            return self.content
        engine = zlib.compressobj(6, zlib.DEFLATED, -15)
        return engine.compress(self.content) + engine.flush()


def zipped(
    entries: Sequence[Entry],
    *,
    before: bytes = b"",
    gap: bytes = b"",
    comment: bytes = b"",
    after: bytes = b"",
    zip64: bool = False,
    shift: int = 0,
    claimed: int | None = None,
    end: Mapping[str, int] | None = None,
) -> bytes:
    """The archive. `shift` is added to every offset, `claimed` stands for the comment's length.

    `end` overwrites fields of the end record or its zip64 form.
    """
    body, directory = bytearray(before), bytearray()
    for entry in entries:
        packed, offset = entry.stored(), len(body) + shift
        flags = entry.flags | (8 if entry.descriptor else 0)
        said: dict[str, Any] = {
            "flags": flags,
            "method": entry.method,
            "crc": zlib.crc32(entry.content),
            "packed": len(packed),
            "size": len(entry.content),
            "name": entry.name,
            "extra": entry.extra,
            "disk": 0,
            "offset": offset,
        }
        local, central = said | dict(entry.local), said | dict(entry.central)
        if entry.descriptor:
            local |= {"crc": 0, "packed": 0, "size": 0}
        if entry.zip64_local:
            local["extra"] += struct.pack("<HHQQ", 1, 16, local["size"], local["packed"])
            local |= {"packed": ZIP64, "size": ZIP64}
        if entry.zip64_central:
            central["extra"] += struct.pack("<HHQQQ", 1, 24, central["size"], central["packed"], central["offset"])
            central |= {"packed": ZIP64, "size": ZIP64, "offset": ZIP64}
        body += _local(local) + packed
        if entry.descriptor:
            body += struct.pack("<4s3I", b"PK\7\10", said["crc"], said["packed"], said["size"])
        directory += _central(central)
    body += gap
    fields = {"disk": 0, "first": 0, "here": len(entries), "count": len(entries)}
    fields |= {"size": len(directory), "start": len(body) + shift} | dict(end or {})
    place = len(body) + len(directory) + shift
    body += directory
    if zip64:
        body += struct.pack("<4sQ2H2I", b"PK\6\6", 44, 45, 45, fields["disk"], fields["first"])
        body += struct.pack("<4Q", fields["here"], fields["count"], fields["size"], fields["start"])
        body += struct.pack("<4sIQI", b"PK\6\7", 0, place, 1)
        fields |= {"here": 0xFFFF, "count": 0xFFFF, "size": ZIP64, "start": ZIP64}
    short = [fields[name] & 0xFFFF for name in ("disk", "first", "here", "count")]
    long = [fields[name] & ZIP64 for name in ("size", "start")]
    length = len(comment) if claimed is None else claimed
    return bytes(body + struct.pack("<4s4H2IH", b"PK\5\6", *short, *long, length) + comment + after)


def _local(said: Mapping[str, Any]) -> bytes:
    numbers = [said["crc"], said["packed"] & ZIP64, said["size"] & ZIP64, len(said["name"]), len(said["extra"])]
    fixed = struct.pack("<4s5H3I2H", said.get("mark", b"PK\3\4"), 20, said["flags"], said["method"], 0, 33, *numbers)
    return fixed + bytes(said["name"]) + bytes(said["extra"])


def _central(said: Mapping[str, Any]) -> bytes:
    note = said.get("comment", b"")
    numbers = [said["crc"], said["packed"] & ZIP64, said["size"] & ZIP64]
    lengths = [len(said["name"]), len(said["extra"]), len(note), said["disk"], 0]
    start = struct.pack("<4s6H3I", said.get("mark", b"PK\1\2"), 20, 20, said["flags"], said["method"], 0, 33, *numbers)
    fixed = start + struct.pack("<5H2I", *lengths, 0, said["offset"] & ZIP64)
    return fixed + bytes(said["name"]) + bytes(said["extra"]) + bytes(note)


def npy(array: AnyArray, *, version: int = 1, text: str | None = None, after: bytes = b"") -> bytes:
    """A `.npy` with this header's text (numpy's, if none is given)."""
    if text is None:
        stream = io.BytesIO()
        np.lib.format.write_array(stream, array, allow_pickle=True)
        text = stream.getvalue()[10 : 10 + int.from_bytes(stream.getvalue()[8:10], "little")].decode("latin-1")
    order = "F" if "True" in text else "C"
    header = text.encode("utf-8")
    length = struct.pack("<H" if version == 1 else "<I", len(header))
    values = b"" if array.dtype.hasobject else array.tobytes(order)  # type: ignore[arg-type]
    return b"\x93NUMPY" + bytes([version, 0]) + length + header + values + after


def described(array: AnyArray, **changes: str) -> str:
    """A header as numpy writes it, but for the changes of descr, order, shape or the whole `form`."""
    form = changes.get("form", "{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}\n")
    said = {"descr": f"'{array.dtype.str}'", "order": "False", "shape": str(array.shape)} | changes
    return form.format(**said)


def safetensors(
    arrays: Mapping[str, tuple[str, AnyArray]],
    metadata: Any,
    *,
    changes: Mapping[str, Mapping[str, Any]] | None = None,
    text: bytes | None = None,
    pad: bytes = b"",
    after: bytes = b"",
    swap: bool = False,
    hole: int = 0,
    gap: int = 0,
) -> bytes:
    """Tensors by name with their types; `changes` of single header entries, or the whole header's `text`."""
    header, values = {}, b""
    names = list(arrays)
    for name in reversed(names) if swap else names:
        kind, array = arrays[name]
        content = array.tobytes()
        values += b"\0" * (gap if values else 0)
        place = [len(values), len(values) + len(content)]
        header[name] = {"dtype": kind, "shape": list(array.shape), "data_offsets": place}
        header[name] |= dict((changes or {}).get(name, {}))
        values += content + b"\0" * hole
    if metadata is not None:
        header["__metadata__"] = metadata
    written = json.dumps(dict(sorted(header.items()))).encode() if text is None else text
    written += pad
    return struct.pack("<Q", len(written)) + written + values + after
