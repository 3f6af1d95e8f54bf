"""The questions, about networks and data in memory or in files. Nothing is printed unless `progress=True`."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from numerics.api.path import TimedPath
from numerics.api.result import Result
from numerics.arithmetic.budget import GIB
from numerics.arithmetic.levels import Level
from numerics.arithmetic.rationals import parse, text
from numerics.common.progress import Progress, no_progress, shown_on
from numerics.common.speech import Speaker
from numerics.data import Data, read_data, write_data
from numerics.errors import InputError
from numerics.losses.problem import Problem
from numerics.maxima.search import TOLERANCE
from numerics.networks.base import Network
from numerics.networks.files import read_network, write_network
from numerics.questions import certify as certifying
from numerics.questions import connect as connecting
from numerics.questions import depth as descending
from numerics.questions.request import Files, Request
from numerics.questions.result import Result as Answer
from numerics.questions.run_checker import checked
from numerics.routes.one_slot import ROUTE

Number = str | int | float | Fraction
"""Exactly as given: `"1/20"`, `"0.05"` (one twentieth), `Fraction(1, 20)`; the float `0.05` is its binary value."""
Points = Data | str | Path
Net = Network | str | Path


def connect(
    start: Net,
    end: Net,
    data: Points,
    *,
    loss: str = "squared",
    level: Number | None = None,
    reference: Net | None = None,
    route: str = "auto",
    eta: Number | None = None,
    memory: float = 4.0,
    effort: float | None = None,
    progress: bool | Progress = False,
) -> Result:
    """A path between two networks of one shape, its loss bounded at every time and checked by a second program (C2).

    `level`: the claim is then that it stays inside `{loss <= level}`. `reference`: a two-layer network with fewer
    neurons, for routes through one; or `eta`, by which one of `floor(m^eta)` neurons is made. `memory` in GiB, `effort`
    of the check in billions of word operations. Raises InputError.

    >>> net = Network.from_arrays("two-layer", {"W": [[1.0], [1.0]], "V": [[1.0, 0.0]]})
    >>> swapped = Network.from_arrays("two-layer", {"W": [[1.0], [1.0]], "V": [[0.0, 1.0]]})
    >>> result = connect(net, swapped, Data([[1.0], [2.0]], [[1.0], [1.0]]), level="1/2")
    >>> result.verdict, result.maximum.exact
    ('PROVED', Fraction(1, 2))
    >>> result.path(0.5).V
    array([[0.5, 0.5]])
    """
    _require_squared(loss)
    bound = _level(level)
    power = None if eta is None else _number(eta, "eta")
    with _asked(data, start, end, memory, effort, progress) as request:
        goal = None if reference is None else _network(reference, request.problem.budget)
        found = connecting.connect(request, route=route, level=bound, reference=goal, eta=power)
    return Result.of(found)


def depth(
    network: Net,
    data: Points,
    reference: Net | None = None,
    *,
    loss: str = "squared",
    route: str = "auto",
    steps: int | None = None,
    block: int | None = None,
    memory: float = 4.0,
    effort: float | None = None,
    progress: bool | Progress = False,
) -> Result:
    """How far the loss must rise on the way from a network to a lower one: an upper bound of its depth.

    With a `reference`, a better two-layer network, the way leads there (C1); without one it is R9's: `steps` (1) times
    `block` (1) neurons are emptied and new ones loaded. Then `climb` and `gain` say how far the path rises above the
    network's loss and how far below it ends, `after_refit` the same behind its first refit, and `profile` stair by
    stair. Raises InputError. UNDECIDED if the network is no worse than the reference, or nothing lower was found.

    >>> net = Network.from_arrays("two-layer", {"W": [[1.0], [1.0]], "V": [[1.0, 0.0]]})
    >>> better = Network.from_arrays("two-layer", {"W": [[1.0]], "V": [[0.5]]})
    >>> result = depth(net, Data([[1.0]], [[0.5]]), better)
    >>> result.verdict, result.depth.exact
    ('PROVED', Fraction(0, 1))
    >>> result = depth(net, Data([[1.0]], [[0.5]]))
    >>> result.verdict, result.climb.exact, result.gain.exact
    ('PROVED', Fraction(0, 1), Fraction(1, 4))
    """
    _require_squared(loss)
    if reference is None:
        if route not in ("auto", ROUTE):
            raise InputError(f"route {route[:40]!r} leads to a two-layer reference: give one, or leave the route out")
        with _asked(data, network, None, memory, effort, progress) as request:
            found = descending.way_down(
                request, steps=1 if steps is None else steps, block=1 if block is None else block
            )
        return Result.of(found)
    if steps is not None or block is not None:
        raise InputError("steps and block are about a depth without a reference: leave one out")
    with _asked(data, network, reference, memory, effort, progress) as request:
        found = descending.depth(request, route=route)
    return Result.of(found)


def certify(
    corners: Sequence[Net] | TimedPath,
    data: Points,
    *,
    loss: str = "squared",
    curve: str = "polygon",
    level: Number | None = None,
    tolerance: Number | None = None,
    samples: bool = False,
    memory: float = 4.0,
    effort: float | None = None,
    progress: bool | Progress = False,
) -> Result:
    """The maximum of the loss over the polygonal path through networks of one shape, enclosed, all weights moving.

    `corners` may be a result's `path`, for other data. `tolerance`: relative gap, 1e-6 unless given. `samples`: also
    what 61 float64 losses a segment would have seen. Raises InputError.

    >>> narrow = Network.from_arrays("two-layer", {"W": [[1.0]], "V": [[1.0]]})
    >>> wide = Network.from_arrays("two-layer", {"W": [[2.0]], "V": [[2.0]]})
    >>> result = certify([narrow, wide], Data([[1.0]], [[2.0]]))
    >>> result.verdict, result.maximum.exact
    ('PROVED', Fraction(4, 1))
    """
    _require_squared(loss)
    if curve != "polygon":
        raise InputError(f"curve {curve!r} is not covered: polygon is")
    bound = _level(level)
    gap = TOLERANCE if tolerance is None else _number(tolerance, "tolerance")
    notes: tuple[str, ...] = ()
    if isinstance(corners, TimedPath):
        if not corners.is_float:
            notes = ("the path's corners are fractions: this is the path through the nearest float64 networks",)
        corners = corners.corners
    if len(corners) < 2:
        raise InputError("certify needs at least two networks: the corners of the path, in order")
    first, *between, last = corners
    with _asked(data, first, last, memory, effort, progress) as request:
        inner = [_network(one, request.problem.budget) for one in between]
        found = certifying.certify(request, inner, level=bound, tolerance=gap, samples=samples)
    return Result.of(replace(found, notes=(*notes, *found.notes)))


def check(
    certificate: str | Path,
    data: Points,
    start: Net | None = None,
    end: Net | None = None,
    *,
    level: Number | None = None,
    memory: float = 4.0,
    effort: float | None = None,
) -> Result:
    """The independent checker's word on a certificate, from a process of its own, which shares no line with the finder.

    `start`, `end`: the networks that the path must join (for `depth` the end is the reference). Raises InputError.

    >>> net = Network.from_arrays("two-layer", {"W": [[1.0]], "V": [[1.0]]})
    >>> points = Data([[1.0]], [[2.0]])
    >>> connect(net, net, points).save("stay.cert")
    >>> print(check("stay.cert", points, net, net).claim)
    loss <= 1 on the whole path (barrier <= 0), start and end joined
    """
    bound = _level(level)
    with tempfile.TemporaryDirectory(prefix="skipscape-") as place:
        folder = Path(place)
        if isinstance(data, Data):
            write_data(folder / "data.npz", data)
            data = folder / "data.npz"
        files = [_file(one, folder / f"{name}.npz") for one, name in ((start, "start"), (end, "end"))]
        written = None if bound is None else bound.written
        report = checked(Path(certificate), str(data), *files, level=written, memory=memory, effort=effort)
    return Result.of(Answer.read(report))


@contextmanager
def _asked(
    data: Points, start: Net, end: Net | None, memory: float, effort: float | None, progress: bool | Progress
) -> Iterator[Request]:
    """The request; with `progress` a bar on standard error as long as the block runs."""
    budget = int(memory * GIB)
    points = data if isinstance(data, Data) else read_data(str(data), budget)
    files = Files(
        data=None if isinstance(data, Data) else str(data),
        start=None if isinstance(start, Network) else Path(start),
        end=None if end is None or isinstance(end, Network) else Path(end),
    )
    problem = Problem(points, budget)
    second = None if end is None else _network(end, budget)
    request = Request(problem, _network(start, budget), second, files, effort)
    if progress is True:
        with shown_on(Speaker(stderr=True)) as report:
            yield replace(request, problem=replace(problem, progress=report))
    else:
        report = no_progress if progress is False else progress
        yield replace(request, problem=replace(problem, progress=report))


def _network(given: Net, budget: int) -> Network:
    return given if isinstance(given, Network) else read_network(Path(given), budget)


def _file(given: Net | None, place: Path) -> Path | None:
    """A file of this network."""
    if isinstance(given, Network):
        write_network(place, given)
        return place
    return None if given is None else Path(given)


def _level(given: Number | None) -> Level | None:
    if given is None:
        return None
    if isinstance(given, str):
        return Level.parse(given, "level")
    value = _number(given, "level")
    return Level(value, text(value))


def _number(given: Number, name: str) -> Fraction:
    """A number >= 0. Raises InputError."""
    if isinstance(given, str):
        return parse(given, name)
    try:
        value = Fraction(given)
    except (ValueError, OverflowError, TypeError):
        raise InputError(f"{name} {str(given)[:40]!r} is unusable: give a finite number >= 0") from None
    if value < 0:
        raise InputError(f"{name} {str(given)[:40]!r} is unusable: give a number >= 0")
    return value


def _require_squared(loss: str) -> None:
    if loss != "squared":
        raise InputError(f"loss {loss[:40]!r} is not covered: squared is")
