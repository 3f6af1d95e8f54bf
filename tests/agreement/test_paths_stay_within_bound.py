"""The project's central test: each path that is built keeps, over its whole continuous length, to what is claimed.

Rows of the table are class x question x route. A row says how its networks are drawn, how its path is built, and
which level `theory` gives for it; the facts below are asked of every row alike. Exact throughout: losses and outputs
are those of `oracles`, interpolation included, so equality is equality of rationals.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.data import Data
from numerics.losses.problem import Problem
from numerics.maxima.corners import CornerMaximum, corner_maximum
from numerics.networks import Network, Parallel, TwoLayer
from numerics.paths import Kind
from numerics.paths.exact import ExactPath, with_corners
from numerics.questions import search as questions
from numerics.routes import bridge as bridge_route
from numerics.routes.exchange import Mixture, exchange
from numerics.testing import data_for, parallels, partners, references_for, times, two_layers
from support import oracles
from theory.corners import highest
from theory.statements import refit, zero

Outputs = list[list[Fraction]]


@dataclass(frozen=True)
class Asked:
    """A question: from `start` to `goal`, which for depth is the reference; `via` is the reference of route refit."""

    start: Network
    goal: Network
    data: Data
    via: TwoLayer | None = None


@dataclass(frozen=True)
class Found:
    """The path, what is certified of it, and for depth the slots that carry the reference."""

    path: ExactPath
    corners: CornerMaximum
    slots: tuple[int, ...] | None = None


Draw = st.DrawFn
Build = Callable[[Draw, Asked], Found]
Level = Callable[[Asked, Found, list[Fraction]], Fraction]


# How the networks of a row are drawn.

WIDTHS = st.integers(2, 4)


def networks(draw: Draw, kind: str) -> Network:
    """A network of the class with at least two neurons; one in four has weights of any size."""
    wide = draw(st.integers(0, 3)) == 3
    return draw({"two-layer": two_layers, "parallel": parallels}[kind](width=WIDTHS, wide=wide))


def with_fewer_biases(draw: Draw, network: Network) -> Network:
    """The same network, or the one without its optional biases: another space, which `connect` must join."""
    if draw(st.integers(0, 4)):
        return network
    kept = {name: array for name, array in network.parameters().items() if array.ndim == 2}
    if isinstance(network, Parallel):
        return Parallel.of(kept, bias=network.bias)
    return TwoLayer(W=kept["W"], V=kept["V"], bias=network.bias)


def to_connect(draw: Draw, kind: str) -> Asked:
    start = networks(draw, kind)
    goal = with_fewer_biases(draw, draw(partners(start)))
    # A reference may have an output bias where the space of both ends has one.
    return Asked(start, goal, points(draw, start), draw(references_for(start)))


def to_reference(draw: Draw, kind: str) -> Asked:
    start = networks(draw, kind)
    reference = draw(references_for(start))
    return Asked(start, reference, points(draw, reference))


def points(draw: Draw, teacher: Network) -> Data:
    """Data, every other time with the teacher's outputs as targets: its loss is 0, and the way is what costs."""
    data = draw(data_for(teacher))
    if draw(st.booleans()) or not is_narrow(teacher):
        return data
    return Data(data.X, np.array(oracle_outputs(teacher, None, data), dtype=float))


def is_narrow(network: Network) -> bool:
    """Whether all weights are multiples of 1/4 in [-16, 16], so that no sum of a few outputs is rounded."""
    return all(
        bool((np.abs(array) <= 16).all() and (array % 0.25 == 0).all()) for array in network.parameters().values()
    )


# How the path of a row is built.


def connect(route: str) -> Build:
    def build(draw: Draw, asked: Asked) -> Found:
        via = asked.via if route in ("refit", "auto") else None
        answer = questions.connect(asked.start, asked.goal, Problem(asked.data), route=route, reference=via)
        return Found(answer.certified, answer.corners)

    return build


def depth(route: str) -> Build:
    def build(draw: Draw, asked: Asked) -> Found:
        answer = questions.depth(asked.start, asked.goal, Problem(asked.data), route=route)
        assert answer.reference is not None
        return Found(answer.certified, answer.corners, answer.reference.slots)

    return build


