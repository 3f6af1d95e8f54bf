"""Exact outputs in limbs, at any rational time of a segment: integers over one positive integer.

Those of graphs, and of other networks where that is the faster way (`single`).

At t = p / (2^k odd) a weight that moves is an integer matrix over odd, and a mean divides by its count. ReLU, maxima
and sums commute with a positive factor, so what everything is over is carried along and never divided by.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import lcm
from typing import Generic, Protocol, Self, TypeVar

from flint import fmpq

from . import chain
from .arrays import Array, Integers, Weights
from .budget import Meter, blocks_within, converting, require
from .effort import Budget
from .exact import Matrix, float_extent
from .foreseen import Foreseen
from .graph import Windows, outputs
from .inputs import Data
from .limbs import BITS, Limbs
from .spaces import Space
from .threads import CORES, in_threads

# Bytes of a limb of a weight or a sample, with what is there while it is made.
_BYTES = 40
# Samples of one block: what is made of them stays near.
_ROWS = 450


class Operand(Protocol):
    """Anything that does what a graph asks for, in integers."""

    def times(self, other: Self, seen: Windows | None = None) -> Self:
        """The product, or that of what every place sees: a row for each."""

    def plus(self, other: Self) -> Self:
        """The sum; one row is added to every row."""

    def scaled(self, factor: int, exponent: int = 0) -> Self:
        """This times factor 2^exponent."""

    def relu(self) -> Self:
        """[.]_+."""

    def gathered(self, others: Sequence[Self], index: Integers) -> Self:
        """Entries of this and the others."""

    def spread(self, q: int) -> Self:
        """The same entries, q rows in one."""

    def largest(self) -> Self:
        """The largest of each row."""

    def summed(self, factors: Sequence[int]) -> Self:
        """The sum of each row, times its factor."""


M = TypeVar("M", bound=Operand)


@dataclass(frozen=True)
class Over(Generic[M]):
    """`matrix` over the positive integer `over`."""

    matrix: M
    over: int


@dataclass(frozen=True)
class GraphPass(Generic[M]):
    """A forward pass of a block of samples: `x` (rows, n); `weights` by their keys, matrices transposed."""

    weights: Mapping[str, Over[M]]
    x: M

    def given(self) -> Over[M]:
        """X."""
        return Over(self.x, 1)

    def first(self) -> Over[M]:
        """X W^T."""
        return self.affine(self.given(), "W", None)

    def affine(self, layer: Over[M], matrix: str, bias: str | None, seen: Windows | None = None) -> Over[M]:
        """The layer times the matrix, plus the row if there is one."""
        weights = self.weights[matrix]
        found = Over(layer.matrix.times(weights.matrix, seen), layer.over * weights.over)
        return found if bias is None or bias not in self.weights else self.plus(found, self.weights[bias])

    def outputs(self, space: Space) -> Over[M]:
        """f."""
        return chain.outputs(space, self) if space.graph is None else outputs(space.graph, self)

    def windowed(self, layer: Over[M], seen: Windows, matrix: str, bias: str | None) -> Over[M]:
        """The same of what every place sees."""
        return self.spread(self.affine(layer, matrix, bias, seen), seen.places)

    def plus(self, one: Over[M], other: Over[M]) -> Over[M]:
        """The sum, over a common multiple."""
        (first, second), over = self._common((one, other))
        return Over(first.plus(second), over)

    def relu(self, layer: Over[M]) -> Over[M]:
        """[.]_+."""
        return Over(layer.matrix.relu(), layer.over)

    def gathered(self, layers: Sequence[Over[M]], index: Integers) -> Over[M]:
        """Entries of all layers, over a common multiple."""
        (first, *others), over = self._common(layers)
        return Over(first.gathered(others, index), over)

    def spread(self, layer: Over[M], q: int) -> Over[M]:
        """The same entries, q rows in one."""
        return Over(layer.matrix.spread(q), layer.over)

    def largest(self, layer: Over[M]) -> Over[M]:
        """The largest of each row."""
        return Over(layer.matrix.largest(), layer.over)

    def mean(self, layer: Over[M], counts: Integers) -> Over[M]:
        """The mean of each row, all over a common multiple of the counts."""
        numbers = [int(count) for count in counts]
        common = lcm(*numbers)
        return Over(layer.matrix.summed([common // number for number in numbers]), layer.over * common)

    @staticmethod
    def _common(layers: Sequence[Over[M]]) -> tuple[list[M], int]:
        over = lcm(*(layer.over for layer in layers))
        factors = [over // layer.over for layer in layers]
        return [
            layer.matrix if factor == 1 else layer.matrix.scaled(factor)
            for layer, factor in zip(layers, factors, strict=True)
        ], over


def limb_residuals(
    space: Space, given: Sequence[Weights], t: fmpq, data: Data, budget: Budget
) -> Iterator[tuple[Array, Matrix, fmpq]]:
    """f - y at (1-t) before + t after, a block of samples at a time: targets, integers, and what they are multiples of.

    `given`: before and after, or before, control and after of an arc. Raises Unusable.
    """
    ends = [space.operands(weights) for weights in given]
    extents = {id(array): float_extent(array) for end in ends for array in (*end.values(), data.x, data.y)}
    require(sum(_BYTES * one.rows * one.cols * (one.bits // BITS + 2) for one in extents.values()), budget.memory)
    budget.effort.charge(converting(extents.values()))
    weights = {key: _at(key, [end[key] for end in ends], t, space) for key in ends[0]}
    x, y = Limbs.of(data.x), Limbs.of(data.y)

    def charge(rows: int) -> Meter:
        meter = Meter()
        sizes = {
            key: Over(Foreseen.of(part.matrix, part.matrix.limbs.shape[1], meter), part.over)
            for key, part in weights.items()
        }
        made = GraphPass(sizes, Foreseen.of(x, rows, meter))
        found = made.plus(made.outputs(space), Over(Foreseen.of(y, rows, meter).scaled(-1), 1))
        meter.charge(0, 8 * found.matrix.size)
        return meter

    fixed = 8 * sum(part.matrix.limbs.size for part in weights.values()) + 8 * (x.limbs.size + y.limbs.size)
    step = min(_ROWS, blocks_within(charge, fixed, len(data.x), budget))
    blocks = [slice(first, first + step) for first in range(0, len(data.x), step)]

    def of(block: slice) -> Over[Limbs]:
        made = GraphPass(weights, Limbs(x.limbs[:, block], x.low))
        return made.plus(made.outputs(space), Over(Limbs(y.limbs[:, block], y.low).scaled(-1), 1))

    count = max(1, min(CORES, (budget.memory - fixed) // charge(step).bytes))
    for first in range(0, len(blocks), count):
        some = blocks[first : first + count]
        for block, found in zip(some, in_threads(of, some, count), strict=True):
            matrix = found.matrix.matrix()
            yield data.y[block], matrix, matrix.unit / found.over


def _at(key: str, given: Sequence[Array], t: fmpq, space: Space) -> Over[Limbs]:
    """((q-p) before + p after) / q, of three the arc's, a matrix transposed, the powers of two of q in the exponent."""
    parts = [Limbs.of(array if space.is_row(key) else array.T) for array in given]
    if t == 0 or not any((given[0] != other).any() for other in given[1:]):
        return Over(parts[0], 1)
    if t == 1:
        return Over(parts[-1], 1)
    p, q = int(t.p), int(t.q)
    twos = (q & -q).bit_length() - 1
    if len(parts) == 2:
        return Over(parts[0].scaled(q - p, -twos).plus(parts[1].scaled(p, -twos)), q >> twos)
    first, middle, last = parts
    ends = first.scaled((q - p) ** 2, -2 * twos).plus(last.scaled(p**2, -2 * twos))
    return Over(ends.plus(middle.scaled(2 * p * (q - p), -2 * twos)), (q >> twos) ** 2)
