"""The forward pass, once, for every arithmetic that multiplies, adds and rectifies matrices."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, Self, TypeVar

import numpy as np

from numerics.networks.arrays import Array
from numerics.networks.base import Network
from numerics.networks.parallel import Branch, Parallel


class Matrix(Protocol):
    """What a matrix of an arithmetic must offer."""

    @property
    def T(self) -> Self: ...
    def __matmul__(self, other: Self, /) -> Self: ...
    def __add__(self, other: Self, /) -> Self: ...


M = TypeVar("M", bound=Matrix)


def with_ones(X: Array, bias: bool) -> Array:
    """What the first layer sees: X (N, n), or (X, 1) (N, n+1)."""
    return np.hstack([X, np.ones((len(X), 1))]) if bias else X


def branch_output(z: M, layers: Sequence[tuple[M, M | None]], relu: Callable[[M], M]) -> M:
    """`h_last` (N, r_last) from features `z` (N, m); a layer is its matrix (r, r_before) and bias (1, r) or None."""
    h = z
    for weight, bias in layers:
        h = h @ weight.T
        h = relu(h if bias is None else h + bias)
    return h


def lifted_layers(branch: Branch, lift: Callable[[Array], M]) -> list[tuple[M, M | None]]:
    """The branch's layers in the arithmetic of `lift`."""
    return [(lift(layer.weight), None if layer.bias is None else lift(layer.bias[None, :])) for layer in branch.layers]


def outputs(network: Network, X: Array) -> Array:
    """`f(X)` (N, p) in plain float64: for searching, drawing and accuracies, never for proving."""
    z = np.maximum(with_ones(X, network.bias) @ network.W.T, 0.0)
    f: Array = z @ network.V.T
    if isinstance(network, Parallel):
        f = f + branch_output(z, lifted_layers(network.branch, np.asarray), _rectified) @ network.U.T
    return f if network.c is None else f + network.c


def _rectified(h: Array) -> Array:
    return np.maximum(h, 0.0)
