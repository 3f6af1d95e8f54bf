"""PARALLEL, our reading of the paper's object: `f(x) = V z + U q(A z) + c`, a deep branch `q` beside the skip `V z`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from numerics.networks.arrays import Array, require, weights
from numerics.networks.base import Network
from numerics.networks.two_layer import require_skip_shapes


@dataclass(frozen=True, eq=False)
class Layer:
    """`h -> [weight h + bias]_+`. Shapes (r, r_before), (r,) or None."""

    weight: Array
    bias: Array | None = None


@dataclass(frozen=True, eq=False)
class Branch:
    """The deep branch: layer 0 is `(A, a)` on the skip layer, layer k is `(B_k, b_k)`."""

    layers: tuple[Layer, ...]

    def parameters(self) -> dict[str, Array]:
        named = {}
        for k, layer in enumerate(self.layers):
            matrix, offset = layer_names(k)
            named[matrix] = layer.weight
            if layer.bias is not None:
                named[offset] = layer.bias
        return named


@dataclass(frozen=True, eq=False)
class Parallel(Network):
    """`f(x) = V z + U h_last + c`, `z = [W x]_+`, `h_1 = [A z + a]_+`, `h_{k+1} = [B_k h_k + b_k]_+`.

    Shapes: W (m, D), V (p, m), A (r_0, m), B_k (r_k, r_{k-1}), U (p, r_last). Raises InputError naming the violated
    relation.
    """

    W: Array
    V: Array
    branch: Branch
    U: Array
    c: Array | None = None
    bias: bool = False

    kind: ClassVar[str] = "parallel"

    def __post_init__(self) -> None:
        object.__setattr__(self, "W", weights("W", self.W, 2))
        object.__setattr__(self, "V", weights("V", self.V, 2))
        object.__setattr__(self, "U", weights("U", self.U, 2))
        if self.c is not None:
            object.__setattr__(self, "c", weights("c", self.c, 1))
        require_skip_shapes(self)
        object.__setattr__(self, "branch", _checked(self.branch, self.width))
        last, last_name = self.branch.layers[-1].weight, layer_names(len(self.branch.layers) - 1)[0]
        require(
            self.U.shape == (self.outputs, last.shape[0]),
            f"U has shape {self.U.shape} but V has {self.outputs} rows and {last_name} has {last.shape[0]}:"
            " U must be (p, r_last)",
        )

    def parameters(self) -> dict[str, Array]:
        optional = {} if self.c is None else {"c": self.c}
        return {"W": self.W, "V": self.V, **self.branch.parameters(), "U": self.U, **optional}

    def replace(self, changes: Mapping[str, Array]) -> Parallel:
        return parallel({**self.parameters(), **changes}, bias=self.bias)

    @property
    def readout(self) -> tuple[str, ...]:
        return ("V", "U") if self.c is None else ("V", "U", "c")


def parallel(parameters: Mapping[str, Array], *, bias: bool) -> Parallel:
    """A PARALLEL network from its parameters by name (W, V, A, a, B1, b1, ..., U, c). Raises InputError."""
    layers: list[Layer] = []
    while layer_names(len(layers))[0] in parameters:
        matrix, offset = layer_names(len(layers))
        layers.append(Layer(parameters[matrix], parameters.get(offset)))
    known = {"W", "V", "U", "c"} | {name for k in range(len(layers)) for name in layer_names(k)}
    for name in ("W", "V", "A", "U"):
        require(name in parameters, f"a parallel network needs {name}, which is missing")
    for name in parameters:
        require(
            name in known,
            f"{name} has no place in a parallel network whose branch has {len(layers)} layer(s)",
        )
    return Parallel(
        W=parameters["W"],
        V=parameters["V"],
        branch=Branch(tuple(layers)),
        U=parameters["U"],
        c=parameters.get("c"),
        bias=bias,
    )


def layer_names(k: int) -> tuple[str, str]:
    """Names of layer k's matrix and bias: `A, a` for 0, else `B1, b1`, ..."""
    return ("A", "a") if k == 0 else (f"B{k}", f"b{k}")


def _checked(branch: Branch, width: int) -> Branch:
    require(len(branch.layers) >= 1, "the branch has no layer: A must be (r, m)")
    layers, before, before_name = [], width, "W"
    for k, layer in enumerate(branch.layers):
        matrix, offset = layer_names(k)
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
