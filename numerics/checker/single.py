"""The exact outputs of one network of any class, at any rational time of a segment, and its loss."""

from collections.abc import Callable, Iterator, Sequence

from flint import fmpq

from .arrays import Array, Weights
from .budget import Meter, Metered, blocks_within, converting, held, listed
from .effort import Budget
from .exact import Extent, float_extent, float_matrix
from .exact_pass import M, Over, Pass, Residuals, weight_at
from .in_limbs import limb_residuals
from .inputs import Data
from .measure import SQUARED_LOSS, Measure, Value
from .spaces import Space
from .threads import all_cores

# Products of samples and weights from which corners are evaluated in limbs, where no matrix has integers of more bits.
_MANY, _SHORT = 1 << 28, 66


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
        yield from limb_residuals(space, given, t, data, budget)
        return
    step = _rows_per_block(space, given, t, data, budget)
    weights = {name: _weight([part[name] for part in given], t, float_matrix) for name in space.names}
    for first in range(0, len(data.x), step):
        x, targets = data.x[first : first + step], data.y[first : first + step]
        with all_cores():
            found = Pass(weights, float_matrix(x)).residuals(space, float_matrix(targets))
        yield targets, Residuals(found.matrix, found.matrix.unit / found.over)


def _long(space: Space, given: Sequence[Weights], data: Data) -> bool:
    """Whether integers are so many, and so short, that limbs are faster than FLINT's."""
    if len(data.x) * space.work.products < _MANY:
        return False
    arrays = (data.x, data.y, *(array for part in given for array in space.operands(part).values()))
    return all(float_extent(array).bits <= _SHORT for array in arrays)


def _weight(given: Sequence[Array], t: fmpq, weigh: Callable[[Array], M]) -> Over[M]:
    """A weight at t, transposed, made by `weigh`."""
    moves = any((given[0] != other).any() for other in given[1:])
    return weight_at([weigh(array.T if array.ndim == 2 else array[None, :]) for array in given], t, moves=moves)


def _rows_per_block(space: Space, given: Sequence[Weights], t: fmpq, data: Data, budget: Budget) -> int:
    """How many samples to treat at once. Raises Unusable if not even one fits into the budget."""
    weights = {name: _weight([part[name] for part in given], t, float_extent) for name in space.names}
    # What is given and what becomes of it, and the floats' integers in lists on the way.
    floats = [float_extent(part[name].reshape(len(part[name]), -1)) for part in given for name in weights]
    fixed = sum(held(weight.matrix) for weight in weights.values()) + sum(map(held, floats)) + max(map(listed, floats))
    x, y = float_extent(data.x), float_extent(data.y)
    budget.effort.charge(converting((*floats, x, y)))

    def charge(rows: int) -> Meter:
        meter = Meter()
        metered = {name: Over(Metered(part.matrix, meter), part.over) for name, part in weights.items()}
        block_x, block_y = (Extent(rows, part.cols, part.exponent, part.bits) for part in (x, y))
        residuals = Pass(metered, Metered(block_x, meter)).residuals(space, Metered(block_y, meter))
        # Read as Python integers and squared.
        meter.charge(sum(held(part) + listed(part) for part in (block_x, block_y)), listed(residuals.matrix.extent))
        return meter

    return blocks_within(charge, fixed, len(data.x), budget)
