"""T6 [ours]: from one network to another of its shape through mixtures of their features; any branch, no training."""

from __future__ import annotations

import math

from numerics.losses import float_loss
from numerics.losses.problem import Problem
from numerics.moves.load import load, load_branch
from numerics.moves.permute import permute
from numerics.moves.readout import readout_of
from numerics.networks.arrays import differing
from numerics.networks.base import Network
from numerics.paths import Path
from numerics.routes.candidate import Candidate
from numerics.routes.exchange import Exchange, Mixture, exchange
from numerics.routes.route import Route
from numerics.routes.silence_blocks import silence_blocks

SHARES = (2, 8, 32)  # half-and-half, then progressive: m/8 and m/32 features at a time


def bridge(start: Network, end: Network, problem: Problem) -> Candidate:
    """T6, between the ends or, in RESIDUAL and STREAM networks, between what they are without blocks."""
    there, back = (silence_blocks(network, problem) for network in (start, end))
    found = _across(there.end, back.end, problem)
    estimate = max(found.estimate, *(float_loss(network, problem) for network in (start, end)))
    return Candidate("bridge", there.followed_by(found.path).followed_by(back.reversed()), estimate)


def _across(start: Network, end: Network, problem: Problem) -> Candidate:
    """Half-and-half first, then smaller swaps, until the refits lie below the ends' level; else the finest.

    Newcomers go to their own slots. Only where that leaves a barrier, and bringing the most useful ones first lowers it
    by a hundredth at least, are they permuted at the end (L9), which makes a long path.
    """
    level = max(float_loss(start, problem), float_loss(end, problem))
    *coarse, finest = sorted({max(1, start.width // share) for share in SHARES}, reverse=True)
    mixture = Mixture.of(start, end.W, problem)
    for swap in coarse:
        within = exchange(mixture, swap=swap, at_home=True, limit=level, enough=level)
        if within is not None:
            return _candidate(within, end, level, at_home=True)
    direct = exchange(mixture, swap=finest, at_home=True, tapered=True, enough=level)
    if direct is None:
        raise AssertionError("an exchange without a limit always ends")
    found = _candidate(direct, end, level, at_home=True)
    if found.estimate <= level or math.isinf(found.estimate):
        return found
    wanted = found.estimate - (found.estimate - level) / 100
    better = exchange(mixture, swap=finest, at_home=False, limit=wanted, enough=level)
    return found if better is None else _candidate(better, end, level, at_home=False)


def _candidate(exchanged: Exchange, end: Network, level: float, at_home: bool) -> Candidate:
    path = exchanged.path
    if not at_home:
        here = path.end
        homes = {slot: home for home, slot in enumerate(exchanged.slots) if here.V[:, slot].any()}
        path = path.followed_by(permute(here, homes))
    return Candidate("bridge", _finished(path, end), max(level, *exchanged.refits))


def _finished(path: Path, end: Network) -> Path:
    """Load what is still missing of `end` into slots and branch that nothing reads, then take over its readout."""
    here = path.end
    missing = differing(here.W, end.W)
    if len(missing):
        path = path.then(load(here, missing, end.W[missing]))
    path = path.then(load_branch(path.end, end))
    return path.then(readout_of(path.end, end))


ROUTES = (Route(name="bridge", statement="T6", bound="T6", between=bridge, auto=10, always=True, place=10),)
