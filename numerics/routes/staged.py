"""RM in stages [ours]: refit the readout, free the neurons whose readers miss them least, load a part of g*, and again.

T1's path (T2's, T3's), cut into stages. V and A move to the least-squares fit of what they read, `V z` and `A z`, on
the features that stay: of all such fits nearly the one of least D, as `D^2 <= 2 (||B_V z||^2 + Lambda^2 ||B_A z||^2)`
(RM). The branch stays alive until all of g* is loaded, so that the level comes near `max(L(theta), L(g*))`: a readout
line and a hidden segment a stage, whose exact maxima say what it costs.

RESIDUAL and STREAM: after the first refit blocks write to a basis of the readers (`write_to_basis`); outside it neurons
are freed, the matrices that read them one at a time, and V last, to the best fit without them.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from numerics.arithmetic.budget import require
from numerics.data import Data
from numerics.errors import InputError
from numerics.losses import float_loss
from numerics.losses.problem import Problem
from numerics.moves.load import load
from numerics.moves.mass import branches_of, masses
from numerics.moves.merging import Indices
from numerics.networks.arrays import Array
from numerics.networks.base import Network
from numerics.networks.forward import with_ones
from numerics.networks.parallel import Parallel
from numerics.networks.readers import has_stream
from numerics.networks.two_layer import TwoLayer
from numerics.paths import Path, Segment, kind_of
from numerics.routes.candidate import Candidate, best
from numerics.routes.features import Features
from numerics.routes.readouts import NOBODY, refitted
from numerics.routes.reference import arrive
from numerics.routes.streams import outside_basis
from numerics.routes.tableau import Tableau

STAGES = (1, 2, 4)  # all of g* at once, then a half and a quarter of it at a time
ENOUGH = 0.99  # finer stages must lower the level to this share of it: each costs a hidden segment


def staged(start: Network, reference: TwoLayer, problem: Problem) -> Candidate:
    """RM: from `start` to `g*` on the slots given up. Raises InputError where neurons are too few, and over the memory
    budget.
    """
    if not reference.width < start.width:
        raise InputError(f"route staged needs l < m: l = {reference.width}, m = {start.width}")
    rows = start.width + (len(start.U.T) if isinstance(start, Parallel) else 0)
    require(5 * 8.0 * rows**2, problem.budget, "the search's moments of all features")
    way, own = Path(start), np.arange(start.width)
    if has_stream(start.kind):
        # The readout first, so that what rounding adds is added to a lower loss.
        way = way.then(refitted(start, Features.affecting_output(start, problem)))
        spread, own = outside_basis("staged", way.end, reference.width)
        way = way.followed_by(spread)
    ends = max(float_loss(start, problem), float_loss(reference, problem))
    found: list[Candidate] = []
    for stages in dict.fromkeys(min(stages, reference.width) for stages in STAGES):
        found.append(_in_stages(stages, way, own, reference, problem))
        if found[-1].estimate <= ends:
            break
        if len(found) > 1 and found[-1].estimate > ENOUGH * found[-2].estimate:
            break
    return best(found)


def _in_stages(stages: int, path: Path, own: Indices, reference: TwoLayer, problem: Problem) -> Candidate:
    """`own`: the neurons that may be freed, into which no block writes."""
    slots = NOBODY
    for part in np.array_split(np.arange(reference.width), stages):
        path = path.then(refitted(path.end, Features.affecting_output(path.end, problem)))
        path, leaving = _freed(path, own, np.setdiff1d(own, slots), len(part), problem)
        path = path.then(load(path.end, leaving, reference.W[part]))
        slots = np.concatenate([slots, leaving])
    path = arrive(path, reference, slots.tolist())
    estimate = max(float_loss(corner, problem) for corner in path.corners)
    return Candidate("staged", path, estimate, tuple(int(slot) for slot in slots))


def _freed(path: Path, own: Indices, candidates: Indices, count: int, problem: Problem) -> tuple[Path, Indices]:
    """The path on to where nothing reads `count` of the candidates: those that are missed least by what reads them.

    One hidden segment; in a stream one for every A, then the readout line to the best fit without them.
    """
    network, matrices = path.end, dict(_weighted_readers(path.end))
    readers = np.vstack([weight * network.parameters()[name][:, own] for name, weight in matrices.items()])
    z = np.maximum(with_ones(problem.X, network.bias) @ network.W[own].T, 0.0)
    read = Features.of(
        network.W[own], Problem(Data(problem.X, z @ readers.T, "what is read")), bias=network.bias, with_c=False
    )
    tableau, everyone = Tableau(read), np.arange(len(own))
    tableau.take(everyone)
    leaving = np.sort(tableau.least_useful(np.flatnonzero(np.isin(own, candidates)), count))
    staying = np.setdiff1d(everyone, leaving)
    fitted: Array = read.fit(staying).V
    changes, row = {}, 0
    for name, weight in matrices.items():
        changes[name] = network.parameters()[name].copy()
        height = len(changes[name])
        changes[name][:, own[leaving]] = 0.0
        changes[name][:, own[staying]] = fitted[row : row + height] / weight
        row += height
    if not has_stream(network.kind):
        return _moved(path, changes), own[leaving]
    for name in (one for one in changes if one != "V"):
        path = _moved(path, {name: changes[name]})
    return path.then(refitted(path.end, Features.affecting_output(path.end, problem), own[leaving])), own[leaving]


def _moved(path: Path, changes: dict[str, Array]) -> Path:
    end = path.end.replace(changes)
    return path.then(Segment(kind_of(path.end, end), path.end, end))


def _weighted_readers(network: Network) -> Iterator[tuple[str, float]]:
    """What reads the first layer, and with what factor its change may change the output: V 1, each A its Lambda,
    rounded to a power of two so that dividing by it is exact.
    """
    yield "V", 1.0
    prefixes = branches_of(network.kind, network.parameters())
    for prefix, factor in zip(prefixes, masses(network).lambdas, strict=True):
        yield f"{prefix}A", float(2.0 ** np.rint(np.log2(float(factor)))) if factor else 1.0
