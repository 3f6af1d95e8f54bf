"""T9S [ours, after T9]: RESIDUAL, STREAM and POST networks joined through half of the stream and of every block.

Whatever the blocks read: no basis of readers is needed, where T2 and T3 need `m - r` coordinates. From the top down a
cut goes through every hidden layer and through the stream between blocks; behind each cut the network is carried to one
that reads only half there. A tail of half the width is loaded on coordinates and units that nothing reads, a readout
line goes over to it. Only silent and readout segments: the maximum over the path is one over its corners.

Of graphs it takes those that are such a stream, output biases of blocks included, as torch's modules have them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from numerics.common.shown import Shown
from numerics.errors import InputError
from numerics.losses import float_loss
from numerics.losses.problem import Problem
from numerics.networks.arrays import Array
from numerics.networks.base import Network
from numerics.networks.graph.graph import Graph
from numerics.networks.post import Post
from numerics.networks.residual import Residual
from numerics.networks.stream import Stream
from numerics.paths import Kind, Path, Segment, kind_of
from numerics.routes.blocks import Seen, StreamTail, restricted
from numerics.routes.candidate import Candidate, best
from numerics.routes.chains import Dense, Names, Units
from numerics.routes.kept import Kept, by_rank, by_weight, halves
from numerics.routes.narrow import BELOW, fitted, loss_of
from numerics.routes.route import Route
from numerics.routes.stream_names import StreamNames, stream_names

NAME = "half-stream"
Scores = list[Array]


def half_stream(start: Network, end: Network, problem: Problem) -> Candidate:
    """The first path that rises no higher than its ends, else the lowest: each choice of the halves, refits alone and
    then trained tails. Raises InputError where the stream or a layer of a block has one unit only, and of a graph that
    is no stream.
    """
    names = stream_names(start)
    seen = [Seen.of(network, problem.X) for network in (start, end)]
    width, inner = seen[0].stream[0].shape[1], [h.shape[1] for layers in seen[0].hidden for h in layers]
    if min(width, *inner) < 2:
        raise InputError(
            f"route {NAME} needs two units in the stream and in every layer of its blocks: m = {width}, the"
            f" layers have {inner}"
        )
    level = max(float_loss(network, problem) for network in (start, end))
    found = []
    for kept, tuning in _choices(start, end, names, seen):
        there, back = (
            _Descent(network, names, *sides, values, problem, level, tuning).path()
            for network, sides, values in zip((start, end), (kept, kept[::-1]), seen, strict=True)
        )
        path = _across(names, there, back)
        found.append(Candidate(NAME, path, max(float_loss(corner, problem) for corner in path.corners)))
        if found[-1].estimate <= level:
            break
    return best(found)


def _choices(
    start: Network, end: Network, names: StreamNames, seen: list[Seen]
) -> Iterator[tuple[tuple[Kept, Kept], bool]]:
    """What either network keeps, the stream's coordinates first, and whether tails are trained."""
    for tuning in (False, True):
        for score in (_by_rank, _by_weight):
            scores = (score(network, names, one) for network, one in zip((start, end), seen, strict=True))
            yield halves(*scores), tuning


def _by_rank(network: Network, names: StreamNames, seen: Seen) -> Scores:
    return [by_rank(seen.stream[-1]), *(by_rank(h) for layers in seen.hidden for h in layers)]


def _by_weight(network: Network, names: StreamNames, seen: Seen) -> Scores:
    parameters = network.parameters()
    found = [by_weight(seen.stream[-1], parameters[names.readout.matrix])]
    for block, layers in zip(names.blocks, seen.hidden, strict=True):
        readers = [*block.layers[1:], block.back]
        found += [by_weight(h, parameters[reader.matrix]) for h, reader in zip(layers, readers, strict=True)]
    return found


