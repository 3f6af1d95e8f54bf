"""T9S [ours, after T9]: RESIDUAL and STREAM networks joined through half of the stream and of every block.

Whatever the blocks read: no basis of readers is needed, where T2 and T3 need `m - r` coordinates. From the top down a
cut goes through every hidden layer and through the stream between blocks; behind each cut the network is carried to one
that reads only half there. A tail of half the width is loaded on coordinates and units that nothing reads, a readout
line goes over to it. Only silent and readout segments: the maximum over the path is one over its corners.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from numerics.common.shown import Shown
from numerics.errors import InputError
from numerics.losses import float_loss
from numerics.losses.problem import Problem
from numerics.moves.readout import readout_of, readout_to
from numerics.networks.arrays import Array
from numerics.networks.base import Network
from numerics.networks.residual import Residual
from numerics.networks.stream import Stream
from numerics.paths import Kind, Path, Segment
from numerics.routes.blocks import Seen, StreamTail, blocks_of, restricted
from numerics.routes.candidate import Candidate, best
from numerics.routes.chains import Dense, Units
from numerics.routes.kept import Kept, by_rank, by_weight, halves
from numerics.routes.narrow import BELOW, fitted, loss_of
from numerics.routes.route import Route

NAME = "half-stream"
Scores = list[Array]


def half_stream(start: Network, end: Network, problem: Problem) -> Candidate:
    """The first path that rises no higher than its ends, else the lowest: each choice of the halves, refits alone and
    then trained tails. Raises InputError where the stream or a layer of a block has one unit only.
    """
    parameters = start.parameters()
    inner = [len(parameters[one.matrix]) for block in blocks_of(start) for one in block.layers]
    if min(start.width, *inner) < 2:
        raise InputError(
            f"route {NAME} needs two units in the stream and in every layer of its blocks: m = {start.width}, the"
            f" layers have {inner}"
        )
    seen = [Seen.of(network, problem.X) for network in (start, end)]
    level = max(float_loss(network, problem) for network in (start, end))
    found = []
    for kept, tuning in _choices(start, end, seen):
        there, back = (
            _Descent(network, *sides, values, problem, level, tuning).path()
            for network, sides, values in zip((start, end), (kept, kept[::-1]), seen, strict=True)
        )
        path = _across(there, back)
        found.append(Candidate(NAME, path, max(float_loss(corner, problem) for corner in path.corners)))
        if found[-1].estimate <= level:
            break
    return best(found)


def _choices(start: Network, end: Network, seen: list[Seen]) -> Iterator[tuple[tuple[Kept, Kept], bool]]:
    """What either network keeps, the stream's coordinates first, and whether tails are trained."""
    for tuning in (False, True):
        for score in (_by_rank, _by_weight):
            yield halves(*(score(network, one) for network, one in zip((start, end), seen, strict=True))), tuning


def _by_rank(network: Network, seen: Seen) -> Scores:
    return [by_rank(seen.stream[-1]), *(by_rank(h) for layers in seen.hidden for h in layers)]


def _by_weight(network: Network, seen: Seen) -> Scores:
    parameters, found = network.parameters(), [by_weight(seen.stream[-1], network.V)]
    for block, layers in zip(blocks_of(network), seen.hidden, strict=True):
        readers = [*(one.matrix for one in block.layers[1:]), block.back]
        found += [by_weight(h, parameters[reader]) for h, reader in zip(layers, readers, strict=True)]
    return found


