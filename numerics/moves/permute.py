"""L9: neurons change their slots without the output changing, through slots that nothing reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from numerics.moves.load import load
from numerics.moves.readout import two_layer_readout
from numerics.networks.base import Network
from numerics.paths import Path


def permute(network: Network, homes: Mapping[int, int]) -> Path:
    """L9 [known]. Bring the neuron in slot `s` to slot `homes[s]`, for every slot that V reads; the output is constant.

    Each round copies neurons into free slots (silent) and shifts their readout over (readout, with `f` constant); a
    cycle is opened through a free slot. The branch must be silent (`U = 0`). Raises ValueError if `homes` is not one-
    to-one, does not name every slot in use, or if a move is needed and no slot is free (without one there can be a
    barrier).
    """
    wanted = {int(slot): int(home) for slot, home in homes.items()}
    in_use = {int(slot) for slot in np.flatnonzero(network.V.any(axis=0))}
    if len(set(wanted.values())) != len(wanted) or not in_use <= wanted.keys():
        raise ValueError("homes must be one-to-one and name every slot that V reads")
    path = Path(network)
    for moves in rounds({slot: home for slot, home in wanted.items() if slot in in_use}, network.width):
        path = _shifted(path, moves)
    return path


def rounds(homes: Mapping[int, int], width: int) -> Iterator[dict[int, int]]:
    """Moves slot -> free slot, several at once, that bring every neuron in use home. Raises ValueError as `permute`."""
    wanted = dict(homes)
    while any(slot != home for slot, home in wanted.items()):
        free = sorted(set(range(width)) - wanted.keys())
        if not free:
            raise ValueError("neurons can change slots only through a free one, and none is free")
        moves = _round(wanted, free)
        yield moves
        wanted = {moves.get(slot, slot): home for slot, home in wanted.items()}


def _round(wanted: Mapping[int, int], free: list[int]) -> dict[int, int]:
    """Moves slot -> free slot: straight home where the home is free, else one neuron of each cycle aside."""
    at_home = {home: slot for slot, home in wanted.items()}
    moves = {at_home[slot]: slot for slot in free if slot in at_home}
    if moves:
        return moves
    spare = iter(free)
    seen: set[int] = set()
    for slot, home in sorted(wanted.items()):
        if slot == home or slot in seen:
            continue
        target = next(spare, None)
        if target is None:
            break
        moves[slot] = target
        while slot not in seen:  # one neuron aside is enough for its whole cycle
            seen.add(slot)
            slot = wanted[slot]
    return moves


def _shifted(path: Path, moves: Mapping[int, int]) -> Path:
    here = path.end
    sources, targets = np.array(list(moves)), np.array(list(moves.values()))
    path = path.then(load(here, targets, here.W[sources]))
    V = here.V.copy()
    V[:, targets] = V[:, sources]
    V[:, sources] = 0.0
    return path.then(two_layer_readout(path.end, V, here.c))
