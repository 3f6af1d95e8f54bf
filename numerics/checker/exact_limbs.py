"""The exact outputs of one network whose integers are longer than machine words: in limbs, several blocks at once.

FLINT's integers would be as right. But a deep and wide chain has many of some hundred bits, of which FLINT makes new
ones in every layer, and looks at them one by one where they are rectified.
"""

from collections.abc import Iterator, Sequence

from flint import fmpq

from .arrays import Array, Weights
from .budget import Meter, blocks_within, converting, require
from .effort import Budget
from .exact import MACHINE_BITS, Extent, Matrix, float_extent
from .exact_pass import Graded, Pass, weights_at
from .foreseen import Foreseen
from .inputs import Data
from .limbs import BITS, Limbs
from .spaces import Space
from .threads import CORES, in_threads

# Fewer weights are FLINT's, and so are longer integers, whose products it makes in less than all products of limbs.
_MANY, _MOST_BITS = 1 << 14, 64 * BITS
# Samples of one block: what is made of them stays near.
_ROWS = 450
# Bytes of a limb of a weight or a sample, with what is there while it is made.
_BYTES = 40


def are_worth_it(space: Space, given: Sequence[Weights], t: fmpq, odd: int, data: Data) -> bool:
    """Whether limbs are faster than FLINT's integers."""
    if sum(array.size for array in given[0].values()) < _MANY:
        return False
    weights = {name: weights_at([part[name] for part in given], t, odd, float_extent) for name in space.names}
    ones = Extent(len(data.x), 1, 0, 1)
    found = Pass(weights, odd, float_extent(data.x), ones).residuals(space, float_extent(data.y))
    return MACHINE_BITS < found.matrix.bits <= _MOST_BITS


def limb_residuals(
    space: Space, given: Sequence[Weights], t: fmpq, odd: int, data: Data, budget: Budget
) -> Iterator[tuple[Array, Matrix, fmpq]]:
    """f - y as `single.exact_residuals` has it: targets, integers, and what these are multiples of. Raises Unusable.

    `data`: as the first layer sees it.
    """
    arrays = [part[name].reshape(len(part[name]), -1) for part in given for name in space.names]
    extents = list(map(float_extent, (*arrays, data.x, data.y)))
    require(sum(_BYTES * one.rows * one.cols * (one.bits // BITS + 2) for one in extents), budget.memory)
    budget.effort.charge(converting(extents))
    weights = {name: weights_at([part[name] for part in given], t, odd, Limbs.of) for name in space.names}
    x, y, ones = Limbs.of(data.x), Limbs.of(data.y), Limbs.whole([1] * len(data.x))

    def charge(rows: int) -> Meter:
        meter = Meter()
        sizes = {
            name: Graded(Foreseen.of(part.matrix, part.matrix.limbs.shape[1], meter), part.degree)
            for name, part in weights.items()
        }
        foreseen, targets, one = (Foreseen.of(part, rows, meter) for part in (x, y, ones))
        found = Pass(sizes, odd, foreseen, one).residuals(space, targets)
        meter.charge(0, 8 * found.matrix.size)
        return meter

    fixed = 8 * sum(part.limbs.size for part in (x, y, ones, *(weight.matrix for weight in weights.values())))
    step = min(_ROWS, blocks_within(charge, fixed, len(data.x), budget))
    blocks = [slice(first, first + step) for first in range(0, len(data.x), step)]

    def of(block: slice) -> Graded[Limbs]:
        here, targets, one = (Limbs(part.limbs[:, block], part.low) for part in (x, y, ones))
        return Pass(weights, odd, here, one).residuals(space, targets)

    count = max(1, min(CORES, (budget.memory - fixed) // charge(step).bytes))
    for first in range(0, len(blocks), count):
        some = blocks[first : first + count]
        for block, found in zip(some, in_threads(of, some, count), strict=True):
            matrix = found.matrix.matrix()
            yield data.y[block], matrix, matrix.unit / fmpq(odd) ** found.degree
