"""General segments and arcs: every piece of the subdivision is established by a rule that holds there, or refused."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from flint import fmpq

from . import rationals
from .arrays import Weights
from .budget import require
from .corner import corner_is_the_maximum
from .effort import Budget, words
from .enclosure import Bound, bound_on
from .errors import Refused
from .grid import LONG, MACHINE, SHORT, WIDE, Grid
from .inputs import Data
from .intervals import Interval
from .lines import piece_of
from .losses import SQUARED
from .measure import SQUARED_LOSS, Measure
from .products import fits
from .reader import Certificate
from .segments import control_of, corners
from .shown import shown
from .spaces import Space
from .stretch import Stretch, stretch_of
from .threads import CORES

# A piece may be halved so many times on every grid.
_LEVELS = 8
# Samples times weights from which short integers are tried first; failures in a row that make the wait no longer.
_WORTH, _PATIENCE = 1 << 16, 4
# Samples times weights, up to which longer integers are worth trying.
_MOST_WORK = {LONG: 1 << 26, WIDE: 1 << 14}
# Entries of the widest layer that are treated at once, a few hundred kilobytes for each array, and samples at least.
_BLOCK, _ROWS = 1 << 16, 128
# The same entries where layers are images: what is done to one costs less than to do anything at all.
_IMAGES = 1 << 18
# Word operations of a piece whatever its size; then for each sample and unit, and for each sample and weight: floats
# make several products while a word operation is counted, four times as many where nothing is cut into limbs.
_CALLS, _UNIT, _LONG_UNIT, _PRODUCTS, _UNCUT = 1 << 20, 40, 4000, 2, 4
# Arrays that a layer of a block keeps at once, counting those of rule 2, and products of limbs.
_ARRAYS = 96
# Arrays of each end of X W^T and Y with what it is off by, and of their difference; of the weights as lines, on a piece
# and as limbs; for machine words on two grids.
_LINES, _WEIGHTS, _LONG_LINES, _LONG_WEIGHTS = 12, 52, 6, 24
# An arc has six products for each weight where a line has four, and three matrices where that has two.
_BENT = 2


@dataclass(frozen=True)
class Cover:
    """What holds on a piece of a segment: the loss is at most `loss` there, and at most `unsure` samples are wrong."""

    segment: int
    first: fmpq
    last: fmpq
    loss: fmpq
    unsure: int | None

    __repr__ = shown


def establish(
    certificate: Certificate, data: Data, budget: Budget, measure: Measure, losses: Sequence[Interval], goal: int | None
) -> list[Cover]:
    """What is established on pieces that cover every general segment. `losses`: of the corners.

    `goal`: how many samples should be wrong at most; pieces are cut further for its sake, but nothing is refused.
    Raises Refused unless `maximum.upper` bounds the loss on all of them; Unusable over the budget.
    """
    document, found = certificate.document, list[Cover]()
    seen = data.seen_by_first_layer(document.space.bias)
    for k, (before, after) in enumerate(pairwise(corners(certificate))):
        cuts, control = document.segments[k].cuts, control_of(certificate, k, before)
        if cuts is not None:
            upper = document.maximum.upper
            ends = losses[k].high, losses[k + 1].high
            segment = General(document.space, before, after, seen, upper, budget, measure, ends, goal, control)
            segment.establish(cuts, f"segment {k}")
            found += [Cover(k, *one) for one in segment.covers]
    return found


@dataclass
class General:
    """A general segment between two corners, to be shown not to exceed `upper`. `data.x` includes the constant 1.

    With all parameters of a `control` it is an arc, on which rule 1 alone holds.
    `ends`: at least the losses of both corners; `goal`: how many samples should be wrong at most, or None.
    `covers`: the pieces established so far, and the bounds that hold there.
    """

    space: Space
    before: Weights
    after: Weights
    data: Data
    upper: fmpq
    budget: Budget
    measure: Measure = SQUARED_LOSS
    ends: tuple[fmpq, fmpq] | None = None
    goal: int | None = None
    control: Weights | None = None
    covers: list[tuple[fmpq, fmpq, fmpq, int | None]] = field(default_factory=list)
    _stretches: dict[tuple[Grid, bool], Stretch] = field(default_factory=dict)
    _failures: int = 0
    _waiting: int = 0

    def establish(self, cuts: Sequence[fmpq], name: str) -> None:
        """Raise Refused unless the loss is shown to be at most `upper` on every piece between the cuts.

        Unusable if a grid that might show it was left out for lack of memory.
        """
        grids = self._grids()
        within = [grid for grid in grids if sum(self._memory(grid)) <= self.budget.memory]
        for first, last in pairwise((fmpq(0), *cuts, fmpq(1))):
            if not (within and (self._briefly(first, last, within) or self._piece(first, last, within))):
                for grid in grids:
                    require(sum(self._memory(grid)), self.budget.memory)
                raise Refused(
                    f"{name} is not established between t = {_quoted(first)} and t = {_quoted(last)}: no enclosure of "
                    f"the loss there stays within the bound that the certificate states"
                )

    def _piece(
        self, first: fmpq, last: fmpq, grids: Sequence[Grid], halved: int = 0, before: fmpq | None = None
    ) -> bool:
        """Whether the loss is at most `upper` for all first <= t <= last.

        `halved`: how often on the first of the grids; `before`: by how much the whole piece's bound was too high there.
        """
        grid, *longer = grids
        stretch = self._stretch(grid, backwards=False)
        found = self._bound(stretch, first, last)
        excess = found.loss - self.upper
        loss = found.loss if excess <= 0 else self._at_corner(stretch, first, last)
        middle = (first + last) / 2
        if loss is not None:
            if halved < _LEVELS and self._worth_halving(stretch, middle, found):
                halves = ((first, middle), (middle, last))
                if all(self._piece(*half, grids, halved + 1, excess) for half in halves):
                    return True
            self.covers.append((first, last, loss, found.unsure))
            return True
        if longer and self._in_vain(stretch, middle, excess, before):
            return self._piece(first, last, longer)
        if halved == _LEVELS:
            return bool(longer) and self._piece(first, last, longer)
        halves = ((first, middle), (middle, last))
        return all(self._piece(*half, grids, halved + 1, excess) for half in halves)

    def _briefly(self, first: fmpq, last: fmpq, grids: Sequence[Grid]) -> bool:
        """Whether short integers show that the loss is at most `upper` on a piece, where they are worth trying.

        The more often they fail in succession the more pieces are left to longer ones.
        """
        if grids[0] is not MACHINE or self._products() < _WORTH:
            return False
        if self._waiting:
            self._waiting -= 1
            return False
        found = self._bound(self._stretch(SHORT, backwards=False), first, last)
        few = self.goal is None or found.unsure is None or found.unsure <= self.goal
        if found.loss <= self.upper and few:
            self._failures = 0
            self.covers.append((first, last, found.loss, found.unsure))
            return True
        self._failures = min(self._failures + 1, _PATIENCE)
        self._waiting = 2 ** (self._failures - 1) - 1
        return False

    def _products(self) -> int:
        """Those of a forward pass of all samples: samples times weights, of a graph times places."""
        return len(self.data.x) * self.space.work.products

    def _at_corner(self, stretch: Stretch, first: fmpq, last: fmpq) -> fmpq | None:
        """At least the loss on the piece, where rule 2 shows that it is largest at a corner; else None."""
        if self.control is not None:
            return None
        # At the corner itself the loss was found to be at most `upper`.
        start, end = self.ends or (self.upper, self.upper)
        if first == 0 and self._starts_at_maximum(stretch, last):
            return start
        if last == 1 and self._starts_at_maximum(self._stretch(stretch.grid, backwards=True), 1 - first):
            return end
        return None

    def _worth_halving(self, stretch: Stretch, middle: fmpq, found: Bound) -> bool:
        """Whether more samples are not surely right than should be wrong, and not all of them seem to be wrong."""
        if self.goal is None or found.unsure is None or found.unsure <= self.goal:
            return False
        there = self._bound(stretch, middle, middle).unsure
        return there is not None and there <= self.goal

    def _in_vain(self, stretch: Stretch, middle: fmpq, excess: fmpq, before: fmpq | None) -> bool:
        """Whether halving is unlikely to help on this grid. Nothing but the time that is spent depends on it.

        What a bound exceeds the loss by falls at least by half with the length of the piece, unless it is rounding.
        """
        if before is not None and 2 * excess > before:
            return True
        return bool(self._bound(stretch, middle, middle).loss > self.upper)

    def _bound(self, stretch: Stretch, first: fmpq, last: fmpq) -> Bound:
        """Rule 1, charged for."""
        self.budget.effort.charge(self._work(stretch.grid))
        self.measure.charge(self.budget.effort, 2 * self.data.y.size)
        return bound_on(stretch, piece_of(stretch.grid, first, last), self.upper)

    def _starts_at_maximum(self, stretch: Stretch, last: fmpq) -> bool:
        """Rule 2, charged for: three forward passes, at the corner, over the piece, and of the rates.

        It is a rule about squared error, and not made for graphs.
        """
        if self.measure.loss is not SQUARED or self.space.graph is not None:
            return False
        self.budget.effort.charge(3 * self._work(stretch.grid))
        return corner_is_the_maximum(stretch, last)

    @property
    def _bent(self) -> int:
        """How many times as much an arc takes as a line."""
        return 1 if self.control is None else _BENT

    def _work(self, grid: Grid) -> int:
        """Word operations of a forward pass on this grid: its products, and what is done to every unit."""
        samples = len(self.data.x)
        products, units = self.space.work.products * self._bent, self.space.work.cells
        if grid.machine:
            return _CALLS + samples * (products // (_UNCUT if grid is SHORT else 1) + _UNIT * units)
        return _CALLS + samples * (_PRODUCTS * words(grid.bits) ** 2 * products + _LONG_UNIT * words(grid.bits) * units)

    def _grids(self) -> list[Grid]:
        """The grids to try, the fastest first. Raises Refused if there is none."""
        machine = [MACHINE] if fits(self.space.work.longest) else []
        grids = machine + [grid for grid, most in _MOST_WORK.items() if self._products() <= most]
        if not grids:
            raise Refused("a general segment's layers are too wide to be enclosed")
        return grids

    def _stretch(self, grid: Grid, *, backwards: bool) -> Stretch:
        """The segment on this grid, prepared when it is first asked for. Raises Unusable."""
        if (grid, backwards) not in self._stretches:
            if backwards:
                self._stretches[grid, True] = self._stretch(grid, backwards=False).backwards()
            else:
                rows = self._rows(grid)
                found = stretch_of(
                    grid, self.space, self.before, self.after, self.data, rows, self.measure, self.control
                )
                fixed, each = self._memory(grid)
                threads = CORES if fixed + CORES * rows * each <= self.budget.memory else 1
                self._stretches[grid, False] = replace(found, threads=threads)
        return self._stretches[grid, backwards]

    def _rows(self, grid: Grid) -> int:
        """How many samples to treat at once."""
        fixed, each = self._memory(grid)
        widest, room = self.space.work.widest, (self.budget.memory - fixed) // each
        rows = max(_ROWS, _BLOCK // widest) if self.space.graph is None else _IMAGES // widest
        return max(1, min(len(self.data.x), rows, room))

    def _memory(self, grid: Grid) -> tuple[int, int]:
        """Bytes that a grid takes in any case, and for each sample that is treated at once."""
        samples, inputs = map(int, self.data.x.shape)
        work = self.space.work
        word = 8 if grid.machine else 2 * _integer_bytes(grid.waiting)
        ends, weights = (_LINES, _WEIGHTS) if grid.machine else (_LONG_LINES, _LONG_WEIGHTS)
        first = self.space.slots if self.space.graph is None else inputs
        parts = ends * samples * (first + self.space.outputs) + weights * work.weights
        fixed = word * self._bent * parts
        # A graph may keep any of its values for later nodes.
        kept = 0 if self.space.graph is None else 3 * work.cells
        return fixed, word * (_ARRAYS * max(inputs, work.widest if grid.machine else work.gathered) + kept)


def _integer_bytes(bits: int) -> int:
    """Bytes of a Python integer with its place in an array."""
    return 40 + bits // 7


def _quoted(time: fmpq) -> str:
    written = rationals.text(time)
    return written if len(written) <= 40 else rationals.decimal(time, up=False)
