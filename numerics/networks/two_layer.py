"""TWO-LAYER, the reference class: `f(x) = V [W x]_+ + c`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from numerics.networks.arrays import Array
from numerics.networks.base import H, Network, P
from numerics.networks.forward import Arithmetic
from numerics.networks.shapes import require_first_layer, require_names, require_output_bias, require_readout


@dataclass(frozen=True, eq=False)
class TwoLayer(Network):
    """`f(x) = V z + c`, `z = [W x]_+`. Shapes: W (m, D), V (p, m), c (p,) or None. Raises InputError."""

    W: Array
    V: Array
    c: Array | None = None
    bias: bool = False

    kind: ClassVar[str] = "two-layer"
    has_branch: ClassVar[bool] = False

    def __post_init__(self) -> None:
        self._settle("W", "V")
        require_readout(self.V, self.W)
        require_first_layer(self.W, self.bias)
        require_output_bias(self.c, self.V)

    @classmethod
    def of(cls, parameters: Mapping[str, Array], *, bias: bool) -> TwoLayer:
        require_names(cls.kind, parameters, ("W", "V"), ("W", "V", "c"), "which has W, V and optionally c")
        return cls(W=parameters["W"], V=parameters["V"], c=parameters.get("c"), bias=bias)

    @classmethod
    def forward(cls, weights: Mapping[str, P], z: H, arithmetic: Arithmetic[H, P]) -> H:
        return arithmetic.affine(z, weights["V"], weights.get("c"))

    def parameters(self) -> dict[str, Array]:
        optional = {} if self.c is None else {"c": self.c}
        return {"W": self.W, "V": self.V, **optional}

    @property
    def readout(self) -> tuple[str, ...]:
        return self._with_output_bias("V")
