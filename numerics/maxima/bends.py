"""One sample's loss along exact pieces of its residuals: quadratics, cut where a loss bends.

A loss that is a piecewise quadratic function of the residuals is made of the positive parts of lines and of their
squares, so the same cuts that rectify units serve it. `FORMS` has the families of such losses; any other is enclosed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from flint import fmpq

from numerics.losses.kinds.huber import Huber
from numerics.losses.loss import Loss
from numerics.maxima.kinks import Pieces, Rows, Time, rectified
from numerics.maxima.quadratic import Quadratic

Form: TypeAlias = Callable[[Loss, Pieces, int, Sequence[float]], tuple[list[Time], list[Quadratic]]]
"""Of a loss, one sample's residuals over `2^exponent` and its targets: cuts, and a quadratic between each two."""


def quadratics(loss: Loss, pieces: Pieces, exponent: int, y: Sequence[float]) -> tuple[list[Time], list[Quadratic]]:
    """The sample's loss on all pieces. Raises KeyError for a loss that has no such form."""
    return FORMS[loss.family](loss, pieces, exponent, y)


def _squared(_: Loss, pieces: Pieces, exponent: int, y: Sequence[float]) -> tuple[list[Time], list[Quadratic]]:
    unit = fmpq(2) ** (2 * exponent)
    return pieces.cuts, [Quadratic.of(*line, unit) for line in zip(pieces.constant, pieces.slope, strict=True)]


def _absolute(_: Loss, pieces: Pieces, exponent: int, y: Sequence[float]) -> tuple[list[Time], list[Quadratic]]:
    """`|r| = [r]_+ + [-r]_+`."""
    return _summed(rectified(_of(pieces, lambda row: [*row, *_times(row, -1)])), exponent)


def _hinge(_: Loss, pieces: Pieces, exponent: int, y: Sequence[float]) -> tuple[list[Time], list[Quadratic]]:
    """`[-y r]_+`, as `y^2 = 1`."""
    signs = [-1 if target > 0.0 else 1 for target in y]
    return _summed(rectified(_of(pieces, lambda row: [s * a for s, a in zip(signs, row, strict=True)])), exponent)


def _huber(loss: Loss, pieces: Pieces, exponent: int, y: Sequence[float]) -> tuple[list[Time], list[Quadratic]]:
    """`2 h(r) = [r]_+^2 + [-r]_+^2 - [r - delta]_+^2 - [-r - delta]_+^2`, in units of which delta is a multiple."""
    assert isinstance(loss, Huber)
    p, q = loss.parameter.as_integer_ratio()
    up, low = max(exponent, 0), min(exponent, 0)
    far, count = p << -low, len(pieces.constant[0])
    both = _of(pieces, lambda row: _times([*row, *_times(row, -1)], q << up))
    constant = [[*row, *(a - far for a in row)] for row in both.constant]
    found = rectified(Pieces(both.cuts, constant, [[*row, *row] for row in both.slope]))
    unit = fmpq(2) ** (2 * low) / (2 * q * q)
    squares = []
    for a, b in zip(found.constant, found.slope, strict=True):
        near, beyond = ((a[part], b[part]) for part in (slice(2 * count), slice(2 * count, None)))
        squares.append(Quadratic.of(*near, unit).minus(Quadratic.of(*beyond, unit)))
    return found.cuts, squares


def _multi_hinge(_: Loss, pieces: Pieces, exponent: int, y: Sequence[float]) -> tuple[list[Time], list[Quadratic]]:
    """The largest of `r_j - r_label`, one after the other: `max(m, s) = m + [s - m]_+`, first of all with `m = 0`.

    What is still to come is carried along as a difference of positive parts, so that it has all cuts.
    """
    label = list(y).index(1.0)
    rest = _of(pieces, lambda row: [0, *(a - row[label] for j, a in enumerate(row) if j != label)])
    while len(rest.constant[0]) > 1:
        cut = rectified(_of(rest, lambda row: [row[1] - row[0], *row[:1], *row[2:], -row[0], *_times(row[2:], -1)]))
        rest = _of(cut, _merged)
    return _summed(rest, exponent)


def _merged(row: list[int]) -> list[int]:
    """`[s - m]_+`, then positive parts of m and of the others, then those of their negatives: max(m, s), the others."""
    count = len(row) // 2
    first, *others = (a - b for a, b in zip(row[1 : count + 1], row[count + 1 :], strict=True))
    return [first + row[0], *others]


def _of(pieces: Pieces, change: Callable[[list[int]], list[int]]) -> Pieces:
    """Other columns, linear in these."""
    return Pieces(pieces.cuts, _rows(pieces.constant, change), _rows(pieces.slope, change))


def _rows(rows: Rows, change: Callable[[list[int]], list[int]]) -> Rows:
    return [change(row) for row in rows]


def _times(row: Sequence[int], factor: int) -> list[int]:
    return [factor * entry for entry in row]


def _summed(pieces: Pieces, exponent: int) -> tuple[list[Time], list[Quadratic]]:
    """The sum of all columns."""
    unit, zero = fmpq(2) ** exponent, fmpq(0)
    lines = zip(pieces.constant, pieces.slope, strict=True)
    return pieces.cuts, [Quadratic(unit * sum(a), unit * sum(b), zero) for a, b in lines]


FORMS: Mapping[str, Form] = {
    "squared": _squared,
    "absolute": _absolute,
    "hinge": _hinge,
    "huber": _huber,
    "multi-hinge": _multi_hinge,
}
