"""Hidden units and who reads them: what may be renamed in a network without changing any output."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numerics.common.shown import Shown
from numerics.errors import InputError
from numerics.networks.base import Network
from numerics.networks.forward import block_prefixes, branch_names

Order = NDArray[np.int64]
"""A permutation: unit j of the new layer is unit `order[j]` of the old one."""


@dataclass(frozen=True)
class Layer(Shown):
    """One hidden layer: its units are numbered along `places`, axes of parameters; the first of them has its weights.

    The coordinates of a stream are one layer: every block reads them and adds to them.
    """

    name: str
    size: int
    places: tuple[tuple[str, int], ...]


def hidden_layers(network: Network) -> tuple[Layer, ...]:
    """The first layer, then the layers of every branch, from the input up; named as the parameter that enters them.

    Raises InputError for a graph.
    """
    if (words := network.without_features) is not None:
        raise InputError(f"units are renamed in networks of the classes: {words}")
    weights = network.parameters()
    prefixes = block_prefixes(network.kind, weights) if network.has_stream else ("",)
    first, inner = [("W", 0)], []
    if "V" in weights:
        first.append(("V", 1))
    for prefix in prefixes:
        names = list(branch_names(weights, prefix))
        if not names:
            continue
        first.append((names[0][0], 1))
        if network.has_stream:
            first.append((f"{prefix}U", 0))
        readers = [*(matrix for matrix, _ in names[1:]), f"{prefix}U"]
        for (matrix, bias), reader in zip(names, readers, strict=True):
            biases = ((bias, 0),) if bias in weights else ()
            inner.append(Layer(matrix, len(weights[matrix]), ((matrix, 0), *biases, (reader, 1))))
    return (Layer("W", network.width, tuple(first)), *inner)


def renamed(network: Network, orders: Mapping[str, Order]) -> Network:
    """The network with the units of these layers in another order: every output is the same real number.

    Raises InputError for a layer that it has not, or for what is no permutation of its units.
    """
    layers = {layer.name: layer for layer in hidden_layers(network)}
    changed = dict(network.parameters())
    for name, order in orders.items():
        if name not in layers:
            raise InputError(f"{name} is no hidden layer of this network: its layers are {', '.join(layers)}")
        size = layers[name].size
        if sorted(np.asarray(order).tolist()) != list(range(size)):
            raise InputError(f"layer {name} has {size} units: each of their numbers 0 to {size - 1} is needed once")
        for parameter, axis in layers[name].places:
            changed[parameter] = np.take(changed[parameter], order, axis=axis)
    return network.replace(changed)
