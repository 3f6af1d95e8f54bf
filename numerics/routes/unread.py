"""T1P [ours]: in a POST network `l` slots are read no more, then carry `g*` through the rectifier behind every block.

A slot that no block writes to stays non-negative, so every rectifier lets it pass: no basis of readers is needed, as in
T2 and T3. The slots are those whose reading off moves the outputs least by T1P's own bound, measured on the data.
"""

from __future__ import annotations

import numpy as np

from numerics.errors import InputError
from numerics.losses import float_loss
from numerics.losses.problem import Problem
from numerics.moves.load import load_unwritten
from numerics.moves.merging import Indices
from numerics.moves.readout import readout_to
from numerics.moves.unread import unread
from numerics.networks.arrays import Array
from numerics.networks.base import Network
from numerics.networks.post import Post
from numerics.networks.two_layer import TwoLayer
from numerics.paths import Segment
from numerics.routes.blocks import Seen
from numerics.routes.candidate import Candidate, best
from numerics.routes.chains import Dense
from numerics.routes.join import joined
from numerics.routes.narrow import fitted
from numerics.routes.reference import arrive, fitted_reference
from numerics.routes.route import Route
from numerics.routes.stream_names import stream_names

NAME = "unread"


def unread_slots(start: Network, end: Network, problem: Problem) -> Candidate:
    """C2 by T1P: both ends to a two-layer fit on half or a quarter of one end's first-layer neurons.

    The first path that rises no higher than its ends, else the lowest. Raises InputError where m = 1.
    """
    if start.width < 2:
        raise InputError(f"route {NAME} needs m >= 2: one slot stays free while neurons change slots")
    level = max(float_loss(network, problem) for network in (start, end))
    found = []
    for count in sorted({max(1, start.width // 2), max(1, start.width // 4)}, reverse=True):
        for owner in (start, end):
            reference = fitted_reference(owner, problem, count)
            there, back = (to_reference(network, reference, problem) for network in (start, end))
            found.append(joined(NAME, there, back))
            if found[-1].estimate <= level:
                return found[-1]
    return best(found)


def to_reference(start: Network, reference: TwoLayer, problem: Problem) -> Candidate:
    """T1P: read `l` slots off, refit what V reads of the others, load `g*`, go to it. Raises InputError if `l > m`."""
    m, l_ = start.width, reference.width
    if l_ > m:
        raise InputError(f"route {NAME} needs l <= m: l = {l_}, m = {m}")
    ends = max(float_loss(start, problem), float_loss(reference, problem))
    with np.errstate(all="ignore"):  # a search: what overflows is no candidate
        slots = np.sort(np.argsort(reading_off(start, Seen.of(start, problem.X)), kind="stable")[:l_])
        path = unread(start, slots)
        path = path.then(_refit(path.end, slots, problem, ends))
    path = path.then(load_unwritten(path.end, slots, reference.W))
    highest = max([ends, *(float_loss(corner, problem) for corner in path.corners)])
    if not np.isfinite(highest):
        raise InputError(f"route {NAME}: the losses on its path exceed the range of float64")
    chosen = tuple(int(slot) for slot in slots)
    return Candidate(NAME, arrive(path, reference, chosen), highest, chosen)


def reading_off(network: Network, seen: Seen) -> Array:
    """T1P's `D_P({j})` for every neuron (m,), in float64."""
    parameters = network.parameters()
    change = np.zeros(network.width)
    for block, z in zip(stream_names(network).blocks, seen.stream, strict=False):
        first, *inner = block.layers
        A = parameters[first.matrix]
        gain = np.linalg.norm(parameters[block.back.matrix], 2)
        for one in inner:
            gain *= np.linalg.norm(parameters[one.matrix], 2)
        read = np.linalg.norm(A, axis=0) * _root_mean_square(z)
        change = (1.0 + gain * np.linalg.norm(A, 2)) * change + gain * read
    V = network.V
    found: Array = np.linalg.norm(V, axis=0) * _root_mean_square(seen.stream[-1]) + np.linalg.norm(V, 2) * change
    return found


def _root_mean_square(z: Array) -> Array:
    found: Array = np.sqrt((z * z).mean(axis=0))
    return found


def _refit(network: Network, slots: Indices, problem: Problem, level: float) -> Segment:
    """L7. The line to a readout of the other slots, the best or one well below the ends."""
    kept = np.setdiff1d(np.arange(network.width), slots)
    V, c = np.zeros_like(network.V), network.c
    if len(kept):
        H = Seen.of(network, problem.X).stream[-1][:, kept]
        found = fitted(H, Dense(network.V[:, kept], network.c), problem, network, level)
        V[:, kept], c = found.matrix, found.bias
    return readout_to(network, V, None, c)


ROUTES = (
    Route(
        name=NAME,
        statement="T1P",
        classes=(Post.kind,),
        between=unread_slots,
        to_reference=to_reference,
        auto=13,
        if_higher=True,
        place=13,
    ),
)
