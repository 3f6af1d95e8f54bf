"""SHA-256 of data and networks, over canonical json and the arrays' bytes (specification, section 1)."""

import hashlib
from collections.abc import Iterable

from . import canonical_json
from .arrays import Array, Weights, little_endian
from .graph import Graph, written


def data_digest(x: Array, y: Array) -> str:
    """The digest of X (N, n) and Y (N, p)."""
    return _digest({"N": x.shape[0], "n": x.shape[1], "p": y.shape[1]}, (x, y))


def network_digest(kind: str, bias: int, weights: Weights, graph: Graph | None = None) -> str:
    """The digest of a network: its class, bias and nodes if any, and its parameters in sorted order of names."""
    shapes = {name: list(weights[name].shape) for name in weights}
    nodes = {} if graph is None else {"nodes": written(graph.nodes)}
    header = {"bias": bias, "class": kind, "shapes": shapes} | nodes
    return _digest(header, (weights[name] for name in sorted(weights)))


def _digest(header: object, arrays: Iterable[Array]) -> str:
    sha = hashlib.sha256(canonical_json.dumps(header) + b"\n")
    for array in arrays:
        sha.update(little_endian(array))
    return sha.hexdigest()
