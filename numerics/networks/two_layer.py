"""TWO-LAYER, the reference class: `f(x) = V [W x]_+ + c`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from numerics.networks.arrays import Array, require, weights
from numerics.networks.base import Network


@dataclass(frozen=True, eq=False)
class TwoLayer(Network):
    """`f(x) = V z + c`, `z = [W x]_+`. Shapes: W (m, D), V (p, m), c (p,) or None. Raises InputError."""

    W: Array
    V: Array
    c: Array | None = None
    bias: bool = False

    kind: ClassVar[str] = "two-layer"

    def __post_init__(self) -> None:
        object.__setattr__(self, "W", weights("W", self.W, 2))
        object.__setattr__(self, "V", weights("V", self.V, 2))
        if self.c is not None:
            object.__setattr__(self, "c", weights("c", self.c, 1))
        require_skip_shapes(self)

    def parameters(self) -> dict[str, Array]:
        optional = {} if self.c is None else {"c": self.c}
        return {"W": self.W, "V": self.V, **optional}

    def replace(self, changes: Mapping[str, Array]) -> TwoLayer:
        now = {**self.parameters(), **changes}
        return TwoLayer(W=now["W"], V=now["V"], c=now.get("c"), bias=self.bias)

    @property
    def readout(self) -> tuple[str, ...]:
        return ("V",) if self.c is None else ("V", "c")


def require_skip_shapes(network: Network) -> None:
    """The relations between W, V, c that all classes with a skip layer share."""
    (m, D), (p, columns) = network.W.shape, network.V.shape
    require(columns == m, f"V has {columns} columns but W has {m} rows: V must be (p, m) with m = rows of W")
    require(
        not network.bias or D >= 2,
        "bias is 1 but W has one column only: the first layer sees (x, 1), D = n + 1 >= 2",
    )
    if network.c is not None:
        require(
            len(network.c) == p,
            f"c has length {len(network.c)} but V has {p} rows: c must be (p,) with p = rows of V",
        )
