"""The tensors in the bytes of a `.safetensors` file: a length, a JSON header, numbers that fill the rest without gaps.

The library reads neither bfloat16 into numpy nor a header within a budget, and ignores what it does not know; here the
checker must read the same. What is read here the library reads as well (`tests/agreement/test_readers_agree.py`).
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from numerics.errors import InputError
from numerics.files.archives.source import PER_NUMBER, Source

LONGEST_HEADER = 1 << 24
PER_HEADER_BYTE = 64  # bytes of Python objects for each, at worst; measured by a test
MOST_DIMENSIONS = 8
FLOATS = {"F16": "<f2", "BF16": "<u2", "F32": "<f4", "F64": "<f8"}
TYPES = (
    FLOATS | {"BOOL": "|b1"} | {f"{kind}{8 * size}": f"<{kind.lower()}{size}" for kind in "IU" for size in (1, 2, 4, 8)}
)


def tensors_in(source: Source) -> tuple[dict[str, NDArray[Any]], dict[str, str], Source]:
    """Name -> array, the metadata, and the source with both counted. Raises InputError."""
    content = source.content
    end = 8 + int.from_bytes(content[:8], "little")
    if end > min(len(content), 8 + LONGEST_HEADER) or content[8:9] != b"{":
        raise InputError("it is neither an .npz nor a .safetensors file: save the network as one of them")
    source = source.counting(PER_HEADER_BYTE * (end - 8), "its header")
    entries = _header(content[8:end])
    metadata = entries.pop("__metadata__", {})
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        raise InputError("its metadata are no strings: save class and bias as texts")
    places = sorted(_place(name, entry) for name, entry in entries.items())
    source = source.counting(PER_NUMBER * sum(math.prod(shape) for *_, shape in places), "its arrays, as float64,")
    arrays, at = {}, 0
    for first, last, name, kind, shape in places:
        dtype = np.dtype(TYPES[kind])
        if first != at or last - first != math.prod(shape) * dtype.itemsize or end + last > len(content):
            raise InputError(
                f"{name[:60]!r} has offsets {first} to {last}: its shape and type and the file want others"
            )
        bits = np.frombuffer(content, dtype, math.prod(shape), end + first) if last > first else np.empty(0, dtype)
        arrays[name] = (_floats_of_bfloat16(bits) if kind == "BF16" else bits).reshape(shape)
        at = last
    if end + at != len(content):
        raise InputError(f"it has {len(content) - end - at} bytes after its last array: the file is damaged")
    return arrays, metadata, source


def _floats_of_bfloat16(bits: NDArray[Any]) -> NDArray[Any]:
    """Each bfloat16 is the upper half of the float32 of its value."""
    whole = np.zeros((len(bits), 2), dtype="<u2")
    whole[:, 1] = bits
    return whole.view("<f4").reshape(-1)


def _require_text(value: object) -> None:
    """Raise ValueError for half of a surrogate pair, which has no bytes, in any name or text."""
    if isinstance(value, str):
        value.encode()
    elif isinstance(value, Mapping):
        for name, entry in value.items():
            _require_text(name)
            _require_text(entry)
    elif isinstance(value, list):
        for entry in value:
            _require_text(entry)


def _header(text: bytes) -> dict[str, Any]:
    """The header's object. Raises InputError unless it is JSON of objects, lists, texts and sizes, nothing twice."""
    try:
        entries: dict[str, Any] = json.loads(
            text.decode(), object_pairs_hook=_object, parse_int=_size, parse_float=_reject, parse_constant=_reject
        )
        _require_text(entries)
    except (ValueError, RecursionError) as error:
        words = " ".join(str(error).split())[:100]
        raise InputError(f"its .safetensors header is malformed ({words}): save the network again") from None
    return entries


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    entries = dict(pairs)
    if len(entries) < len(pairs):
        raise ValueError("a key stands twice in one object")
    return entries


def _size(digits: str) -> int:
    if digits.startswith("-") or len(digits) > 19 or int(digits) >= 1 << 63:
        raise ValueError(f"{digits[:30]} is no size")
    return int(digits)


def _reject(number: str) -> NoReturn:
    raise ValueError(f"{number[:30]} is no size")


def _place(name: str, entry: object) -> tuple[int, int, str, str, tuple[int, ...]]:
    """First and last offset, name, type and shape of an array."""
    if not isinstance(entry, Mapping) or entry.keys() != {"dtype", "shape", "data_offsets"}:
        raise InputError(f"{name[:60]!r} has other keys than dtype, shape and data_offsets in its header")
    kind, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    if not isinstance(kind, str) or kind not in TYPES:
        raise InputError(f"{name[:60]!r} has type {str(kind)[:20]}: float16, bfloat16, float32 or float64 is needed")
    for sizes in (shape, offsets):
        if not isinstance(sizes, list) or not all(type(size) is int for size in sizes):
            raise InputError(f"{name[:60]!r} has a malformed shape or malformed offsets in its header")
    if len(offsets) != 2 or len(shape) > MOST_DIMENSIONS:
        raise InputError(f"{name[:60]!r} has a malformed shape or malformed offsets in its header")
    return offsets[0], offsets[1], name, kind, tuple(shape)
