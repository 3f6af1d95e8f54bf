"""Times between which every sample's activations are taken to be linear: chosen by searching, never believed.

Each sample has its own nodes, 0 and 1 among them. A layer is known by its values at the nodes, and stands for the
polygon through them. Where the nodes lie decides how good that polygon is, never whether its error bound holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from numerics.arithmetic.budget import require
from numerics.arithmetic.rounding import Array
from numerics.common.shown import Shown

Indices = NDArray[np.int64]

GAP = 2.0**-50  # nodes closer than this would have slopes that are all rounding
COPIES = 8  # arrays of a layer's size that one step holds at once


@dataclass(frozen=True, eq=False)
class Nodes(Shown):
    """`times` (R,) sorted within each sample, `owner` (R,) its sample; both ends of every sample are there.

    `parent` has a part of these nodes: row i lies between the parent's rows `source[i]` and `source[i] + 1`, at the
    `share[i]` of the way (0 where it is the parent's node itself). `budget` bounds the bytes of one step.
    """

    times: Array
    owner: Indices
    budget: int
    parent: Nodes | None = None
    source: Indices | None = None
    share: Array | None = None

    @classmethod
    def ends(cls, samples: int, budget: int) -> Nodes:
        """0 and 1 for each sample."""
        return cls(np.tile([0.0, 1.0], samples), np.repeat(np.arange(samples), 2), budget)

    @cached_property
    def first(self) -> Indices:
        """The first node of each sample."""
        return np.flatnonzero(np.diff(self.owner, prepend=-1))

    @cached_property
    def together(self) -> NDArray[np.bool_]:
        """Whether node i and node i + 1 are one sample's, (R - 1,)."""
        same: NDArray[np.bool_] = self.owner[:-1] == self.owner[1:]
        return same

    def interleaved(self, start: Array, end: Array) -> Array:
        """Values at the ends (N, n) as values at the nodes (2N, n), where the ends are all there is."""
        return np.stack([start, end], axis=1).reshape(2 * len(start), -1)

    def largest(self, values: Array) -> Array:
        """The largest of non-negative `values` (R, n) of each sample, (N, n)."""
        if values.shape[1] == 0:
            return np.zeros((len(self.first), 0))
        found: Array = np.maximum.reduceat(values, self.first, axis=0)
        return found

    def with_crossings(self, values: Array) -> Nodes:
        """These nodes and those at which one of the polygons `values` (R, n) changes its sign."""
        low, high = values[:-1], values[1:]
        opposite = (low < 0.0) & (high > 0.0)
        opposite |= (low > 0.0) & (high < 0.0)
        opposite &= self.together[:, None]
        rows, columns = np.nonzero(opposite)
        near, far = low[rows, columns], high[rows, columns]
        width = self.times[rows + 1] - self.times[rows]
        times = self.times[rows] + near / (near - far) * width
        inside = (times - self.times[rows] >= GAP) & (self.times[rows + 1] - times >= GAP)
        rows, times = rows[inside], times[inside]
        order = np.lexsort((times, rows))
        rows, times = rows[order], times[order]
        spaced = np.diff(times, prepend=-1.0) >= GAP
        spaced |= np.diff(rows, prepend=-1) > 0
        rows, times = rows[spaced], times[spaced]
        size = len(self.times) + len(rows)
        require(8.0 * COPIES * size * (values.shape[1] + 2), self.budget, "the breakpoints of one block of samples")
        share = (times - self.times[rows]) / (self.times[rows + 1] - self.times[rows])
        return Nodes(
            np.insert(self.times, rows + 1, times),
            np.insert(self.owner, rows + 1, self.owner[rows]),
            self.budget,
            self,
            np.insert(np.arange(len(self.times)), rows + 1, rows),
            np.insert(np.zeros(len(self.times)), rows + 1, share),
        )

    def descends_from(self, other: Nodes) -> bool:
        """Whether `other` is an ancestor, or these nodes themselves."""
        here: Nodes | None = self
        while here is not None and here is not other:
            here = here.parent
        return here is other

    def since(self, other: Nodes) -> list[Nodes]:
        """The nodes that lead from an ancestor (without it) to these, the oldest first."""
        found, here = list[Nodes](), self
        while here is not other and here.parent is not None:
            found.append(here)
            here = here.parent
        return found[::-1]

    def lifted(self, values: Array, other: Nodes) -> Array:
        """An ancestor's values (R', n) at these nodes (R, n), new ones by linear interpolation.

        Each step rounds an inserted value by at most `12 u` of the larger neighbour: the share by `3 u` of itself, the
        difference, product and sum by `u` each.
        """
        for step in self.since(other):
            assert step.source is not None
            assert step.share is not None
            at = values[step.source]
            new = np.flatnonzero(step.share)
            source = step.source[new]
            at[new] += step.share[new, None] * (values[source + 1] - values[source])
            values = at
        return values
