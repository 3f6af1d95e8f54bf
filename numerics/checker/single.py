"""The exact outputs of one network of any class, at any rational time of a segment, and its loss.

At t = p / (2^k odd) a weight that moves is an integer matrix over odd, on an arc over its square, times a power of
two. ReLU commutes with a positive factor, so the powers of odd are carried along as a degree and never divided by.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, Self, TypeVar

from flint import fmpq

from .arrays import Array, Weights
from .budget import Meter, Metered, blocks_within, converting, held, listed
from .chain import outputs
from .effort import Budget
from .exact import Extent, Matrix, float_extent, float_matrix
from .exact_graphs import limb_residuals
from .inputs import Data
from .measure import SQUARED_LOSS, Measure, Value
from .spaces import Space
from .threads import all_cores

# Products of samples and weights from which corners are evaluated in limbs, where no matrix has integers of more bits.
_MANY, _SHORT = 1 << 28, 66


@dataclass(frozen=True)
class Residuals:
    """f - y, (rows, p): the entries of `matrix` times `unit`."""

    matrix: Matrix
    unit: fmpq


class Operand(Protocol):
    """Anything that multiplies, adds, rectifies and scales like a matrix."""

    def times(self, other: Self) -> Self:
        """The product."""

    def plus(self, other: Self) -> Self:
        """The sum."""

    def relu(self) -> Self:
        """[.]_+."""

    def scaled(self, factor: int, exponent: int = 0) -> Self:
        """This times factor 2^exponent."""


M = TypeVar("M", bound=Operand)


@dataclass(frozen=True)
class Graded(Generic[M]):
    """`matrix` over odd^`degree`."""

    matrix: M
    degree: int


@dataclass(frozen=True)
class Pass(Generic[M]):
    """A forward pass of a block of samples: `x` (rows, D), `ones` (rows, 1), `weights` transposed."""

    weights: Mapping[str, Graded[M]]
    odd: int
    x: M
    ones: M

    def first(self) -> Graded[M]:
        """X W^T."""
        return self._times(Graded(self.x, 0), self.weights["W"])

    def affine(self, layer: Graded[M], matrix: str, bias: str | None) -> Graded[M]:
        """The layer times the matrix, plus the bias if there is one."""
        product = self._times(layer, self.weights[matrix])
        if bias is None or bias not in self.weights:
            return product
        return self.plus(product, self._times(Graded(self.ones, 0), self.weights[bias]))

    def plus(self, one: Graded[M], other: Graded[M]) -> Graded[M]:
        """The sum, both over the higher power of odd."""
        degree = max(one.degree, other.degree)
        return Graded(self._raised(one, degree).plus(self._raised(other, degree)), degree)

    def relu(self, layer: Graded[M]) -> Graded[M]:
        """[.]_+."""
        return Graded(layer.matrix.relu(), layer.degree)

    def residuals(self, space: Space, y: M) -> Graded[M]:
        """f(x_k) - y_k, (rows, p)."""
        return self.plus(outputs(space, self), Graded(y.scaled(-1), 0))

    def _raised(self, layer: Graded[M], degree: int) -> M:
        missing = degree - layer.degree
        return layer.matrix.scaled(self.odd**missing) if missing else layer.matrix

    @staticmethod
    def _times(layer: Graded[M], weights: Graded[M]) -> Graded[M]:
        return Graded(layer.matrix.times(weights.matrix), layer.degree + weights.degree)


def value_between(
    space: Space,
    before: Weights,
    after: Weights,
    t: fmpq,
    data: Data,
    budget: Budget,
    measure: Measure = SQUARED_LOSS,
    control: Weights | None = None,
) -> Value:
    """What is measured at the weights (1-t) before + t after, for 0 <= t <= 1, from exact outputs.

    With all parameters of a control, at those of the arc, (1-t)^2 before + 2 t (1-t) control + t^2 after.
    Raises Unusable over the budget.
    """
    measure.charge(budget.effort, data.y.size)
    total = measure.nothing
    for y, residuals in exact_residuals(space, before, after, t, data, measure.room(budget), control):
        (cells,) = residuals.matrix.groups(space.outputs)
        total = total.plus(measure.of(cells, residuals.unit, y))
    return total.mean()


def exact_residuals(
    space: Space,
    before: Weights,
    after: Weights,
    t: fmpq,
    data: Data,
    budget: Budget,
    control: Weights | None = None,
) -> Iterator[tuple[Array, Residuals]]:
    """f - y at (1-t) before + t after or on the arc, a block of samples at a time, beside its targets.

    Raises Unusable.
    """
    given = [before, after] if control is None else [before, control, after]
    if space.graph is None:
        data = data.seen_by_first_layer(space.bias)
    if space.graph is not None or _long(space, given, data):
        for targets, matrix, unit in limb_residuals(space, given, t, data, budget):
            yield targets, Residuals(matrix, unit)
        return
    odd = int(t.q)
    while odd % 2 == 0:
        odd //= 2
    samples = len(data.x)
    step = _rows_per_block(space, given, t, odd, data, budget)
    weights = {name: _at([part[name] for part in given], t, odd, float_matrix) for name in space.names}
    for first in range(0, samples, step):
        with all_cores():
            x, targets = float_matrix(data.x[first : first + step]), data.y[first : first + step]
            ones = Matrix.of([1] * x.extent.rows, Extent(x.extent.rows, 1, 0, 1))
            found = Pass(weights, odd, x, ones).residuals(space, float_matrix(targets))
        yield targets, Residuals(found.matrix, found.matrix.unit / fmpq(odd) ** found.degree)


def _long(space: Space, given: Sequence[Weights], data: Data) -> bool:
    """Whether integers are so many, and so short, that limbs are faster than FLINT's."""
    if len(data.x) * space.work.products < _MANY:
        return False
    arrays = (data.x, data.y, *(array for part in given for array in space.operands(part).values()))
    return all(float_extent(array).bits <= _SHORT for array in arrays)


