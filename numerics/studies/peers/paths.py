"""The paths that are compared, each from the same two networks: four that others take, and ours.

Written from the descriptions in the papers: the straight line (Frankle et al. 2020), units matched by weights and then
the line (Ainsworth et al. 2023), a trained Bezier arc and a trained polygon (Garipov et al. 2018).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from numerics import paths
from numerics.common.shown import Shown
from numerics.losses import float_loss
from numerics.networks.base import Network
from numerics.networks.units import renamed
from numerics.paths import mixed, network_at
from numerics.questions.certify import certify
from numerics.questions.connect import connect
from numerics.questions.enclose import BEZIER
from numerics.questions.found import Found
from numerics.questions.request import Request
from numerics.questions.result import Result
from numerics.routes.matching import by_weights
from numerics.studies.peers.setting import SAMPLES, Setting
from numerics.torch_bridge.curves import ARC, LINE, Schedule, trained

OURS = "ours"
RATE = 3e-3  # of a curve's training


@dataclass(frozen=True, eq=False)
class Asked(Shown):
    """A path that was made: the checked answer about it, the largest of 61 float64 losses, and what it is."""

    answer: Result
    sampled: float
    words: str


Maker = Callable[[Request, Setting], Asked]


def line(request: Request, setting: Setting) -> Asked:
    """The straight line."""
    sampled = _sampled(request, (request.start, request.second))
    return Asked(certify(request, tolerance=setting.tolerance), sampled, "line")


def matching(request: Request, setting: Setting) -> Asked:
    """Units of the end matched to the start's by their weights, then the line: the end is the same function renamed."""
    end = renamed(request.second, by_weights(request.start, request.second))
    moved = Request(request.problem, request.start, end)
    found = line(moved, setting)
    return Asked(found.answer, found.sampled, "line to the renamed end")


def arc(request: Request, setting: Setting) -> Asked:
    """A Bezier arc with one trained control network, enclosed as it was trained."""
    middle = bend(request, setting, ARC)
    curve = paths.arc(request.start, middle, request.second)
    sampled = max(float_loss(network_at(curve, k / (SAMPLES - 1)), request.problem) for k in range(SAMPLES))
    answer = certify(request, [middle], curve=BEZIER, tolerance=setting.tolerance)
    return Asked(answer, sampled, "the arc itself")


def polygon(request: Request, setting: Setting) -> Asked:
    """Two straight lines through one trained network."""
    middle = bend(request, setting, LINE)
    sampled = _sampled(request, (request.start, middle, request.second))
    return Asked(certify(request, [middle], tolerance=setting.tolerance), sampled, "two lines")


def ours(request: Request, setting: Setting) -> Asked:
    """`connect` by `auto`."""
    answer = connect(request)
    found = answer.found
    corners = found.path.corners if isinstance(found, Found) else (request.start, request.second)
    return Asked(answer, _sampled(request, corners), f"route {answer.route}")


MAKERS: Mapping[str, Maker] = MappingProxyType(
    {"line": line, "matching + line": matching, "Bezier": arc, "polygon": polygon, OURS: ours}
)


def bend(request: Request, setting: Setting, degree: int) -> Network:
    """The one network between the ends, trained for the mean loss along the curve from the middle of the line on.

    Of all that training passes through, the one whose highest loss is lowest: no worse for the curve than its last.
    """
    start, end = request.start, request.second
    schedule = Schedule(setting.curve_steps, RATE, even=1.0)
    return trained((start, mixed(start, end, 0.5), end), request.problem, schedule, degree=degree).points[1]


def _sampled(request: Request, corners: tuple[Network, ...]) -> float:
    """The largest of so many losses at equally spaced times of the whole path, segments taking equal time."""
    segments, found = len(corners) - 1, []
    for k in range(SAMPLES):
        time = k / (SAMPLES - 1) * segments
        at = min(int(time), segments - 1)
        found.append(float_loss(mixed(corners[at], corners[at + 1], time - at), request.problem))
    return max(found)
