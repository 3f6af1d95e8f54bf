"""Which hidden units lead to an output at all, by weights that are not 0."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from numerics.networks.base import Network
from numerics.networks.units import Layer, hidden_layers

Mask = NDArray[np.bool_]


def live_units(network: Network) -> dict[str, Mask]:
    """Layer -> which of its units some output depends on, whatever the weights that are not 0.

    A coordinate of a stream is one unit through all blocks. Raises InputError for a graph.
    """
    weights, layers = network.parameters(), hidden_layers(network)
    live = {layer.name: np.zeros(layer.size, dtype=np.bool_) for layer in layers}
    entered = {parameter: layer.name for layer in layers for parameter, axis in layer.places if axis == 0}
    while True:
        before = sum(int(mask.sum()) for mask in live.values())
        for layer in reversed(layers):
            for parameter in readers_of(layer):
                rows = weights[parameter] if parameter not in entered else weights[parameter][live[entered[parameter]]]
                live[layer.name] |= (rows != 0).any(axis=0)
        if sum(int(mask.sum()) for mask in live.values()) == before:
            return live


def readers_of(layer: Layer) -> tuple[str, ...]:
    """The matrices whose columns are the layer's units."""
    return tuple(parameter for parameter, axis in layer.places if axis == 1)


def writers_of(layer: Layer) -> tuple[str, ...]:
    """Matrices and biases whose rows or entries are the layer's units."""
    return tuple(parameter for parameter, axis in layer.places if axis == 0)
