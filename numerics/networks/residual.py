"""RESIDUAL: `f(x) = V (z + U q(A z)) + c`, one residual block on the skip layer `z`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from numerics.networks.arrays import Array, weights
from numerics.networks.base import Network
from numerics.networks.branch import Branch, branch_of, checked, known_names, require_into_stream
from numerics.networks.shapes import require_first_layer, require_names, require_output_bias, require_readout


@dataclass(frozen=True, eq=False)
class Residual(Network):
    """`f(x) = V (z + U h_last) + c`, `z = [W x]_+`, `h_1 = [A z + a]_+`, `h_{k+1} = [B_k h_k + b_k]_+`.

    Shapes: W (m, D), V (p, m), A (r_0, m), B_k (r_k, r_{k-1}), U (m, r_last). Raises InputError naming the violated
    relation.
    """

    W: Array
    V: Array
    branch: Branch
    U: Array
    c: Array | None = None
    bias: bool = False

    kind: ClassVar[str] = "residual"

    def __post_init__(self) -> None:
        object.__setattr__(self, "W", weights("W", self.W, 2))
        object.__setattr__(self, "V", weights("V", self.V, 2))
        object.__setattr__(self, "U", weights("U", self.U, 2))
        if self.c is not None:
            object.__setattr__(self, "c", weights("c", self.c, 1))
        require_readout(self.V, self.W)
        require_first_layer(self.W, self.bias)
        require_output_bias(self.c, self.V)
        object.__setattr__(self, "branch", checked(self.branch, self.width))
        require_into_stream(self.U, self.W, self.branch)

    @classmethod
    def of(cls, parameters: Mapping[str, Array], *, bias: bool) -> Residual:
        branch = branch_of(parameters)
        known = {"W", "V", "U", "c"} | known_names(branch)
        has = f"whose branch has {len(branch.layers)} layer(s)"
        require_names(cls.kind, parameters, ("W", "V", "A", "U"), known, has)
        W, V, U = parameters["W"], parameters["V"], parameters["U"]
        return cls(W=W, V=V, branch=branch, U=U, c=parameters.get("c"), bias=bias)

    def parameters(self) -> dict[str, Array]:
        optional = {} if self.c is None else {"c": self.c}
        return {"W": self.W, "V": self.V, **self.branch.parameters(), "U": self.U, **optional}

    @property
    def readout(self) -> tuple[str, ...]:
        return ("V",) if self.c is None else ("V", "c")
