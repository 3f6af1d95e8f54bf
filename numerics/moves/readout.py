"""L7: only the readout moves, along a straight line; the loss is convex on it."""

from __future__ import annotations

import numpy as np

from numerics.networks.arrays import Array
from numerics.networks.base import Network
from numerics.networks.parallel import Parallel
from numerics.paths import Kind, Segment


def two_layer_readout(network: Network, V: Array, c: Array | None) -> Segment:
    """L7 [fb]. The line to readout `V` (p, m), `c` (p,), with `U = 0`: at its end the network is two-layer.

    `c` is ignored where the class has no output bias and must then be None or zero (ValueError).
    """
    return readout_to(network, V, np.zeros_like(network.U) if isinstance(network, Parallel) else None, c)


def readout_to(network: Network, V: Array, U: Array | None, c: Array | None) -> Segment:
    """L7 [fb]. The line to readout `V` (p, m), `U` (p, r_last) for PARALLEL, else None, and `c` (p,).

    `c` is ignored where the class has no output bias and must then be None or zero (ValueError).
    """
    changes = {"V": V}
    if isinstance(network, Parallel):
        if U is None:
            raise ValueError("the readout of a parallel network has a U")
        changes["U"] = U
    if network.c is not None:
        changes["c"] = np.zeros_like(network.c) if c is None else c
    elif c is not None and c.any():
        raise ValueError("an output bias for a class without one")
    return Segment(Kind.READOUT, network, network.replace(changes))


def readout_of(network: Network, target: Network) -> Segment:
    """L7 [fb]. The line to the whole readout (V, U, c) of `target`, a network of the same space."""
    theirs = target.parameters()
    return Segment(Kind.READOUT, network, network.replace({name: theirs[name] for name in network.readout}))
