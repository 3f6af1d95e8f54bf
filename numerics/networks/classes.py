"""The classes by name, and a network of any of them from its named arrays."""

from __future__ import annotations

from collections.abc import Mapping

from numerics.errors import InputError
from numerics.networks.arrays import Array
from numerics.networks.base import Network
from numerics.networks.parallel import Parallel
from numerics.networks.plain import Plain
from numerics.networks.post import Post
from numerics.networks.residual import Residual
from numerics.networks.stream import Stream
from numerics.networks.two_layer import TwoLayer

CLASSES: dict[str, type[Network]] = {one.kind: one for one in (TwoLayer, Parallel, Residual, Stream, Post, Plain)}

HOLDING = tuple(kind for kind, one in CLASSES.items() if one.has_skip or one.has_stream)
"""Those that are a two-layer network where every U is 0: of POST too, as no rectifier changes what is at least 0."""

SKIP = tuple(kind for kind, one in CLASSES.items() if one.has_skip)
"""Classes with a skip connection: a readout V of the features."""
FLAT = tuple(kind for kind in SKIP if not CLASSES[kind].has_stream)
"""Of these, the classes in which the first layer is read only, never written to."""


def network_of(kind: str, parameters: Mapping[str, Array], *, bias: bool) -> Network:
    """The network of class `kind` with these parameters, by the names of the file format. Raises InputError."""
    if not isinstance(kind, str) or kind not in CLASSES:
        raise InputError(f"class is {kind!r}: one of {', '.join(CLASSES)} is needed")
    return CLASSES[kind].of(parameters, bias=bias)
