"""A plain chain layer by layer, and tails of it that keep only some units of each layer: what T9's path is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from numerics.common.shown import Shown
from numerics.networks.arrays import Array
from numerics.networks.base import Network
from numerics.networks.forward import branch_names, with_ones

Units = np.ndarray
"""Numbers of units of one layer, ascending."""


@dataclass(frozen=True)
class Names:
    """Names of a hidden layer's matrix and bias; the first layer's bias is a column of its matrix."""

    matrix: str
    bias: str | None


def layers_of(network: Network) -> tuple[Names, ...]:
    """The hidden layers of a plain chain, from the input up; `W` is the first."""
    parameters = network.parameters()
    inner = ((matrix, offset if offset in parameters else None) for matrix, offset in branch_names(parameters))
    return (Names("W", None), *(Names(*pair) for pair in inner))


def activations(network: Network, X: Array) -> list[Array]:
    """What every hidden layer gives on `X` (N, n): arrays (N, m_k) in float64, for searches."""
    found, h, parameters = [], with_ones(X, network.bias), network.parameters()
    for one in layers_of(network):
        h = Dense(parameters[one.matrix], None if one.bias is None else parameters[one.bias]).relu(h)
        found.append(h)
    return found


@dataclass(frozen=True, eq=False)
class Dense(Shown):
    """`h -> matrix h + bias`, (r, r_before) and (r,) or None; `relu` applies `[.]_+` too."""

    matrix: Array
    bias: Array | None

    def affine(self, h: Array) -> Array:
        """Of every row of `h` (N, r_before), in float64, which may overflow."""
        with np.errstate(over="ignore", invalid="ignore"):
            product: Array = h @ self.matrix.T
            return product if self.bias is None else product + self.bias

    def relu(self, h: Array) -> Array:
        """The same, rectified."""
        return np.maximum(self.affine(h), 0.0)


@dataclass(frozen=True, eq=False)
class Tail(Shown):
    """The layers above layer `first` of a narrower chain, and its readout; a tail of no layers is a readout alone."""

    first: int
    layers: tuple[Dense, ...]
    readout: Dense

    def features(self, below: Array) -> Array:
        """What the readout reads, (N, t), from what layer `first` gives on the units that the tail reads."""
        for layer in self.layers:
            below = layer.relu(below)
        return below

    def rows(self, network: Network, slots: Sequence[Units], reads: Units) -> dict[str, tuple[Units, Array]]:
        """Parameter -> the slots that it enters, and their rows, with layer k on `slots[k]` and the lowest one reading
        `reads`: 0 but where a unit of the tail reads another.
        """
        parameters, found = network.parameters(), {}
        for k, layer in enumerate(self.layers, self.first + 1):
            names = layers_of(network)[k]
            rows = np.zeros((len(layer.matrix), parameters[names.matrix].shape[1]))
            rows[:, reads if k == self.first + 1 else slots[k - 1]] = layer.matrix
            found[names.matrix] = (slots[k], rows)
            if names.bias is not None and layer.bias is not None:
                found[names.bias] = (slots[k], layer.bias)
        return found


def restricted(network: Network, kept: Sequence[Units], first: int) -> Tail:
    """The network's own tail above layer `first` (from 0) on units `kept[k]` of every layer k, with its own readout."""
    parameters, layers = network.parameters(), []
    for k, one in list(enumerate(layers_of(network)))[first + 1 :]:
        bias = None if one.bias is None else parameters[one.bias][kept[k]]
        layers.append(Dense(parameters[one.matrix][np.ix_(kept[k], kept[k - 1])], bias))
    return Tail(first, tuple(layers), Dense(parameters["U"][:, kept[-1]], parameters.get("c")))


def affecting_output(network: Network) -> list[Units]:
    """The units of each layer that lead to an output by weights that are not 0."""
    parameters, live = network.parameters(), []
    above: Units = np.ones(network.outputs, dtype=np.bool_)
    for reader in ("U", *(one.matrix for one in layers_of(network)[:0:-1])):
        above = parameters[reader][above].any(axis=0)
        live.append(np.flatnonzero(above))
    return live[::-1]
