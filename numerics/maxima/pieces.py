"""What a search for the maximum over a path knows: pieces with proved upper bounds, and the largest loss attained."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction

from numerics.arithmetic.rationals import Enclosure, simplest_between
from numerics.common.shown import Shown
from numerics.maxima.bound import NONE, Signs
from numerics.maxima.corners import barrier, barrier_below, corner_place, is_end
from numerics.maxima.hidden import HiddenMaximum

# What a bound that is not exact is raised by at least where it is claimed and the tolerance was not reached.
SLACK = 1 + Fraction(1, 1 << 36)
BITS = 53  # of a bound that is claimed


class Proof(StrEnum):
    """Why the loss on a piece does not exceed its upper bound."""

    ENCLOSURE = "first-order models in float64 balls"
    CORNER = "divided differences: the corner is the maximum"
    EXACT = "first-order models in FLINT's balls"


class Stop(StrEnum):
    """Why the search ended."""

    EXACT = "the maximum is exact"
    TOLERANCE = "the tolerance is reached"
    WITHIN = "the level is kept"
    EXCEEDED = "the level is exceeded"
    FLOOR = "the floor of the arithmetic is reached"
    OVERFLOW = "losses exceed the range of float64"
    LIMIT = "the limit of subintervals is reached"
    ROUNDED = "the tolerance is kept before rounding to 17 digits"
    INTERRUPTED = "it was interrupted"
    CHECKER = "the floor of the checker's arithmetic is reached"  # the finder's own bound is within the tolerance


@dataclass(frozen=True)
class Piece(Shown):
    """`lower <= loss <= upper` for every `t` in `[left, right]` of a segment; `upper` None after an overflow.

    `signs`: of how many samples the label's output is not surely, or surely not, the largest throughout.
    """

    segment: int
    left: Fraction
    right: Fraction
    lower: Fraction
    upper: Fraction | None
    proof: Proof
    signs: Signs = NONE

    @property
    def width(self) -> Fraction:
        return self.right - self.left


@dataclass(frozen=True, eq=False)
class PathMaximum(Shown):
    """The maximum over a whole path: losses at corners, pieces that cover every general segment, exact maxima.

    `hidden`: the exact maximum over each hidden segment, by its number; `attained` is at least each of them.
    `attained_at` is the loss at `at = (segment, t)`; `upper` bounds the loss everywhere (None: nothing was proved).
    """

    losses: tuple[Enclosure, ...]
    attained_at: Enclosure
    at: tuple[int, Fraction]
    pieces: tuple[Piece, ...]
    stop: Stop
    evaluations: int
    hidden: tuple[tuple[int, HiddenMaximum], ...] = ()
    alike: tuple[int, ...] = ()

    @property
    def start(self) -> Enclosure:
        return self.losses[0]

    @property
    def end(self) -> Enclosure:
        return self.losses[-1]

    @property
    def attained(self) -> Fraction:
        """A loss that is attained is at least this."""
        return self.attained_at.lower

    @property
    def upper(self) -> Fraction | None:
        bounds = [piece.upper for piece in self.pieces]
        if any(bound is None for bound in bounds):
            return None
        known = [self.attained, *(loss.top for loss in self.losses)]
        return max([*known, *(bound for bound in bounds if bound is not None)])

    @property
    def maximum(self) -> Fraction:
        """The upper bound. Raises ValueError without one."""
        if self.upper is None:
            raise ValueError("nothing bounds the loss on this path: it overflows")
        return self.upper

    @property
    def barrier(self) -> Enclosure:
        """The maximum minus the larger of the two ends; exactly 0 where nothing else can exceed them."""
        inside = [loss for k, loss in enumerate(self.losses) if not is_end(k, self.losses, self.alike)]
        peaks = [Enclosure.of(loss) for loss in (self.attained, *(found.loss for _, found in self.hidden))]
        pieces = [Enclosure(Fraction(0), piece.upper) for piece in self.pieces]
        return barrier(self.start, self.end, [*inside, *peaks, *pieces])

    def barrier_below(self, claimed: Fraction | None) -> Enclosure:
        """The barrier, as far as it follows from a bound of the maximum that is claimed."""
        return self.barrier if claimed == self.upper else barrier_below(self, claimed)

    def claim(self, tolerance: Fraction) -> Fraction:
        """The upper bound that is claimed: exact if the maximum is, else the tolerance's end. Raises ValueError.

        The checker's models are not the finder's: what the tolerance leaves is room for their difference. At corners
        there are none, so without pieces the upper end of what is known of the highest corner is claimed.
        """
        upper = self.maximum
        if not self.pieces or upper == self.attained:
            return upper
        return above(max(upper * SLACK, self.attained * (1 + tolerance)))

    def within(self, claimed: Fraction, tolerance: Fraction) -> bool:
        """Whether a claimed bound keeps to the tolerance, up to the rounding to 53 bits."""
        return claimed <= above(self.attained * (1 + tolerance))

    def sharpest_claim(self, tolerance: Fraction) -> Fraction:
        """A bound with little room above the search's own, if that is lower than `claim`. Raises ValueError.

        Within the tolerance where the search has reached it, else at twice the gap that it has reached. The checker
        may fail to follow. A short fraction, since floats are not close enough together for every tolerance.
        """
        last, upper, goal = self.claim(tolerance), self.maximum, self.attained * (1 + tolerance)
        if last == upper or self.within(last, tolerance):
            return last
        highest = goal if upper < goal else 2 * upper - self.attained
        return min(last, simplest_between(highest - (highest - upper) / 4, highest))

    def cuts(self, segment: int) -> tuple[Fraction, ...]:
        """Where a general segment is cut, ascending, without 0 and 1."""
        return tuple(sorted(piece.left for piece in self.pieces if piece.segment == segment and piece.left > 0))


def above(value: Fraction) -> Fraction:
    """The smallest number of 53 bits that is not below a positive `value`: a float, or one below or beyond their range.

    The floats there are too far apart: the least of them is many times a loss of 1e-700.
    """
    if value <= 0:
        return value
    scale = Fraction(2) ** (value.numerator.bit_length() - value.denominator.bit_length() - BITS)
    scale = scale if value < scale * 2**BITS else 2 * scale
    return math.ceil(value / scale) * scale


def best_corner(losses: tuple[Enclosure, ...]) -> tuple[Enclosure, tuple[int, Fraction]]:
    """The largest corner loss, by its lower end, and its first place."""
    highest = max(losses, key=lambda loss: loss.lower)
    return highest, corner_place(losses.index(highest), len(losses) - 1)


def best_attained(
    losses: tuple[Enclosure, ...], hidden: tuple[tuple[int, HiddenMaximum], ...]
) -> tuple[Enclosure, tuple[int, Fraction]]:
    """The largest loss at corners and on hidden segments, and its first place."""
    attained, place = best_corner(losses)
    for k, found in hidden:
        if found.loss > attained.lower:
            attained, place = Enclosure.of(found.loss), (k, found.t)
    return attained, place


def concatenated(parts: Sequence[PathMaximum]) -> PathMaximum:
    """What is known of a path that was searched part by part; each part begins where the one before it ends."""
    losses, hidden, pieces, first = parts[0].losses[:1], [], [], 0
    attained, place = parts[0].attained_at, parts[0].at
    for part in parts:
        losses = (*losses, *part.losses[1:])
        hidden += [(first + k, found) for k, found in part.hidden]
        pieces += [replace(piece, segment=first + piece.segment) for piece in part.pieces]
        if part.attained > attained.lower:
            attained, place = part.attained_at, (first + part.at[0], part.at[1])
        first += len(part.losses) - 1
    stops = {part.stop for part in parts} - {Stop.EXACT}
    stop = next(iter(stops)) if stops else Stop.EXACT
    evaluations = sum(part.evaluations for part in parts)
    return PathMaximum(losses, attained, place, tuple(pieces), stop, evaluations, tuple(hidden))


def unbounded(segment: int) -> Piece:
    """A segment of which nothing is known yet."""
    return Piece(segment, Fraction(0), Fraction(1), Fraction(0), None, Proof.ENCLOSURE)
