"""The `.safetensors` format: an 8-byte length, a json header, little-endian tensors that tile the rest."""

import json
import math
from operator import itemgetter
from typing import Any

import numpy as np

from .files import Allowance
from .npz import BYTES_PER_NUMBER, Raw

# A bfloat16 is the upper half of a float32.
_DTYPES: dict[str, np.dtype[Any]] = {
    "BF16": np.dtype("<u2"),
    "F16": np.dtype("<f2"),
    "F32": np.dtype("<f4"),
    "F64": np.dtype("<f8"),
}
_MAX_HEADER = 1 << 24
# The worst text for Python's objects, `{"":{"":...}}`, takes some 50 times its length (measured by a test).
BYTES_PER_LETTER = 64
_MAX_DIMENSIONS = 8  # a product of any number of sizes takes any time


def parse_safetensors(blob: bytes, allowance: Allowance) -> tuple[dict[str, Raw], dict[str, str]]:
    """Tensors and metadata. Raises ValueError: what is wrong with the file; Unusable: the allowance is too small."""
    length = int.from_bytes(blob[:8], "little")
    if len(blob) < 8 or length > min(_MAX_HEADER, len(blob) - 8) or blob[8:9] != b"{":
        raise ValueError("is neither a zip archive nor a safetensors file: save it as one of them")
    allowance.take(BYTES_PER_LETTER * length, "takes, its header read,")
    try:
        header = json.loads(
            blob[8 : 8 + length].decode("utf-8"),
            object_pairs_hook=_no_duplicates,
            parse_int=_natural,
            parse_float=_no_number,
            parse_constant=_no_number,
        )
    except (ValueError, RecursionError) as error:
        raise ValueError(f"has a malformed safetensors header ({str(error)[:80]})") from None
    metadata = header.pop("__metadata__", {})
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        raise ValueError("has safetensors metadata other than strings")
    for text in (*header, *metadata, *metadata.values()):
        _require_unicode(text)
    values = memoryview(blob)[8 + length :]
    tensors = {}
    end = 0
    described = sorted(((name, *_tensor(name, entry)) for name, entry in header.items()), key=itemgetter(1, 2))
    allowance.take(BYTES_PER_NUMBER * sum(math.prod(shape) for *_, shape in described), "takes, as float64,")
    for name, first, last, dtype, shape in described:
        if first != end or last - first != dtype.itemsize * math.prod(shape) or last > len(values):
            raise ValueError(f"has a safetensors header whose offsets do not tile the file at {name[:40]!r}")
        stored = np.frombuffer(values[first:last], dtype).reshape(shape)
        tensors[name] = _widened(stored) if dtype.kind == "u" else stored
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
        raise ValueError(f"stores {name[:40]!r} with dtype {str(dtype)[:20]}: use BF16, F16, F32 or F64")
    if not _naturals(shape) or not _naturals(offsets) or len(offsets) != 2 or len(shape) > _MAX_DIMENSIONS:
        raise ValueError(f"has a malformed shape or offsets for {name[:40]!r}")
    return offsets[0], offsets[1], _DTYPES[dtype], tuple(shape)


def _widened(halves: Raw) -> Raw:
    """The float32 whose upper halves these are: the same values exactly."""
    return (halves.astype("<u4") << 16).view("<f4")


def _natural(written: str) -> int:
    if not written.isdigit() or len(written) > 19:
        raise ValueError(f"a number that is no size: {written[:20]}")
    return int(written)


def _no_number(written: str) -> int:
    raise ValueError(f"a number that is no size: {written[:20]}")


def _require_unicode(text: str) -> None:
    """Half of a surrogate pair is no text, and other readers refuse it."""
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        raise ValueError("has half a surrogate pair in its safetensors header")


def _naturals(value: object) -> bool:
    return isinstance(value, list) and all(type(entry) is int and 0 <= entry < 1 << 63 for entry in value)


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("duplicate key")
    return dict(pairs)
