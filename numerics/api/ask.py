"""The questions, about networks and data in memory or in files. Nothing is printed unless `progress=True`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path as FilePath

from numerics.api import given
from numerics.api.asking import Budgets, asked
from numerics.api.given import Net, Points, Report
from numerics.api.path import TimedPath
from numerics.api.result import Result
from numerics.arithmetic.budget import GIB
from numerics.arithmetic.given import Number, budget, number, quoted
from numerics.data import BUILT_IN, Data, write_data
from numerics.errors import InputError
from numerics.losses.registry import SQUARED
from numerics.maxima.search import TOLERANCE
from numerics.networks.base import Network
from numerics.networks.files import suffix_of, write_network
from numerics.paths import Path
from numerics.questions import certify as certifying
from numerics.questions import connect as connecting
from numerics.questions import depth as descending
from numerics.questions.checking import drafting
from numerics.questions.enclose import POLYGON
from numerics.questions.result import Result as Answer
from numerics.questions.run_checker import checked
from numerics.questions.stored import rounding, with_segments
from numerics.routes.one_slot import ROUTE
from numerics.routes.registry import AUTO


def connect(
    start: Net,
    end: Net,
    data: Points,
    *,
    loss: str = "squared",
    level: Number | None = None,
    error_rate: Number | None = None,
    reference: Net | None = None,
    route: str = "auto",
    eta: Number | None = None,
    modulo_permutation: bool = False,
    memory: Number = 4,
    effort: Number | None = None,
    progress: Report = False,
) -> Result:
    """A path between two networks of one shape, its loss bounded at every time and checked by a second program (C2).

    The loss is a mean over the N samples of `data`, X (N, n) and Y (N, p), where n and p are the networks' inputs and
    outputs: `squared` error, `cross-entropy` (of labels), `absolute`, `huber:DELTA`, `hinge`, `logistic` (targets -1
    and 1) or `multi-hinge`. With `level` the claim is that the path stays inside `{loss <= level}`, with `error_rate`
    also that no more than this share of the labels is wrong anywhere on it. Routes through a two-layer network
    with fewer neurons need it as `reference`; or `eta` in [0, 1), by which one of `floor(m^eta)` neurons is made.
    With `modulo_permutation` hidden units are matched, where that lies nearer; they change places on the path where
    every layer in question has a free one, else it ends at `end` with its units renamed, the same function. `route`
    takes one route by name, `auto` the lowest path of all. `memory` is in GiB; `effort`, of the check, in billions of
    word operations. Raises InputError; a Ctrl-C is a KeyboardInterrupt and leaves nothing behind.

    >>> net = sk.Network.from_arrays("two-layer", {"W": [[1.0], [1.0]], "V": [[1.0, 0.0]]})
    >>> swapped = sk.Network.from_arrays("two-layer", {"W": [[1.0], [1.0]], "V": [[0.0, 1.0]]})
    >>> result = sk.connect(net, swapped, sk.Data([[1.0], [2.0]], [[1.0], [1.0]]), level="1/2")
    >>> result.verdict, result.maximum.exact
    ('PROVED', Fraction(1, 2))
    >>> result.path(0.5).V
    array([[0.5, 0.5]])
    """
    bound = given.level(level)
    power = None if eta is None else number(eta, "eta")
    budgets = Budgets(memory, effort, progress)
    with asked(data, start, end, budgets, loss=loss, error_rate=error_rate) as request:
        goal = None if reference is None else given.network(reference, request.problem.budget, "reference")
        found = connecting.connect(
            request, route=route, level=bound, reference=goal, eta=power, modulo_permutation=bool(modulo_permutation)
        )
        return Result.of(found, bound)


def depth(
    network: Net,
    data: Points,
    reference: Net | None = None,
    *,
    loss: str = "squared",
    error_rate: Number | None = None,
    route: str = "auto",
    steps: int | None = None,
    block: int | None = None,
    memory: Number = 4,
    effort: Number | None = None,
    progress: Report = False,
) -> Result:
    """How far the loss must rise on the way from a network to a lower one: an upper bound of its depth.

    `data` are X (N, n) and Y (N, p). With a `reference`, a better two-layer network with n inputs, p outputs and fewer
    neurons, the way leads there (C1); without one it is R9's: `steps` (1) times `block` (1) neurons are emptied and new
    ones loaded. Then `climb` and `gain` say how far the path rises above the network's loss and how far below it ends,
    `after_refit` the same behind its first refit, and `profile` stair by stair. `floor`, where T10's or T8a's
    hypotheses hold, says what the depth is at least, proved by the checker. The verdict is UNDECIDED if the network
    is no worse than the reference, about which the claim says nothing, or if nothing lower was found. Other options are
    those of `connect`. Raises InputError.

    >>> net = sk.Network.from_arrays("two-layer", {"W": [[1.0], [1.0]], "V": [[1.0, 0.0]]})
    >>> better = sk.Network.from_arrays("two-layer", {"W": [[1.0]], "V": [[0.5]]})
    >>> result = sk.depth(net, sk.Data([[1.0]], [[0.5]]), better)
    >>> result.verdict, result.depth.exact
    ('PROVED', Fraction(0, 1))
    >>> result = sk.depth(net, sk.Data([[1.0]], [[0.5]]))
    >>> result.verdict, result.climb.exact, result.gain.exact
    ('PROVED', Fraction(0, 1), Fraction(1, 4))
    """
    names, budgets = ("network", "reference"), Budgets(memory, effort, progress)
    steps, block = given.count(steps, "steps"), given.count(block, "block")
    if reference is None:
        if route not in (AUTO, ROUTE):
            raise InputError(f"route {quoted(route)} leads to a two-layer reference: give one, or leave the route out")
        with asked(data, network, None, budgets, loss=loss, error_rate=error_rate, names=names) as it:
            return Result.of(descending.way_down(it, steps=steps or 1, block=block or 1))
    if steps is not None or block is not None:
        raise InputError("steps and block are about a depth without a reference: leave one out")
    with asked(data, network, reference, budgets, loss=loss, error_rate=error_rate, names=names) as it:
        return Result.of(descending.depth(it, route=route))


def certify(
    corners: Iterable[Net] | TimedPath,
    data: Points,
    *,
    loss: str | None = None,
    curve: str = "polygon",
    level: Number | None = None,
    error_rate: Number | None = None,
    tolerance: Number | None = None,
    samples: bool = False,
    modulo_permutation: bool = False,
    memory: Number = 4,
    effort: Number | None = None,
    progress: Report = False,
) -> Result:
    """The maximum of the loss over the polygonal path through networks of one shape, enclosed, all weights moving.

    `corners` are at least two networks in order, or a result's `path`, e.g. for other data; `data` are X (N, n) and
    Y (N, p). With `curve="bezier"` they are three, start, control and end of a quadratic Bezier arc. Unless one is
    given the loss is the path's own, of networks squared error. `tolerance` is the relative gap of the enclosure at
    which the search ends, in [1e-60, 1), 1e-6 unless given. With `samples` the result also has what 61 float64 losses
    on each segment would have seen. With `modulo_permutation` networks after the first may have their hidden units
    renamed, the same function, where that lies nearer to the one before. Other options are those of `connect`. Raises
    InputError.

    >>> narrow = sk.Network.from_arrays("two-layer", {"W": [[1.0]], "V": [[1.0]]})
    >>> wide = sk.Network.from_arrays("two-layer", {"W": [[2.0]], "V": [[2.0]]})
    >>> result = sk.certify([narrow, wide], sk.Data([[1.0]], [[2.0]]))
    >>> result.verdict, result.maximum.exact
    ('PROVED', Fraction(4, 1))
    """
    if given.string(curve, "curve") != POLYGON and isinstance(corners, TimedPath):
        raise InputError(f"a certified path has its own segments: leave out curve {curve[:40]!r}")
    bound = given.level(level)
    gap = TOLERANCE if tolerance is None else number(tolerance, "tolerance")
    (first, *between, last), path, own, notes = _path_of(corners)
    budgets = Budgets(memory, effort, progress)
    with asked(data, first, last, budgets, loss=own if loss is None else loss, error_rate=error_rate) as request:
        inner = [given.network(one, request.problem.budget, "corner") for one in between]
        found = certifying.certify(
            request,
            inner,
            path=path,
            curve=curve,
            level=bound,
            tolerance=gap,
            samples=samples,
            modulo_permutation=modulo_permutation,
        )
        return Result.of(replace(found, notes=(*notes, *found.notes)), bound)


def check(
    certificate: str | FilePath,
    data: Points,
    start: Net | None = None,
    end: Net | None = None,
    *,
    level: Number | None = None,
    error_rate: Number | None = None,
    memory: Number = 4,
    effort: Number | None = None,
) -> Result:
    """The independent checker's word on a certificate, from a process of its own, which shares no line with the finder.

    `data` are those of the claim, X (N, n) and Y (N, p); `start` and `end` the networks that the path must join (of
    `depth` the end is the reference). The loss is the certificate's. With `level` the claim is that the path stays
    inside `{loss <= level}`, with `error_rate` also that no more than this share of the labels is ever wrong. A file
    that is no certificate of this is UNDECIDED, and `.refused` says why. Raises InputError where a file cannot be read.

    >>> net = sk.Network.from_arrays("two-layer", {"W": [[1.0]], "V": [[1.0]]})
    >>> points = sk.Data([[1.0]], [[2.0]])
    >>> sk.connect(net, net, points).save("stay.cert")
    >>> print(sk.check("stay.cert", points, net, net).claim)
    squared loss <= 1 on the whole path (barrier <= 0), start and end joined
    """
    bound, share, limit = given.level(level), given.level(error_rate, "error_rate"), budget(memory)
    place = _existing(given.file_name(certificate, "the name of a certificate"), "a certificate")
    with drafting() as draft:
        if isinstance(data, Data):
            words = str(draft.folder / "data.npz")
            write_data(FilePath(words), data)
        elif (words := given.source(data)) not in BUILT_IN:
            _existing(FilePath(words), "a data set")
        ends = [_file(one, draft.folder / name) for one, name in ((start, "start"), (end, "end"))]
        report = checked(
            place,
            words,
            *ends,
            level=None if bound is None else bound.written,
            error_rate=None if share is None else share.written,
            memory=limit / GIB,
            effort=given.effort(effort),
        )
    return Result.of(Answer.read(report), bound)


def _path_of(given: Iterable[Net] | TimedPath) -> tuple[list[Net], Path | None, str, tuple[str, ...]]:
    """Networks in order, at least two; of a certified path its ends, the path, its loss and what was rounded."""
    if not isinstance(given, TimedPath):
        return _corners(given), None, SQUARED.name, ()
    path = with_segments(given.floats)
    return [path.start, path.end], path, given.loss, rounding(given.exact)


def _corners(corners: Iterable[Net]) -> list[Net]:
    """The networks in order, at least two. Raises InputError."""
    if isinstance(corners, str | FilePath | Network) or not isinstance(corners, Iterable):
        raise InputError(
            f"corners is of type {type(corners).__name__}: give a list of networks or of files' names, or result.path"
        )
    if len(known := list(corners)) < 2:
        raise InputError("certify needs at least two networks: the corners of the path, in order")
    return known


def _file(network: Net | None, place: FilePath) -> FilePath | None:
    """A file of this network, at `place` with an ending unless it has one. Raises InputError."""
    if isinstance(network, Network):
        place = place.with_suffix(suffix_of(network))
        write_network(place, network)
        return place
    if network is None:
        return None
    return _existing(given.file_name(network, "a network, or the name of its file,"), "a network")


def _existing(path: FilePath, what: str) -> FilePath:
    if not path.is_file():
        raise InputError(f"{path} is not a file: {what} is expected there")
    return path
