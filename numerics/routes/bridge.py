"""T6 [ours]: from one network to another of the same shape through mixtures of their features; any branch, no training."""

from __future__ import annotations

import numpy as np

from numerics.data import Data
from numerics.losses import float_loss
from numerics.moves.load import load, load_branch
from numerics.moves.permute import permute
from numerics.moves.readout import readout_of
from numerics.networks.base import Network
from numerics.paths import Path
from numerics.routes.candidate import Candidate, best
from numerics.routes.exchange import Exchange, exchange, shared_features
from numerics.routes.features import Features

SHARES = (2, 8, 32)  # half-and-half, then progressive: m/8 and m/32 features at a time


def bridge(start: Network, end: Network, data: Data) -> Candidate:
    """T6: half-and-half first, then ever smaller swaps, until the refits lie below the ends' level; the best of them.

    Newcomers go to their own slots where that is no worse; where it is, the most useful come first and are permuted at the end (L9).
    """
    features = shared_features(start, end.W, data)
    level = max(float_loss(start, data), float_loss(end, data))
    found: list[Candidate] = []
    for swap in sorted({max(1, start.width // share) for share in SHARES}, reverse=True):
        for at_home in (True, False):
            candidate = _bridged(start, end, features, swap, at_home, level)
            found.append(candidate)
            if candidate.estimate <= level:
                return candidate
    return best(found)


def _bridged(
    start: Network, end: Network, features: Features, swap: int, at_home: bool, level: float
) -> Candidate:
    exchanged: Exchange = exchange(start, end.W, features, swap=swap, at_home=at_home)
    path = exchanged.path
    if not at_home:
        here = path.end
        homes = {slot: home for home, slot in enumerate(exchanged.slots) if here.V[:, slot].any()}
        path = path.followed_by(permute(here, homes))
    return Candidate("bridge", _finished(path, end), max(level, *exchanged.refits))


def _finished(path: Path, end: Network) -> Path:
    """Load what is still missing of `end` into slots and branch that nothing reads, then take over its readout."""
    here = path.end
    missing = np.flatnonzero((here.W != end.W).any(axis=1))
    if len(missing):
        path = path.then(load(here, missing, end.W[missing]))
    path = path.then(load_branch(path.end, end))
    return path.then(readout_of(path.end, end))
