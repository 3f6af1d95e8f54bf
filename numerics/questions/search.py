"""The paper's two questions, answered by search and exact evaluation: a path, its certified corners, its certificate.

Nothing here is printed as PROVED; that word is the independent checker's (`numerics.questions.run_checker`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from fractions import Fraction

from threadpoolctl import threadpool_limits

from numerics.common.interrupts import check, first_only, received
from numerics.common.progress import Progress, no_progress
from numerics.common.shown import Shown
from numerics.data import Data
from numerics.errors import InputError
from numerics.losses import float_loss
from numerics.losses.problem import Problem
from numerics.maxima.corners import CornerMaximum, corner_maximum, exact_corner_maximum
from numerics.maxima.pieces import PathMaximum, Stop
from numerics.maxima.search import TOLERANCE, path_maximum
from numerics.networks.base import Network
from numerics.networks.spaces import in_one_space, require_reference
from numerics.networks.two_layer import TwoLayer
from numerics.paths import Kind, Path, mixed, polygon
from numerics.paths.certificate import Reference, certificate_bytes
from numerics.paths.exact import ExactPath, with_corners
from numerics.routes import merging
from numerics.routes.applies import INTERRUPTED, NO_REFERENCE, NOT_NEEDED, Tried
from numerics.routes.bridge import bridge
from numerics.routes.candidate import NEAR, Candidate, best
from numerics.routes.join import joined
from numerics.routes.reference import fitted_reference, neurons_of
from numerics.routes.refit import refit, refit_to_reference
from numerics.routes.zero import zero, zero_to_reference

LINE = "line"  # of connect: no route of the proof, but some networks are near each other
CONNECT_ROUTES = ("auto", LINE, "bridge", "refit", "zero", *merging.ROUTES)
DEPTH_ROUTES = ("auto", "refit", "zero", *merging.ROUTES)
REFERENCED = ("refit", *merging.ROUTES)  # routes of connect that go through a two-layer reference
CLASSES = ("two-layer", "parallel", "residual", "stream")  # of the parameters that the routes take
LINE_SAMPLES = 33  # the straight line is drawn from float64 losses at multiples of 1/32
LINE_TOLERANCE = Fraction(1, 1000)  # relative gap of its enclosed maximum
LINE_LIMIT = 500  # pieces spent on it
LINE_GLANCE = 9  # samples that tell whether it might be the lowest path
GENERAL_LIMIT = 1000  # pieces spent on the segments of a route on which anything moves


@dataclass(frozen=True, eq=False)
class Found(Shown):
    """A route's path and its maximum in the finder's arithmetic, exact at corners, enclosed where anything moves."""

    candidate: Candidate
    path: Path
    corners: CornerMaximum | PathMaximum
    problem: Problem
    reference: Reference | None = None
    via: TwoLayer | None = None  # of connect: the two-layer reference that was given
    routes: dict[str, str] = field(default_factory=dict, repr=False)  # what became of every route that was thought of

    @property
    def data(self) -> Data:
        return self.problem.data

    @property
    def certified(self) -> ExactPath:
        """The path that is certified: before any rounding where there are exact segments, else `path`."""
        return with_corners(self.path) if self.candidate.exact is None else self.candidate.exact

    @property
    def question(self) -> str:
        """What its certificate is asked (certificate.md, section 4)."""
        return "connect" if self.reference is None else "depth"

    def certificate(self, level: Fraction | None) -> bytes:
        """What is written down; claims `maximum <= level` too if a level is given."""
        claimed = self.corners.claim(TOLERANCE)
        return certificate_bytes(
            self.certified,
            self.corners,
            claimed if level is None else min(claimed, level),
            self.data,
            question=self.question,
            route=self.candidate.route,
            level=level,
            reference=self.reference,
        )


def connect(
    start: Network,
    end: Network,
    problem: Problem,
    *,
    route: str = "auto",
    reference: Network | None = None,
    eta: Fraction | None = None,
) -> Found:
    """C2's question: a path between two parameters, by the named route or the best of all. Raises InputError.

    With `eta` in place of a reference, one is fitted on `l = floor(m^eta)` of the start's neurons.
    """
    _require_route(route, CONNECT_ROUTES)
    require_class("connect", start, end)
    start, end = in_one_space(start, end)
    require_fits(start, problem)
    if reference is not None and eta is not None:
        raise InputError("--eta makes a reference where none is given: leave out --eta or --reference")
    if eta is not None:
        reference = fitted_reference(start, problem, neurons_of(start.width, eta))
    if route in REFERENCED and reference is None:
        raise InputError(f"route {route} goes through a two-layer reference: give one with --reference, or --eta")
    goal = None if reference is None else require_reference(reference, start)
    if route == "auto" and start.identical(end):
        route = LINE  # nothing lies lower than to stay
    tried, said = Tried(), _heard(problem.progress)
    with _searching(tried):
        if route in ("auto", "bridge"):
            said("bridge", tried)
            tried.add("bridge", [bridge(start, end, problem)])
        if route in ("auto", "refit") and goal is not None:
            said("refit", tried)
            tried.add("refit", [refit(start, end, goal, problem)])
        if route in merging.ROUTES and goal is not None:
            said(route, tried)
            tried.add(route, [_through_reference(route, start, end, goal, problem, tried.reasons)])
        if route == "auto" and goal is None:
            tried.said |= dict.fromkeys(("refit", "measured"), NO_REFERENCE)
        elif route == "auto" and _settled(tried.found, start, end, problem):
            tried.said["measured"] = NOT_NEEDED
        elif route == "auto" and goal is not None:
            said("measured", tried)
            through, reasons = goal, tried.reasons
            tried.attempt("measured", lambda: [_through_reference("measured", start, end, through, problem, reasons)])
        if route in ("auto", "zero"):
            tried.add("zero", [zero(start, end, problem)])
        if route in ("auto", LINE):  # last: what samples say of it settles nothing
            tried.add(LINE, [_line(start, end, problem)])
    answer = _best(tried.found, problem, None)
    return replace(answer, via=goal, routes=tried.outcome(answer.candidate.route))


def depth(
    start: Network,
    reference: Network,
    problem: Problem,
    *,
    route: str = "auto",
) -> Found:
    """C1's question: a path from a parameter to a two-layer reference put on some of its slots. Raises InputError."""
    _require_route(route, DEPTH_ROUTES)
    require_class("depth", start)
    require_fits(start, problem)
    goal: TwoLayer = require_reference(reference, start)
    tried, said = Tried(), _heard(problem.progress)
    reasons = tried.reasons
    with _searching(tried):
        if route in ("auto", "refit"):
            said("refit", tried)
            tried.add("refit", [refit_to_reference(start, goal, problem)])
        if route in merging.ROUTES:
            said(route, tried)
            tried.add(route, merging.to_reference(route, start, goal, problem, reasons=reasons))
        if route == "auto" and _settled(tried.found, start, goal, problem):
            tried.said["measured"] = NOT_NEEDED
        elif route == "auto":
            said("measured", tried)
            tried.attempt(
                "measured",
                lambda: merging.to_reference("measured", start, goal, problem, reasons=reasons),
            )
        if route in ("auto", "zero"):
            tried.add("zero", [zero_to_reference(start, goal, problem)])
    answer = _best(tried.found, problem, goal)
    return replace(answer, routes=tried.outcome(answer.candidate.route))


