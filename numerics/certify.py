"""The maximum of the loss over any polygonal path between networks of one shape, enclosed for every `t`.

As in `questions`, nothing here is printed as PROVED: that is the independent checker's word.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from numerics.arithmetic.budget import DEFAULT
from numerics.certificate import certificate_bytes
from numerics.data import Data
from numerics.errors import InputError
from numerics.losses import float_loss
from numerics.networks.base import Network
from numerics.networks.spaces import all_in_one_space
from numerics.paths import Path, polygon
from numerics.questions import Report, require_fits, unheard
from numerics.supremum.pieces import PathMaximum
from numerics.supremum.search import LIMIT, TOLERANCE, path_maximum

FINEST = Fraction(1, 10**60)  # of a tolerance: finer than the precision of the last stage of the search
SAMPLES = 61  # equally spaced times per segment, as mode-connectivity work takes them


@dataclass(frozen=True, eq=False)
class Certified:
    """A polygonal path, the enclosure of its maximum, and what a certificate would claim."""

    path: Path
    maximum: PathMaximum
    data: Data
    tolerance: Fraction = TOLERANCE

    @property
    def claimed(self) -> Fraction | None:
        """The upper bound that is claimed; None without one."""
        return self.maximum.claim(self.tolerance)

    def certificate(self, level: Fraction | None) -> bytes:
        """What is written down; with a level it claims `maximum <= level` too. Raises ValueError without a bound."""
        claimed = self.claimed
        if claimed is None:
            raise ValueError("a certificate needs an upper bound")
        if level is not None:
            claimed = min(claimed, level)
        return certificate_bytes(
            self.path, self.maximum, claimed, self.data, question="certify", route="polygon", level=level
        )


@dataclass(frozen=True)
class Sampled:
    """What sampling would have seen: the largest of `times` float64 losses on each segment. It proves nothing."""

    times: int
    losses: tuple[tuple[float, ...], ...]

    @property
    def largest(self) -> float:
        return max(max(losses) for losses in self.losses)


def certify(
    networks: Sequence[Network],
    data: Data,
    *,
    tolerance: Fraction = TOLERANCE,
    level: Fraction | None = None,
    limit: int = LIMIT,
    budget: int = DEFAULT,
    report: Report = unheard,
) -> Certified:
    """The rigorous maximum over the polygonal path through `networks`, at least two. Raises InputError."""
    if len(networks) < 2:
        raise InputError("certify needs at least two networks: the corners of the path, in order")
    if not FINEST <= tolerance < 1:
        raise InputError(f"the tolerance is {float(tolerance):g}: a relative gap in [1e-60, 1) is needed")
    corners = all_in_one_space(networks)
    require_fits(corners[0], data)
    path = polygon(corners)
    widest: list[float] = []

    def watch(attained: float, upper: float | None, pieces: int) -> None:
        if upper is None:
            report(f"enclosure [{attained:.6g}, not bounded yet], {pieces} pieces", 0.0)
            return
        gap = max(upper - attained, 0.0) / max(attained, upper * 1e-300, 1e-300)
        widest.append(max(gap, *widest[-1:]) if widest else gap)
        report(f"enclosure [{attained:.6g}, {upper:.6g}], {pieces} pieces", _share(widest[-1], gap, float(tolerance)))

    maximum = path_maximum(path, data, tolerance=tolerance, level=level, limit=limit, budget=budget, watch=watch)
    return Certified(path, maximum, data, tolerance)


def sampled(path: Path, data: Data, *, times: int = SAMPLES) -> Sampled:
    """Float64 losses at equally spaced times of every segment."""
    found = []
    for segment in path.segments:
        theirs = segment.end.parameters()
        losses = []
        for k in range(times):
            t = k / (times - 1)
            mixed = {name: (1 - t) * array + t * theirs[name] for name, array in segment.start.parameters().items()}
            losses.append(float_loss(segment.start.replace(mixed), data))
        found.append(tuple(losses))
    return Sampled(times, tuple(found))


def _share(widest: float, gap: float, tolerance: float) -> float:
    """How much of the way from the widest gap to the tolerance is done, on a logarithmic scale."""
    if gap <= tolerance:
        return 1.0
    if not widest > tolerance:
        return 0.0
    return math.log(widest / gap) / math.log(widest / tolerance)
