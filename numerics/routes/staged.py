"""RM in stages [ours]: refit the readout, free the neurons whose readers miss them least, load a part of g*, and again.

T1's path, cut into stages. V and A move to the least-squares fit of what they read, `V z` and `A z`, on the features
that stay: of all such fits nearly the one of least D, since `D^2 <= 2 (||B_V z||^2 + Lambda^2 ||B_A z||^2)` (RM). The
branch stays alive until all of g* is loaded, so that the level comes near `max(L(theta), L(g*))`: a readout line and a
hidden segment a stage, whose exact maxima say what it costs.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from numerics.arithmetic.budget import DEFAULT, require
from numerics.data import Data
from numerics.errors import InputError
from numerics.losses import float_loss
from numerics.mass import masses
from numerics.moves.load import load
from numerics.moves.readout import readout_to
from numerics.networks.arrays import Array
from numerics.networks.base import Network
from numerics.networks.forward import with_ones
from numerics.networks.parallel import Parallel
from numerics.networks.readers import has_stream
from numerics.networks.two_layer import TwoLayer
from numerics.paths import Path, Segment, kind_of
from numerics.routes.candidate import Candidate, best
from numerics.routes.features import Features
from numerics.routes.reference import arrive
from numerics.routes.sweep import Tableau

STAGES = (1, 2, 4)  # all of g* at once, then a half and a quarter of it at a time
ENOUGH = 0.99  # finer stages must lower the level to this share of it: each costs a hidden segment


def staged(start: Network, reference: TwoLayer, data: Data, *, budget: int = DEFAULT) -> Candidate:
    """RM: from `start` (PARALLEL, TWO-LAYER) to `g*` on the slots given up. Raises InputError for other classes, where
    neurons are too few, and over the memory budget.
    """
    if has_stream(start.kind):
        raise InputError(f"route staged: class {start.kind} frees neurons outside a basis of the readers alone")
    if not reference.width < start.width:
        raise InputError(f"route staged needs l < m: l = {reference.width}, m = {start.width}")
    rows = start.width + (len(start.U.T) if isinstance(start, Parallel) else 0)
    require(5 * 8.0 * rows**2, budget, "the search's moments of all features")
    ends = max(float_loss(start, data), float_loss(reference, data))
    found: list[Candidate] = []
    for stages in dict.fromkeys(min(stages, reference.width) for stages in STAGES):
        found.append(_in_stages(stages, start, reference, data))
        if found[-1].estimate <= ends:
            break
        if len(found) > 1 and found[-1].estimate > ENOUGH * found[-2].estimate:
            break
    return best(found)


def _in_stages(stages: int, start: Network, reference: TwoLayer, data: Data) -> Candidate:
    path, slots = Path(start), np.zeros(0, dtype=np.int64)
    for part in np.array_split(np.arange(reference.width), stages):
        path = path.then(_refit(path.end, data))
        segment, leaving = _freed(path.end, np.setdiff1d(np.arange(start.width), slots), len(part), data)
        path = path.then(segment)
        path = path.then(load(path.end, leaving, reference.W[part]))
        slots = np.concatenate([slots, leaving])
    path = arrive(path, reference, slots.tolist())
    estimate = max(float_loss(corner, data) for corner in path.corners)
    return Candidate("staged", path, estimate, tuple(int(slot) for slot in slots))


def _refit(network: Network, data: Data) -> Segment:
    """L7. The line to the least-squares readout (V, U, c) of everything that the readout reads, the branch included."""
    heard = Features.heard(network, data)
    fit = heard.fit(np.arange(len(heard.gram)))
    return readout_to(network, fit.V[:, : network.width], fit.V[:, network.width :], fit.c)


def _freed(network: Network, own: np.ndarray, count: int, data: Data) -> tuple[Segment, np.ndarray]:
    """The hidden segment at whose end nothing reads `count` of the `own` neurons: those that are missed least."""
    everyone, matrices = np.arange(network.width), dict(_weighted_readers(network))
    readers = np.vstack([weight * network.parameters()[name] for name, weight in matrices.items()])
    z = np.maximum(with_ones(data.X, network.bias) @ network.W.T, 0.0)
    read = Features.of(network.W, Data(data.X, z @ readers.T, "what is read"), bias=network.bias, with_c=False)
    tableau = Tableau(read)
    tableau.take(everyone)
    leaving = np.sort(tableau.least_useful(own, count))
    staying = np.setdiff1d(everyone, leaving)
    fitted: Array = read.fit(staying).V
    changes, row = {}, 0
    for name, weight in matrices.items():
        changes[name] = np.zeros_like(network.parameters()[name])
        height = len(changes[name])
        changes[name][:, staying] = fitted[row : row + height] / weight
        row += height
    end = network.replace(changes)
    return Segment(kind_of(network, end), network, end), leaving


def _weighted_readers(network: Network) -> Iterator[tuple[str, float]]:
    """What reads the first layer, and with what factor its change may change the output: V 1, A Lambda, rounded to a
    power of two so that dividing by it is exact.
    """
    yield "V", 1.0
    if isinstance(network, Parallel):
        (factor,) = masses(network).lambdas
        yield "A", float(2.0 ** np.rint(np.log2(float(factor)))) if factor else 1.0