@dataclass(frozen=True, eq=False)
class _Descent(Shown):
    """One network's way to a network that reads only half of its stream and of every layer of its blocks.

    `kept`: its units of the stream and then of every layer, `spare`: the other network's; tails use either in turn.
    `level`: the loss that should not be exceeded; `tuning`: whether tails are trained where a refit exceeds it.
    """

    network: Network
    kept: Kept
    spare: Kept
    seen: Seen
    problem: Problem
    level: float
    tuning: bool

    def path(self) -> Path:
        """From the top down, a cut at a time. At the end `kept` or `spare` is read, whichever the last tail is on."""
        blocks = blocks_of(self.network)
        numbers = self._numbers()
        slots = list(self.kept)
        path = Path(self.network)
        path = path.then(_line(path.end, slots[0], self._tail((len(blocks), -1), slots[0]).readout))
        for k in range(len(blocks) - 1, -1, -1):
            for i in range(len(blocks[k].layers) - 1, -2, -1):
                # All above layer i of block k goes to the other coordinates and units, which nothing reads.
                above = [numbers[k][i + 1 :], *numbers[k + 1 :]]
                for number in (0, *(one for layers in above for one in layers)):
                    slots[number] = self.spare[number] if slots[number] is self.kept[number] else self.kept[number]
                tail = self._tail((k, i), slots[0])
                keeps = slots[0] if i < 0 else self.kept[numbers[k][i]]
                units = [[slots[number] for number in layers] for layers in above]
                changed = tail.rows(path.end, (k, i), slots[0], units, keeps)
                path = path.then(Segment(Kind.SILENT, path.end, path.end.replace(changed)))
                path = path.then(_line(path.end, slots[0], tail.readout))
        return path

    def _numbers(self) -> list[list[int]]:
        """The places of each block's layers in `kept`, where the stream is 0."""
        found, count = [], 1
        for block in blocks_of(self.network):
            found.append(list(range(count, count + len(block.layers))))
            count += len(block.layers)
        return found

    def _tail(self, cut: tuple[int, int], coordinates: Units) -> StreamTail:
        """The network's own on the kept units and these coordinates, with a readout that fits."""
        k, i = cut
        own = [[self.kept[number] for number in layers] for layers in self._numbers()]
        tail = restricted(self.network, coordinates, own, cut)
        s = self.seen.stream[k][:, coordinates]
        h = None if i < 0 else self.seen.hidden[k][i][:, own[k][i]]
        tail = self._fitted(tail, s, h)
        if not self.tuning or loss_of(tail.features(s, h), tail.readout, self.problem) <= self.level:
            return tail
        return self._fitted(tail.trained(s, h, self.problem, BELOW * self.level), s, h)

    def _fitted(self, tail: StreamTail, s: Array, h: Array | None) -> StreamTail:
        readout = fitted(tail.features(s, h), tail.readout, self.problem, self.network, self.level)
        return replace(tail, readout=readout)


def _line(network: Network, coordinates: Units, readout: Dense) -> Segment:
    """L7. The line to a readout of these coordinates alone."""
    V = np.zeros_like(network.V)
    V[:, coordinates] = readout.matrix
    return readout_to(network, V, None, readout.bias)


def _across(there: Path, back: Path) -> Path:
    """From half network to half network: on disjoint coordinates and units, so one is loaded beside the other."""
    here, goal = there.end, back.end
    mine, yours = here.parameters(), goal.parameters()
    beside, rest = {}, {}
    for name, live in _live_rows(here).items():
        beside[name], rest[name] = yours[name].copy(), yours[name]
        beside[name][live] = mine[name][live]
    path = there.then(Segment(Kind.SILENT, here, here.replace(beside)))
    path = path.then(readout_of(path.end, goal))
    path = path.then(Segment(Kind.SILENT, path.end, path.end.replace(rest)))
    return path.followed_by(back.reversed())


def _live_rows(network: Network) -> dict[str, Units]:
    """The rows of each matrix and bias before the readout that lead to an output by weights that are not 0."""
    parameters, found = network.parameters(), dict[str, Units]()
    stream = network.V.any(axis=0)
    for block in reversed(blocks_of(network)):
        found[block.back] = np.flatnonzero(stream)
        above = parameters[block.back][stream].any(axis=0)
        for one in reversed(block.layers):
            for name in filter(None, (one.matrix, one.bias)):
                found[name] = np.flatnonzero(above)
            above = parameters[one.matrix][above].any(axis=0)
        stream = stream | above
    found["W"] = np.flatnonzero(stream)
    return found


ROUTES = (
    Route(
        name=NAME,
        statement="T9S",
        bound="T9S",
        classes=(Residual.kind, Stream.kind),
        between=half_stream,
        auto=13,
        if_higher=True,
        place=13,
    ),
)
