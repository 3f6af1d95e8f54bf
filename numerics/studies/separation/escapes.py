"""The ways out of T5's valley: over f = 0 in the plain network; without climbing with a skip term, a second last unit
or an output bias, and in a two-layer network.
"""

from __future__ import annotations

import numpy as np

from numerics.data import Data
from numerics.losses.problem import Problem
from numerics.networks.arrays import Array
from numerics.networks.base import Network
from numerics.networks.branch import Branch, Layer
from numerics.networks.parallel import Parallel
from numerics.networks.plain import Plain
from numerics.networks.two_layer import TwoLayer
from numerics.paths import Kind, Path, Segment
from numerics.routes.descent import downhill
from numerics.studies.separation.witness import Valley


def over_zero(valley: Valley) -> Path:
    """From the bottom to the other side: u to 0, all inner weights silently (L9), u to the other sign."""
    bottom, beyond = valley.bottom, valley.beyond
    silent = {"U": np.zeros_like(bottom.U)}
    corners: list[Network] = [bottom, bottom.replace(silent), beyond.replace(silent), beyond]
    kinds = (Kind.READOUT, Kind.SILENT, Kind.READOUT)
    return Path(bottom, tuple(map(Segment, kinds, corners[:-1], corners[1:])))


def with_skip(plain: Plain) -> Parallel:
    """The same weights with the skip term `V z`, V = 0: the same function."""
    return Parallel(
        W=plain.W, V=np.zeros((plain.outputs, plain.width)), branch=plain.branch, U=plain.U, bias=plain.bias
    )


def with_second_unit(plain: Plain) -> Plain:
    """The same function with one more unit in the last hidden layer, a sum of what it sees, which nothing reads yet."""
    *before, last = plain.branch.layers
    assert last.bias is not None  # every layer of a witness has one
    row = _scaled_to_one(np.ones((1, last.weight.shape[1])))
    layers = (*before, Layer(np.vstack([last.weight, row]), np.append(last.bias, 0.0)))
    return Plain(W=plain.W, branch=Branch(layers), U=np.array([[plain.U[0, 0], 0.0]]), bias=plain.bias)


def with_output_bias(plain: Plain) -> Plain:
    """The same function with an output bias, 0 so far."""
    return Plain(W=plain.W, branch=plain.branch, U=plain.U, c=np.zeros(1), bias=plain.bias)


def two_layer_alone(plain: Plain) -> TwoLayer | None:
    """The same outputs on the data by a two-layer network, where the first layer makes the steps: the last unit is at
    most at its kink there. None if a deeper layer makes them.
    """
    if len(plain.branch.layers) > 1:
        return None
    return TwoLayer(W=plain.W, V=plain.U @ plain.branch.layers[0].weight, bias=plain.bias)


def controls(plain: Plain, data: Data) -> dict[str, Path]:
    """Name -> a path from the same function to a smaller loss, for every network that is not T5's."""
    found: dict[str, Network | None] = {
        "two-layer": two_layer_alone(plain),
        "plain-two-last-units": with_second_unit(plain),
        "plain-output-bias": with_output_bias(plain),
    }
    return {name: downhill(network, Problem(data)) for name, network in found.items() if network is not None}


def _scaled_to_one(row: Array) -> Array:
    return row / float(1 << (row.shape[1].bit_length() - 1))
