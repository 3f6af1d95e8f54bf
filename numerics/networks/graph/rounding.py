"""How far a float64 evaluation of a graph can be from the true values: derived, for sums in any order.

Let `u = 2^-53`. If every computed value v has `|fl(v) - v| <= ((1 + u)^k - 1) M` with k and M of that value, then so
has what a node makes of it: an affine map of n entries and a bias takes at most n + 1 roundings, each relative, so k
grows by n + 1 and M becomes `|W| M + |b|`; a sum of two values, k by 1; a mean of n entries, k by n + 1, as some divide
by rows and then by columns; ReLU and the largest entry are exact and never move two values further apart, so k stays
and M is the larger one. A product or quotient that underflows is off by at most 2^-1074, which is `2^-1021 u`: it is
added to M. M is computed in float64, too, and so may be short by the same factor, by which it is divided.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod

import numpy as np

from numerics.arithmetic.rounding import ETA, U, gamma
from numerics.common.shown import Shown
from numerics.networks.arrays import Array
from numerics.networks.graph.graph import Graph
from numerics.networks.graph.layout import by_sample, stored
from numerics.networks.graph.operations import FloatOperations
from numerics.networks.graph.run import run
from numerics.networks.graph.windows import Index, Shape

TINY = ETA / U


def float_bound(graph: Graph, X: Array, sizes: Mapping[str, Array] | None = None, more: int = 0) -> Array:
    """A bound (N, p) of the distance of any float64 evaluation at X (N, n) to the true outputs.

    `sizes`: of parameters that were computed, what they were computed from, in absolute value; `more`: roundings of
    one path through the network besides its own.
    """
    weights = {name: np.abs(array) for name, array in graph.arrays.items()} | dict(sizes or {})
    M = by_sample(run(graph.nodes, graph.shapes, weights, stored(np.abs(X)), _Magnitudes()))
    k = more + run(graph.nodes, graph.shapes, {name: w.shape for name, w in weights.items()}, 0, _Roundings())
    return np.asarray(gamma(k) / (1 - gamma(k)) * M, dtype=np.float64)


@dataclass(frozen=True, eq=False)
class Translation(Shown):
    """A graph read from another program's form, and what `float_bound` needs besides for its roundings."""

    graph: Graph
    sizes: Mapping[str, Array]
    more: int

    def bound(self, X: Array) -> Array:
        """A bound (N, p) of the distance of two float64 evaluations at X (N, n), this program's and the other's."""
        return 2 * float_bound(self.graph, X, self.sizes, self.more)


def softmax_bound(logits: Array, apart: Array) -> Array:
    """A bound (N, 1) of the distance of two float64 softmaxes or log-softmaxes, of logits (N, p) `apart` by (N, p).

    No entry moves by more than twice what the logits do. With logits up to M a difference to the largest is off by
    2 M u, its exponential relatively by that and 4 u of the library, the sum of p by p u more and its logarithm by that
    and its own 4 u log p; with the last step, 2 M u and u log p, less than u (8 M + 4 p + 16). A quotient of two such
    exponentials, at most 1, is off by less than u (4 M + p + 16).
    """
    moved = apart.max(axis=1, keepdims=True)
    M = np.abs(logits).max(axis=1, keepdims=True) + moved
    return np.asarray(2 * (moved + U * (8 * M + 4 * logits.shape[1] + 16)), dtype=np.float64)


class _Magnitudes(FloatOperations):
    """M of every value."""

    def affine(self, h: Array, weight: Array, bias: Array | None, groups: int) -> Array:
        return np.asarray(super().affine(h, weight, bias, groups) + weight[0].size * TINY, dtype=np.float64)

    def mean(self, h: Array, counts: Index) -> Array:
        return np.asarray(super().mean(h, counts) + TINY, dtype=np.float64)


class _Roundings:
    """k of every value."""

    def affine(self, h: int, weight: Shape, bias: Shape | None, groups: int) -> int:
        return h + prod(weight[1:]) + 1

    def plus(self, left: int, right: int) -> int:
        return max(left, right) + 1

    def relu(self, h: int) -> int:
        return h

    def largest(self, h: int) -> int:
        return h

    def mean(self, h: int, counts: Index) -> int:
        return h + int(counts.max()) + 1

    def take(self, h: int, index: Index) -> int:
        return h

    def join(self, parts: Sequence[int]) -> int:
        return max(parts)
