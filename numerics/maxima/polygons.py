"""Activations of a hidden segment as polygons in `t`, with a bound of their error that holds at every `t`.

On a hidden segment each activation of each sample is a continuous, piecewise linear function `h(t)`. Here it is
replaced by the polygon `p(t)` through values at that sample's nodes (module `nodes`), and `error` bounds
`|h(t) - p(t)|` for **all** `t` in [0, 1], whatever the nodes are:

- an affine layer with weights that stay maps polygons to polygons, so errors pass through `|weight|` and rounding adds
  `gamma` of the norms at the nodes; weights that move meet an `h` that stands still, and the result is linear;
- ReLU is 1-Lipschitz, so it keeps the error; the polygon through the rectified values differs from the rectified
  polygon only between neighbouring nodes of opposite sign, `-l` and `r`, by at most the chord's excess
  `l r / (l + r) <= min(l, r)`. A breakpoint that was missed or misplaced by rounding is covered by this excess;
- nodes are added by interpolation, which changes the polygon by its rounding alone.

Units that stand still are kept once per sample, moving ones at every node. Provenance: [ours].
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from numerics.arithmetic.rounding import ETA, Array, U, gamma, row_norms, up
from numerics.common.shown import Shown
from numerics.maxima.models import spread
from numerics.maxima.nodes import Indices, Nodes
from numerics.networks.base import Network
from numerics.networks.forward import outputs_from


@dataclass(frozen=True, eq=False)
class Polygon(Shown):
    """`still[k]` plus, in `columns`, `moving` at the nodes of sample k. Shapes (N, n), (R, len(columns)).

    `error` (N, n) bounds the distance to the exact function of `t`.
    """

    still: Array
    nodes: Nodes
    columns: Indices
    moving: Array
    error: Array

    def at_nodes(self) -> Array:
        """The moving columns as a whole, (R, len(columns)); the sum rounds by `u` of itself."""
        return self.still[self.nodes.owner[:, None], self.columns[None, :]] + self.moving


@dataclass(frozen=True, eq=False)
class Ends(Shown):
    """A parameter at both ends of the segment; a vector as one column (rows, 1)."""

    start: Array
    end: Array

    @cached_property
    def rows(self) -> Indices:
        """The rows that differ, by value."""
        return np.flatnonzero((self.start != self.end).any(axis=1))

    @cached_property
    def reach(self) -> Array:
        """The larger modulus, entry by entry."""
        return np.maximum(np.abs(self.start), np.abs(self.end))

    @cached_property
    def norms(self) -> Array:
        """Norms of the rows of `reach`, (rows,)."""
        return row_norms(self.reach)


def ends_of(start: Network, end: Network) -> dict[str, Ends]:
    """Every parameter of two networks of one space."""
    theirs = end.parameters()
    return {
        name: Ends(array.reshape(len(array), -1), theirs[name].reshape(len(array), -1))
        for name, array in start.parameters().items()
    }


class Polygons:
    """The arithmetic of polygons, for `networks.forward`."""

    def affine(self, h: Polygon, weight: Ends, bias: Ends | None) -> Polygon:
        """`h weight^T + bias`. Raises ValueError where two moving factors meet: the segment is not hidden."""
        moves = weight.rows if bias is None else np.union1d(weight.rows, bias.rows)
        if not len(h.columns):
            return self._turned(h, weight, bias, moves)
        if len(weight.rows):
            raise ValueError("a moving weight meets a moving activation: the segment is not hidden")
        n = h.still.shape[1]
        still, moving = h.still @ weight.start.T, h.moving @ weight.start[:, h.columns].T
        swing = h.nodes.largest(row_norms(h.moving)[:, None])
        size = (row_norms(h.still)[:, None] + swing) * weight.norms
        if bias is not None:
            still = still + bias.start[:, 0]
            size = size + 2.0 * bias.reach[:, 0]
            if len(bias.rows):
                moving = moving + h.nodes.times[:, None] * (bias.end - bias.start)[:, 0]
        return Polygon(still, h.nodes, np.arange(len(weight.start)), moving, self._error(h, weight, size, n))

    def _turned(self, h: Polygon, weight: Ends, bias: Ends | None, moves: Indices) -> Polygon:
        """An affine layer on activations that stand still: linear in `t`, so known by both ends."""
        still = h.still @ weight.start.T
        end = h.still @ weight.end[moves].T
        size = row_norms(h.still)[:, None] * weight.norms
        if bias is not None:
            still, end = still + bias.start[:, 0], end + bias.end[moves, 0]
            size = size + bias.reach[:, 0]
        moving = h.nodes.interleaved(still[:, moves], end)
        error = self._error(h, weight, size, h.still.shape[1])
        still[:, moves] = 0.0
        return Polygon(still, h.nodes, moves, moving, error)

    @staticmethod
    def _error(h: Polygon, weight: Ends, size: Array, n: int) -> Array:
        """Errors passed on, and the rounding of products of length `n` and a few sums, of moduli at most `size`.

        A product rounds by `gamma(n)` of its size and `n eta`, the sum with a bias by `u` of both, a moving bias by
        `4 u` of its two ends: less than `gamma(n + 8)` of `size`, doubled for what the sizes' own rounding loses.
        """
        return up(spread(h.error, weight.reach.T) + 2.0 * gamma(n + 8) * size) + 8.0 * n * ETA

    def plus(self, left: Polygon, right: Polygon) -> Polygon:
        """The sum, at the finer one's nodes; one's nodes descend from the other's."""
        nodes = left.nodes if left.nodes.descends_from(right.nodes) else right.nodes
        columns = np.union1d(left.columns, right.columns)
        still = left.still + right.still
        error = left.error + right.error + 2.0 * U * np.abs(still)
        moving = np.zeros((len(nodes.times), len(columns)))
        for part in (left, right):
            place = np.searchsorted(columns, part.columns)
            moving[:, place] += nodes.lifted(part.moving, part.nodes)
            # 12 u for each interpolation and u for the sum, of moduli that interpolation does not enlarge.
            steps = 2.0 + 13.0 * len(nodes.since(part.nodes))
            error[:, part.columns] += 2.0 * steps * U * part.nodes.largest(np.abs(part.moving))
        return Polygon(still, nodes, columns, moving, up(error))

    def relu(self, h: Polygon) -> Polygon:
        """`[h]_+`, with nodes where a sign changes."""
        still, error = np.maximum(h.still, 0.0), h.error.copy()
        still[:, h.columns] = 0.0
        if not len(h.columns):
            return Polygon(still, h.nodes, h.columns, h.moving, error)
        values = h.at_nodes()
        # The sum rounds by u, the interpolation by 12 u of the largest value at the sample's nodes.
        error[:, h.columns] += 16.0 * U * h.nodes.largest(np.abs(values))
        nodes = h.nodes.with_crossings(values)
        values = nodes.lifted(values, h.nodes)
        error[:, h.columns] += _excess(values, nodes)
        return Polygon(still, nodes, h.columns, np.maximum(values, 0.0), up(error))


