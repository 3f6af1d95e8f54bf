"""The straight line: no route of the proof, but some networks are near each other."""

from __future__ import annotations

from numerics.losses import float_loss
from numerics.losses.problem import Problem
from numerics.networks.base import Network
from numerics.networks.classes import CLASSES
from numerics.paths import Path, mixed, polygon
from numerics.routes.candidate import Candidate
from numerics.routes.route import Route

LINE = "line"
SAMPLES = 33  # the straight line is drawn from float64 losses at multiples of 1/32
GLANCE = 9  # samples that tell whether it might be the lowest path


def line(start: Network, end: Network, problem: Problem) -> Candidate:
    """The straight line; where it leads nowhere, the constant path. Its estimate misses what lies between samples."""
    if start.identical(end):
        return Candidate(LINE, Path(start), float_loss(start, problem))
    seen = line_losses(start, end, problem, times=GLANCE)
    return Candidate(LINE, polygon((start, end)), max(seen))


def line_losses(start: Network, end: Network, problem: Problem, *, times: int = SAMPLES) -> list[float]:
    """Losses of the straight line at equally spaced times, in float64: for drawing and comparing, never for proving."""
    return [float_loss(mixed(start, end, k / (times - 1)), problem) for k in range(times)]


def nothing_lacks(network: Network) -> str | None:
    """Any two parameters of one space are joined by a line."""
    return None


ROUTES = (
    # the last turn: what samples say of the line settles nothing
    Route(
        name=LINE, classes=tuple(CLASSES), lacks=nothing_lacks, between=line, auto=100, always=True, quick=True, place=0
    ),
)