def bridge_by_swaps(at_home: bool) -> Build:
    """T6 with any number of features at a time, which the route itself chooses only if it has to."""

    def build(draw: Draw, asked: Asked) -> Found:
        start, goal = questions.in_one_space(asked.start, asked.goal)
        swap = draw(st.integers(1, start.width))
        exchanged = exchange(Mixture.of(start, goal.W, Problem(asked.data)), swap=swap, at_home=at_home)
        assert exchanged is not None
        path = bridge_route._candidate(exchanged, goal, 0.0, at_home).certifiable()
        return Found(with_corners(path), corner_maximum(path, Problem(asked.data)))

    return build


# What theory says of a row's level, from losses of the oracle alone.


def moments(data: Data) -> tuple[int, Fraction, list[Fraction]]:
    """N, the sum of ||y||^2 and the sums of y, exactly."""
    Y = oracles.rationals(data.Y)
    return (
        len(Y),
        sum((value**2 for y in Y for value in y), Fraction(0)),
        [sum(column) for column in zip(*Y, strict=True)],
    )


def zero_loss(data: Data, network: Network) -> Fraction:
    """L_0 of R0 for the class that `network` is of."""
    N, squares, sums = moments(data)
    return zero.zero_loss(N, squares, sums, output_bias=network.c is not None)


def constant_rounding(data: Data) -> list[Fraction]:
    """How far the constant used may be from the mean of y, per output.

    With u = 2^-53, the float64 mean of N numbers is within N 2^-52 mean|y| of the mean (N roundings, none of which
    underflows: targets are short dyadic numbers), and the grid of 30 bits moves it by at most 2^-30 of itself.
    """
    share = Fraction(1, 2**30) + Fraction(data.size + 1, 2**52)
    return [share * sum(map(abs, column)) / data.size for column in zip(*oracles.rationals(data.Y), strict=True)]


def zero_level(asked: Asked, found: Found, losses: list[Fraction]) -> Fraction:
    """R0's level; between the ends the output is constant, the best constant up to its derived rounding."""
    best = zero_loss(asked.data, found.path.start.network())
    between = list(zip(found.path.corners, losses, strict=True))[1:-1]
    used = {loss for _, loss in between}
    for corner, loss in between:
        assert not corner.weights["V"].any()
        assert "U" not in corner.weights or not corner.weights["U"].any()
        assert loss - best == sum(error**2 for error in constant_errors(corner.nearest(), asked.data))
    level = zero.level(losses[0], losses[-1], max(used, default=best))
    assert level <= zero.level(losses[0], losses[-1], best) + sum(limit**2 for limit in constant_rounding(asked.data))
    return level


def constant_errors(corner: Network, data: Data) -> list[Fraction]:
    """How far the constant of a corner is from the mean of y; without an output bias it is 0, the only choice."""
    if corner.c is None:
        return []
    N, _, sums = moments(data)
    errors = [value - total / N for value, total in zip(oracles.rationals(corner.c), sums, strict=True)]
    assert all(abs(error) <= limit for error, limit in zip(errors, constant_rounding(data), strict=True))
    return errors


def refit_level(asked: Asked, found: Found, losses: list[Fraction]) -> Fraction:
    """R6's level: between the ends only two-layer fits on features of the ends and of the reference."""
    mixtures = list(fits(asked, found, losses))
    reference = asked.via if asked.via is not None else asked.goal
    goal = oracle_loss(reference, asked.data)
    return max(refit.level(end, max(mixtures, default=goal), goal) for end in {losses[0], losses[-1]})


def bridge_level(asked: Asked, found: Found, losses: list[Fraction]) -> Fraction:
    """T6's level: between the ends only two-layer fits on features of the ends."""
    assert asked.via is None or found.slots is None
    return highest([losses[0], *fits(asked, found, losses), losses[-1]])


def best_of_all(asked: Asked, found: Found, losses: list[Fraction]) -> Fraction:
    """What `refit`, and for connect line and bridge, reach: auto is no worse, up to what estimates may hide."""
    if found.slots is None:
        routes = ["line", "bridge", "zero"] + (["refit"] if asked.via is not None else [])
        reached = [
            questions.connect(
                asked.start, asked.goal, Problem(asked.data), route=route, reference=asked.via
            ).corners.maximum
            for route in routes
        ]
    else:
        reached = [
            questions.depth(asked.start, asked.goal, Problem(asked.data), route=route).corners.maximum
            for route in ("refit", "zero")
        ]
    return min(reached) * (1 + Fraction(1, 1000)) + Fraction(1, 2**1000)


