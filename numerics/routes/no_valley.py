"""T4b as a construction: on N points a two-layer or parallel network with `m >= N` goes down without climbing.

By the readout, if that can be improved; otherwise a neuron that depends on others (R5) takes a row on which the loss
falls. The path is one of floats, whose maximum is certified like any other.
"""

from __future__ import annotations

import numpy as np

from numerics.errors import InputError
from numerics.losses import readout_is_improvable
from numerics.losses.problem import Problem
from numerics.moves.load import load
from numerics.moves.rank import exact_feature_basis, rank
from numerics.moves.readout import readout_of
from numerics.networks.base import Network
from numerics.networks.classes import FLAT
from numerics.networks.forward import outputs, with_ones
from numerics.networks.readers import AnyArray
from numerics.paths import Path
from numerics.routes.descent import downhill

ROWS_TRIED = 1000  # random directions for a neuron that lowers the loss; almost all do


def descend(network: Network, problem: Problem, *, seed: int = 0) -> Path:
    """T4b: down from a parameter that is no global minimum. Raises InputError where none of its neurons can be freed.

    By the readout, if that can be improved; otherwise a neuron is freed (R5), takes a row on which the loss falls, and
    is read.
    """
    _require_class(network)
    if readout_is_improvable(network, problem):
        return downhill(network, problem)
    basis = exact_feature_basis(network, problem)
    if not len(basis.rest):
        raise InputError(
            f"the readout is the best for these features, and their rank is m = {network.width}: no neuron is free"
            f" (N = {problem.size})"
        )
    segment, leaving = rank(network, problem, 1, basis)
    path = Path(network).then(segment)
    row, step = _improving(path.end, problem, np.random.default_rng(seed))
    path = path.then(load(path.end, leaving, row[None, :]))
    V = path.end.V.copy()
    V[:, leaving] = step[:, None]
    return path.then(readout_of(path.end, path.end.replace({"V": V})))


def _improving(network: Network, problem: Problem, rng: np.random.Generator) -> tuple[AnyArray, AnyArray]:
    """A row (D,), and the readout (p,) of a neuron with it that lowers the loss most. Raises InputError."""
    seen = with_ones(problem.X, network.bias)
    residuals = problem.Y - outputs(network, problem.X)
    rows = rng.integers(-8, 9, size=(ROWS_TRIED, seen.shape[1])).astype(np.float64)
    Z = np.maximum(seen @ rows.T, 0.0)
    squares = (Z**2).sum(axis=0)
    V = residuals.T @ Z / np.where(squares > 0.0, squares, np.inf)
    gains = (V**2).sum(axis=0) * squares
    best = int(gains.argmax())
    if not gains[best] > 0.0:
        raise InputError("no row was found on which the loss falls: this parameter is a global minimum")
    return rows[best], V[:, best]


def _require_class(network: Network) -> None:
    if network.kind not in FLAT:
        raise InputError(f"class {network.kind}: T4b is about two-layer and parallel networks")
