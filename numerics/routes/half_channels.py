"""T9C [ours, after T9] on graphs: chains of convolutions joined through half of every layer's channels.

What `half_width` does, with channels for units. Loads are silent segments: what enters channels that nothing live reads
moves, entry by entry of a graph's values.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from numerics.common.shown import Shown
from numerics.errors import InputError
from numerics.losses import float_loss
from numerics.losses.problem import Problem
from numerics.networks.arrays import Array
from numerics.networks.base import Network
from numerics.networks.graph.chain import ChannelChain, channel_chain, value_at
from numerics.networks.graph.graph import Graph
from numerics.paths import Path, Segment, kind_of
from numerics.routes.candidate import Candidate, best
from numerics.routes.chains import Dense, Units
from numerics.routes.kept import Kept, by_rank, by_weight, halves
from numerics.routes.narrow import fitted
from numerics.routes.route import Route

NAME = "half-channels"
MOST_ROWS = 4096  # of what a layer gives at all places, for the choice of its channels


def half_channels(start: Network, end: Network, problem: Problem) -> Candidate:
    """The lower of two paths, by channels chosen by rank and by size. Raises InputError where a layer has one."""
    chain = channel_chain(start)
    assert isinstance(start, Graph)
    assert isinstance(end, Graph)
    if min(layer.size for layer in chain.layers) < 2:
        raise InputError(f"it needs two channels in every layer: {[layer.size for layer in chain.layers]} are there")
    level = max(float_loss(start, problem), float_loss(end, problem))
    found = []
    for kept in _choices(chain, start, end, problem):
        there, back = (
            _Descent(network, chain, *sides, problem, level).path()
            for network, sides in zip((start, end), (kept, kept[::-1]), strict=True)
        )
        path = _across(chain, *there, back[0])
        found.append(Candidate(NAME, path, max(float_loss(corner, problem) for corner in path.corners)))
        if found[-1].estimate <= level:
            break
    return best(found)


def _choices(chain: ChannelChain, start: Graph, end: Graph, problem: Problem) -> Iterator[tuple[Kept, Kept]]:
    """What either network keeps: by pivots of what channels give, then by size times what reads them."""
    seen = [[_by_channel(network, chain, k, problem) for k in range(len(chain.layers))] for network in (start, end)]
    yield halves(*([by_rank(h) for h in layers] for layers in seen))
    readers = [*(layer.weight for layer in chain.layers[1:]), chain.last.weight]
    yield halves(
        *(
            [
                by_weight(h, _reader(network, chain, k, name))
                for k, (h, name) in enumerate(zip(layers, readers, strict=True))
            ]
            for network, layers in zip((start, end), seen, strict=True)
        )
    )


def _by_channel(network: Graph, chain: ChannelChain, k: int, problem: Problem) -> Array:
    """What the channels of layer k give at all places, (rows, size); of many places some."""
    layer = chain.layers[k]
    values = value_at(network, layer.ready, problem.X).reshape(problem.size, layer.size, -1)
    rows = values.transpose(0, 2, 1).reshape(-1, layer.size)
    return rows[:: max(1, len(rows) // MOST_ROWS)]


def _reader(network: Graph, chain: ChannelChain, k: int, name: str) -> Array:
    """What reads each channel of layer k, (weights, size)."""
    columns = np.moveaxis(network.arrays[name], 1, 0)
    return columns.reshape(chain.layers[k].size, -1).T


@dataclass(frozen=True, eq=False)
class _Descent(Shown):
    """One network's way to one that reads only its `kept` channels; its tails use the slots of `spare` in turn."""

    network: Graph
    chain: ChannelChain
    kept: Kept
    spare: Kept
    problem: Problem
    level: float

    def path(self) -> tuple[Path, list[Units]]:
        """From the top down, and the live slots at its end."""
        path, top, slots = Path(self.network), len(self.kept) - 1, list(self.kept)
        path = self._refitted(path, slots[top])
        for first in range(top - 1, -1, -1):
            for k in range(first + 1, top + 1):
                slots[k] = self.spare[k] if slots[k] is self.kept[k] else self.kept[k]
            path = path.then(_segment(path.end, self._loaded(path.end, slots, first)))
            path = self._refitted(path, slots[top])
        return path, slots

    def _loaded(self, here: Network, slots: Sequence[Units], first: int) -> dict[str, Array]:
        """The network's own layers above `first` on the kept channels, put on slots that nothing live reads."""
        changed, own = {}, self.network.arrays
        for k in range(first + 1, len(self.kept)):
            layer = self.chain.layers[k]
            reads = self.kept[first] if k == first + 1 else slots[k - 1]
            rows = np.zeros_like(own[layer.weight][slots[k]])
            taken = own[layer.weight][np.ix_(self.kept[k], self.chain.columns(k - 1, self.kept[k - 1]))]
            rows[:, self.chain.columns(k - 1, reads)] = taken
            changed[layer.weight] = here.parameters()[layer.weight].copy()
            changed[layer.weight][slots[k]] = rows
            if layer.bias is not None:
                changed[layer.bias] = here.parameters()[layer.bias].copy()
                changed[layer.bias][slots[k]] = own[layer.bias][self.kept[k]]
        return changed

    def _refitted(self, path: Path, slots: Units) -> Path:
        """L7. The readout line to one that fits, of the last layer's slots alone."""
        here, last, top = path.end, self.chain.last, len(self.kept) - 1
        assert isinstance(here, Graph)
        live = self.chain.columns(top, slots)
        own = self.network.arrays[last.weight][:, self.chain.columns(top, self.kept[top])]
        bias = None if last.bias is None else self.network.arrays[last.bias]
        features = value_at(here, len(here.nodes) - 2, self.problem.X)[:, live]
        readout = fitted(features, Dense(own, bias), self.problem, self.network, self.level)
        wide = np.zeros_like(self.network.arrays[last.weight])
        wide[:, live] = readout.matrix
        changes = {last.weight: wide}
        if last.bias is not None and readout.bias is not None:
            changes[last.bias] = readout.bias
        return path.then(_segment(here, changes))


def _across(chain: ChannelChain, there: Path, live: list[Units], back: Path) -> Path:
    """From half network to half network, which live on disjoint slots: the one is loaded beside the other."""
    mine, theirs = there.end.parameters(), back.end.parameters()
    beside, rest = {}, {}
    for layer, slots in zip(chain.layers, live, strict=True):
        for name in filter(None, (layer.weight, layer.bias)):
            beside[name], rest[name] = theirs[name].copy(), theirs[name]
            beside[name][slots] = mine[name][slots]
    path = there.then(_segment(there.end, beside))
    path = path.then(_segment(path.end, {name: theirs[name] for name in back.end.readout}))
    return path.then(_segment(path.end, rest)).followed_by(back.reversed())


def _segment(here: Network, changes: dict[str, Array]) -> Segment:
    there = here.replace(changes)
    return Segment(kind_of(here, there), here, there)


def chain_lacks(network: Network) -> str | None:
    """Why a graph is no chain of layers with channels, if it is none; of other networks their class says so."""
    if network.has_first_layer:
        return None
    try:
        channel_chain(network)
    except InputError as reason:
        return f"needs a chain of convolutions and dense layers: {reason}"
    return None


ROUTES = (
    Route(
        name=NAME,
        statement="T9C",
        bound="T9C",
        classes=(Graph.kind,),
        lacks=chain_lacks,
        between=half_channels,
        auto=13,
        place=13,
    ),
)
