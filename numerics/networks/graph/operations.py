"""What an arithmetic must offer so that every node of a graph can be evaluated in it, and plain float64 as one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

import numpy as np

from numerics.networks.arrays import Array
from numerics.networks.graph.layout import in_one_row, taker
from numerics.networks.graph.windows import Index

H = TypeVar("H")
P_contra = TypeVar("P_contra", contravariant=True)


class Operations(Protocol[H, P_contra]):
    """`H` is a value (N, q, k): of each of N samples q rows of k entries. `P_contra` is a parameter.

    All of a network is made of these seven. A sample's entries are its rows one after the other.
    """

    def affine(self, h: H, weight: P_contra, bias: P_contra | None, groups: int) -> H:
        """(N, q, k) -> (N, q, o): each row h becomes `weight h + bias`.

        `weight` is (o, ...), its other axes in C order one; with `groups`, the g-th part of the rows of `weight` sees
        the g-th part of the entries of h.
        """

    def plus(self, left: H, right: H) -> H:
        """The sum of two values of one shape, entry by entry."""

    def relu(self, h: H) -> H:
        """`[h]_+`, entry by entry."""

    def largest(self, h: H) -> H:
        """(N, q, k) -> (N, q, 1): the largest entry of each row."""

    def mean(self, h: H, counts: Index) -> H:
        """(N, q, k) -> (N, q, 1): the sum of each row, divided by its count (q,), a positive integer."""

    def take(self, h: H, index: Index) -> H:
        """(N, ..., ...) -> (N, q, k): the sample's entries with these numbers (q, k); 0 for `OUTSIDE`."""

    def join(self, parts: Sequence[H]) -> H:
        """(N, ..., ...) each -> (N, 1, k): the entries of all parts, one part after the other."""


class FloatOperations:
    """Plain float64, samples last (module `layout`): for looking, never for proving."""

    def affine(self, h: Array, weight: Array, bias: Array | None, groups: int) -> Array:
        entries, rows, samples = h.shape
        seen = h.reshape(groups, entries // groups, rows * samples)
        product: Array = (weight.reshape(groups, -1, entries // groups) @ seen).reshape(-1, rows, samples)
        return product if bias is None else product + bias[:, None, None]

    def plus(self, left: Array, right: Array) -> Array:
        return left + right

    def relu(self, h: Array) -> Array:
        return np.maximum(h, 0.0)

    def largest(self, h: Array) -> Array:
        return np.asarray(h.max(axis=0, keepdims=True), dtype=np.float64)

    def mean(self, h: Array, counts: Index) -> Array:
        return np.asarray(h.sum(axis=0, keepdims=True) / counts[None, :, None], dtype=np.float64)

    def take(self, h: Array, index: Index) -> Array:
        return taker(h.shape[0], h.shape[1], index)(h)

    def join(self, parts: Sequence[Array]) -> Array:
        return np.concatenate([in_one_row(part) for part in parts])