def _excess(values: Array, nodes: Nodes) -> Array:
    """How far `[.]_+` of the polygons may lie from the polygons through `[values]_+`, (N, n)."""
    low, high = values[:-1], values[1:]
    opposite = ((low < 0.0) & (high > 0.0)) | ((low > 0.0) & (high < 0.0))
    rows, columns = np.nonzero(opposite & nodes.together[:, None])
    excess = np.zeros((len(nodes.first), values.shape[1]))
    found = np.minimum(np.abs(low[rows, columns]), np.abs(high[rows, columns]))
    np.maximum.at(excess, (nodes.owner[rows], columns), found)
    return excess


def residuals(kind: str, weights: Mapping[str, Ends], seen: Array, targets: Array, budget: int) -> Polygon:
    """`f - y` of samples `seen` (N, D) with `targets` (N, p); every column moving. Raises InputError over budget."""
    arithmetic, rest = Polygons(), dict(weights)
    samples = Polygon(
        seen,
        Nodes.ends(len(seen), budget),
        np.zeros(0, dtype=np.int64),
        np.zeros((2 * len(seen), 0)),
        np.zeros(seen.shape),
    )
    f = outputs_from(kind, rest, arithmetic.relu(arithmetic.affine(samples, rest.pop("W"), None)), arithmetic)
    values = f.still[f.nodes.owner] - targets[f.nodes.owner]
    # Two sums, each rounding by u of itself.
    values[:, f.columns] += f.moving
    largest = f.nodes.largest(np.abs(values)) + np.abs(f.still) + np.abs(targets)
    error = up(f.error + 4.0 * U * largest)
    everything = np.arange(targets.shape[1])
    return Polygon(np.zeros(targets.shape), f.nodes, everything, values, error)
