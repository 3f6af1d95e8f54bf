"""Which moves change no output whatever the weights: the finder's rule of *silent* segments (L9).

A forward pass carries, for each unit, whether anything is written to it and whether its value may change. A value
changes if a weight that reads something moves, or a weight that is not zero reads a value that changes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numerics.common.shown import Shown
from numerics.networks.arrays import Array
from numerics.networks.base import Network
from numerics.networks.forward import outputs_from
from numerics.networks.graph.graph import Graph
from numerics.networks.graph.silence import no_output_changes

Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Units(Shown):
    """A layer's units (r,): which may be other than 0, and which may change."""

    written: Mask
    changes: Mask


@dataclass(frozen=True, eq=False)
class Moves(Shown):
    """A parameter, biases as one column: which entries are not zero somewhere on the segment, and which move."""

    held: Mask
    moved: Mask

    @classmethod
    def of(cls, before: Array, after: Array) -> Moves:
        held, moved = (before != 0) | (after != 0), before != after
        return cls(held, moved) if held.ndim == 2 else cls(held[:, None], moved[:, None])


class Silence:
    """The arithmetic of `networks.forward` on units."""

    def affine(self, h: Units, weight: Moves, bias: Moves | None) -> Units:
        changes = _some(weight.held & h.changes) | _some(weight.moved & h.written)
        if bias is not None:
            changes = changes | bias.moved[:, 0]
        return Units(_some(weight.held), changes)

    def plus(self, left: Units, right: Units) -> Units:
        return Units(left.written | right.written, left.changes | right.changes)

    def relu(self, h: Units) -> Units:
        """A unit of a branch counts as written to, whatever it reads: only coordinates of the stream may be empty."""
        return Units(np.ones_like(h.written), h.changes)


def moves_silently(start: Network, end: Network) -> bool:
    """Whether the segment between two networks of one space is silent: its readout stays, and no output can change."""
    if isinstance(start, Graph) and isinstance(end, Graph):
        return no_output_changes(start, end)
    theirs = end.parameters()
    weights = {name: Moves.of(array, theirs[name]) for name, array in start.parameters().items()}
    if any(weights[name].moved.any() for name in start.readout):
        return False
    W = weights["W"]
    z = Units(_some(W.held), _some(W.moved))
    return not outputs_from(start.kind, weights, z, Silence()).changes.any()


def _some(entries: Mask) -> Mask:
    """Which rows have a mark."""
    rows: Mask = np.logical_or.reduce(entries, axis=1)
    return rows
