"""Hidden segments: the exact maximum of the loss, which is attained at an end or at a breakpoint of some sample.

Between two neighbouring breakpoints of all samples residuals are straight lines in t, so the loss is convex there.
Under losses that are piecewise quadratic in the residuals it is one quadratic from each bend of a sample's loss to the
next. Its coefficients are carried along all breakpoints and bends in order, as exact rationals.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from flint import fmpq, fmpz, fmpz_mat

from .arrays import Array, Weights
from .budget import converting, held, listed, require
from .effort import Budget, words
from .errors import Refused
from .exact import Extent, Matrix, float_extent, float_matrix
from .inputs import Data
from .losses import SQUARED, Bending, Loss
from .losses.loss import Square
from .shown import shown
from .spaces import Space
from .sweeps import Span, joined, lines_of, most_at_once, size_of, work_of, wrong_spans
from .threads import all_cores
from .walk import Moving, Walk

# Samples whose first layer is computed at once.
_BLOCK = 64
# Bytes of a breakpoint's record beside its integers.
_RECORD = 600
# Operations on each of their words: sorting, and the loss at the breakpoint.
_TURN = 2000
# Word operations on a word of a line whose zero is looked for, or that is summed once more.
_BEND = 1000
_START = fmpq(0)


@dataclass(frozen=True)
class Summit:
    """The largest loss on a hidden segment and its first time, and what is measured at the time that was asked for.

    `excess`: the most by which the loss lies above the chord that was given; `wrong`, `wrong_at`: with labels, how many
    samples are wrong at once at most, and when.
    """

    segment: int
    t: fmpq
    loss: fmpq
    asked: fmpq | None = None
    excess: fmpq | None = None
    wrong: int | None = None
    wrong_at: fmpq = _START

    __repr__ = shown


def summit(
    space: Space,
    before: Weights,
    after: Weights,
    data: Data,
    budget: Budget,
    *,
    segment: int = 0,
    at: fmpq | None = None,
    chord: tuple[fmpq, fmpq] = (_START, _START),
    loss: Loss = SQUARED,
) -> Summit:
    """The exact maximum over a hidden segment; `at`: a time whose loss is wanted too; `chord`: a + b t as (a, b).

    `loss`: of targets that it is about.

    Raises Unusable over the budget, Refused if the segment is not hidden or the loss is not known from bend to bend.
    """
    if not isinstance(loss, Bending):
        raise Refused(f"the loss {loss.name} is no piecewise quadratic function")
    total: Square = (fmpq(0), fmpq(0), fmpq(0))
    turns: list[tuple[fmpq, Square]] = []
    kept = 0
    labels = data.y.argmax(axis=1).tolist() if data.labelled else None
    wrong: list[Span] = []
    for k, walk in enumerate(_walks(space, before, after, data, budget.part(2))):
        latest: Square | None = None
        mine: list[Span] = []
        for now, then, residuals in walk.stages():
            if labels is not None:
                budget.effort.charge(work_of(residuals.extent.cols, residuals.extent.bits))
                mine += _wrong(residuals, labels[k], now, then)
            for since, square in _squares(loss, residuals, data.y[k].tolist(), now, then, budget):
                if latest is None:
                    total = _plus(total, square)
                else:
                    turns.append((since, _minus(square, latest)))
                    bits = _bits(turns[-1])
                    kept += _RECORD + bits // 7
                    require(kept, budget.memory // 2)
                    budget.effort.charge(_TURN * words(bits))
                latest = square
        mine = joined(mine)
        wrong += mine
        kept += size_of(mine)
        require(kept, budget.memory // 2)
    turns.sort(key=lambda turn: turn[0])
    found = _highest(total, turns, len(data.x), segment, at, chord)
    if labels is None:
        return found
    most, when = most_at_once(wrong)
    return replace(found, wrong=most, wrong_at=when)


def _wrong(residuals: Matrix, label: int, first: fmpq, last: fmpq) -> list[Span]:
    """When the sample is wrong while its residuals are the lines of the matrix (2, p)."""
    cells, width = residuals.entries.entries(), residuals.extent.cols
    shift = max(residuals.extent.exponent, 0)
    one = fmpz(1) << shift - residuals.extent.exponent
    starts, slopes = ([cell << shift for cell in part] for part in (cells[:width], cells[width:]))
    return wrong_spans(lines_of(starts, slopes, label, one), first, last)


def _highest(
    total: Square,
    turns: list[tuple[fmpq, Square]],
    samples: int,
    segment: int,
    at: fmpq | None,
    chord: tuple[fmpq, fmpq],
) -> Summit:
    best, where, asked = total[0], fmpq(0), None
    height, slope = chord[0] * samples, chord[1] * samples
    excess = total[0] - height
    for time, change in [*turns, (fmpq(1), (fmpq(0), fmpq(0), fmpq(0)))]:
        if at is not None and asked is None and at <= time:
            asked = _value(total, at) / samples
        value = _value(total, time)
        if value > best:
            best, where = value, time
        excess = max(excess, value - height - slope * time)
        total = _plus(total, change)
    return Summit(segment, where, best / samples, asked, excess / samples)


def _walks(space: Space, before: Weights, after: Weights, data: Data, budget: Budget) -> Iterator[Walk]:
    """A walk for each sample."""
    data = data.seen_by_first_layer(space.bias)
    _require_room(space, before, after, data, budget.memory)
    ends = (part[name].reshape(len(part[name]), -1) for part in (before, after) for name in space.names)
    budget.effort.charge(converting(map(float_extent, (*ends, data.x, data.y))))
    weights = {name: _moving(before[name], after[name]) for name in space.names}
    first = weights.pop("W")
    for begin in range(0, len(data.x), _BLOCK):
        x, y = (float_matrix(part[begin : begin + _BLOCK]) for part in (data.x, data.y))
        budget.effort.charge(2 * x.extent.rows * first.start.extent.rows * first.start.extent.cols)
        with all_cores():
            start = x.times(first.start)
            change = None if first.change is None else x.times(first.change)
        for row in range(x.extent.rows):
            yield Walk(space, weights, _line(start, change, row), _line(y.scaled(-1), None, row), budget.effort)


def _moving(before: Array, after: Array) -> Moving:
    old, new = (float_matrix(array.T if array.ndim == 2 else array[None, :]) for array in (before, after))
    return Moving(old, new.plus(old.scaled(-1)) if (before != after).any() else None)


def _line(start: Matrix, change: Matrix | None, row: int) -> Matrix:
    """A row of constants over a row of slopes, (2, n)."""
    constants = _row(start, row)
    slopes = (
        Matrix.of([0] * start.extent.cols, Extent(1, start.extent.cols, 0, 0)) if change is None else _row(change, row)
    )
    up, down = (Matrix(fmpz_mat(2, 1, cells), Extent(2, 1, 0, 1)) for cells in ([1, 0], [0, 1]))
    return up.times(constants).plus(down.times(slopes))


def _row(matrix: Matrix, row: int) -> Matrix:
    extent = matrix.extent
    cells = [matrix.entries[row, col] for col in range(extent.cols)]
    return Matrix.of(cells, Extent(1, extent.cols, extent.exponent, extent.bits))


def _squares(
    loss: Bending, residuals: Matrix, y: list[float], first: fmpq, last: fmpq, budget: Budget
) -> Iterator[tuple[fmpq, Square]]:
    """(t, square): the sample's loss from t to the next, from `first` to `last` in all, while its residuals are lines.

    None of the lines that the loss bends at changes its sign between, so its form is the one in the middle.
    """
    if loss is SQUARED:
        yield first, _square(residuals)
        return
    cells, width = residuals.entries.entries(), residuals.extent.cols
    lines = [(residuals.unit * cells[k], residuals.unit * cells[width + k]) for k in range(width)]
    work = _BEND * width * words(residuals.extent.bits)
    budget.effort.charge(width * work)
    zeros = {-a / b for a, b in loss.bends_of(lines, y) if b}
    times = [first, *sorted(time for time in zeros if first < time < last), last]
    budget.effort.charge(len(times) * work)
    for start, end in pairwise(times):
        yield start, loss.square_at(lines, y, (start + end) / 2)


def _square(residuals: Matrix) -> Square:
    """The sum of the squares of all lines."""
    cells, width = residuals.entries.entries(), residuals.extent.cols
    unit = fmpq(2) ** (2 * residuals.extent.exponent)
    a = sum(cells[k] * cells[k] for k in range(width))
    b = sum(cells[k] * cells[width + k] for k in range(width))
    c = sum(cells[width + k] * cells[width + k] for k in range(width))
    return unit * a, 2 * unit * b, unit * c


def _value(square: Square, t: fmpq) -> fmpq:
    a, b, c = square
    return a + t * (b + t * c)


def _plus(one: Square, other: Square) -> Square:
    return one[0] + other[0], one[1] + other[1], one[2] + other[2]


def _minus(one: Square, other: Square) -> Square:
    return one[0] - other[0], one[1] - other[1], one[2] - other[2]


def _bits(turn: tuple[fmpq, Square]) -> int:
    time, square = turn
    return sum(part.p.bit_length() + part.q.bit_length() for part in (time, *square))


def _require_room(space: Space, before: Weights, after: Weights, data: Data, memory: int) -> None:
    """Raise Unusable unless weights, a block of samples and one walk fit into `memory` bytes."""
    extents, bits, low = [], 0, 0
    for name in space.names:
        pair = [float_extent(part[name].reshape(len(part[name]), -1)) for part in (before, after)]
        joined = pair[0].plus(pair[1])
        extents.append(Extent(pair[0].rows, pair[0].cols, joined.exponent, joined.bits))
    x, y = float_extent(data.x), float_extent(data.y)
    widest = max(max(shape) for shape in space.shapes.values())
    # Products of everything on the longest way bound the bits of all lines.
    bits = x.bits + y.bits + sum(extent.bits + extent.cols.bit_length() + 1 for extent in extents)
    low = 2 * sum(abs(extent.exponent) for extent in (*extents, x, y))
    lines = 2 * widest * (len(space.shapes) + 2) * (8 + 56 + (bits + low) // 7)
    rows = min(_BLOCK, len(data.x))
    first = Extent(rows, space.slots, 0, x.bits + bits)
    weights = sum(3 * held(extent) + 2 * listed(extent) for extent in extents)
    require(weights + 3 * listed(first) + lines, memory)
