"""The exact outputs of one network of any class, at any rational time of a segment, and its loss."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flint import fmpq

from .arrays import Array, Weights
from .budget import Meter, Metered, blocks_within, converting, held, listed
from .effort import Budget
from .exact import Extent, Matrix, float_extent, float_matrix
from .exact_graphs import graph_residuals
from .exact_limbs import are_worth_it, limb_residuals
from .exact_pass import Graded, Pass, weights_at
from .inputs import Data
from .measure import SQUARED_LOSS, Measure, Value
from .spaces import Space
from .threads import all_cores


@dataclass(frozen=True)
class Residuals:
    """f - y, (rows, p): the entries of `matrix` times `unit`."""

    matrix: Matrix
    unit: fmpq


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
    if space.graph is not None:
        for targets, matrix, unit in graph_residuals(space, space.graph, given, t, data, budget):
            yield targets, Residuals(matrix, unit)
        return
    data = data.seen_by_first_layer(space.bias)
    odd = int(t.q)
    while odd % 2 == 0:
        odd //= 2
    if are_worth_it(space, given, t, odd, data):
        for targets, matrix, unit in limb_residuals(space, given, t, odd, data, budget):
            yield targets, Residuals(matrix, unit)
        return
    samples = len(data.x)
    step = _rows_per_block(space, given, t, odd, data, budget)
    weights = {name: weights_at([part[name] for part in given], t, odd, float_matrix) for name in space.names}
    for first in range(0, samples, step):
        with all_cores():
            x, targets = float_matrix(data.x[first : first + step]), data.y[first : first + step]
            ones = Matrix.of([1] * x.extent.rows, Extent(x.extent.rows, 1, 0, 1))
            found = Pass(weights, odd, x, ones).residuals(space, float_matrix(targets))
        yield targets, Residuals(found.matrix, found.matrix.unit / fmpq(odd) ** found.degree)


def _rows_per_block(space: Space, given: Sequence[Weights], t: fmpq, odd: int, data: Data, budget: Budget) -> int:
    """How many samples to treat at once. Raises Unusable if not even one fits into the budget."""
    weights = {name: weights_at([part[name] for part in given], t, odd, float_extent) for name in space.names}
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