def _at(given: Sequence[Array], t: fmpq, odd: int, weigh: Callable[[Array], M]) -> Graded[M]:
    """((q-p) before + p after) / q, transposed, with the powers of two of q in the exponent; of three the arc's."""
    parts = [weigh(array.T if array.ndim == 2 else array[None, :]) for array in given]
    if t == 0 or not any((given[0] != other).any() for other in given[1:]):
        return Graded(parts[0], 0)
    if t == 1:
        return Graded(parts[-1], 0)
    p, q = int(t.p), int(t.q)
    twos = (q // odd).bit_length() - 1
    if len(parts) == 2:
        return Graded(parts[0].scaled(q - p, -twos).plus(parts[1].scaled(p, -twos)), int(odd > 1))
    first, middle, last = parts
    ends = first.scaled((q - p) ** 2, -2 * twos).plus(last.scaled(p**2, -2 * twos))
    return Graded(ends.plus(middle.scaled(2 * p * (q - p), -2 * twos)), 2 * int(odd > 1))


def _rows_per_block(space: Space, given: Sequence[Weights], t: fmpq, odd: int, data: Data, budget: Budget) -> int:
    """How many samples to treat at once. Raises Unusable if not even one fits into the budget."""
    weights = {name: _at([part[name] for part in given], t, odd, float_extent) for name in space.names}
    # What is given and what becomes of it, and the floats' integers in lists on the way.
    floats = [float_extent(part[name].reshape(len(part[name]), -1)) for part in given for name in weights]
    fixed = sum(held(weight.matrix) for weight in weights.values()) + sum(map(held, floats)) + max(map(listed, floats))
    x, y = float_extent(data.x), float_extent(data.y)
    budget.effort.charge(converting((*floats, x, y)))

    def charge(rows: int) -> Meter:
        meter = Meter()
        metered = {name: Graded(Metered(part.matrix, meter), part.degree) for name, part in weights.items()}
        block_x, block_y = (Extent(rows, part.cols, part.exponent, part.bits) for part in (x, y))
        ones = Metered(Extent(rows, 1, 0, 1), meter)
        residuals = Pass(metered, odd, Metered(block_x, meter), ones).residuals(space, Metered(block_y, meter))
        # Read as Python integers and squared.
        meter.charge(sum(held(part) + listed(part) for part in (block_x, block_y)), listed(residuals.matrix.extent))
        return meter

    return blocks_within(charge, fixed, len(data.x), budget)
