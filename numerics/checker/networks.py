"""A network file given by the user (`.npz` or `.safetensors`): class, bias and parameters, exactly."""

import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

from .arrays import Weights
from .errors import Unusable
from .files import read_bytes
from .npz import Raw, as_float64, read_npz
from .safetensors import parse_safetensors
from .shown import shown
from .spaces import CLASSES, Space, parse_space

# Metadata that would make the file another network than its arrays say, unless it says that there is none of this.
_OTHER = re.compile(
    "activation|nonlinearity|(^|[^a-z])act([^a-z]|$)|dropout|(batch|layer|group|rms|instance)[_ ]?norm|(^|[.])norm",
    re.IGNORECASE,
)
_PLAIN = ("", "0", "0.0", "none", "null", "false", "no", "off", "relu")


@dataclass(frozen=True)
class Network:
    """The parameters that a file has (optional biases may be absent), of the shapes `space.shapes`."""

    space: Space
    weights: Weights

    __repr__ = shown


def read_network(path: str | os.PathLike[str], budget: int) -> Network:
    """The network in the file. Raises Unusable (the file, the relation violated, what to do)."""
    try:
        if os.fspath(path).endswith(".safetensors"):
            arrays, kind, bias = _from_safetensors(read_bytes(path, budget, "a network"))
        else:
            arrays, kind, bias = _from_npz(read_npz(path, budget, "a network"))
        space = parse_space(kind, bias, {name: array.shape for name, array in arrays.items()})
        weights = {}
        for name, array in arrays.items():
            try:
                weights[name] = as_float64(array)
            except ValueError as error:
                raise ValueError(f"{name} {error}") from None
    except ValueError as error:
        raise Unusable(f"{path}: {error}") from None
    return Network(space, weights)


def _from_npz(arrays: dict[str, Raw]) -> tuple[dict[str, Raw], str, int]:
    """Parameters, class and bias. Raises ValueError."""
    kind, bias = arrays.pop("class", None), arrays.pop("bias", None)
    if kind is None or kind.ndim != 0 or kind.dtype.kind != "U":
        raise ValueError(f"class must be a string scalar: store class='parallel', or another of {', '.join(CLASSES)}")
    if bias is None or bias.ndim != 0 or bias.dtype.kind not in "iub":
        raise ValueError("bias must be 0 or 1, a scalar: store bias=1 if the first layer sees (x, 1), else bias=0")
    return arrays, str(kind), int(bias)


def _from_safetensors(blob: bytes) -> tuple[dict[str, Raw], str, int]:
    """Parameters, class and bias. Raises ValueError."""
    arrays, metadata = parse_safetensors(blob)
    if "class" not in metadata or metadata.get("bias") not in ("0", "1"):
        raise ValueError("its __metadata__ must hold class and bias ('0' or '1'): save them as metadata")
    _require_relu(metadata)
    return arrays, metadata["class"], int(metadata["bias"])


def _require_relu(metadata: Mapping[str, str]) -> None:
    """Raises ValueError if the metadata describes anything but ReLU without normalisation and dropout."""
    for key, value in _entries(metadata):
        if _OTHER.search(key) and value.strip().lower() not in _PLAIN:
            raise ValueError(f"its metadata says {key[:40]} = {value[:40]!r}: only ReLU networks are covered")


def _entries(metadata: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Keys and values as text; of a json object that is a value, its own, under `key.name`."""
    waiting: list[tuple[str, object]] = sorted(metadata.items(), reverse=True)
    while waiting:
        key, value = waiting.pop()
        if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
            with suppress(ValueError, RecursionError):
                value = json.loads(value)
        if isinstance(value, dict):
            waiting += [(f"{key}.{name}", entry) for name, entry in value.items()]
        elif isinstance(value, list):
            waiting += [(key, entry) for entry in value]
        else:
            yield key, str(value)