@dataclass(frozen=True, eq=False)
class _Descent(Shown):
    """One network's way to a network that reads only half of its stream and of every layer of its blocks.

    `kept`: its units of the stream and then of every layer, `spare`: the other network's; tails use either in turn.
    `level`: the loss that should not be exceeded; `tuning`: whether tails are trained where a refit exceeds it.
    """

    network: Network
    names: StreamNames
    kept: Kept
    spare: Kept
    seen: Seen
    problem: Problem
    level: float
    tuning: bool

    def path(self) -> Path:
        """From the top down, a cut at a time. At the end `kept` or `spare` is read, whichever the last tail is on."""
        blocks, numbers, slots = self.names.blocks, self._numbers(), list(self.kept)
        path = Path(self.network)
        path = path.then(self._line(path.end, slots[0], self._tail((len(blocks), -1), slots[0]).readout))
        for k in range(len(blocks) - 1, -1, -1):
            for i in range(len(blocks[k].layers) - 1, -2, -1):
                # All above layer i of block k goes to the other coordinates and units, which nothing reads.
                above = [numbers[k][i + 1 :], *numbers[k + 1 :]]
                for number in (0, *(one for layers in above for one in layers)):
                    slots[number] = self.spare[number] if slots[number] is self.kept[number] else self.kept[number]
                tail = self._tail((k, i), slots[0])
                keeps = slots[0] if i < 0 else self.kept[numbers[k][i]]
                units = [[slots[number] for number in layers] for layers in above]
                path = path.then(_load(path.end, tail.rows(path.end, self.names, (k, i), slots[0], units, keeps)))
                path = path.then(self._line(path.end, slots[0], tail.readout))
        return path

    def _line(self, here: Network, coordinates: Units, readout: Dense) -> Segment:
        """L7. The line to a readout of these coordinates alone."""
        matrix, bias = self.names.readout.matrix, self.names.readout.bias
        wide = np.zeros_like(here.parameters()[matrix])
        wide[:, coordinates] = readout.matrix
        changes = {matrix: wide} if bias is None or readout.bias is None else {matrix: wide, bias: readout.bias}
        return Segment(Kind.READOUT, here, here.replace(changes))

    def _numbers(self) -> list[list[int]]:
        """The places of each block's layers in `kept`, where the stream is 0."""
        found, count = [], 1
        for block in self.names.blocks:
            found.append(list(range(count, count + len(block.layers))))
            count += len(block.layers)
        return found

    def _tail(self, cut: tuple[int, int], coordinates: Units) -> StreamTail:
        """The network's own on the kept units and these coordinates, with a readout that fits."""
        k, i = cut
        own = [[self.kept[number] for number in layers] for layers in self._numbers()]
        tail = restricted(self.network, self.names, coordinates, own, cut)
        s = self.seen.stream[k][:, coordinates]
        h = None if i < 0 else self.seen.hidden[k][i][:, own[k][i]]
        tail = self._fitted(tail, s, h)
        if not self.tuning or loss_of(tail.features(s, h), tail.readout, self.problem) <= self.level:
            return tail
        return self._fitted(tail.trained(s, h, self.problem, BELOW * self.level), s, h)

    def _fitted(self, tail: StreamTail, s: Array, h: Array | None) -> StreamTail:
        readout = fitted(tail.features(s, h), tail.readout, self.problem, self.network, self.level)
        return replace(tail, readout=readout)


def _load(here: Network, changes: dict[str, Array]) -> Segment:
    """L9. What nothing reads moves."""
    there = here.replace(changes)
    return Segment(Kind.SILENT if here.has_first_layer else kind_of(here, there), here, there)


def _across(names: StreamNames, there: Path, back: Path) -> Path:
    """From half network to half network: on disjoint coordinates and units, so one is loaded beside the other."""
    here, goal = there.end, back.end
    mine, yours = here.parameters(), goal.parameters()
    beside, rest = {}, {}
    for name, live in _live_rows(here, names).items():
        beside[name], rest[name] = yours[name].copy(), yours[name]
        beside[name][live] = mine[name][live]
    path = there.then(_load(here, beside))
    readout = {name: yours[name] for name in here.readout}
    path = path.then(Segment(Kind.READOUT, path.end, path.end.replace(readout)))
    return path.then(_load(path.end, rest)).followed_by(back.reversed())


def _live_rows(network: Network, names: StreamNames) -> dict[str, Units]:
    """The rows of each matrix and bias before the readout that lead to an output by weights that are not 0."""
    parameters, found = network.parameters(), dict[str, Units]()

    def enter(one: Names, rows: Any) -> None:
        for name in filter(None, (one.matrix, one.bias)):
            found[name] = np.flatnonzero(rows)

    stream = parameters[names.readout.matrix].any(axis=0)
    for block in reversed(names.blocks):
        enter(block.back, stream)
        above = parameters[block.back.matrix][stream].any(axis=0)
        for one in reversed(block.layers):
            enter(one, above)
            above = parameters[one.matrix][above].any(axis=0)
        stream = stream | above
    enter(names.first, stream)
    return found


def stream_lacks(network: Network) -> str | None:
    """Why a graph is no stream, if it is none; of other networks their class says so."""
    if network.has_first_layer:
        return None
    try:
        stream_names(network)
    except InputError as reason:
        return f"needs a stream of dense residual blocks: {reason}"
    return None


ROUTES = (
    Route(
        name=NAME,
        statement="T9S",
        bound="T9S",
        classes=(Residual.kind, Stream.kind, Post.kind, Graph.kind),
        lacks=stream_lacks,
        between=half_stream,
        auto=13,
        if_higher=True,
        place=13,
    ),
)
