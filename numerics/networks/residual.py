"""RESIDUAL: `f(x) = V (z + U q(A z)) + c`, one residual block on the skip layer `z`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from numerics.networks.base import H, P
from numerics.networks.branch import require_into_stream
from numerics.networks.forward import Arithmetic, read_by_V
from numerics.networks.one_branch import OneBranch


@dataclass(frozen=True, eq=False)
class Residual(OneBranch):
    """`f(x) = V (z + U h_last) + c`, `z = [W x]_+`, `h_1 = [A z + a]_+`, `h_{k+1} = [B_k h_k + b_k]_+`.

    Shapes: W (m, D), V (p, m), A (r_0, m), B_k (r_k, r_{k-1}), U (m, r_last). Raises InputError naming the violated
    relation.
    """

    kind: ClassVar[str] = "residual"
    has_stream: ClassVar[bool] = True

    def _require_way_back(self) -> None:
        require_into_stream(self.U, self.W, self.branch)

    @classmethod
    def forward(cls, weights: Mapping[str, P], z: H, arithmetic: Arithmetic[H, P]) -> H:
        return arithmetic.affine(read_by_V(cls.kind, weights, z, arithmetic), weights["V"], weights.get("c"))

    @property
    def readout(self) -> tuple[str, ...]:
        return self._with_output_bias("V")
