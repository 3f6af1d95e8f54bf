"""Networks from and to `.npz` and `.safetensors`, exactly: every float of at most 64 bits is a rational."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.arithmetic.budget import DEFAULT
from numerics.common.strict_json import canonical
from numerics.errors import InputError
from numerics.files import write_atomically
from numerics.files.archives import read_npz, read_safetensors, source_of
from numerics.networks.arrays import flag
from numerics.networks.base import Network
from numerics.networks.classes import CLASSES, network_of
from numerics.networks.files.refused import require_relu_metadata, require_relu_names
from numerics.networks.graph import Graph
from numerics.networks.graph.text import KEY as GRAPH
from numerics.networks.graph.text import parsed, written
from numerics.networks.origin import KEY as ORIGIN
from numerics.networks.origin import Origin


def read_network(path: Path, budget: int = DEFAULT) -> Network:
    """The network in `path`, which takes at most `budget` bytes to read: by its content, `.npz` or `.safetensors`.

    Raises InputError, prefixed by the file's name, if it is not one that can be asked about.
    """
    source = source_of(path, "a network", budget)
    try:
        if source.is_zip:
            arrays = dict(read_npz(source).arrays)
            return network_from(arrays, _class(arrays.pop("class", None)), arrays.pop("bias", None))
        loaded = read_safetensors(source)
        kind, bias = loaded.metadata.get("class"), loaded.metadata.get("bias")
        if kind != Graph.kind:  # whose nodes say what its arrays are, by the names that they had
            require_relu_names(loaded.arrays)
        require_relu_metadata(loaded.metadata)
        for name, array in loaded.arrays.items():
            if array.dtype.kind != "f":
                raise InputError(f"{name} has type {array.dtype}: float16, bfloat16, float32 or float64 is needed")
        origin = Origin.of_text(loaded.metadata[ORIGIN]) if ORIGIN in loaded.metadata else None
        if kind == Graph.kind:
            if bias != "0":
                raise InputError(
                    f"its bias is {str(bias)[:40]!r}: '0' is needed for a graph, whose nodes have their own"
                )
            network: Network = Graph(parsed(loaded.metadata.get(GRAPH, "")), loaded.arrays)
        else:
            network = network_from(loaded.arrays, kind, {"0": 0, "1": 1}.get(str(bias), bias))
        return network if origin is None else network.with_origin(origin)
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


def network_from(arrays: Mapping[str, NDArray[Any]], kind: str | None, bias: object) -> Network:
    """A network from named arrays, its class and `bias`: 0 or 1 in any form that is one. Raises InputError."""
    require_relu_names(arrays)
    if kind not in CLASSES:
        raise InputError(f"class is {kind!r}: one of {', '.join(CLASSES)} must be stored under 'class'")
    return network_of(kind, arrays, bias=flag(bias))


def require_network_name(path: Path) -> None:
    """Refuse a file name by which `write_network` would not know the format."""
    if path.suffix.lower() not in (".npz", ".safetensors"):
        raise InputError(f"{path}: a network's file name ends in .npz or .safetensors")


def suffix_of(network: Network) -> str:
    """The ending of a file that holds it."""
    return ".safetensors" if isinstance(network, Graph) else ".npz"


def write_network(path: Path, network: Network, *, force: bool = False) -> None:
    """Write `.npz` or `.safetensors` (by the name's ending) in one step; float64, bit for bit.

    A graph, and where a converted network came from, only `.safetensors` holds. Raises InputError, also for names and
    sizes that would not be read again.
    """
    require_network_name(path)
    if isinstance(network, Graph) and path.suffix.lower() != ".safetensors":
        raise InputError(f"{path}: the file name of a graph network ends in .safetensors")
    if path.suffix.lower() == ".safetensors":
        from safetensors.numpy import save

        metadata = {"class": network.kind, "bias": str(int(network.bias))}
        if isinstance(network, Graph):
            metadata[GRAPH] = written(network.nodes)
            _again(path, parsed, metadata[GRAPH])
        if network.origin is not None:
            metadata[ORIGIN] = network.origin.text()
            _again(path, Origin.of_text, metadata[ORIGIN])
        content = _in_order(save(dict(network.parameters()), metadata=metadata))
    else:
        stream = io.BytesIO()
        scalars = {"class": np.array(network.kind), "bias": np.array(int(network.bias))}
        named: dict[str, Any] = {**scalars, **network.parameters()}
        np.savez(stream, **named)
        content = stream.getvalue()
    write_atomically(path, content, force=force)


def _again(path: Path, read: Callable[[str], object], text: str) -> None:
    """Raise InputError for metadata that would be refused when they are read."""
    try:
        read(text)
    except InputError as error:
        raise InputError(f"{path} could not be read again: {error}") from None


def _in_order(content: bytes) -> bytes:
    """The same `.safetensors` with its metadata sorted: the library writes them in random order."""
    end = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:end])
    header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
    text = canonical(header, sort_keys=False)
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + content[end:]


def _class(array: NDArray[Any] | None) -> str | None:
    """The text of `class` in an `.npz`."""
    if array is None:
        return None
    if array.ndim != 0 or array.dtype.kind != "U":
        raise InputError(f"class has shape {array.shape} and type {array.dtype}: a string is needed, a scalar")
    try:
        return str(array[()])
    except ValueError:  # numbers beyond those of letters
        raise InputError("class is no text: one of " + ", ".join(CLASSES) + " is needed") from None
