"""What every hidden layer gives on data, in float64: for searches."""

from __future__ import annotations

from collections.abc import Iterator

from numerics.networks.arrays import Array
from numerics.networks.base import Network
from numerics.networks.forward import Floats, block_prefixes, branch_names, with_ones


def activations_of(network: Network, X: Array) -> Iterator[Array]:
    """One array (N, size) a layer, in the order of `units.hidden_layers`; of a stream's coordinates as they begin."""
    weights, arithmetic = network.parameters(), Floats()
    z = arithmetic.relu(with_ones(X, network.bias) @ network.W.T)
    yield z
    for prefix in block_prefixes(network.kind, weights) if network.has_stream else ("",):
        h = z
        for matrix, bias in branch_names(weights, prefix):
            h = arithmetic.relu(arithmetic.affine(h, weights[matrix], weights.get(bias)))
            yield h
        if network.has_stream:
            z = arithmetic.plus(z, arithmetic.affine(h, weights[f"{prefix}U"], None))
            z = z if network.adds_linearly else arithmetic.relu(z)
