"""T9 [known idea: Kuditipudi et al. 2019, Shevchenko & Mondelli 2020, Nguyen 2019; ours: exact form, top down].

Between two plain chains of one shape, any depth of at least two hidden layers, any convex loss. From the top layer down
each network is carried to one that reads only half of every layer: a silent segment loads a tail of half the width on
slots that nothing reads, a readout line goes over to it. The two half networks then lie on complementary slots, and one
more readout line joins them. Only silent and readout segments: the maximum over the path is one over its corners.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from numerics.common.shown import Shown
from numerics.errors import InputError
from numerics.losses import float_loss
from numerics.losses.problem import Problem
from numerics.networks.arrays import Array
from numerics.networks.base import Network
from numerics.networks.plain import Plain
from numerics.paths import Kind, Path, Segment
from numerics.routes.candidate import Candidate, best
from numerics.routes.chains import Dense, Tail, Units, activations, affecting_output, layers_of, restricted
from numerics.routes.kept import Kept, by_rank, by_weight, halves
from numerics.routes.narrow import BELOW, fitted, loss_of
from numerics.routes.route import Route
from numerics.routes.tuning import tuned


def half_width(start: Network, end: Network, problem: Problem) -> Candidate:
    """The first path that rises no higher than its ends, else the lowest: each choice of the halves, refits alone and
    then trained tails. Raises InputError where a layer has one unit only.
    """
    widths = [len(start.parameters()[one.matrix]) for one in layers_of(start)]
    if min(widths) < 2:
        raise InputError(f"route half-width needs two units in every hidden layer: the widths are {widths}")
    seen = [activations(network, problem.X) for network in (start, end)]
    level = max(float_loss(network, problem) for network in (start, end))
    found = []
    for kept, tuning in _choices(start, end, seen):
        there, back = (
            _Descent(network, *sides, layers, problem, level, tuning).path()
            for network, sides, layers in zip((start, end), (kept, kept[::-1]), seen, strict=True)
        )
        path = _across(there, back)
        found.append(Candidate("half-width", path, max(float_loss(corner, problem) for corner in path.corners)))
        if found[-1].estimate <= level:
            break
    return best(found)


def _choices(start: Network, end: Network, seen: list[list[Array]]) -> Iterator[tuple[tuple[Kept, Kept], bool]]:
    """What either network keeps, and whether tails are trained."""
    for tuning in (False, True):
        for score in (_by_rank, _by_weight):
            yield halves(*(score(network, layers) for network, layers in zip((start, end), seen, strict=True))), tuning


def _by_weight(network: Network, layers: list[Array]) -> list[Array]:
    parameters = network.parameters()
    readers = [*(parameters[one.matrix] for one in layers_of(network)[1:]), parameters["U"]]
    return [by_weight(h, reader) for h, reader in zip(layers, readers, strict=True)]


def _by_rank(network: Network, layers: list[Array]) -> list[Array]:
    return [by_rank(h) for h in layers]


@dataclass(frozen=True, eq=False)
class _Descent(Shown):
    """One network's way to a network that reads only its `kept` units of every layer; `layers`: their activations.

    `spare`: the units of the other network, whose slots its tails use in turn with its own.

    `level`: the loss that should not be exceeded; `tuning`: whether tails are trained where a refit exceeds it.
    """

    network: Network
    kept: Kept
    spare: Kept
    layers: list[Array]
    problem: Problem
    level: float
    tuning: bool

    def path(self) -> Path:
        """From the top down. The live slots of layer k at the end are `kept[k]` or `spare[k]`."""
        path, top = Path(self.network), len(self.kept) - 1
        slots = list(self.kept)
        path = path.then(_readout(path.end, slots[top], self._tail(top).readout))
        for first in range(top - 1, -1, -1):
            # The tail above layer `first` reads only kept units of that layer, on slots that nothing reads.
            for k in range(first + 1, top + 1):
                slots[k] = self.spare[k] if slots[k] is self.kept[k] else self.kept[k]
            tail = self._tail(first)
            path = path.then(_loaded(path.end, tail, slots, self.kept[first]))
            path = path.then(_readout(path.end, slots[top], tail.readout))
        return path

    def _tail(self, first: int) -> Tail:
        """The network's own on the kept units, with a readout that fits."""
        below, tail = self.layers[first][:, self.kept[first]], restricted(self.network, self.kept, first)
        tail = self._fitted(tail, below)
        if not self.tuning or loss_of(tail.features(below), tail.readout, self.problem) <= self.level:
            return tail
        return self._fitted(tuned(tail, below, self.problem, BELOW * self.level), below)

    def _fitted(self, tail: Tail, below: Array) -> Tail:
        readout = fitted(tail.features(below), tail.readout, self.problem, self.network, self.level)
        return replace(tail, readout=readout)


def _loaded(network: Network, tail: Tail, slots: list[Units], reads: Units) -> Segment:
    """L9. The tail on its slots, none of which leads to an output."""
    changed = {}
    for name, (rows, values) in tail.rows(network, slots, reads).items():
        changed[name] = network.parameters()[name].copy()
        changed[name][rows] = values
    return Segment(Kind.SILENT, network, network.replace(changed))


def _readout(network: Network, slots: Units, readout: Dense) -> Segment:
    """L7. The line to a readout of these slots alone."""
    wide = np.zeros_like(network.parameters()["U"])
    wide[:, slots] = readout.matrix
    changes = {"U": wide} if readout.bias is None else {"U": wide, "c": readout.bias}
    return Segment(Kind.READOUT, network, network.replace(changes))


def _across(there: Path, back: Path) -> Path:
    """From half network to half network: they live on disjoint slots, so the one is loaded beside the other."""
    here, goal = there.end, back.end
    mine, yours = here.parameters(), goal.parameters()
    beside, rest = {}, {}
    for one, live in zip(layers_of(here), affecting_output(here), strict=True):
        for name in filter(None, (one.matrix, one.bias)):
            beside[name], rest[name] = yours[name].copy(), yours[name]
            beside[name][live] = mine[name][live]
    path = there.then(Segment(Kind.SILENT, here, here.replace(beside)))
    theirs = {name: yours[name] for name in goal.readout}
    path = path.then(Segment(Kind.READOUT, path.end, path.end.replace(theirs)))
    path = path.then(Segment(Kind.SILENT, path.end, path.end.replace(rest)))
    return path.followed_by(back.reversed())


ROUTES = (
    Route(name="half-width", statement="T9", bound="T9", classes=(Plain.kind,), between=half_width, auto=12, place=12),
)
