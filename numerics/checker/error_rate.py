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
from .budget import listed, require
from .effort import Budget
from .exact_pass import Residuals
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
from .sweeps import Span, lines_of, most_at_once, size_of, work_of, wrong_spans

# What is kept of both corners, as matrices and as lists: parts of the memory of which one has one.
_KEPT = 4

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
    unsure = [cover.unsure for cover in covers or ()]
    # A piece on which nothing is known of errors bounds none.
    known = [count for count in unsure if count is not None]
    most = max([least, *known]) if len(known) == len(unsure) else None
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
    labels = data.y.argmax(axis=1).tolist()
    start, end = (_residuals(space, weights, data, budget.part(2)) for weights in (before, after))
    # In units of both.
    mine, theirs = end.one, start.one
    one = fmpz(mine * theirs)
    spans: list[Span] = []
    taken = 0
    rows = zip(zip(*start.cells, strict=True), zip(*end.cells, strict=True), labels, strict=True)
    for first, last, label in rows:
        starts, ends = [cell * mine for cell in first], [cell * theirs for cell in last]
        budget.effort.charge(work_of(len(starts), max(cell.bit_length() for cell in (one, *starts, *ends))))
        slopes = [after - before for before, after in zip(starts, ends, strict=True)]
        found = wrong_spans(lines_of(starts, slopes, label, one), fmpq(0), fmpq(1))
        spans += found
        taken += size_of(found)
        require(taken, budget.memory // 2)
    return most_at_once(spans)


def _residuals(space: Space, weights: Weights, data: Data, budget: Budget) -> Columns:
    """Exact residuals at a corner, of all samples at once."""
    if has_rationals(weights):
        found = rational_residuals(space, weights, data, budget.part(_KEPT))
        return Columns.of(found.columns(), fmpq(1, found.over), data.y)
    cells: list[list[fmpz]] = [[] for _ in range(space.outputs)]
    blocks: list[Residuals] = []
    taken = 0
    for _, residuals in exact_residuals(space, weights, weights, fmpq(0), data, budget.part(2)):
        blocks.append(residuals)
        taken += _KEPT * listed(residuals.matrix.extent)
        require(taken, budget.memory)
    unit = min(residuals.unit for residuals in blocks)
    for residuals in blocks:
        factor = (residuals.unit / unit).p
        (columns,) = residuals.matrix.groups(space.outputs)
        for column, part in zip(cells, columns, strict=True):
            column += [cell * factor for cell in part]
    return Columns.of(cells, unit, data.y)