def fits(asked: Asked, found: Found, losses: list[Fraction]) -> Iterator[Fraction]:
    """The losses of the corners between the ends, each a two-layer network on features that the question knows."""
    known = {row.tobytes() for network in (asked.start, asked.goal, asked.via) if network for row in network.W}
    for corner, loss in list(zip(found.path.corners, losses, strict=True))[1:-1]:
        assert "U" not in corner.weights or not corner.weights["U"].any()
        rows = corner.weights["W"]
        assert all(rows[j].tobytes() in known for j in np.flatnonzero(corner.weights["V"].any(axis=0)))
        yield loss


# The table. More classes, routes and losses are more rows.


@dataclass(frozen=True)
class Row:
    kind: str
    question: str
    route: str
    ask: Callable[[Draw, str], Asked]
    build: Build
    level: Level

    def __str__(self) -> str:
        return f"{self.kind}, {self.question}, {self.route}"


ROUTES: list[tuple[str, str, Callable[[Draw, str], Asked], Build, Level]] = [
    ("connect", "zero", to_connect, connect("zero"), zero_level),
    ("connect", "refit", to_connect, connect("refit"), refit_level),
    ("connect", "bridge", to_connect, connect("bridge"), bridge_level),
    ("connect", "bridge of any swap, newcomers at home", to_connect, bridge_by_swaps(True), bridge_level),
    ("connect", "bridge of any swap, newcomers anywhere", to_connect, bridge_by_swaps(False), bridge_level),
    ("connect", "auto", to_connect, connect("auto"), best_of_all),
    ("depth", "zero", to_reference, depth("zero"), zero_level),
    ("depth", "refit", to_reference, depth("refit"), refit_level),
    ("depth", "auto", to_reference, depth("auto"), best_of_all),
]
TABLE = [Row(kind, *row) for kind in ("two-layer", "parallel") for row in ROUTES]


# The facts.

PER_ROW = settings.default.max_examples // 4  # of a profile's examples: there are many rows


@pytest.mark.parametrize("row", TABLE, ids=str)
@settings(max_examples=PER_ROW)
@given(st.data())
def test_the_loss_on_the_whole_path_keeps_to_the_certified_maximum(row: Row, data: st.DataObject) -> None:
    """The path joins what was asked, its kinds hold, its maximum is exact and attained, and theory bounds it."""
    asked = row.ask(data.draw, row.kind)
    before = [snapshot(network) for network in (asked.start, asked.goal, asked.via) if network is not None]
    before += [snapshot(asked.data)]

    found = row.build(data.draw, asked)

    after = [snapshot(network) for network in (asked.start, asked.goal, asked.via) if network is not None]
    assert [*after, snapshot(asked.data)] == before
    assert_joins(asked, found)
    losses = [oracle_loss(corner.like, asked.data, corner.weights) for corner in found.path.corners]
    assert_maximum_is_attained(found, losses, asked.data)
    for _ in range(2):
        assert loss_at(found.path, data.draw(times()), asked.data) <= found.corners.maximum
    assert_kinds_hold(found.path, data.draw(times()), asked.data, losses)
    assert found.corners.maximum <= row.level(asked, found, losses)
    assert_no_worse_than_the_yardstick(row, asked, found, losses)


def assert_no_worse_than_the_yardstick(row: Row, asked: Asked, found: Found, losses: list[Fraction]) -> None:
    """Every route's maximum is at most R0's level, up to what the search may lose: less than L_0 / 1024.

    Without an output bias, at most 4 features of mean square 1, ridge rho = 1e-10: a fit b minimises L + rho ||b||^2,
    so L(b) <= L_0 and ||b||^2 <= L_0 / rho. Rounding b to 30 bits moves it by at most 2^-30 sqrt(p) ||b||, hence
    sqrt L by at most sqrt(4) 2^-30 sqrt(3 L_0 / rho) < 3.3e-4 sqrt(L_0); float64 solving (backward error e < 1e-13)
    adds less than (e / rho)^2 L_0 = 1e-6 L_0. Weights of any size, or cancelling means, are not covered.
    """
    if found.path.start.like.c is not None or not is_narrow(asked.start):
        return
    L_0 = zero_loss(asked.data, found.path.start.network())
    level = zero.level(losses[0], losses[-1], L_0)
    if asked.via is not None and row.route == "refit":
        level = max(level, oracle_loss(asked.via, asked.data))
    assert found.corners.maximum <= level + L_0 / 1024


