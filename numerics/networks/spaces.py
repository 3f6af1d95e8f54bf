"""Networks as parameters of one space; absent biases are zeros."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

import numpy as np

from numerics.errors import InputError
from numerics.networks.base import Network
from numerics.networks.graph import Graph
from numerics.networks.two_layer import TwoLayer


def in_one_space(first: Network, second: Network) -> tuple[Network, Network]:
    """Both networks in the smallest space that has both: a bias that only one of them has is 0 in the other.

    Raises InputError if class, first-layer bias, shapes or a graph's nodes differ.
    """
    if isinstance(first, Graph) and isinstance(second, Graph):
        return _of_one_graph(first, second)
    for attribute in ("kind", "bias", "width", "inputs", "outputs"):
        mine, yours = getattr(first, attribute), getattr(second, attribute)
        if mine != yours:
            raise InputError(
                f"the networks are not of one shape: {attribute} is {mine} in one and {yours} in the other;"
                " a path needs two parameters of one space"
            )
    matrices = [_matrices(network) for network in (first, second)]
    for name in sorted(matrices[0].keys() | matrices[1].keys()):
        mine, yours = (shapes.get(name, "absent") for shapes in matrices)
        if mine != yours:
            raise InputError(
                f"the networks are not of one shape: {name} is {mine} in one and {yours} in the other;"
                " a path needs two parameters of one space"
            )
    return _with_biases_of(first, second), _with_biases_of(second, first)


def _of_one_graph(first: Graph, second: Graph) -> tuple[Graph, Graph]:
    """Both, if they are parameters of one graph. Raises InputError naming the first node or parameter that differs."""
    for mine, yours in zip_longest(first.nodes, second.nodes):
        if mine != yours:
            words = [f"{one.name[:80]} ({one.op})" if one else "absent" for one in (mine, yours)]
            raise InputError(
                f"the networks are not of one graph: node {words[0]} in one is {words[1]} in the other, or has other"
                " sizes or parameters there; a path needs two parameters of one space"
            )
    for name, array in first.arrays.items():
        shape = second.arrays[name].shape
        if array.shape != shape:
            raise InputError(
                f"the networks are not of one shape: {name[:80]} is {array.shape} in one and {shape} in the other;"
                " a path needs two parameters of one space"
            )
    return first, second


def all_in_one_space(networks: Sequence[Network]) -> tuple[Network, ...]:
    """All networks in the smallest space that has them all. Raises InputError if class, bias or shapes differ."""
    widest = networks[0]
    for network in networks[1:]:
        widest = in_one_space(widest, network)[0]
    return tuple(in_one_space(widest, network)[1] for network in networks)


def require_reference(reference: Network, network: Network) -> TwoLayer:
    """The two-layer reference of T1 for this network: `l < m` neurons, same inputs and outputs. Raises InputError."""
    if not isinstance(reference, TwoLayer):
        raise InputError(f"the reference is of class {reference.kind}: a two-layer network is needed")
    for attribute in ("bias", "inputs", "outputs"):
        mine, yours = getattr(network, attribute), getattr(reference, attribute)
        if mine != yours:
            raise InputError(f"{attribute} is {mine} in the network but {yours} in the reference: they must be equal")
    if reference.width >= network.width:
        raise InputError(
            f"the reference has l = {reference.width} neurons but the network m = {network.width}: l < m is needed"
        )
    if reference.c is None or network.c is not None:
        return reference
    if reference.c.any():
        raise InputError("the reference has an output bias c but the network has none: it cannot be put in its slots")
    return TwoLayer(W=reference.W, V=reference.V, bias=reference.bias)


def _matrices(network: Network) -> dict[str, tuple[int, ...]]:
    return {name: array.shape for name, array in network.parameters().items() if array.ndim == 2}


def _with_biases_of(network: Network, other: Network) -> Network:
    mine = network.parameters()
    missing = {name: np.zeros_like(array) for name, array in other.parameters().items() if name not in mine}
    return network.replace(missing) if missing else network
