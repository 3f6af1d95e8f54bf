"""Networks from and to `.npz` and `.safetensors`, exactly: every float16, float32 or float64 is a rational."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.archives import read_npz
from numerics.errors import InputError
from numerics.files import read_bounded, write_atomically
from numerics.networks.base import Network
from numerics.networks.classes import CLASSES, network_of
from numerics.networks.foreign import require_relu_metadata, require_relu_names
from numerics.strict_json import canonical


def read_network(path: Path) -> Network:
    """The network in `path`. Raises InputError, prefixed by the file's name, if it is not one that can be used."""
    arrays, scalars = _read_safetensors(path) if path.suffix.lower() == ".safetensors" else _read_npz(path)
    try:
        return network_from(arrays, scalars.get("class"), scalars.get("bias"))
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


def network_from(arrays: dict[str, NDArray[Any]], kind: str | None, bias: str | None) -> Network:
    """A network from named arrays, its class and the text of `bias` ("0" or "1"). Raises InputError."""
    require_relu_names(arrays)
    if kind not in CLASSES:
        raise InputError(f"class is {kind!r}: one of {', '.join(CLASSES)} must be stored under 'class'")
    if bias not in ("0", "1"):
        raise InputError(f"bias is {bias!r}: 0 or 1 must be stored under 'bias' (1: the first layer sees (x, 1))")
    return network_of(kind, arrays, bias=bias == "1")


def require_network_name(path: Path) -> None:
    """Refuse a file name by which `write_network` would not know the format."""
    if path.suffix.lower() not in (".npz", ".safetensors"):
        raise InputError(f"{path}: a network's file name ends in .npz or .safetensors")


def write_network(path: Path, network: Network, *, force: bool = False) -> None:
    """Write `.npz` or `.safetensors` (by the name's ending) in one step; float64, bit for bit."""
    require_network_name(path)
    if path.suffix.lower() == ".safetensors":
        from safetensors.numpy import save

        metadata = {"class": network.kind, "bias": str(int(network.bias))}
        content = _in_order(save(dict(network.parameters()), metadata=metadata))
    else:
        stream = io.BytesIO()
        scalars = {"class": np.array(network.kind), "bias": np.array(int(network.bias))}
        named: dict[str, Any] = {**scalars, **network.parameters()}
        np.savez(stream, **named)
        content = stream.getvalue()
    write_atomically(path, content, force=force)


def _in_order(content: bytes) -> bytes:
    """The same `.safetensors` with its metadata sorted: the library writes them in random order."""
    end = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:end])
    header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
    text = canonical(header, sort_keys=False)
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + content[end:]


def _read_npz(path: Path) -> tuple[dict[str, NDArray[Any]], dict[str, str]]:
    arrays = read_npz(path, "a network")
    scalars: dict[str, str] = {
        name: _scalar(path, name, arrays.pop(name)) for name in ("class", "bias") if name in arrays
    }
    return arrays, scalars


def _scalar(path: Path, name: str, array: NDArray[Any]) -> str:
    kinds = "U" if name == "class" else "biuf"
    if array.ndim != 0 or array.dtype.kind not in kinds:
        wanted = "a string" if name == "class" else "0 or 1"
        raise InputError(f"{path}: {name} has shape {array.shape} and type {array.dtype}: {wanted} is needed, a scalar")
    return str(int(array[()])) if array.dtype.kind in "biu" else str(array[()])


def _read_safetensors(path: Path) -> tuple[dict[str, NDArray[Any]], dict[str, str]]:
    from safetensors import SafetensorError, safe_open
    from safetensors.numpy import load

    content = read_bounded(path, "a network")
    try:
        arrays = load(content)
        with safe_open(path, framework="numpy") as opened:
            metadata = opened.metadata() or {}
        require_relu_names(arrays)
        require_relu_metadata(metadata)
        for name, array in arrays.items():
            if array.dtype.kind != "f":
                raise ValueError(f"{name} has type {array.dtype}")
    except InputError as error:
        raise InputError(f"{path}: {error}") from None
    except (SafetensorError, ValueError, TypeError, KeyError, AttributeError, OSError) as error:
        words = " ".join(str(error).split())[:200]
        raise InputError(
            f"{path} is not a readable .safetensors file of float16, float32 or float64 ({words})"
        ) from None
    return dict(arrays), metadata
