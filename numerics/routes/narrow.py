"""The readout of a narrow network that is best for the loss. A search: nothing here proves."""

from __future__ import annotations

import numpy as np
from scipy.linalg import lstsq

from numerics.losses.problem import Problem
from numerics.losses.registry import SQUARED
from numerics.networks.arrays import Array
from numerics.networks.base import Network
from numerics.routes.chains import Dense
from numerics.routes.features import on_grid
from numerics.routes.loss_fit import ENOUGH, convex_fit

BELOW = 0.25  # a readout is fitted, and a tail trained, until its loss is this share of the higher end's


def fitted(H: Array, readout: Dense, problem: Problem, near: Network, level: float) -> Dense:
    """The readout of `H` (N, t) that is best, or one well below `level`; the given one where `H` overflows.

    `near`: a network from whose outputs a convex search starts.
    """
    bias = readout.bias
    if not np.isfinite(H).all():
        return readout
    scale = np.sqrt((H * H).mean(axis=0))
    scale = np.where(scale > 0.0, scale, 1.0)
    if problem.loss == SQUARED:
        design = H / scale if bias is None else np.hstack([H / scale, np.ones((len(H), 1))])
        found = lstsq(design, problem.Y, check_finite=False)[0].T
        V, c = found[:, : H.shape[1]], None if bias is None else found[:, -1]
    else:
        fit = convex_fit(H / scale, problem, with_c=bias is not None)
        V, c = fit.fit(np.arange(H.shape[1]), near, level * BELOW / ENOUGH)
    return Dense(on_grid(V / scale), None if c is None else on_grid(c[None, :])[0])


def loss_of(H: Array, readout: Dense, problem: Problem) -> float:
    """The loss of this readout, in float64."""
    return float(problem.loss.floats(readout.affine(H), problem.Y).mean())