def assert_joins(asked: Asked, found: Found) -> None:
    """Both ends are the caller's networks bit for bit; for depth the end is g* on its slots and nothing besides."""
    assert_carries(found.path.start.network(), asked.start)
    end = found.path.end.network()
    if found.slots is None:
        assert_carries(end, asked.goal)
        return
    slots, reference = list(found.slots), asked.goal
    assert len(set(slots)) == len(slots) == reference.width
    assert end.W[slots].tobytes() == reference.W.tobytes()
    assert end.V[:, slots].tobytes() == reference.V.tobytes()
    assert not np.delete(end.V, slots, axis=1).any()
    assert not isinstance(end, Parallel) or not end.U.any()
    offset = np.zeros(end.outputs) if reference.c is None else reference.c
    assert (np.zeros(end.outputs) if end.c is None else end.c).tobytes() == offset.tobytes()


def assert_carries(corner: Network, given_: Network) -> None:
    """The corner is the given network; a bias that only the corner's space has is +0.0."""
    theirs = given_.parameters()
    assert (corner.kind, corner.bias) == (given_.kind, given_.bias)
    assert theirs.keys() <= corner.parameters().keys()
    for name, array in corner.parameters().items():
        assert name in theirs or array.ndim == 1
        assert array.tobytes() == theirs.get(name, np.zeros(array.shape)).tobytes()


def assert_maximum_is_attained(found: Found, losses: list[Fraction], data: Data) -> None:
    """The certified losses are the oracle's, the maximum is the largest, attained at the corner that is named; where
    anything moves (the straight line), what is known to be attained is, at the time that is named.
    """
    assert [loss.exact for loss in found.corners.losses] == losses
    segment, t = found.corners.at
    assert 0 <= segment < len(found.path.segments)
    if any(one.kind is Kind.GENERAL for one in found.path.segments):
        assert max(losses) <= found.corners.attained <= found.corners.maximum
        assert loss_at(found.path, (segment + t) / len(found.path.segments), data) == found.corners.attained
        return
    assert t in (0, 1)
    assert losses[segment + int(t)] == found.corners.maximum == max(losses)
    assert (found.corners.start.exact, found.corners.end.exact) == (losses[0], losses[-1])


def assert_kinds_hold(path: ExactPath, t: Fraction, data: Data, losses: list[Fraction]) -> None:
    """Silent and exact segments leave every output unchanged; on readout segments the loss lies under its chord."""
    for k, segment in enumerate(path.segments):
        mixed = oracles.interpolate(segment.start.weights, segment.end.weights, t)
        if segment.kind in (Kind.SILENT, Kind.EXACT):
            assert oracle_outputs(segment.start.like, mixed, data) == oracle_outputs(
                segment.start.like, segment.start.weights, data
            )
        elif segment.kind is Kind.READOUT:
            chord = (1 - t) * losses[k] + t * losses[k + 1]
            assert oracle_loss(segment.start.like, data, mixed) <= chord


def loss_at(path: ExactPath, time: Fraction, data: Data) -> Fraction:
    """The exact loss at path time `time`, segments sharing [0, 1] equally."""
    K = len(path.segments)
    k = min(int(time * K), K - 1)
    segment = path.segments[k]
    mixed = oracles.interpolate(segment.start.weights, segment.end.weights, time * K - k)
    return oracle_loss(segment.start.like, data, mixed)


def oracle_loss(network: Network, data: Data, weights: dict[str, list] | None = None) -> Fraction:
    """The oracle's loss of `network`, or of other weights in its space."""
    weights = network.parameters() if weights is None else weights
    return oracles.exact_loss(weights, network.kind, int(network.bias), data.X, data.Y)


def oracle_outputs(network: Network, weights: dict[str, list] | None, data: Data) -> Outputs:
    """The oracle's outputs at every point."""
    weights = network.parameters() if weights is None else weights
    return oracles.outputs(weights, network.kind, int(network.bias), data.X)


def snapshot(thing: Network | Data) -> list[bytes]:
    """The bytes of all arrays."""
    arrays = [thing.X, thing.Y] if isinstance(thing, Data) else list(thing.parameters().values())
    return [array.tobytes() for array in arrays]
