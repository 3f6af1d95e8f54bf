"""A network file given by the user (`.npz` or `.safetensors`, its content decides): class, bias and parameters."""

import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .arrays import Weights
from .errors import Unusable
from .files import Allowance, is_zip
from .graph import Node, parse_text
from .npz import Raw, as_float64, read_npz
from .safetensors import BYTES_PER_LETTER, parse_safetensors
from .shown import shown
from .spaces import CLASSES, GRAPH, Space, parse_space

# Metadata that would make the file another network than its arrays say, unless it says that there is none of this.
_OTHER = re.compile(
    "activation|nonlinearity|(^|[^a-z])act([^a-z]|$)|dropout|(batch|layer|group|rms|instance)[_ ]?norm|(^|[.])norm",
    re.IGNORECASE,
)
_BRACKET = re.compile(r"[{}\[\]]")
# Json's own limit depends on how deep the stack is where it is asked.
_DEEPEST = 100
_SHOWN = 60
_PLAIN = ("", "0", "0.0", "none", "null", "false", "no", "off", "relu")


@dataclass(frozen=True)
class Network:
    """The parameters that a file has (optional biases may be absent), of the shapes `space.shapes`."""

    space: Space
    weights: Weights

    __repr__ = shown


_Read = tuple[dict[str, Raw], str, int, Sequence[Node] | None]


def read_network(path: str | os.PathLike[str], budget: int) -> Network:
    """The network in the file. Raises Unusable (the file, the relation violated, what to do)."""
    allowance = Allowance(path, "a network", budget)
    blob = allowance.read()
    try:
        read = _from_npz if is_zip(path, blob) else _from_safetensors
        arrays, kind, bias, nodes = read(blob, allowance)
        space = parse_space(kind, bias, {name: array.shape for name, array in arrays.items()}, nodes)
        weights = {}
        for name, array in arrays.items():
            try:
                weights[name] = as_float64(array)
            except ValueError as error:
                raise ValueError(f"{name} {error}") from None
    except ValueError as error:
        raise Unusable(f"{path}: {error}") from None
    return Network(space, weights)


def _from_npz(blob: bytes, allowance: Allowance) -> _Read:
    """Parameters, class and bias; never a graph. Raises ValueError."""
    arrays = read_npz(blob, allowance)
    kind, bias = arrays.pop("class", None), arrays.pop("bias", None)
    if kind is None or kind.ndim != 0 or kind.dtype.kind != "U":
        raise ValueError(f"class must be a string scalar: store class='parallel', or another of {', '.join(CLASSES)}")
    if bias is None or bias.size != 1 or bias.dtype.kind not in "iufb":
        raise ValueError("bias must be 0 or 1, a scalar: store bias=1 if the first layer sees (x, 1), else bias=0")
    # A truth value is stored as one byte, which a foreign writer may have made anything.
    flag = bias.view(np.uint8) if bias.dtype.kind == "b" else bias
    value = flag.reshape(()).item()
    if value not in (0, 1):
        raise ValueError(f"bias is {value}: it must be 0 or 1")
    return arrays, str(kind), int(value), None


def _from_safetensors(blob: bytes, allowance: Allowance) -> _Read:
    """Parameters, class, bias, and the nodes of a graph. Raises ValueError."""
    arrays, metadata = parse_safetensors(blob, allowance)
    if "class" not in metadata or metadata.get("bias") not in ("0", "1"):
        raise ValueError("its __metadata__ must hold class and bias ('0' or '1'): save them as metadata")
    _require_relu(metadata)
    nodes = None
    if metadata["class"] == GRAPH:
        allowance.take(BYTES_PER_LETTER * len(metadata.get("graph", "")), "takes, its graph read,")
        nodes = parse_text(metadata.get("graph", ""))
    return arrays, metadata["class"], int(metadata["bias"]), nodes


def _require_relu(metadata: Mapping[str, str]) -> None:
    """Raises ValueError if the metadata describes anything but ReLU without normalisation and dropout.

    A value that is a json object or list is opened. One branch is followed at a time, and only the start of a key is
    kept, so that memory stays that of the text.
    """
    branches: list[tuple[str, bool, Iterator[tuple[str, object]]]] = [("", False, iter(metadata.items()))]
    while branches:
        path, other, branch = branches[-1]
        entry = next(branch, None)
        if entry is None:
            branches.pop()
            continue
        name, value = entry[0], _parsed(entry[1])
        key = ".".join(part for part in (path, name[:_SHOWN]) if part)[:_SHOWN]
        other = other or bool(_OTHER.search(name))
        if isinstance(value, dict):
            branches.append((key, other, iter(value.items())))
        elif isinstance(value, list):
            branches.append((key, other, (("", item) for item in value)))
        elif other and str(value).strip().lower() not in _PLAIN:
            raise ValueError(f"its metadata says {key} = {str(value)[:40]!r}: only ReLU networks are covered")


def _parsed(value: object) -> object:
    """What json a string holds, if it is an object or a list that nests no deeper than _DEEPEST; else the value."""
    if not isinstance(value, str) or value.lstrip()[:1] not in ("{", "["):
        return value
    depth = 0
    for letter in _BRACKET.findall(value):
        depth += 1 if letter in "{[" else -1
        if depth > _DEEPEST:
            return value
    try:
        return json.loads(value, parse_int=str, parse_float=str, parse_constant=str)
    except (ValueError, RecursionError):
        return value
