"""The error rate over the whole path: the largest share of samples whose label's output is not strictly the largest.

Corners are counted exactly. No output changes on silent and exact segments. On readout segments margins are straight
lines in t, so a sample that is right at both ends is right between, and the others are followed exactly; on hidden ones
they are lines between breakpoints (hidden.py). On the pieces of a general segment every sample counts whose margins'
upper bounds do not keep below 0.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from flint import fmpq, fmpz

from .arrays import Weights
from .effort import Budget
from .facts import Facts
from .general import Cover
from .identities import has_rationals, rational_residuals
from .inputs import Data
from .losses import Columns
from .reader import Certificate
from .segments import corners
from .shown import shown
from .single import exact_residuals
from .spaces import Space
from .sweeps import Span, lines_of, most_at_once, wrong_spans

Count = tuple[int, int, fmpq]
"""So many samples are wrong at this time of this segment."""


@dataclass(frozen=True)
class Errors:
    """`least` of the `samples` are wrong at time `t` of a segment, and nowhere more than `most` (None: not known)."""

    samples: int
    least: int
    segment: int
    t: fmpq
    most: int | None

    __repr__ = shown

    @property
    def low(self) -> fmpq:
        """An error rate that is attained."""
        return fmpq(self.least, self.samples)

    @property
    def high(self) -> fmpq | None:
        """One that is nowhere exceeded."""
        return None if self.most is None else fmpq(self.most, self.samples)


def errors_of(
    certificate: Certificate, facts: Facts, covers: Sequence[Cover] | None, data: Data, budget: Budget
) -> Errors | None:
    """The error rate of the path, None without labels. `covers`: of the general segments, None if unknown.

    Raises Unusable over the budget.
    """
    if not data.labelled:
        return None
    found = list(_counted(certificate, facts, data, budget))
    least, segment, t = max(found, key=lambda one: one[0])
    if certificate.document.has_general and covers is None:
        return Errors(len(data.x), least, segment, t, None)
    most = max([least, *(cover.unsure or 0 for cover in covers or ())])
    return Errors(len(data.x), least, segment, t, most)


def _counted(certificate: Certificate, facts: Facts, data: Data, budget: Budget) -> Iterator[Count]:
    """Corners, the stated place, and the most on every segment where that is known exactly."""
    document, values = certificate.document, facts.values
    last = len(document.segments) - 1
    for k, value in enumerate(values):
        yield value.errors, min(k, last), fmpq(k > last)
    if facts.stated.wrong is not None:
        yield facts.stated.errors, document.maximum.segment, document.maximum.t
    for found in facts.summits:
        assert found.wrong is not None
        yield found.wrong, found.segment, found.wrong_at
    for k, (before, after) in enumerate(pairwise(corners(certificate))):
        if document.segments[k].kind != "readout":
            continue
        one, other = values[k].wrong, values[k + 1].wrong
        assert one is not None
        assert other is not None
        if (one | other).bit_count() > max(one.bit_count(), other.bit_count()):
            samples = [i for i in range(len(data.x)) if (one | other) >> i & 1]
            most, t = _most_between(document.space, before, after, _chosen(data, samples), budget)
            yield most, k, t


def _chosen(data: Data, samples: Sequence[int]) -> Data:
    return Data(data.x[samples], data.y[samples])


def _most_between(space: Space, before: Weights, after: Weights, data: Data, budget: Budget) -> tuple[int, fmpq]:
    """How many of these samples are wrong at once at most, and when, where outputs are straight lines in t."""
    budget.effort.charge(_MARGIN * data.y.size)
    labels = data.y.argmax(axis=1).tolist()
    start, end = (_residuals(space, weights, data, budget) for weights in (before, after))
    # In units of both.
    mine, theirs = end.one, start.one
    spans: list[Span] = []
    rows = zip(zip(*start.cells, strict=True), zip(*end.cells, strict=True), labels, strict=True)
    for first, last, label in rows:
        lines = lines_of([cell * mine for cell in first], [cell * theirs for cell in last], label, fmpz(mine * theirs))
        spans += wrong_spans(lines, fmpq(0), fmpq(1))
    return most_at_once(spans)


# Word operations on a margin that is followed along a segment.
_MARGIN = 4000


def _residuals(space: Space, weights: Weights, data: Data, budget: Budget) -> Columns:
    """Exact residuals at a corner."""
    if has_rationals(weights):
        found = rational_residuals(space, weights, data, budget)
        return Columns.of(found.columns(), fmpq(1, found.over), data.y)
    cells: list[list[fmpz]] = [[] for _ in range(space.outputs)]
    blocks = list(exact_residuals(space, weights, weights, fmpq(0), data, budget))
    unit = min(residuals.unit for _, residuals in blocks)
    for _, residuals in blocks:
        factor = (residuals.unit / unit).p
        (columns,) = residuals.matrix.groups(space.outputs)
        for column, part in zip(cells, columns, strict=True):
            column += [cell * factor for cell in part]
    return Columns.of(cells, unit, data.y)
