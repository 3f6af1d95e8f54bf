"""The `.safetensors` format: an 8-byte length, a json header, little-endian tensors that tile the rest."""

import json
import math
from operator import itemgetter
from typing import Any

import numpy as np

from .npz import Raw

_DTYPES: dict[str, np.dtype[Any]] = {"F16": np.dtype("<f2"), "F32": np.dtype("<f4"), "F64": np.dtype("<f8")}
_MAX_HEADER = 100_000_000
_MAX_DIMENSIONS = 8  # a product of any number of sizes takes any time


def parse_safetensors(blob: bytes) -> tuple[dict[str, Raw], dict[str, str]]:
    """Tensors (views into `blob`) and metadata. Raises ValueError: what is wrong with the file."""
    length = int.from_bytes(blob[:8], "little")
    if len(blob) < 8 or length > min(_MAX_HEADER, len(blob) - 8):
        raise ValueError("is no safetensors file: its header does not fit into it")
    try:
        header = json.loads(blob[8 : 8 + length].decode("utf-8"), object_pairs_hook=_no_duplicates)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"has a malformed safetensors header ({str(error)[:80]})") from None
    if not isinstance(header, dict):
        raise ValueError("has a safetensors header that is no object")
    metadata = header.pop("__metadata__", {})
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        raise ValueError("has safetensors metadata other than strings")
    values = memoryview(blob)[8 + length :]
    tensors = {}
    end = 0
    for name, first, last, dtype, shape in sorted(
        ((name, *_tensor(name, entry)) for name, entry in header.items()), key=itemgetter(1, 2)
    ):
        if first != end or last - first != dtype.itemsize * math.prod(shape) or last > len(values):
            raise ValueError(f"has a safetensors header whose offsets do not tile the file at {name[:40]!r}")
        tensors[name] = np.frombuffer(values[first:last], dtype).reshape(shape)
        end = last
    if end != len(values):
        raise ValueError(f"has {len(values) - end} bytes that belong to no tensor")
    return tensors, metadata


def _tensor(name: str, entry: object) -> tuple[int, int, np.dtype[Any], tuple[int, ...]]:
    """First and last offset, dtype and shape of one tensor."""
    if not isinstance(entry, dict) or set(entry) != {"dtype", "shape", "data_offsets"}:
        raise ValueError(f"describes {name[:40]!r} by other keys than dtype, shape, data_offsets")
    dtype, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    if not isinstance(dtype, str) or dtype not in _DTYPES:
        raise ValueError(f"stores {name[:40]!r} with dtype {str(dtype)[:20]}: use F16, F32 or F64")
    if not _naturals(shape) or not _naturals(offsets) or len(offsets) != 2 or len(shape) > _MAX_DIMENSIONS:
        raise ValueError(f"has a malformed shape or offsets for {name[:40]!r}")
    return offsets[0], offsets[1], _DTYPES[dtype], tuple(shape)


def _naturals(value: object) -> bool:
    return isinstance(value, list) and all(type(entry) is int and 0 <= entry < 1 << 63 for entry in value)


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("duplicate key")
    return dict(pairs)
