"""POST: `f(x) = V z_K + c`, `z_{k+1} = [z_k + U_k q_k(A_k z_k)]_+`: residual blocks with a rectifier after each sum."""

from __future__ import annotations

from typing import ClassVar

from numerics.networks.stream import Stream


class Post(Stream):
    """`f(x) = V z_K + c`, `z_0 = [W x]_+`, block k of the K >= 1 blocks: `z_{k+1} = [z_k + U_k h_{k,last}]_+`.

    The residual network as it was first published. Parameters and shapes are STREAM's. Raises InputError naming the
    violated relation.
    """

    kind: ClassVar[str] = "post"
    has_skip: ClassVar[bool] = False
    adds_linearly: ClassVar[bool] = False
