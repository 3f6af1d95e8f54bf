"""What PARALLEL and RESIDUAL share: a skip layer, its readout V, and one deep branch with its way back U."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from numerics.networks.arrays import Array
from numerics.networks.base import Network
from numerics.networks.branch import Branch, branch_of, checked, known_names
from numerics.networks.shapes import require_first_layer, require_names, require_output_bias, require_readout


@dataclass(frozen=True, eq=False)
class OneBranch(Network):
    """Shapes: W (m, D), V (p, m), A (r_0, m), B_k (r_k, r_{k-1}), U as the class says. Raises InputError."""

    W: Array
    V: Array
    branch: Branch
    U: Array
    c: Array | None = None
    bias: bool = False

    def __post_init__(self) -> None:
        self._settle("W", "V", "U")
        require_readout(self.V, self.W)
        require_first_layer(self.W, self.bias)
        require_output_bias(self.c, self.V)
        object.__setattr__(self, "branch", checked(self.branch, self.width))
        self._require_way_back()

    @abstractmethod
    def _require_way_back(self) -> None:
        """U leads to where the class says. Raises InputError."""

    @classmethod
    def of(cls, parameters: Mapping[str, Array], *, bias: bool) -> Self:
        branch = branch_of(parameters)
        known = {"W", "V", "U", "c"} | known_names(branch)
        has = f"whose branch has {len(branch.layers)} layer(s)"
        require_names(cls.kind, parameters, ("W", "V", "A", "U"), known, has)
        W, V, U = parameters["W"], parameters["V"], parameters["U"]
        return cls(W=W, V=V, branch=branch, U=U, c=parameters.get("c"), bias=bias)

    def parameters(self) -> dict[str, Array]:
        optional = {} if self.c is None else {"c": self.c}
        return {"W": self.W, "V": self.V, **self.branch.parameters(), "U": self.U, **optional}
