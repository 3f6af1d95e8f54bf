"""The maximum of the loss over a path of straight lines or an arc, all of one shape, enclosed for every `t`.

As in `questions`, nothing here is printed as PROVED: that is the independent checker's word.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from numerics.arithmetic.rationals import decimal
from numerics.common.shown import Shown
from numerics.data import Data
from numerics.errors import InputError
from numerics.losses import float_loss
from numerics.losses.problem import Problem
from numerics.maxima.kinds import for_loss
from numerics.maxima.pieces import PathMaximum, Stop
from numerics.maxima.search import LIMIT, TOLERANCE, path_maximum
from numerics.networks.base import Network
from numerics.networks.spaces import all_in_one_space
from numerics.networks.units import Order
from numerics.paths import Arc, Path, arc, network_at, polygon
from numerics.paths.certificate import certificate_bytes
from numerics.paths.question import Question
from numerics.questions.requirements import require_fits

FINEST = Fraction(1, 10**60)  # of a tolerance: finer than the precision of the last stage of the search
ROOM = Fraction(63, 64)  # of a tolerance is aimed at: rounding what is claimed to 17 digits then keeps the tolerance
ROUNDING = Fraction(1, 10**16)  # relative, of 17 digits
POLYGON, BEZIER = CURVES = ("polygon", "bezier")  # what may join networks: lines through all, or one quadratic arc
SAMPLES = 61  # equally spaced times per segment, as mode-connectivity work takes them


@dataclass(frozen=True, eq=False)
class Certified(Shown):
    """A path, the enclosure of its maximum, and what a certificate would claim.

    `renamed`: by layer, how the units of the network asked about were renamed to be the path's end.
    """

    path: Path
    maximum: PathMaximum
    problem: Problem
    tolerance: Fraction = TOLERANCE
    renamed: Mapping[str, Order] | None = None

    @property
    def data(self) -> Data:
        return self.problem.data

    @property
    def route(self) -> str:
        """What the path is, in a word."""
        return BEZIER if any(isinstance(segment, Arc) for segment in self.path.segments) else POLYGON

    @property
    def claims(self) -> tuple[Fraction, ...]:
        """Upper bounds to claim, the sharpest first; the last is one that every checker's arithmetic can follow.

        Raises ValueError without a bound.
        """
        aim = self.tolerance * ROOM
        sharpest, last = self.maximum.sharpest_claim(aim), self.maximum.claim(aim)
        return (last,) if sharpest == last else (sharpest, last)

    def stopped(self, claimed: Fraction) -> Stop:
        """Why this bound, which was proved, is not lower; the tolerance only if what is printed keeps to it."""
        stop, attained = self.maximum.stop, self.maximum.attained
        if stop is not Stop.TOLERANCE:
            return stop
        gap, allowed = claimed - attained, self.tolerance * attained
        if gap + ROUNDING * (claimed + attained) <= allowed:
            return stop
        return Stop.ROUNDED if gap <= allowed else Stop.CHECKER

    def certificate(
        self, level: Fraction | None, bound: Fraction | None = None, error_rate: Fraction | None = None
    ) -> bytes:
        """What is written down: `bound`, one of `claims` (default: the last); with a level that `maximum <= level` too,
        and likewise an error rate.

        Raises ValueError without a bound.
        """
        claimed = self.claims[-1] if bound is None else bound
        claimed = claimed if level is None else min(claimed, level)
        return certificate_bytes(
            self.path,
            self.maximum,
            claimed,
            self.data,
            question=Question.CERTIFY,
            route=self.route,
            loss=self.problem.loss.name,
            level=level,
            error_rate=error_rate,
            renamed=None if self.renamed is None else {name: order.tolist() for name, order in self.renamed.items()},
        )


@dataclass(frozen=True)
class Samples(Shown):
    """What sampling would have seen: `times` float64 losses on each segment. It proves nothing.

    `understated_by`: the share of a loss that is attained by which the largest of them is below it, in [0, 1].
    """

    times: int
    losses: tuple[tuple[float, ...], ...]
    understated_by: float

    @property
    def largest(self) -> float | None:
        """None where float64 overflows."""
        found = max(max(losses) for losses in self.losses)
        return found if math.isfinite(found) else None  # JSON has no infinity

    def to_json(self) -> dict[str, Any]:
        """Without the losses themselves."""
        return {"times": self.times, "largest": self.largest, "understated_by": self.understated_by}


def certify(
    networks: Sequence[Network],
    problem: Problem,
    *,
    tolerance: Fraction = TOLERANCE,
    level: Fraction | None = None,
    limit: int = LIMIT,
    error_rate: Fraction | None = None,
) -> Certified:
    """The rigorous maximum over the polygonal path through `networks`, at least two. Raises InputError."""
    path = path_through(networks)
    return certify_path(path, problem, tolerance=tolerance, level=level, limit=limit, error_rate=error_rate)


def path_through(networks: Sequence[Network], curve: str = POLYGON) -> Path:
    """The path through networks in order, or the Bezier arc whose control network is the one between two ends.

    Raises InputError.
    """
    if curve not in CURVES:
        raise InputError(f"curve {curve[:40]!r} is unknown: choose one of {', '.join(CURVES)}")
    if len(networks) < 2:
        raise InputError("certify needs at least two networks: the corners of the path, in order")
    if curve == POLYGON:
        return polygon(all_in_one_space(networks))
    if len(networks) != 3:
        raise InputError(
            f"a quadratic Bezier arc has three networks, start, control and end: {len(networks)} are given"
        )
    start, control, end = all_in_one_space(networks)
    return Path(start, (arc(start, control, end),))


def certify_path(
    path: Path,
    problem: Problem,
    *,
    tolerance: Fraction = TOLERANCE,
    level: Fraction | None = None,
    limit: int = LIMIT,
    error_rate: Fraction | None = None,
) -> Certified:
    """The same over a path whose segments are of known kinds, at least one segment. Raises InputError.

    `error_rate`: as of `path_maximum`, the one that is asked for.
    """
    if not FINEST <= tolerance < 1:
        raise InputError(
            f"the tolerance is {decimal(tolerance, up=False, digits=6)}: a relative gap in [1e-60, 1) is needed"
        )
    require_fits(path.start, problem)
    path = for_loss(path, problem)
    widest = 0.0

    def watch(attained: float, upper: float | None, pieces: int) -> None:
        nonlocal widest
        if upper is None or not 0.0 < attained < math.inf:
            problem.progress(f"enclosure {_ends(attained, upper)}, {pieces} pieces", 0.0)
            return
        gap = upper / attained - 1.0
        widest = max(widest, gap)
        problem.progress(f"enclosure {_ends(attained, upper)}, {pieces} pieces", _share(widest, gap, float(tolerance)))

    maximum = path_maximum(
        path,
        problem,
        tolerance=tolerance * ROOM,
        level=level,
        limit=limit,
        watch=watch,
        error_rate=error_rate,
        corners=lambda share: problem.progress("exact losses of all corners", share),
    )
    return Certified(path, maximum, problem, tolerance)


def sampled(found: Certified, problem: Problem, *, times: int = SAMPLES) -> Samples:
    """Float64 losses at equally spaced times of every segment, beside what is attained."""
    moments = [k / (times - 1) for k in range(times)]
    losses = tuple(tuple(float_loss(network_at(one, t), problem) for t in moments) for one in found.path.segments)
    largest, attained, missed = max(map(max, losses)), found.maximum.attained, 0.0
    if attained > 0 and largest < math.inf:  # in rationals: the loss may be beyond the range of floats
        missed = float(max(Fraction(0), 1 - Fraction(largest) / attained))
    return Samples(times, losses, missed)


def _ends(attained: float, upper: float | None) -> str:
    """Both ends of an enclosure to six digits, rounded outwards."""
    if not attained < math.inf:
        return "beyond the range of float64"
    bounded = upper is not None and upper < math.inf
    top = decimal(Fraction(upper or 0.0), up=True, digits=6) if bounded else "not bounded yet"
    return f"[{decimal(Fraction(attained), up=False, digits=6)}, {top}]"


def _share(widest: float, gap: float, tolerance: float) -> float:
    """How much of the way from the widest gap to the tolerance is done, on a logarithmic scale."""
    if gap <= tolerance:
        return 1.0
    if widest == math.inf:
        return 0.0
    return math.log(widest / gap) / math.log(widest / tolerance)
