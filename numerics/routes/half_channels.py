"""T9C and T9G [ours, after T9] on graphs: convolutions joined through half of every group's channels.

What `half_width` and `half_stream` do, with channels for units and coordinates, whatever graph of sums it is: from the
top down a level of layers at a time is carried to a tail on half of the channels. A tail is loaded on channels that
nothing live reads, entry by entry of a graph's values, and a readout line goes over to it. Where a refit of the readout
leaves a tail above the ends it is trained.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from numerics.common.shown import Shown
from numerics.errors import InputError
from numerics.losses import float_loss
from numerics.losses.problem import Problem
from numerics.networks.arrays import Array
from numerics.networks.base import Network
from numerics.networks.graph.channels import Channels, Ids, Layer, channels_of, value_at
from numerics.networks.graph.graph import Graph
from numerics.networks.graph.lower import stream_places
from numerics.networks.graph.nodes import Add, Concatenate
from numerics.paths import Path, Segment, kind_of
from numerics.routes.candidate import Candidate, best
from numerics.routes.chains import Dense, Units
from numerics.routes.kept import Kept, by_rank, by_weight, halves
from numerics.routes.narrow import BELOW, fitted
from numerics.routes.route import Route

Mask = npt.NDArray[np.bool_]
CHAINS, GROUPS = "half-channels", "half-groups"
MOST_ROWS = 4096  # of what a group gives at all places, for the choice of its channels


def half_channels(start: Network, end: Network, problem: Problem) -> Candidate:
    """T9C: the path of `half_groups`, of chains."""
    return replace(half_groups(start, end, problem), route=CHAINS)


def half_groups(start: Network, end: Network, problem: Problem) -> Candidate:
    """The first path that rises no higher than its ends, else the lower one of two choices of the halves. Tails that a
    refit leaves above the ends are trained, where torch is there. Raises InputError where a group has one channel.
    """
    channels = channels_of(start)
    assert isinstance(start, Graph)
    assert isinstance(end, Graph)
    if min(channels.sizes) < 2:
        raise InputError(f"it needs two channels in every layer: {channels.sizes} are there")
    level = max(float_loss(start, problem), float_loss(end, problem))
    found = list[Candidate]()
    for kept in _choices(channels, start, end, problem):
        there, back = (
            _Descent(network, channels, *sides, problem, level)
            for network, sides in zip((start, end), (kept, kept[::-1]), strict=True)
        )
        path = _across(channels, there.path(), back.path(), there.live(len(channels.levels)))
        found.append(Candidate(GROUPS, path, max(float_loss(corner, problem) for corner in path.corners)))
        if found[-1].estimate <= level:
            break
    return best(found)


def _choices(channels: Channels, start: Graph, end: Graph, problem: Problem) -> Iterator[tuple[Kept, Kept]]:
    """What either network keeps: by pivots of what channels give, then by size times what reads them."""
    seen = [_by_group(network, channels, problem) for network in (start, end)]
    yield halves(*([by_rank(h) for h in groups] for groups in seen))
    readers = [[_reader(network, channels, g) for g in range(len(channels.groups))] for network in (start, end)]
    yield halves(*([by_weight(*pair) for pair in zip(*both, strict=True)] for both in zip(seen, readers, strict=True)))


def _by_group(network: Graph, channels: Channels, problem: Problem) -> list[Array]:
    """What the channels of each group give where they are last read, (rows, size): at all places, of many at some."""
    found = []
    for group in channels.groups:
        last = max((layer for layer in (*channels.layers, channels.last) if np.isin(layer.reads, group).any()),
                   key=lambda layer: layer.reads_at)  # fmt: skip
        values = value_at(network, last.reads_at, problem.X).reshape(problem.size, len(last.reads), -1)
        chosen = values[:, _places(last.reads, group)].reshape(problem.size, len(group), -1)
        rows = chosen.transpose(0, 2, 1).reshape(-1, len(group))
        found.append(rows[:: max(1, len(rows) // MOST_ROWS)])
    return found


def _reader(network: Graph, channels: Channels, g: int) -> Array:
    """What reads each channel of a group, (weights, size)."""
    found, group = [], channels.groups[g]
    for layer in (*channels.layers, channels.last):
        places = _places(layer.reads, group)
        if len(places):
            columns = np.moveaxis(network.arrays[layer.weight], 1, 0)[places]
            found.append(columns.reshape(len(group), -1).T)
    return np.concatenate(found)


def _places(ids: Ids, wanted: Ids) -> Units:
    """Where these channels are, one after the other; of each all its places."""
    order = np.argsort(ids, kind="stable")
    first, last = (np.searchsorted(ids[order], wanted, side=side) for side in ("left", "right"))
    parts = [order[k:n] for k, n in zip(first, last, strict=True)]
    return np.concatenate(parts) if parts else order[:0]


@dataclass(frozen=True, eq=False)
class _Descent(Shown):
    """One network's way to one that reads only half of each group's channels: `kept` or `spare`, in turn.

    `level`: the loss that should not be exceeded.
    """

    network: Graph
    channels: Channels
    kept: Kept
    spare: Kept
    problem: Problem
    level: float

    def path(self) -> Path:
        """From the top down, a level at a time."""
        from numerics.torch_bridge import has_torch

        path = Path(self.network)
        path = path.then(self._refitted(self.network, 0))
        for step in range(1, len(self.channels.levels) + 1):
            tail = self._tail(path.end, step)
            lines = self._refitted(tail, step)
            if has_torch() and float_loss(lines.end, self.problem) > self.level:
                tail = self._trained(lines.end, step)
                lines = self._refitted(tail, step)
                tail = tail.replace({name: path.end.parameters()[name] for name in tail.readout})
            path = path.then(_segment(path.end, tail.parameters()))
            path = path.then(_segment(path.end, lines.end.parameters()))
        return path

    @cached_property
    def _begins(self) -> list[int]:
        """The step from which on a group is read by halves."""
        steps = [0 for _ in self.channels.groups]
        for g, group in enumerate(self.channels.groups):
            found = [step for step, level in enumerate(self.channels.levels, 1) for number in level
                     if np.isin(self.channels.layers[number].reads, group).any()]  # fmt: skip
            steps[g] = 0 if np.isin(self.channels.last.reads, group).any() else min(found)
        return steps

    def slots(self, g: int, step: int) -> Units:
        """Which of a group's channels a tail has."""
        return (self.kept if (step - self._begins[g]) % 2 == 0 else self.spare)[g]

    def live(self, step: int) -> Ids:
        """The channels that a tail has."""
        return np.concatenate([group[self.slots(g, step)] for g, group in enumerate(self.channels.groups)])

    def _above(self, step: int) -> list[int]:
        """Numbers of the layers of a tail."""
        return [number for level in self.channels.levels[:step] for number in level]

    def _own(self, step: int) -> Ids:
        """The network's own channels that stand in a tail's, one for each of `live`: where layers below, or the input,
        make channels of the group, these very ones.
        """
        above, found = set(self._above(step)), []
        below = [layer.enters for k, layer in enumerate(self.channels.layers) if k not in above]
        made = np.concatenate([*below, np.array(sorted(self.channels.begun), dtype=np.int64)])
        for g, group in enumerate(self.channels.groups):
            units = self.slots(g, step) if np.isin(group, made).any() else self.kept[g]
            found.append(group[units])
        return np.concatenate(found)

    def _tail(self, here: Network, step: int) -> Network:
        """The network's own layers of the upper levels on half of the channels, loaded where nothing live reads."""
        changed, above = dict[str, Array](), set(self._above(step))
        live, own = self.live(step), self._own(step)
        for k in sorted(above):
            layer = self.channels.layers[k]
            slots, mine = _places(layer.enters, live), _places(layer.enters, own)
            changed[layer.weight] = here.parameters()[layer.weight].copy()
            changed[layer.weight][slots] = self._rows(layer, mine, step)
            if layer.bias is not None:
                changed[layer.bias] = here.parameters()[layer.bias].copy()
                changed[layer.bias][slots] = self.network.arrays[layer.bias][mine]
        for scale in self.channels.scales:
            if scale.readers <= above:
                slots, mine = _places(scale.channels, live), _places(scale.channels, own)
                for name in filter(None, (scale.weight, scale.bias)):
                    changed[name] = here.parameters()[name].copy()
                    changed[name][slots] = self.network.arrays[name][mine]
        return here.replace(changed)

    def _reads(self, layer: Layer, step: int) -> tuple[Units, Units]:
        """Columns of a layer that a tail has, and the network's own that stand in them: all that read no group."""
        outer = np.flatnonzero(~np.isin(layer.reads, np.concatenate(self.channels.groups)))
        live, own = _places(layer.reads, self.live(step)), _places(layer.reads, self._own(step))
        return np.concatenate([live, outer]), np.concatenate([own, outer])

    def _rows(self, layer: Layer, mine: Units, step: int) -> Array:
        """The network's own rows, which read half of what they read."""
        given: Array = self.network.arrays[layer.weight][mine]
        rows: Array = np.zeros_like(given)
        reads, own = self._reads(layer, step)
        rows[:, reads] = given[:, own]
        return rows

    def _refitted(self, here: Network, step: int) -> Segment:
        """L7. The readout line to one that fits, of half of the top channels alone."""
        last = self.channels.last
        assert isinstance(here, Graph)
        live, own = self._reads(last, step)
        bias = None if last.bias is None else self.network.arrays[last.bias]
        given = Dense(self.network.arrays[last.weight][:, own], bias)
        features = value_at(here, last.reads_at, self.problem.X)[:, live]
        readout = fitted(features, given, self.problem, self.network, self.level)
        wide = np.zeros_like(self.network.arrays[last.weight])
        wide[:, live] = readout.matrix
        changes = {last.weight: wide}
        if last.bias is not None and readout.bias is not None:
            changes[last.bias] = readout.bias
        return _segment(here, changes)

    def _trained(self, here: Network, step: int) -> Network:
        """The tail and its readout after training of what is on its slots."""
        from numerics.torch_bridge.tails import trained_tail

        assert isinstance(here, Graph)
        free = dict[str, Mask]()
        for k in [*self._above(step), -1]:
            layer = self.channels.layers[k] if k >= 0 else self.channels.last
            array = self.network.arrays[layer.weight]
            mask = np.zeros(array.shape[:2], dtype=np.bool_)
            rows = _places(layer.enters, self.live(step)) if k >= 0 else np.arange(len(array))
            mask[np.ix_(rows, self._reads(layer, step)[0])] = True
            free[layer.weight] = mask
            if layer.bias is not None:
                free[layer.bias] = np.isin(np.arange(len(array)), rows)
        return trained_tail(here, free, self.problem, BELOW * self.level)


