"""L9, L4: units of any hidden layer change places through free ones, until a network is itself with its units renamed.

A unit is copied, with everything that enters it, into a slot that nothing reads (silent); then what reads it passes
over to the copy (twins). So no output changes for any input, in every layer and class, whatever the loss.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import zip_longest

import numpy as np

from numerics.common.shown import Shown
from numerics.errors import InputError
from numerics.moves.permute import rounds
from numerics.networks.activations import activations_of
from numerics.networks.arrays import Array
from numerics.networks.base import Network
from numerics.networks.liveness import live_units, readers_of, writers_of
from numerics.networks.silence import moves_silently
from numerics.networks.units import Layer, Order, hidden_layers, renamed
from numerics.paths import Kind, Path, Segment, kind_of

Units = np.ndarray
"""Numbers of units of one layer."""
MOST_SEGMENTS = 4000
MOST_ENTRIES = 1 << 26  # stored in all: half a GiB


def free_units(network: Network, X: Array) -> dict[str, Units]:
    """Layer -> its units that no output depends on; where there are none, those that are 0 at every point of `X`
    (N, n), in float64: they can be emptied with no change there. Of a stream only the former.
    """
    live = live_units(network)
    found = {}
    for layer, values in zip(hidden_layers(network), activations_of(network, X), strict=True):
        dead = np.flatnonzero(~live[layer.name])
        if not len(dead) and not (network.has_stream and layer.name == "W"):
            dead = np.flatnonzero(~(values != 0).any(axis=0))
        found[layer.name] = dead
    return found


def reordered(network: Network, orders: Mapping[str, Order], X: Array) -> Path:
    """The path to `renamed(network, orders)`, on which no output on `X` changes. Free units may be read with weights
    other than 0 where they are 0 at every point: these weights go to 0 and come back, on lines that are certified.

    Raises InputError where a layer has no free unit, or where the path would be too long to certify.
    """
    free, goal = free_units(network, X), renamed(network, orders)
    layers = [layer for layer in hidden_layers(network) if layer.name in orders]
    if stuck := [layer.name for layer in layers if not len(free[layer.name])]:
        raise InputError(
            f"layer {', '.join(stuck)} has no free unit through which its units could change places: one that nothing"
            " reads, or that is 0 at every point"
        )
    plans = [_Plan.of(network, layer, orders[layer.name], free[layer.name]) for layer in layers]
    _require_short(network, plans)
    path = _emptied(network, plans)
    for moves in zip_longest(*(plan.rounds for plan in plans), fillvalue={}):
        path = _passed_over(path, list(zip(layers, moves, strict=True)))
    return _filled(path, plans, goal)


@dataclass(frozen=True, eq=False)
class _Plan(Shown):
    """One layer's free units, in rounds which unit goes to which free slot, and the slots at which free units end."""

    layer: Layer
    free: Units
    homes: Units
    rounds: tuple[Mapping[int, int], ...]

    @classmethod
    def of(cls, network: Network, layer: Layer, order: Order, free: Units) -> _Plan:
        spare = np.isin(order, free)
        homes = {int(order[slot]): int(slot) for slot in np.flatnonzero(~spare)}
        return cls(layer, free, np.flatnonzero(spare), tuple(rounds(homes, layer.size)))


def _require_short(network: Network, plans: list[_Plan]) -> None:
    """The path's length is known before it is built. Raises InputError."""
    weights = network.parameters()
    segments = 2 * max((len(plan.rounds) for plan in plans), default=0)
    entries = sum(len(plan.rounds) * sum(weights[name].size for name, _ in plan.layer.places) for plan in plans)
    if segments > MOST_SEGMENTS or entries > MOST_ENTRIES:
        counts = ", ".join(f"{plan.layer.name} {len(plan.free)}" for plan in plans)
        raise InputError(
            f"so few units are free ({counts}) that the path on which units change places has {segments} segments and"
            f" {entries / (1 << 27):.2g} GiB of weights, which is too long to be certified"
        )


def _emptied(network: Network, plans: list[_Plan]) -> Path:
    """What reads free units goes to 0."""
    weights = dict(network.parameters())
    for plan in plans:
        for name in readers_of(plan.layer):
            weights[name] = weights[name].copy()
            weights[name][:, plan.free] = 0.0
    return _towards(Path(network), network.replace(weights))


def _passed_over(path: Path, moves: list[tuple[Layer, Mapping[int, int]]]) -> Path:
    """Units are copied into free slots of their layers, then what reads them goes over to the copies."""
    weights = dict(path.end.parameters())
    for layer, targets in moves:
        for name in writers_of(layer) if targets else ():
            if name in weights:
                weights[name] = weights[name].copy()
                weights[name][list(targets.values())] = weights[name][list(targets)]
    path = path.then(Segment(Kind.SILENT, path.end, path.end.replace(weights)))
    for layer, targets in moves:
        for name in readers_of(layer) if targets else ():
            weights[name] = weights[name].copy()
            weights[name][:, list(targets.values())] = weights[name][:, list(targets)]
            weights[name][:, list(targets)] = 0.0
    return path.then(Segment(Kind.TWINS, path.end, path.end.replace(weights)))


def _filled(path: Path, plans: list[_Plan], goal: Network) -> Path:
    """All but the free units is at home: what enters them becomes the goal's, then what reads them."""
    weights, theirs = dict(path.end.parameters()), goal.parameters()
    for plan in plans:
        for name in writers_of(plan.layer):
            if name in weights:
                weights[name] = weights[name].copy()
                weights[name][plan.homes] = theirs[name][plan.homes]
    return _towards(path.then(Segment(Kind.SILENT, path.end, path.end.replace(weights))), goal)


def _towards(path: Path, goal: Network) -> Path:
    """On to a network in which other weights read units that do not matter, one parameter after the other: silently
    where no output depends on it, else on a line.
    """
    theirs = goal.parameters()
    for name in path.end.changed(goal):
        there = path.end.replace({name: theirs[name]})
        silent = name not in goal.readout and moves_silently(path.end, there)
        path = path.then(Segment(Kind.SILENT if silent else kind_of(path.end, there), path.end, there))
    return path
