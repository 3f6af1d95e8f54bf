"""Who reads the first layer, who reads what the blocks add to it, and who adds: by the names of the file format.

Everything here works on named arrays of float64 and of `fractions.Fraction` (dtype object) alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.networks.base import Network
from numerics.networks.classes import CLASSES
from numerics.networks.forward import block_prefixes, own_name

AnyArray = NDArray[Any]
Weights = Mapping[str, AnyArray]


def has_stream(kind: str) -> bool:
    """Whether the blocks write back into the coordinates of the first layer."""
    return CLASSES[kind].has_stream


def adds_linearly(kind: str) -> bool:
    """Whether what the blocks write is read as it is, without a rectifier between."""
    return CLASSES[kind].adds_linearly


def readers(weights: Weights) -> tuple[str, ...]:
    """Names of the matrices whose columns read the coordinates of the first layer: V and every A."""
    return tuple(name for name in weights if own_name(name) in ("V", "A"))


def later_readers(kind: str, weights: Weights) -> tuple[str, ...]:
    """Names of the matrices that read what blocks have added: V and the A of every block but the first (T3)."""
    return ("V", *(f"{prefix}A" for prefix in block_prefixes(kind, weights)[1:]))


def returns(kind: str, weights: Weights) -> tuple[str, ...]:
    """Names of the matrices whose rows write into the stream: every U of RESIDUAL and STREAM, none elsewhere."""
    return tuple(f"{prefix}U" for prefix in block_prefixes(kind, weights)) if has_stream(kind) else ()


def exact_array(array: AnyArray) -> AnyArray:
    """The same values as `fractions.Fraction`, dtype object; floats are the dyadic rationals that they store."""
    return np.array([Fraction(value) for value in array.ravel().tolist()] + [None], dtype=object)[:-1].reshape(
        array.shape
    )


def exact_weights(network: Network) -> dict[str, AnyArray]:
    """The network's parameters as fractions, by name."""
    return {name: exact_array(array) for name, array in network.parameters().items()}