def _across(channels: Channels, there: Path, back: Path, live: Ids) -> Path:
    """From half network to half network, which live on disjoint channels: the one is loaded beside the other.

    `live`: the channels that the first one has.
    """
    mine, theirs = there.end.parameters(), back.end.parameters()
    beside, rest = {}, {}
    entering = [(layer.weight, layer.bias, layer.enters) for layer in channels.layers]
    entering += [(scale.weight, scale.bias, scale.channels) for scale in channels.scales]
    for weight, bias, ids in entering:
        for name in filter(None, (weight, bias)):
            beside[name], rest[name] = theirs[name].copy(), theirs[name]
            beside[name][_places(ids, live)] = mine[name][_places(ids, live)]
    path = there.then(_segment(there.end, beside))
    path = path.then(_segment(path.end, {name: theirs[name] for name in back.end.readout}))
    return path.then(_segment(path.end, rest)).followed_by(back.reversed())


def _segment(here: Network, changes: dict[str, Array]) -> Segment:
    there = here.replace(changes)
    return Segment(kind_of(here, there), here, there)


def chain_lacks(network: Network) -> str | None:
    """Why a graph is no chain of layers with channels, if it is none; of other networks their class says so."""
    if (words := _no_channels(network)) is not None:
        return words
    return (
        None if _is_chain(network) else "needs a chain of convolutions and dense layers: this graph has sums, or more"
    )


