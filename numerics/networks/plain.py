"""PLAIN: `f(x) = U q(A z) + c`, no skip connection: the control."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from numerics.networks.arrays import Array, require
from numerics.networks.base import H, Network, P
from numerics.networks.branch import Branch, branch_of, checked, known_names
from numerics.networks.forward import Arithmetic, branch_from
from numerics.networks.shapes import require_first_layer, require_names, require_output_bias


@dataclass(frozen=True, eq=False)
class Plain(Network):
    """`f(x) = U h_last + c`, `z = [W x]_+`, `h_1 = [A z + a]_+`, `h_{k+1} = [B_k h_k + b_k]_+`; there is no V.

    Shapes: W (m, D), A (r_0, m), B_k (r_k, r_{k-1}), U (p, r_last). Raises InputError naming the violated relation.
    """

    W: Array
    branch: Branch
    U: Array
    c: Array | None = None
    bias: bool = False

    kind: ClassVar[str] = "plain"
    has_skip: ClassVar[bool] = False

    def __post_init__(self) -> None:
        self._settle("W", "U")
        require_first_layer(self.W, self.bias)
        object.__setattr__(self, "branch", checked(self.branch, self.width))
        last_name, last = self.branch.last()
        require(
            self.U.shape[1] == last,
            f"U has {self.U.shape[1]} columns but {last_name} has {last} rows: U must be (p, r_last)",
        )
        require_output_bias(self.c, self.U, "U")

    @classmethod
    def of(cls, parameters: Mapping[str, Array], *, bias: bool) -> Plain:
        branch = branch_of(parameters)
        known = {"W", "U", "c"} | known_names(branch)
        has = f"whose branch has {len(branch.layers)} layer(s)"
        require_names(cls.kind, parameters, ("W", "A", "U"), known, has)
        return cls(W=parameters["W"], branch=branch, U=parameters["U"], c=parameters.get("c"), bias=bias)

    @classmethod
    def forward(cls, weights: Mapping[str, P], z: H, arithmetic: Arithmetic[H, P]) -> H:
        return arithmetic.affine(branch_from(weights, "", z, arithmetic), weights["U"], weights.get("c"))

    def parameters(self) -> dict[str, Array]:
        optional = {} if self.c is None else {"c": self.c}
        return {"W": self.W, **self.branch.parameters(), "U": self.U, **optional}

    @property
    def outputs(self) -> int:
        return len(self.U)

    @property
    def readout(self) -> tuple[str, ...]:
        return self._with_output_bias("U")
