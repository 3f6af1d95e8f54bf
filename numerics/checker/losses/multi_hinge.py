"""The multi-class hinge loss: `max(0, max over j != label of 1 + f_j - f_label)`."""

from collections.abc import Iterable, Sequence

from flint import fmpq, fmpz

from numerics.checker.arrays import Array
from numerics.checker.intervals import Interval
from numerics.checker.models import Model

from .loss import Bending, Columns, Line, Square, Targets, against_label, total_of, value_of


class MultiHinge(Bending):
    """`l = max_j (r_j - r_label)`, r = f - y: 0 for j = label, and 1 + f_j - f_label for every other."""

    name = "multi-hinge"
    targets = Targets.LABELS

    def total(self, residuals: Columns, precision: int) -> Interval:
        """Exactly."""
        labels = residuals.y.argmax(axis=1).tolist()
        rows = zip(*residuals.cells, strict=True)
        found = sum((max(row) - row[label] for row, label in zip(rows, labels, strict=True)), fmpz(0))
        return Interval.of(found * residuals.unit)

    def ends(self, residuals: Model, y: Array) -> tuple[fmpq, fmpq]:
        """The largest of affine upper bounds, and of 0, is convex in sigma."""
        one, other = against_label(residuals, y)
        unit = fmpq(2) ** residuals.exponent
        return unit * total_of(one.max(axis=1)), unit * total_of(other.max(axis=1))

    def bends_of(self, lines: Sequence[Line], y: Sequence[float]) -> Iterable[Line]:
        """Where two residuals are equal, and another may be the largest."""
        return [_less(one, other) for k, one in enumerate(lines) for other in lines[:k]]

    def square_at(self, lines: Sequence[Line], y: Sequence[float], t: fmpq) -> Square:
        """The largest residual less the label's."""
        largest = max(lines, key=lambda line: value_of(line, t))
        return *_less(largest, lines[list(y).index(1.0)]), fmpq(0)


def _less(one: Line, other: Line) -> Line:
    return one[0] - other[0], one[1] - other[1]
