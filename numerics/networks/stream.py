"""STREAM: `f(x) = V z_K + c`, `z_{k+1} = z_k + U_k q_k(A_k z_k)`: K residual blocks, a ResNet on the skip layer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from numerics.common.shown import Shown
from numerics.networks.arrays import Array, require, weights
from numerics.networks.base import H, Network, P
from numerics.networks.branch import Branch, branch_of, checked, known_names, require_into_stream
from numerics.networks.forward import Arithmetic, block_prefixes, read_by_V
from numerics.networks.shapes import require_first_layer, require_names, require_output_bias, require_readout

MOST_BLOCKS = 100  # the certificate's names have two digits


@dataclass(frozen=True, eq=False)
class Block(Shown):
    """`z -> z + U h_last`, with `h` the layers of the branch. U (m, r_last)."""

    branch: Branch
    U: Array


@dataclass(frozen=True, eq=False)
class Stream(Network):
    """`f(x) = V z_K + c`, `z_0 = [W x]_+`, block k of the K >= 1 blocks: `z_{k+1} = z_k + U_k h_{k,last}`.

    Parameters of block k are named `blocks.k.A`, `blocks.k.a`, `blocks.k.B1`, ..., `blocks.k.U`. Shapes: W (m, D),
    V (p, m), A_k (r_0, m), U_k (m, r_last). Raises InputError naming the violated relation.
    """

    W: Array
    V: Array
    blocks: tuple[Block, ...]
    c: Array | None = None
    bias: bool = False

    kind: ClassVar[str] = "stream"
    has_stream: ClassVar[bool] = True
    has_blocks: ClassVar[bool] = True

    def __post_init__(self) -> None:
        self._settle("W", "V")
        require_readout(self.V, self.W)
        require_first_layer(self.W, self.bias)
        require_output_bias(self.c, self.V)
        count = len(self.blocks)
        require(1 <= count <= MOST_BLOCKS, f"the stream has {count} blocks: 1 to {MOST_BLOCKS} are needed")
        object.__setattr__(self, "blocks", tuple(self._checked(k, block) for k, block in enumerate(self.blocks)))

    def _checked(self, k: int, block: Block) -> Block:
        prefix = _prefix(k)
        branch = checked(block.branch, self.width, prefix)
        U = weights(f"{prefix}U", block.U, 2)
        require_into_stream(U, self.W, branch, prefix)
        return Block(branch, U)

    @classmethod
    def of(cls, parameters: Mapping[str, Array], *, bias: bool) -> Stream:
        prefixes = block_prefixes(cls.kind, parameters)
        branches = {prefix: branch_of(parameters, prefix) for prefix in prefixes}
        needed = ["W", "V", "blocks.0.A", *(f"{prefix}U" for prefix in prefixes)]
        known = {"W", "V", "c"}
        for prefix, branch in branches.items():
            known |= {f"{prefix}U"} | known_names(branch, prefix)
        layers = ", ".join(str(len(branch.layers)) for branch in branches.values())
        require_names(cls.kind, parameters, needed, known, f"whose {len(prefixes)} block(s) have {layers} layer(s)")
        blocks = tuple(Block(branch, parameters[f"{prefix}U"]) for prefix, branch in branches.items())
        return cls(W=parameters["W"], V=parameters["V"], blocks=blocks, c=parameters.get("c"), bias=bias)

    @classmethod
    def forward(cls, weights: Mapping[str, P], z: H, arithmetic: Arithmetic[H, P]) -> H:
        return arithmetic.affine(read_by_V(cls.kind, weights, z, arithmetic), weights["V"], weights.get("c"))

    def parameters(self) -> dict[str, Array]:
        named = {"W": self.W, "V": self.V}
        for k, block in enumerate(self.blocks):
            named |= {**block.branch.parameters(_prefix(k)), f"{_prefix(k)}U": block.U}
        return named if self.c is None else {**named, "c": self.c}

    @property
    def readout(self) -> tuple[str, ...]:
        return self._with_output_bias("V")


def _prefix(k: int) -> str:
    return f"blocks.{k}."
