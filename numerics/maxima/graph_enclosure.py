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
from numerics.arithmetic.rounding import INFLATION, Array, U, require_gradual_underflow, up
from numerics.common.shown import Shown
from numerics.common.threads import workers
from numerics.losses.problem import Problem
from numerics.maxima.bound import Bound
from numerics.maxima.bounds import Part, part_of, summed
from numerics.maxima.enclosure import Line, require_piece
from numerics.maxima.graph_models import SMALL, TINY, GraphModels, Value, Weight, room_for
from numerics.maxima.models import moving, placed
from numerics.networks.base import Network
from numerics.networks.graph import Graph, Node, run
from numerics.networks.graph.images import AvgPool2d, GlobalAvgPool

BLOCK = 1 << 19  # entries of the largest value of one block of samples
FEWEST = 16  # samples of one block
LARGEST = 512  # samples of one block, so that small networks have some for every thread, in its cache
COPIES = 12  # arrays of the largest value's size that are held at once
DRIFT = 8.0, 24.0  # u, of weights that move on a straight line, and on an arc


@dataclass(frozen=True, eq=False)
class Moving(Shown):
    """A parameter along the segment, `start + t (slope + t bend)`; `bend` is None on a straight line.

    `sizes` is at least `|start| + |end|`, on an arc `|start| + 2 |control| + |end|`.
    """

    start: Array
    slope: Array
    bend: Array | None
    sizes: Array

    @classmethod
    def between(cls, start: Array, end: Array, control: Array | None = None) -> Moving:
        return cls(start, *moving(start, end, control))

    def at(self, t: float, r: float, room: float) -> Weight:
        """On the piece `[t - r, t + r]`, as the rounding analysis of `graph_models` has it."""
        here, slope = placed(self.start, self.slope, self.bend, t)
        drift = DRIFT[self.bend is not None] * U
        terms = (here, r * slope) if slope.any() or self.bend is not None else (here,)
        if self.bend is not None:
            terms = (*terms, (r * r) * self.bend)
        reach = (drift / room) * self.sizes
        for term in terms:
            reach += np.abs(term)
        reach = up(reach) + TINY
        return Weight(terms, reach, (room + 16.0 * U) * INFLATION * reach + SMALL)


def line_of(start: Network, end: Network, problem: Problem, control: Network | None = None) -> Line | GraphLine:
    """What bounds the loss on pieces of the segment between two networks of one space, or with a control of the arc."""
    if isinstance(start, Graph) and isinstance(end, Graph) and (control is None or isinstance(control, Graph)):
        return GraphLine(start, end, problem, control)
    return Line(start, end, problem, control)


class GraphLine:
    """The segment from `start` to `end`, graphs of one space, with the data: what does not depend on the piece.

    With a control network it is the quadratic Bezier arc.
    """

    def __init__(self, start: Graph, end: Graph, problem: Problem, control: Graph | None = None) -> None:
        require_gradual_underflow()
        self.graph, self.problem = start, problem
        self._labelled = problem.data.labels is not None
        self._room = room_for(terms(start))
        with np.errstate(all="ignore"):  # an overflow ends as an infinite bound
            bends = {} if control is None else control.arrays
            self._weights = {
                name: Moving.between(array, end.arrays[name], bends.get(name)) for name, array in start.arrays.items()
            }
        each = 8.0 * COPIES * start.cells * workers()
        held = 8.0 * (4 * sum(array.size for array in start.arrays.values()) + 2 * problem.X.size)
        require(held + each, problem.budget, "one sample in first-order models")
        fitting = int((problem.budget - held) // each)
        rows = min(problem.size, LARGEST, max(FEWEST, BLOCK // start.cells), fitting)
        self.blocks = [slice(k, min(k + rows, problem.size)) for k in range(0, problem.size, rows)]
        self._given = [GraphModels(self._room).given(problem.X[block]) for block in self.blocks]

    def bound(self, t: float, r: float, pool: ThreadPoolExecutor | None = None) -> Bound:
        """`loss <= upper` for all times in `[t - r, t + r]`; see `numerics.maxima.enclosure.Line.bound`."""
        require_piece(t, r)
        with np.errstate(all="ignore"):
            weights = {name: moving.at(t, r, self._room) for name, moving in self._weights.items()}
        over = map if pool is None or len(self.blocks) == 1 else pool.map
        parts = list(over(partial(self._part, weights, r), self._given, self.blocks))
        return summed(parts, self.problem.size, r)

    def _part(self, weights: dict[str, Weight], r: float, given: Value, block: slice) -> Part:
        with np.errstate(all="ignore"):
            models = GraphModels(self._room)
            f = run(self.graph.nodes, self.graph.shapes, weights, given, models).output(r)
            return part_of(self.problem.loss, f, self.problem.Y[block], r, models.open_signs, self._labelled)


def terms(graph: Graph) -> int:
    """What the affine maps, means and sums of a graph add, and 16 more for each node, all nodes together."""
    return sum(16 + _terms(graph, node) for node in graph.nodes)


def _terms(graph: Graph, node: Node) -> int:
    if isinstance(node, AvgPool2d):
        return prod(node.kernel)
    if isinstance(node, GlobalAvgPool):
        return prod(graph.shapes[node.inputs[0]][1:])
    return max([len(node.inputs), *(prod(graph.arrays[name].shape[1:]) for name in node.weights)])
