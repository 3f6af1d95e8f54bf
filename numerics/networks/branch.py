"""The deep ReLU branch `q(A .)` that PARALLEL, RESIDUAL, PLAIN and each block of STREAM have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from numerics.common.shown import Shown
from numerics.networks.arrays import Array, require, weights
from numerics.networks.forward import branch_names, layer_names


@dataclass(frozen=True, eq=False)
class Layer(Shown):
    """`h -> [weight h + bias]_+`. Shapes (r, r_before), (r,) or None."""

    weight: Array
    bias: Array | None = None


@dataclass(frozen=True, eq=False)
class Branch(Shown):
    """The deep branch: layer 0 is `(A, a)` on the skip layer, layer k is `(B_k, b_k)`."""

    layers: tuple[Layer, ...]

    def parameters(self, prefix: str = "") -> dict[str, Array]:
        """Name -> array; every name begins with `prefix`."""
        named = {}
        for k, layer in enumerate(self.layers):
            matrix, offset = layer_names(k, prefix)
            named[matrix] = layer.weight
            if layer.bias is not None:
                named[offset] = layer.bias
        return named

    def last(self, prefix: str = "") -> tuple[str, int]:
        """Name of the last matrix and its number of rows, `r_last`."""
        return layer_names(len(self.layers) - 1, prefix)[0], self.layers[-1].weight.shape[0]


def branch_of(parameters: Mapping[str, Array], prefix: str = "") -> Branch:
    """The layers whose names begin with `prefix`, not looked at yet; none if there is no A."""
    names = branch_names(parameters, prefix)
    return Branch(tuple(Layer(parameters[matrix], parameters.get(offset)) for matrix, offset in names))


def known_names(branch: Branch, prefix: str = "") -> set[str]:
    """Names that the branch's parameters may have, biases that are absent included."""
    return {name for k in range(len(branch.layers)) for name in layer_names(k, prefix)}


def checked(branch: Branch, width: int, prefix: str = "") -> Branch:
    """The branch on a skip layer of this width, arrays read-only. Raises InputError naming the violated relation."""
    require(len(branch.layers) >= 1, f"the branch has no layer: {prefix}A must be (r, m)")
    layers, before, before_name = [], width, "W"
    for k, layer in enumerate(branch.layers):
        matrix, offset = layer_names(k, prefix)
        weight = weights(matrix, layer.weight, 2)
        require(
            weight.shape[1] == before,
            f"{matrix} has {weight.shape[1]} columns but {before_name} has {before} rows: they must be equal",
        )
        bias = None if layer.bias is None else weights(offset, layer.bias, 1)
        require(
            bias is None or len(bias) == weight.shape[0],
            f"{offset} has length {0 if bias is None else len(bias)} but {matrix} has {weight.shape[0]} rows:"
            " they must be equal",
        )
        layers.append(Layer(weight, bias))
        before, before_name = weight.shape[0], matrix
    return Branch(tuple(layers))


def require_into_stream(U: Array, W: Array, branch: Branch, prefix: str = "") -> None:
    """U of a residual block is (m, r_last): it leads back to the skip layer."""
    name, rows = branch.last(prefix)
    require(
        U.shape == (len(W), rows),
        f"{prefix}U has shape {U.shape} but W has {len(W)} rows and {name} has {rows}: {prefix}U must be (m, r_last)",
    )
