"""R0 [ours], the yardstick: readout to the best constant, load, rise. Its level is `max(L(start), L_0, L(end))`."""

from __future__ import annotations

import numpy as np

from numerics.losses import float_loss
from numerics.losses.problem import Problem
from numerics.moves.load import load, load_branch, replace_inactive, silence
from numerics.moves.readout import readout_of, two_layer_readout
from numerics.networks.base import Network
from numerics.networks.classes import CLASSES
from numerics.networks.readers import has_stream
from numerics.networks.two_layer import TwoLayer
from numerics.paths import Kind, Path, Segment, kind_of
from numerics.routes.candidate import Candidate
from numerics.routes.constant import best_constant
from numerics.routes.reference import arrive
from numerics.routes.route import Route


def zero(start: Network, end: Network, problem: Problem) -> Candidate:
    """R0: from `start` to `end`, both of one space, through the best constant output (0 without an output bias)."""
    path = _to_constant(start, problem)
    estimate = max(float_loss(corner, problem) for corner in (start, path.end, end))
    if not start.has_first_layer:
        middle = end.replace({name: path.end.parameters()[name] for name in start.readout})
        path = path.then(
            Segment(kind_of(path.end, middle), path.end, middle)
        )  # all along it the output is one constant
    elif has_stream(start.kind) or not start.has_skip:  # with the readout 0 nothing else affects the output
        path = path.then(replace_inactive(path.end, end))
    else:
        path = path.then(load(path.end, range(start.width), end.W))
        path = path.then(load_branch(path.end, end))
    return Candidate("zero", path.then(readout_of(path.end, end)), estimate)


def zero_to_reference(start: Network, reference: TwoLayer, problem: Problem) -> Candidate:
    """R0: from `start` to `g*` on the first `l` slots."""
    path = _to_constant(start, problem)
    estimate = max(float_loss(start, problem), float_loss(path.end, problem), float_loss(reference, problem))
    path = path.then(silence(path.end))
    slots = range(reference.width)
    return Candidate("zero", arrive(path, reference, slots), estimate, tuple(slots))


def _to_constant(start: Network, problem: Problem) -> Path:
    bias = start.output_bias
    constant = None if bias is None else best_constant(problem)
    if not start.has_skip:
        silent = {name: np.zeros_like(start.parameters()[name]) for name in start.readout}
        changes = silent if bias is None or constant is None else {**silent, bias: constant}
        return Path(start).then(Segment(Kind.READOUT, start, start.replace(changes)))
    return Path(start).then(two_layer_readout(start, np.zeros_like(start.V), constant))


def readout_lacks(network: Network) -> str | None:
    """What keeps the output from being one constant once a readout is 0."""
    return None if network.readout else f"needs a readout: {network.without_features}"


ROUTES = (
    Route(
        name="zero",
        statement="R0",
        classes=tuple(CLASSES),
        lacks=readout_lacks,
        between=zero,
        to_reference=zero_to_reference,
        auto=90,
        always=True,
        quick=True,
        place=30,
    ),
)
