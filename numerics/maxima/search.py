"""The rigorous maximum of the loss over a path: its general segments and arcs are cut, the worst piece first.

Corners, and the breakpoints of hidden segments, are exact and come first.

Under squared error three stages, each only if it is needed; under any other loss, and for graphs, the first.
*Enclosure*: cut the piece with the largest upper bound, where bounds within the tolerance are foreseen (module
`course`), until the gap to an attained loss is within it.
*Corner*: where the largest loss is a corner's, prove by divided differences that no neighbouring point exceeds it;
then the maximum is exact. *FLINT*: where float64 has reached its floor, or the network is tiny, finish the last pieces
in balls.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import partial
from itertools import pairwise

import numpy as np

from numerics.arithmetic.rationals import Enclosure, simplest_between
from numerics.common.interrupts import deferred, first_only
from numerics.common.memory import keep_freed_pages
from numerics.common.shown import Shown
from numerics.common.threads import threads
from numerics.losses import Progress, float_loss, loss_between
from numerics.losses.problem import Problem
from numerics.losses.registry import SQUARED
from numerics.maxima.course import Course
from numerics.maxima.enclosure import Line
from numerics.maxima.exact_models import exact_bound
from numerics.maxima.frontier import Frontier, halves, nearest
from numerics.maxima.graph_enclosure import GraphLine, line_of
from numerics.maxima.hidden import HiddenMaximum, hidden_maximum
from numerics.maxima.kinds import for_loss
from numerics.maxima.pieces import PathMaximum, Piece, Proof, Stop, best_attained, best_corner, unbounded
from numerics.maxima.precision import above_or_below, corner_losses
from numerics.maxima.sharpen import ROUNDS, sharpen
from numerics.maxima.slopes import corner_is_maximum
from numerics.networks.base import Network
from numerics.paths import Arc, Kind, Path, Segment, control_of, network_at

TOLERANCE = Fraction(1, 10**6)
LIMIT = 100_000  # pieces evaluated
FIRST = 8  # pieces to begin with, shared by the general segments
MOST = 16  # parts of one piece
BEGINNING = 4  # of one of the first
AIM = 0.5  # of the tolerance is aimed at: the checker's models are not the finder's, and need room
CLIMBS = 4  # looks for the highest place before anything is cut
DEEPEST = Fraction(1, 1 << 48)  # centres and half-widths stay exact float64
SHORT = Fraction(1, 1 << 40)  # pieces from here on are halved alone, for that reason
FLOORED = Fraction(1, 1 << 16)  # pieces from here on are looked at for the floor of float64
SIMPLEST = 1 << 20  # entries of a forward pass that is worth one more exact evaluation
LIKELY = 0.25  # a centre is looked at if the loss there may exceed its model's by this share of the remainder
SETTLING = 60  # extra pieces spent on proving that a corner is the maximum
FREE = 1 << 11  # entries that FLINT may treat in one piece without being asked for more than float64 has: 30 ms
BEARABLE = 1 << 20  # entries that FLINT may treat in one piece at all: about five seconds
FINISHING = 400  # pieces that FLINT may treat
LASTING = 1 << 25  # entries that FLINT may treat in all of them: about three minutes

Watch = Callable[[float, float | None, int], None]  # attained, upper, pieces evaluated


def no_progress(attained: float, upper: float | None, evaluations: int) -> None:
    """A progress report to nobody."""


def never() -> bool:
    """Of a search that nobody interrupts."""
    return False


def path_maximum(
    path: Path,
    problem: Problem,
    *,
    tolerance: Fraction = TOLERANCE,
    level: Fraction | None = None,
    limit: int = LIMIT,
    watch: Watch = no_progress,
    corners: Progress | None = None,
    labelled: bool | None = None,
    error_rate: Fraction | None = None,
) -> PathMaximum:
    """An enclosure of the maximum over the whole path, of relative width `tolerance` unless it is stopped before.

    With a `level` the search ends as soon as the whole path is proved to keep it, or a time is found where it is
    exceeded. `corners` hears how much of the corners' losses is done, `watch` everything after that. `labelled`: cut
    pieces on which many samples are not surely right further; by default under every loss but squared, and where an
    `error_rate` is asked for, which they are cut for then. A first interrupt (module `interrupts`) after the corners
    ends it with what is proved until then. Raises ValueError without a segment, InputError over the memory budget.
    """
    if not path.segments:
        raise ValueError("a path of no segments has no maximum to certify")
    keep_freed_pages()
    path = for_loss(path, problem)
    losses, alike = corner_losses(path, problem, level, progress=corners)
    hidden: list[tuple[int, HiddenMaximum]] = []
    try:
        for k, segment in enumerate(path.segments):
            if segment.kind is Kind.HIDDEN:
                hidden.append((k, hidden_maximum(segment.start, segment.end, problem)))
                watch(nearest(best_attained(losses, tuple(hidden))[0].lower), None, 0)
    except KeyboardInterrupt:
        first_only()
        return replace(_unsearched(path, losses, tuple(hidden)), alike=alike)
    with threads() as pool, deferred() as interrupted:
        if labelled is None:
            labelled = problem.loss != SQUARED or error_rate is not None
        labelled = labelled and problem.data.labels is not None
        search = _Search(
            path,
            problem,
            losses,
            tuple(hidden),
            tolerance,
            level,
            limit,
            watch,
            pool,
            interrupted,
            labelled,
            error_rate,
        )
        return replace(search.run(), alike=alike)


def _unsearched(
    path: Path, losses: tuple[Enclosure, ...], hidden: tuple[tuple[int, HiddenMaximum], ...]
) -> PathMaximum:
    """What the corners and some hidden segments say: a loss that is attained, and a bound only if nothing is open."""
    attained, place = best_attained(losses, hidden)
    known = {k for k, _ in hidden}
    missing = [k for k, segment in enumerate(path.segments) if segment.kind.is_searched and k not in known]
    pieces = tuple(unbounded(k) for k in missing)
    return PathMaximum(losses, attained, place, pieces, Stop.INTERRUPTED, 0, hidden=hidden)


@dataclass
class _Search(Shown):
    """The state of one search. `best` at `place`: the best loss that is enclosed; `seen`: the best in float64."""

    path: Path
    problem: Problem
    losses: tuple[Enclosure, ...]
    hidden: tuple[tuple[int, HiddenMaximum], ...]
    tolerance: Fraction
    level: Fraction | None
    limit: int
    watch: Watch
    pool: ThreadPoolExecutor
    interrupted: Callable[[], bool] = never
    labelled: bool = False
    error_rate: Fraction | None = None
    frontier: Frontier = field(default_factory=Frontier)
    evaluations: int = 0
    lines: dict[int, Line | GraphLine] = field(default_factory=dict)
    courses: dict[int, Course] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.best, self.place = best_attained(self.losses, self.hidden)
        self.highest_corner = max(loss.top for loss in self.losses)
        self.seen, self.seen_place = nearest(self.attained), self.place
        for k, segment in enumerate(self.path.segments):
            if segment.kind.is_enclosed:
                ends = ((Fraction(0), self.losses[k]), (Fraction(1), self.losses[k + 1]))
                self.courses[k] = Course.of({t: nearest(corner.lower) for t, corner in ends})

    @property
    def attained(self) -> Fraction:
        """A loss that is attained, at `place`, is at least this."""
        return self.best.lower

    def run(self) -> PathMaximum:
        general = [k for k, segment in enumerate(self.path.segments) if segment.kind.is_enclosed]
        count = max(1, FIRST // max(1, len(general)))
        for k in general:
            self._begin(k, count)
        for k in general:
            self._first(k, count)
            self._report(begun=k < general[-1])
        stop = self._enclosures()
        if stop in (Stop.TOLERANCE, Stop.FLOOR, Stop.OVERFLOW):
            stop = self._sharpened(stop)
        if self.labelled and not self.interrupted():
            rounds = min(self.evaluations // 2, ROUNDS)
            sharpen(self.frontier, self._bisect, rounds, self.problem.size, self.error_rate)
        return PathMaximum(
            self.losses,
            self.best,
            self.place,
            tuple(self.frontier),
            stop,
            self.evaluations,
            hidden=self.hidden,
        )

    # Stage 1: first-order models in float64.

    def _begin(self, k: int, count: int) -> None:
        """Losses at equally spaced times of a segment, and where they lead to."""
        course = self.courses[k]
        for i in range(1, 2 * count):
            if not self.interrupted():
                self._look(k, Fraction(i, 2 * count))
        for _ in range(CLIMBS):
            t = course.highest()
            if t is None or t in course.losses or self.interrupted():
                return
            before = max(course.losses.values())
            self._look(k, t)
            if max(course.losses.values()) <= before * (1 + float(self.tolerance) / 8):
                return

    def _first(self, k: int, count: int) -> None:
        """The first pieces of a segment, the highest first; what is learnt of it tells how the others are cut."""
        course = self.courses[k]
        ends = [Fraction(i, count) for i in range(count + 1)]
        heights = [float(course.expected(np.linspace(i / count, (i + 1) / count, 5)).max()) for i in range(count)]
        for i in sorted(range(count), key=lambda i: -heights[i]):
            for left, right in pairwise(course.cuts(ends[i], ends[i + 1], self._aim(), BEGINNING)):
                if self.interrupted():
                    self._keep(replace(unbounded(k), left=left, right=right))
                else:
                    self._enclose(k, left, right)

    def _aim(self) -> float:
        """What the bounds of pieces should not exceed."""
        if self.level is not None:
            return nearest(self.level)
        return max(self.seen, nearest(self.attained)) * (1.0 + AIM * float(self.tolerance))

    def _enclosures(self) -> Stop:
        while True:
            if stop := self._reached():
                return stop
            if self.interrupted():
                with suppress(KeyboardInterrupt):  # a second one: without this
                    self._confirm()
                return Stop.INTERRUPTED
            if self.evaluations >= self.limit:
                self._confirm()
                return self._reached() or Stop.LIMIT
            if not self.frontier:  # corners alone, in fewer bits than the tolerance asks for
                return Stop.FLOOR
            piece = self.frontier.pop()
            if piece.width <= DEEPEST or self._at_floor(piece):
                self._keep(piece)
                self._confirm()
                return self._reached() or (Stop.OVERFLOW if piece.upper is None else Stop.FLOOR)
            self._cut(piece)
            self._report()

    def _reached(self) -> Stop | None:
        """Whether a claim can be made; what was only seen in float64 is evaluated exactly first."""
        top = self._top()
        if self.level is not None:
            if self.attained > self.level or (self.seen > self.level and self._confirm() > self.level):
                return Stop.EXCEEDED
            return Stop.WITHIN if top is not None and top <= self.level else None
        # The loss attained may be no float: below or beyond their range, or between two of them.
        if top is None or (
            self.seen < math.inf and top > max(self.attained, Fraction(self.seen)) * (1 + self.tolerance)
        ):
            return None
        return Stop.TOLERANCE if top <= self._confirm() * (1 + self.tolerance) else None

    def _at_floor(self, piece: Piece) -> bool:
        """Whether rounding alone is most of what keeps this piece's bound above the loss attained.

        Asked of short pieces; of any piece that overflows, which it may do at a point as well; and of any piece as long
        as no loss above 0 was seen: where the loss is 0 throughout, no piece gets better by bisection.
        """
        centre = float((piece.left + piece.right) / 2)
        if piece.upper is None:
            return not math.isfinite(self._line(piece.segment).bound(centre, 0.0, self.pool).upper)
        if piece.width > FLOORED and self.seen > 0.0:
            return False
        segment, t = self.seen_place
        if not self.path.segments[segment].kind.is_enclosed:
            segment, t = piece.segment, (piece.left + piece.right) / 2
        rounded = self._line(segment).bound(float(t), 0.0, self.pool)
        return nearest(piece.upper) - self.seen <= 3.0 * (rounded.upper - rounded.centre)

    def _sharpened(self, stop: Stop) -> Stop:
        """Stages 2 and 3, which are about squared error and classes; any other loss is left as it is enclosed."""
        if self.problem.loss == SQUARED and self.path.start.has_first_layer:
            self._settle_corner()
            return self._finish(stop)
        top = self._top()
        return Stop.EXACT if top is not None and top <= self.attained else stop

    # Stage 2: the maximum is a corner.

    def _settle_corner(self) -> None:
        """Prove that the best corner is the maximum, if it is one and this can be proved with moderate work."""
        best = best_corner(self.losses)[0].lower
        if best < self.attained:
            return
        for _ in range(SETTLING):
            top = self._top()
            if top is None or top <= best or self.interrupted():
                return
            if isinstance(self.path.segments[self.frontier.highest().segment], Arc):
                return  # divided differences are taken along straight lines
            piece = self.frontier.pop()
            if self._proved_by_corner(piece, best):
                self._keep(replace(piece, upper=best, proof=Proof.CORNER))
            elif piece.width <= DEEPEST:
                self._keep(piece)
                return
            else:
                self._bisect(piece)
            self._report()
            if self.seen > nearest(best) * (1 + 1e-12) and self._confirm() > best:
                return

    def _proved_by_corner(self, piece: Piece, best: Fraction) -> bool:
        """Whether the piece touches a corner of loss `best` that is proved to be its maximum."""
        segment, width = self.path.segments[piece.segment], float(piece.width)
        if piece.left == 0 and self.losses[piece.segment].exact == best:
            corner, other = segment.start, segment.end
        elif piece.right == 1 and self.losses[piece.segment + 1].exact == best:
            corner, other = segment.end, segment.start
        else:
            return False
        self.evaluations += 1
        return corner_is_maximum(corner, other, width, self.problem)

    # Stage 3: FLINT.

    def _finish(self, stop: Stop) -> Stop:
        """Treat the pieces above what was attained in FLINT: to the tolerance, or to exactness where that is cheap."""
        if (top := self._top()) is not None and top <= self.attained:
            return Stop.EXACT
        if self.interrupted():
            return stop if stop is Stop.TOLERANCE else Stop.INTERRUPTED
        self._try_simplest()
        size = _entries(self.path.start, self.problem)
        if size > (FREE if stop is Stop.TOLERANCE else BEARABLE):
            return stop
        for _ in range(min(FINISHING, LASTING // size)):
            goal = self.attained if size <= FREE else self.attained * (1 + self.tolerance)
            top = self._top()
            if top is not None and top <= goal:
                break
            if self.interrupted():
                stop = stop if stop is Stop.TOLERANCE else Stop.INTERRUPTED
                break
            piece = self.frontier.pop()
            if piece.proof is Proof.EXACT and piece.width <= DEEPEST:
                self._keep(piece)
                break
            self._look_exactly(piece.segment, (piece.left + piece.right) / 2)  # float64 cannot tell these losses apart
            for half in [piece] if piece.proof is Proof.ENCLOSURE else halves(piece):
                segment = self.path.segments[half.segment]
                self._keep(replace(half, upper=self._exactly(segment, half), proof=Proof.EXACT), recount=True)
            self._report()
        top = self._top()
        if top is not None and top <= self.attained:
            return Stop.EXACT
        if top is not None and top <= self.attained * (1 + self.tolerance):
            return Stop.TOLERANCE
        return stop

    def _try_simplest(self) -> None:
        """The loss at the simplest rational time beside the best one: kinks often sit at such times."""
        k, t = self.place
        near = [piece for piece in self.frontier if piece.segment == k and piece.left <= t <= piece.right]
        if not near or _entries(self.path.start, self.problem) > SIMPLEST:
            return
        self._look_exactly(k, simplest_between(min(piece.left for piece in near), max(piece.right for piece in near)))

    def _look_exactly(self, k: int, t: Fraction) -> None:
        """The exact loss at a time; of equal ones the simpler time is kept."""
        segment = self.path.segments[k]
        found = loss_between(segment.start, segment.end, t, self.problem, control=control_of(segment))
        if found.lower > self.attained or (found == self.best and t.denominator < self.place[1].denominator):
            self.best, self.place = found, (k, t)
            self.seen, self.seen_place = nearest(self.attained), self.place

    def _exactly(self, segment: Segment, piece: Piece) -> Fraction | None:
        control = control_of(segment)
        bound = exact_bound(segment.start, segment.end, self.problem, piece.left, piece.right, control)
        if bound is None or (piece.upper is not None and piece.upper < bound):
            return piece.upper
        return bound

    # The heap.

    def _enclose(self, segment: int, left: Fraction, right: Fraction, whole: Piece | None = None) -> None:
        """Bound a new piece, and look at its centre in float64 where that may be the highest point so far.

        What is known of a `whole` piece that it is part of still holds.
        """
        t, r = float((left + right) / 2), float((right - left) / 2)
        bound = self._line(segment).bound(t, r, self.pool)
        lower, upper = Fraction(bound.lower), Fraction(bound.upper) if math.isfinite(bound.upper) else None
        if whole is not None:
            lower = max(lower, whole.lower)
            upper = whole.upper if upper is None or (whole.upper is not None and whole.upper < upper) else upper
        self._keep(Piece(segment, left, right, lower, upper, Proof.ENCLOSURE, bound.signs), recount=True)
        course = self.courses[segment]
        course.bounded(left, right, bound.upper, None if whole is None else course.spread(whole.left, whole.right))
        if math.isinf(bound.upper) or bound.centre + LIKELY * (bound.upper - bound.centre) > self.seen:
            self._look(segment, (left + right) / 2)

    def _look(self, segment: int, t: Fraction) -> None:
        loss = float_loss(network_at(self.path.segments[segment], float(t)), self.problem)
        self.courses[segment].saw(t, loss)
        if self.seen < loss < math.inf:
            self.seen, self.seen_place = loss, (segment, t)

    def _confirm(self) -> Fraction:
        """The exact loss at the best place seen, if it is better than what is attained already."""
        if self.seen_place != self.place:
            k, t = self.seen_place
            segment = self.path.segments[k]
            evaluate = partial(loss_between, segment.start, segment.end, t, self.problem, control=control_of(segment))
            found = above_or_below(evaluate, self.level)
            if found.lower > self.attained:
                self.best, self.place = found, self.seen_place
            self.seen, self.seen_place = nearest(self.attained), self.place
        return self.attained

    def _cut(self, piece: Piece) -> None:
        """Cut a piece in as many parts as seem to be needed, in two at least; an interrupt leaves parts as they are."""
        if piece.upper is None or piece.width <= SHORT:
            return self._bisect(piece)
        ends = self.courses[piece.segment].cuts(piece.left, piece.right, self._aim(), MOST)
        if len(ends) == 2:
            return self._bisect(piece)
        for left, right in pairwise(ends):
            if self.interrupted():
                self._keep(replace(piece, left=left, right=right))
            else:
                self._enclose(piece.segment, left, right, piece)
        return None

    def _bisect(self, piece: Piece) -> None:
        for half in halves(piece):
            self._enclose(half.segment, half.left, half.right, piece)

    def _keep(self, piece: Piece, *, recount: bool = False) -> None:
        self.evaluations += recount
        self.frontier.push(piece)

    def _report(self, *, begun: bool = False) -> None:
        """`begun`: there are segments without any piece, so nothing bounds the whole path yet."""
        top = None if begun else self._top()
        self.watch(self.seen, None if top is None or nearest(top) == math.inf else nearest(top), self.evaluations)

    def _top(self) -> Fraction | None:
        """What no loss on the path exceeds, by its corners and pieces; None if a piece has no bound."""
        known = max(self.highest_corner, self.attained)
        if not self.frontier:
            return known
        upper = self.frontier.highest().upper
        return None if upper is None else max(upper, known)

    def _line(self, k: int) -> Line | GraphLine:
        if k not in self.lines:
            if len(self.lines) >= 4:  # features of a few segments at most are kept
                self.lines.pop(next(iter(self.lines)))
            segment = self.path.segments[k]
            self.lines[k] = line_of(segment.start, segment.end, self.problem.within(8), control_of(segment))
        return self.lines[k]


def _entries(network: Network, problem: Problem) -> int:
    """Activations of one forward pass: what FLINT would treat one by one."""
    return problem.size * sum(len(array) for array in network.parameters().values() if array.ndim == 2)
