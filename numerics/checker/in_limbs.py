"""Exact outputs in limbs, at any rational time of a segment: of graphs, and of other networks where that is faster."""

from collections.abc import Iterator, Sequence

from flint import fmpq

from .arrays import Array, Weights
from .budget import Meter, blocks_within, converting, require
from .effort import Budget
from .exact import float_extent
from .exact_pass import GraphPass, Over, Residuals, weight_at
from .foreseen import Foreseen
from .inputs import Data
from .limbs import BITS, Limbs
from .spaces import Space
from .threads import CORES, in_threads

# Bytes of a limb of a weight or a sample, with what is there while it is made.
_BYTES = 40
# Samples of one block: what is made of them stays near.
_ROWS = 450


def limb_residuals(
    space: Space, given: Sequence[Weights], t: fmpq, data: Data, budget: Budget
) -> Iterator[tuple[Array, Residuals]]:
    """f - y at (1-t) before + t after, a block of samples at a time, beside its targets.

    `given`: before and after, or before, control and after of an arc. Raises Unusable.
    """
    ends = [space.operands(weights) for weights in given]
    extents = {id(array): float_extent(array) for end in ends for array in (*end.values(), data.x, data.y)}
    require(sum(_BYTES * one.rows * one.cols * (one.bits // BITS + 2) for one in extents.values()), budget.memory)
    budget.effort.charge(converting(extents.values()))
    weights = {key: _weight([end[key] for end in ends], t, row=space.is_row(key)) for key in ends[0]}
    x, y = Limbs.of(data.x), Limbs.of(data.y)

    def charge(rows: int) -> Meter:
        meter = Meter()
        sizes = {
            key: Over(Foreseen.of(part.matrix, part.matrix.limbs.shape[1], meter), part.over)
            for key, part in weights.items()
        }
        found = GraphPass(sizes, Foreseen.of(x, rows, meter)).residuals(space, Foreseen.of(y, rows, meter))
        meter.charge(0, 8 * found.matrix.size)
        return meter

    fixed = 8 * sum(part.matrix.limbs.size for part in weights.values()) + 8 * (x.limbs.size + y.limbs.size)
    step = min(_ROWS, blocks_within(charge, fixed, len(data.x), budget))
    blocks = [slice(first, first + step) for first in range(0, len(data.x), step)]

    def of(block: slice) -> Over[Limbs]:
        return GraphPass(weights, Limbs(x.limbs[:, block], x.low)).residuals(space, Limbs(y.limbs[:, block], y.low))

    count = max(1, min(CORES, (budget.memory - fixed) // charge(step).bytes))
    for first in range(0, len(blocks), count):
        some = blocks[first : first + count]
        for block, found in zip(some, in_threads(of, some, count), strict=True):
            matrix = found.matrix.matrix()
            yield data.y[block], Residuals(matrix, matrix.unit / found.over)


def _weight(given: Sequence[Array], t: fmpq, *, row: bool) -> Over[Limbs]:
    """A weight at t, a matrix transposed."""
    moves = any((given[0] != other).any() for other in given[1:])
    return weight_at([Limbs.of(array if row else array.T) for array in given], t, moves=moves)