def groups_lack(network: Network) -> str | None:
    """Why channels of a graph cannot be halved group by group, or what other route does it."""
    if (words := _no_channels(network)) is not None:
        return words
    if network.has_first_layer:
        return None
    if _is_chain(network):
        return f"is for graphs with sums: this one is a chain, which route {CHAINS} carries"
    if isinstance(network, Graph) and stream_places(network) is not None:
        return "is for convolutions: this graph is a stream of dense blocks, which route half-stream carries"
    return None


def _no_channels(network: Network) -> str | None:
    if network.has_first_layer:
        return None
    try:
        channels_of(network)
    except InputError as reason:
        return f"needs layers whose channels stay apart: {reason}"
    return None


def _is_chain(network: Network) -> bool:
    """Whether each layer makes a group of its own, read by the next layer alone, and nothing else has weights."""
    if network.has_first_layer:
        return True
    if isinstance(network, Graph) and any(isinstance(node, Add | Concatenate) for node in network.nodes):
        return False
    channels, read = channels_of(network), list[list[int]]()
    for layer in (*channels.layers, channels.last):
        read.append([g for g, group in enumerate(channels.groups) if np.isin(layer.reads, group).any()])
    in_turn = read == [[], *([g] for g in range(len(channels.groups)))]
    return in_turn and not channels.scales and not channels.begun


ROUTES = tuple(
    Route(
        name=name,
        statement=statement,
        bound=statement,
        classes=(Graph.kind,),
        lacks=lacks,
        between=between,
        auto=13,
        place=13,
    )
    for name, statement, lacks, between in (
        (CHAINS, "T9C", chain_lacks, half_channels),
        (GROUPS, "T9G", groups_lack, half_groups),
    )
)