def line_losses(start: Network, end: Network, problem: Problem, *, times: int = LINE_SAMPLES) -> list[float]:
    """Losses of the straight line at equally spaced times, in float64: for drawing and comparing, never for proving."""
    return [float_loss(mixed(start, end, k / (times - 1)), problem) for k in range(times)]


def straight_line(start: Network, end: Network, problem: Problem) -> PathMaximum:
    """The maximum over the straight line between two networks of one space, enclosed to `LINE_TOLERANCE`."""
    return path_maximum(polygon((start, end)), problem, tolerance=LINE_TOLERANCE, limit=LINE_LIMIT)


def require_fits(network: Network, problem: Problem) -> None:
    """Raise InputError unless the network takes the data's inputs and gives its number of outputs."""
    n, p = problem.X.shape[1], problem.Y.shape[1]
    if network.inputs != n:
        raise InputError(
            f"the network has {network.inputs} inputs but the data {n} columns of X: they must be equal"
            f" (W has {network.W.shape[1]} columns, the data {n}: with bias=1 the first layer sees (x, 1), D = n + 1,"
            f" with bias=0 x, D = n; bias is {int(network.bias)})"
        )
    if network.outputs != p:
        raise InputError(f"the network has {network.outputs} outputs but the data {p} columns of Y: they must be equal")


@contextmanager
def _searching(tried: Tried) -> Iterator[None]:
    """One BLAS thread: the search's many small factorisations lose more time to a second thread than they gain.

    A first interrupt ends the block if a path was found before.
    """
    try:
        with threadpool_limits(limits=1, user_api="blas"):
            yield
    except KeyboardInterrupt:
        if not tried.found:
            raise
        first_only()


