"""PARALLEL, our reading of the paper's object: `f(x) = V z + U q(A z) + c`, a deep branch `q` beside the skip `V z`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from numerics.networks.arrays import require
from numerics.networks.base import H, P
from numerics.networks.branch import Branch, Layer
from numerics.networks.forward import Arithmetic, branch_from
from numerics.networks.one_branch import OneBranch

__all__ = ["Branch", "Layer", "Parallel"]


@dataclass(frozen=True, eq=False)
class Parallel(OneBranch):
    """`f(x) = V z + U h_last + c`, `z = [W x]_+`, `h_1 = [A z + a]_+`, `h_{k+1} = [B_k h_k + b_k]_+`.

    Shapes: W (m, D), V (p, m), A (r_0, m), B_k (r_k, r_{k-1}), U (p, r_last). Raises InputError naming the violated
    relation.
    """

    kind: ClassVar[str] = "parallel"

    def _require_way_back(self) -> None:
        last_name, last = self.branch.last()
        require(
            self.U.shape == (self.outputs, last),
            f"U has shape {self.U.shape} but V has {self.outputs} rows and {last_name} has {last}:"
            " U must be (p, r_last)",
        )

    @classmethod
    def forward(cls, weights: Mapping[str, P], z: H, arithmetic: Arithmetic[H, P]) -> H:
        beside = arithmetic.affine(branch_from(weights, "", z, arithmetic), weights["U"], None)
        return arithmetic.plus(arithmetic.affine(z, weights["V"], weights.get("c")), beside)

    @property
    def readout(self) -> tuple[str, ...]:
        return self._with_output_bias("V", "U")
