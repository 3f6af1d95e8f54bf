"""A graph's operations on tensors (N, q, k), for training."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from numerics.networks.graph.graph import Graph
from numerics.networks.graph.run import run
from numerics.networks.graph.windows import OUTSIDE, Index


class TensorOperations:
    """`numerics.networks.graph.operations.Operations` on tensors; values are (N, q, k)."""

    def affine(self, h: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None, groups: int) -> torch.Tensor:
        samples, rows, entries = h.shape
        seen = h.reshape(samples, rows, groups, entries // groups)
        matrices = weight.reshape(groups, -1, entries // groups)
        product = torch.einsum("nqgk,gok->nqgo", seen, matrices).reshape(samples, rows, -1)
        return product if bias is None else product + bias

    def plus(self, left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
        return left + right

    def relu(self, h: torch.Tensor) -> torch.Tensor:
        return torch.relu(h)

    def largest(self, h: torch.Tensor) -> torch.Tensor:
        return h.amax(dim=2, keepdim=True)

    def mean(self, h: torch.Tensor, counts: Index) -> torch.Tensor:
        return h.sum(dim=2, keepdim=True) / torch.tensor(np.array(counts), dtype=h.dtype)[None, :, None]

    def take(self, h: torch.Tensor, index: Index) -> torch.Tensor:
        flat = h.reshape(len(h), -1)
        with_zero = torch.cat([flat, torch.zeros(len(h), 1, dtype=h.dtype)], dim=1)
        places = torch.tensor(np.where(index == OUTSIDE, flat.shape[1], index).ravel(), dtype=torch.long)
        return with_zero[:, places].reshape(len(h), *index.shape)

    def join(self, parts: Sequence[torch.Tensor]) -> torch.Tensor:
        return torch.cat([part.reshape(len(part), -1) for part in parts], dim=1)[:, None, :]


def graph_outputs(graph: Graph, weights: dict[str, torch.Tensor], X: torch.Tensor) -> torch.Tensor:
    """`f` (N, p) of inputs `X` (N, n)."""
    found: torch.Tensor = run(graph.nodes, graph.shapes, weights, X[:, None, :], TensorOperations())
    return found.reshape(len(X), -1)
