"""Trained curves: one Bezier arc, or two straight lines, then as many as help; no construction of theory.

Three rates are tried briefly, the best one is trained, twice as long each time, until that gains too little; then the
arc or line is cut in two where its loss is highest, and the same again. All weights move, and the enclosure of the
maximum certifies the curve as it is. Training takes minutes where other routes take seconds, so `auto` leaves it out.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from numerics.errors import InputError
from numerics.losses import float_loss
from numerics.losses.problem import Problem
from numerics.networks.base import Network
from numerics.networks.classes import CLASSES
from numerics.paths import Path, arc, mixed, network_at, polygon
from numerics.routes.candidate import Candidate
from numerics.routes.line import nothing_lacks
from numerics.routes.route import Route

CURVE, POLYGON = "curve", "polygon"
RATES = (1e-3, 3e-3, 1e-2)
TRIED = 100  # steps of each rate
FIRST = 200  # steps of the best one at first
MOST = 1600  # steps of one training at most
GAIN = 0.01  # of the highest loss: less is not worth twice as many steps, or one more bend
BENDS = 3  # trained networks that the curve is bent by, at most
TIMES = 33  # of each arc or line, for the estimate
APART = "not tried: training takes minutes, so it is taken by its name alone"
TOLERANCE = Fraction(1, 1000)  # of the enclosure: all weights move, and a search for the last digits would take hours


def curve(start: Network, end: Network, problem: Problem) -> Candidate:
    """Arcs through trained networks between the two. Raises InputError without torch, or where losses overflow."""
    return _trained(start, end, problem, CURVE)


def lines(start: Network, end: Network, problem: Problem) -> Candidate:
    """Straight lines through trained networks between the two. Raises InputError as `curve`."""
    return _trained(start, end, problem, POLYGON)


def _trained(start: Network, end: Network, problem: Problem, route: str) -> Candidate:
    if start.identical(end):
        return Candidate(route, Path(start), float_loss(start, problem))
    from numerics.torch_bridge import require_torch

    require_torch()
    from numerics.torch_bridge.curves import ARC, LINE, Schedule, Trained, bent_at, pieces_of, trained

    ends = max(float_loss(start, problem), float_loss(end, problem))
    degree = ARC if route == CURVE else LINE

    def run(points: tuple[Network, ...], steps: int, rate: float) -> Trained:
        def told(done: int, highest: float) -> None:
            words = f"training {route}, bends {bends_of(points)}, rate {rate:g}, highest loss about {highest:.5g}"
            problem.progress(words, done / steps)

        return trained(points, problem, Schedule(steps, rate), told, degree=degree)

    def longer(best: Trained, rate: float) -> Trained:
        """Twice as many steps each time, from the best so far."""
        steps = FIRST
        while steps <= MOST and best.highest > ends and not best.settled:
            found = run(best.points, steps, rate)
            gained = found.highest < (1.0 - GAIN) * best.highest
            best = found if found.highest < best.highest else best
            if not gained:
                break
            steps *= 2
        return best

    def bends_of(points: tuple[Network, ...]) -> int:
        return pieces_of(points, degree) + degree - ARC

    straight = (start, mixed(start, end, 0.5), end)
    tries: dict[float, Trained] = {}
    for rate in RATES:
        tries[rate] = run(straight, TRIED, rate)
        if tries[rate].settled:
            break
    rate = min(tries, key=lambda one: tries[one].highest)
    best = longer(tries[rate], rate)
    if not np.isfinite(best.highest):
        raise InputError("the losses along every curve that was trained overflow float32: scale the data")
    while bends_of(best.points) < BENDS and best.highest > (1.0 + GAIN) * ends:
        pieces = pieces_of(best.points, degree)
        cells = (len(best.losses) - 1) // pieces
        place = min(max(int(best.losses.argmax()), 1), len(best.losses) - 2)
        k = min(place // cells, pieces - 1)
        t = min(max(place / cells - k, 0.25), 0.75)
        further = longer(run(bent_at(best.points, k, t, degree=degree), FIRST, rate), rate)
        if not further.highest < (1.0 - GAIN) * best.highest:
            break
        best = further
    points = best.points
    arcs = (arc(*points[k : k + ARC + 1]) for k in range(0, len(points) - 1, ARC))
    path = Path(start, tuple(arcs)) if degree == ARC else polygon(points)
    moments = [k / (TIMES - 1) for k in range(TIMES)]
    estimate = max(float_loss(network_at(one, t), problem) for one in path.segments for t in moments)
    return Candidate(route, path, estimate, tolerance=TOLERANCE)


ROUTES = tuple(
    Route(name=name, classes=tuple(CLASSES), lacks=nothing_lacks, between=between, apart=APART)
    for name, between in ((CURVE, curve), (POLYGON, lines))
)