def _heard(report: Progress) -> Callable[[str, Tried], None]:
    """Progress of a search: the route that is looked for, and the lowest estimate so far."""

    def say(route: str, tried: Tried) -> None:
        tried.said[route] = INTERRUPTED  # unless it ends
        lowest = f", lowest so far about {best(tried.found).estimate:.5g}" if tried.found else ""
        report(f"searching a path by route {route}{lowest}", 0.0)

    return say


def _line(start: Network, end: Network, problem: Problem) -> Candidate:
    """The straight line; where it leads nowhere, the constant path. Its estimate misses what lies between samples."""
    if start.identical(end):
        return Candidate(LINE, Path(start), float_loss(start, problem))
    seen = line_losses(start, end, problem, times=LINE_GLANCE)
    return Candidate(LINE, polygon((start, end)), max(seen))


def _through_reference(
    route: str, start: Network, end: Network, goal: TwoLayer, problem: Problem, reasons: dict[str, str]
) -> Candidate:
    """C2's path: both ends to one reference, by the lowest path there is, joined by a permutation of its slots."""
    ways = (merging.to_reference(route, network, goal, problem, reasons=reasons) for network in (start, end))
    there, back = (
        way[0] if len(way) == 1 else _best(way, replace(problem, progress=no_progress), goal).candidate for way in ways
    )
    check()  # the search for a maximum just now may have ended with what it knew
    return joined(route, there, back)


def _settled(found: list[Candidate], start: Network, end: Network, problem: Problem) -> bool:
    """Whether a path found already rises no higher than its ends: none can be lower."""
    ends = max(float_loss(start, problem), float_loss(end, problem))
    return any(candidate.estimate <= ends for candidate in found)


def _best(found: list[Candidate], problem: Problem, reference: TwoLayer | None) -> Found:
    """The lowest of the candidates' paths, to search accuracy.

    Estimates decide which to look at: they miss what hidden and general segments hide. A first interrupt ends this
    with the best that has a certified maximum.
    """
    first = best(found)
    answer = _answered(first, problem, reference)
    try:
        for other in sorted((one for one in found if one is not first), key=lambda one: one.estimate):
            if answer.corners.upper is not None and answer.corners.upper <= other.estimate * (1 + NEAR):  # exactly
                break
            if received():
                break
            rival = _answered(other, problem, reference)
            if _height(rival) < _height(answer):
                answer = rival
    except KeyboardInterrupt:
        if answer.corners.upper is None:
            raise
        first_only()
    if answer.corners.upper is None and _stopped(answer):
        raise KeyboardInterrupt
    if answer.corners.upper is None:
        raise InputError(f"the losses on route {answer.candidate.route} overflow: nothing bounds them")
    return answer


def _stopped(answer: Found) -> bool:
    """Whether an interrupt ended the search for its maximum."""
    return isinstance(answer.corners, PathMaximum) and answer.corners.stop is Stop.INTERRUPTED


def _height(answer: Found) -> tuple[bool, Fraction]:
    """What orders answers: their upper bounds, those without one last."""
    upper = answer.corners.upper
    return upper is None, upper or Fraction(0)


def _answered(candidate: Candidate, problem: Problem, reference: TwoLayer | None) -> Found:
    path = candidate.certifiable()
    corners: CornerMaximum | PathMaximum
    if candidate.exact is not None:
        corners = exact_corner_maximum(candidate.exact, problem)
    elif any(segment.kind in (Kind.GENERAL, Kind.HIDDEN) for segment in path.segments):
        problem.progress("breakpoints and enclosures of the segments that are neither silent nor a readout line", 0.0)

        def watch(attained: float, upper: float | None, pieces: int) -> None:
            bound = "not bounded yet" if upper is None else f"{upper:.6g}"
            problem.progress(f"maximum of route {candidate.route} in [{attained:.6g}, {bound}], {pieces} pieces", 0.0)

        corners = path_maximum(path, problem, tolerance=TOLERANCE, limit=GENERAL_LIMIT, watch=watch)
    else:
        corners = corner_maximum(
            path, problem, progress=lambda share: problem.progress("exact losses of all corners", share)
        )
    carried = None
    if reference is not None and candidate.slots is not None:
        carried = Reference(reference, candidate.slots)
    return Found(candidate, path, corners, problem, carried)


def require_class(question: str, *networks: Network) -> None:
    """Raise InputError for a class without a skip."""
    for network in networks:
        if network.kind not in CLASSES:
            raise InputError(
                f"class {network.kind} has no skip connection, which is what {question} is about: certify takes it,"
                f" connect and depth take {', '.join(CLASSES)}"
            )


def _require_route(route: str, known: tuple[str, ...]) -> None:
    if route in known:
        return
    raise InputError(f"route {route!r} is unknown here: choose one of {', '.join(known)}")
