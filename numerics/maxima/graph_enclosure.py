"""An upper bound of the loss over a whole piece of a segment of graphs: the same as `enclosure`, node by node.

Samples are taken in blocks, several at once in threads; no block holds more than its share of memory.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from math import prod

import numpy as np

from numerics.arithmetic.budget import require
from numerics.arithmetic.rounding import Array, U, require_gradual_underflow, up
from numerics.common.shown import Shown
from numerics.losses.problem import Problem
from numerics.maxima.bound import Bound
from numerics.maxima.bounds import Part, part_of, summed
from numerics.maxima.enclosure import Line, require_piece, workers
from numerics.maxima.graph_models import TINY, GraphModels, Weight, room_for
from numerics.networks.base import Network
from numerics.networks.graph import Graph, run

BLOCK = 1 << 19  # entries of the largest value of one block of samples
FEWEST = 16  # samples of one block
COPIES = 12  # arrays of the largest value's size that are held at once
DRIFT = 8.0  # u, of moving weights on a straight line


@dataclass(frozen=True, eq=False)
class Moving(Shown):
    """A parameter along the segment, `start + t slope`; `sizes` is at least `|start| + |end|`."""

    start: Array
    slope: Array
    sizes: Array

    @classmethod
    def between(cls, start: Array, end: Array) -> Moving:
        return cls(start, end - start, up(np.abs(start) + np.abs(end)))

    def at(self, t: float, r: float, room: float) -> Weight:
        """On the piece `[t - r, t + r]`, as the rounding analysis of `graph_models` has it."""
        here = self.start + t * self.slope
        terms = (here, self.slope) if self.slope.any() else (here,)
        reach = up(np.abs(here) + r * np.abs(self.slope) + (DRIFT * U / room) * self.sizes) + TINY
        return Weight(terms, reach, up(16.0 * U * self.sizes))


def line_of(start: Network, end: Network, problem: Problem) -> Line | GraphLine:
    """What bounds the loss on pieces of the segment between two networks of one space."""
    if isinstance(start, Graph) and isinstance(end, Graph):
        return GraphLine(start, end, problem)
    return Line(start, end, problem)


class GraphLine:
    """The segment from `start` to `end`, graphs of one space, with the data: what does not depend on the piece."""

    def __init__(self, start: Graph, end: Graph, problem: Problem) -> None:
        require_gradual_underflow()
        self.graph, self.problem = start, problem
        self._labelled = problem.data.labels is not None
        self._room = room_for(_longest(start))
        with np.errstate(all="ignore"):  # an overflow ends as an infinite bound
            self._weights = {name: Moving.between(array, end.arrays[name]) for name, array in start.arrays.items()}
        each = 8.0 * COPIES * start.cells * workers()
        held = 8.0 * 4 * sum(array.size for array in start.arrays.values())
        require(held + each, problem.budget, "one sample in first-order models")
        fitting = int((problem.budget - held) // each)
        rows = min(problem.size, max(FEWEST, BLOCK // start.cells), fitting)
        self._blocks = [slice(k, min(k + rows, problem.size)) for k in range(0, problem.size, rows)]

    def bound(self, t: float, r: float, pool: ThreadPoolExecutor | None = None) -> Bound:
        """`loss <= upper` for all times in `[t - r, t + r]`; see `numerics.maxima.enclosure.Line.bound`."""
        require_piece(t, r)
        with np.errstate(all="ignore"):
            weights = {name: moving.at(t, r, self._room) for name, moving in self._weights.items()}
        over = map if pool is None or len(self._blocks) == 1 else pool.map
        parts = list(over(partial(self._part, weights, r), self._blocks))
        return summed(parts, self.problem.size, r)

    def _part(self, weights: dict[str, Weight], r: float, block: slice) -> Part:
        with np.errstate(all="ignore"):
            models = GraphModels(r, self._room)
            given = models.given(self.problem.X[block])
            f = run(self.graph.nodes, self.graph.shapes, weights, given, models).output()
            return part_of(self.problem.loss, f, self.problem.Y[block], r, models.open_signs, self._labelled)


def _longest(graph: Graph) -> int:
    """The most terms that an affine map or a mean of the graph adds."""
    parameters = (prod(graph.arrays[name].shape[1:]) for node in graph.nodes for name in node.weights)
    return max([*parameters, *(prod(shape) for shape in graph.shapes.values())])
