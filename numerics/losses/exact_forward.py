"""Exact outputs of any network, block by block of samples: a class by its own forward pass, a graph by its nodes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from numerics.arithmetic.budget import require, rows_within
from numerics.arithmetic.limbs import LimbMatrix
from numerics.common.shown import Shown
from numerics.common.threads import threads, workers
from numerics.errors import InputError
from numerics.losses.graph_limbs import Extent, GraphLimbs, GraphSizes, Quotient
from numerics.losses.limb_forward import ROWS, Points, Size, exact_outputs, rows_for, size_of, working
from numerics.losses.outputs import Outputs
from numerics.losses.problem import Problem
from numerics.networks.base import Network
from numerics.networks.graph import Graph, run
from numerics.networks.graph.layout import by_sample, stored

AIM = 1 << 28  # bytes of one block of samples of a graph, of which few are enough to fill the processor


@dataclass(frozen=True, eq=False)
class ExactForward(Shown):
    """The samples of a problem, and how a network of this space is evaluated on them."""

    like: Network
    points: Points

    @classmethod
    def of(cls, like: Network, problem: Problem) -> ExactForward:
        return cls(like, Points.of(problem.data, like.bias))

    def outputs(self, weights: Mapping[str, LimbMatrix], q: int, block: slice) -> Outputs:
        """The outputs of a block of samples, exactly, for the weights `limbs / q`."""
        if not isinstance(self.like, Graph):
            return exact_outputs(self.like.kind, weights, q, self.points, block)
        seen = self.points.seen[block].each(stored)
        f = run(self.like.nodes, self.like.shapes, weights, Quotient(seen), GraphLimbs(q))
        flat = f.numerator.each(by_sample)
        return Outputs(flat, self.points.targets[block], self.points.Y[block], q**f.power * f.divisor)

    def in_blocks(self, weights: Mapping[str, LimbMatrix], q: int, blocks: Blocks) -> Iterator[Outputs]:
        """The outputs of all samples, block by block, in their order."""
        if len(blocks.slices) == 1 or not blocks.together:
            yield from (self.outputs(weights, q, block) for block in blocks.slices)
            return
        with threads() as pool:
            yield from pool.map(lambda block: self.outputs(weights, q, block), blocks.slices)


@dataclass(frozen=True)
class Blocks(Shown):
    """Samples in blocks; `together`: whether there is memory for as many at once as there are processors."""

    slices: tuple[slice, ...]
    together: bool


def blocks_for(like: Network, sizes: Sequence[Mapping[str, Size]], problem: Problem, *, bits: int = 0) -> Blocks:
    """For networks with weights of any of these sizes over a `q <= 2^bits`. Raises InputError over budget."""
    shared, together = replace(problem, budget=problem.budget // workers()), True
    try:
        rows = min(block_rows(like, weights, shared, bits=bits) for weights in sizes)
    except InputError:
        rows, together = min(block_rows(like, weights, problem, bits=bits) for weights in sizes), False
    starts = range(0, problem.size, rows)
    return Blocks(tuple(slice(first, first + rows) for first in starts), together)


def block_rows(like: Network, weights: Mapping[str, Size], problem: Problem, *, bits: int = 0) -> int:
    """How many samples at once, for weights of these sizes over a `q <= 2^bits`. Raises InputError over budget."""
    data, budget, loss = problem.data, problem.budget, problem.loss
    if not isinstance(like, Graph):
        return rows_for(like.kind, weights, data, like.bias, budget, bits=bits, loss=loss)
    X, Y = size_of(data.X), size_of(data.Y)
    # As of `rows_for`: lifting holds some ten arrays of one matrix's shape, or a few copies of its limbs, for a moment.
    passing = max(8.0 * 10 * size.rows * size.columns + 4 * size.bytes for size in (X, Y, *weights.values()))
    fixed = sum(size.bytes for size in (X, Y, *weights.values())) + passing
    require(fixed, budget, "the exact weights and data")
    sizes = GraphSizes(bits)
    f = run(like.nodes, like.shapes, weights, Extent(Size(1, X.columns, X.low, X.high), 1), sizes)
    targets = Y.times(bits * f.power + f.divisor.bit_length())
    residual = Size(1, Y.columns, min(f.size.low, targets.low), max(f.size.high, targets.high) + 1)
    each = sizes.bytes + working(loss, residual)
    room = int(budget - fixed) or 1
    return max(1, min(rows_within(each, room, data.size, ROWS), int(AIM // each)))
