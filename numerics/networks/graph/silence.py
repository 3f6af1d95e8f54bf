"""Which entries of a graph's values may change along a segment: the rule of silent segments (L9), node by node.

An entry may change if a weight that enters it moves, or a weight that is not zero at both ends reads an entry that may
change; a weight that stays 0 reads nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numerics.common.shown import Shown
from numerics.networks.arrays import Array
from numerics.networks.graph.graph import Graph
from numerics.networks.graph.layout import in_one_row, taker
from numerics.networks.graph.run import run
from numerics.networks.graph.windows import Index

Marks = Array  # (k, q, 1): 1 where an entry may change, else 0


@dataclass(frozen=True, eq=False)
class Moves(Shown):
    """A parameter (o, ...): `held`, 1 where an entry is not 0 at both ends; `moved` (o,): rows of which one moves."""

    held: Array
    moved: NDArray[np.bool_]

    @classmethod
    def of(cls, before: Array, after: Array) -> Moves:
        held = ((before != 0) | (after != 0)).astype(np.float64)
        return cls(held, (before != after).reshape(len(before), -1).any(axis=1))


class Silence:
    """The operations of graphs on marks."""

    def affine(self, h: Marks, weight: Moves, bias: Moves | None, groups: int) -> Marks:
        entries, rows, _ = h.shape
        read = weight.held.reshape(groups, -1, entries // groups) @ h.reshape(groups, entries // groups, rows)
        moved = weight.moved if bias is None else weight.moved | bias.moved
        return _marks((read.reshape(-1, rows, 1) > 0) | moved[:, None, None])

    def plus(self, left: Marks, right: Marks) -> Marks:
        marks: Marks = np.maximum(left, right)
        return marks

    def relu(self, h: Marks) -> Marks:
        return h

    def largest(self, h: Marks) -> Marks:
        return np.maximum.reduce(h, axis=0, keepdims=True)

    def mean(self, h: Marks, counts: Index) -> Marks:
        return np.maximum.reduce(h, axis=0, keepdims=True)

    def take(self, h: Marks, index: Index) -> Marks:
        return taker(h.shape[0], h.shape[1], index)(h)

    def join(self, parts: Sequence[Marks]) -> Marks:
        return np.concatenate([in_one_row(part) for part in parts])


def no_output_changes(start: Graph, end: Graph) -> bool:
    """Whether no output changes on the segment between two graphs of one space, whatever the input."""
    weights = {name: Moves.of(array, end.arrays[name]) for name, array in start.arrays.items()}
    given: Marks = np.zeros((start.inputs, 1, 1))
    return not run(start.nodes, start.shapes, weights, given, Silence()).any()


def _marks(found: NDArray[np.bool_]) -> Marks:
    marks: Marks = found.astype(np.float64)
    return marks
