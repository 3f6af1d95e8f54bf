"""The forward pass, which a class states once, for every arithmetic that has affine maps, sums and ReLU."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Protocol, TypeVar

import numpy as np

from numerics.networks.arrays import Array

if TYPE_CHECKING:  # the classes are made of what is here
    from numerics.networks.base import Network

H = TypeVar("H")
P = TypeVar("P")
P_contra = TypeVar("P_contra", contravariant=True)


class Arithmetic(Protocol[H, P_contra]):
    """What an arithmetic must offer: `H` is what a layer holds, one row per sample, `P_contra` a parameter."""

    def affine(self, h: H, weight: P_contra, bias: P_contra | None) -> H:
        """`h weight^T + bias`; weight (r, r_before), bias (r,)."""

    def plus(self, left: H, right: H) -> H:
        """The sum, entry by entry."""

    def relu(self, h: H) -> H:
        """`[h]_+`, entry by entry."""


def outputs_from(kind: str, weights: Mapping[str, P], z: H, arithmetic: Arithmetic[H, P]) -> H:
    """`f` (N, p) of a network of class `kind` from its first layer `z = [W x]_+` (N, m).

    `weights` has the parameters by the names of the file format (blueprint section 0).
    """
    return _class(kind).forward(weights, z, arithmetic)


def read_by_V(kind: str, weights: Mapping[str, P], z: H, arithmetic: Arithmetic[H, P]) -> H:
    """What V reads (N, m): `z` itself, or in RESIDUAL, STREAM and POST what the blocks have made of it, `z_K`."""
    for prefix in block_prefixes(kind, weights) if _class(kind).has_stream else ():
        branch = branch_from(weights, prefix, z, arithmetic)
        z = arithmetic.plus(z, arithmetic.affine(branch, weights[f"{prefix}U"], None))
        z = z if _class(kind).adds_linearly else arithmetic.relu(z)
    return z


def branch_from(weights: Mapping[str, P], prefix: str, z: H, arithmetic: Arithmetic[H, P]) -> H:
    """`h_last` of the branch whose parameters' names begin with `prefix`."""
    h = z
    for matrix, offset in branch_names(weights, prefix):
        h = arithmetic.relu(arithmetic.affine(h, weights[matrix], weights.get(offset)))
    return h


def branch_names(weights: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Names of matrix and bias of the branch's layers, in order, as far as `weights` has the matrices."""
    k = 0
    while (names := layer_names(k, prefix))[0] in weights:
        yield names
        k += 1


def block_prefixes(kind: str, weights: Mapping[str, object]) -> tuple[str, ...]:
    """What the names of each residual block begin with: one block without prefix (residual), `blocks.k.` (stream)."""
    if _class(kind).has_stream and not _class(kind).has_blocks:
        return ("",)
    blocks: list[str] = []
    while (prefix := f"blocks.{len(blocks)}.") + "A" in weights:
        blocks.append(prefix)
    return tuple(blocks)


def _class(kind: str) -> type[Network]:
    from numerics.networks.classes import CLASSES

    return CLASSES[kind]


def layer_names(k: int, prefix: str = "") -> tuple[str, str]:
    """Names of layer k's matrix and bias: `A, a` for 0, else `B1, b1`, ..."""
    return (f"{prefix}A", f"{prefix}a") if k == 0 else (f"{prefix}B{k}", f"{prefix}b{k}")


def own_name(name: str) -> str:
    """A parameter's name without its block: `U` of `blocks.0.U`."""
    return name.rpartition(".")[2]


def with_ones(X: Array, bias: bool) -> Array:
    """What the first layer sees: X (N, n), or (X, 1) (N, n+1)."""
    return np.hstack([X, np.ones((len(X), 1))]) if bias else X


class Floats:
    """Plain float64: for searching, drawing and accuracies, never for proving."""

    def affine(self, h: Array, weight: Array, bias: Array | None) -> Array:
        product: Array = h @ weight.T
        return product if bias is None else product + bias

    def plus(self, left: Array, right: Array) -> Array:
        return left + right

    def relu(self, h: Array) -> Array:
        return np.maximum(h, 0.0)


def outputs(network: Network, X: Array) -> Array:
    """`f(X)` (N, p) in plain float64."""
    return network.floats(X)


def float_outputs(network: Network, X: Array) -> Array:
    """The same of a class that begins with a first layer."""
    z = np.maximum(with_ones(X, network.bias) @ network.W.T, 0.0)
    return outputs_from(network.kind, network.parameters(), z, Floats())
