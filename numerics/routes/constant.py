"""R0's constant: one output for all points, of least mean loss. In closed form, or by the search for readouts.

Any constant gives a level that holds: that of the path through it. Only how low the level is rests on what is found.
"""

from __future__ import annotations

import numpy as np

from numerics.losses.problem import Problem
from numerics.networks.arrays import Array
from numerics.networks.base import Network
from numerics.networks.two_layer import TwoLayer
from numerics.routes.features import on_grid
from numerics.routes.loss_fit import convex_fit


def best_constant(problem: Problem) -> Array:
    """The constant output (p,), in float64 on the grid of readouts."""
    with np.errstate(all="ignore"):
        known = problem.loss.best_constant(problem.Y)
        constant = _searched(problem) if known is None else known
        rounded: Array = on_grid(np.where(np.isfinite(constant), constant, 0.0)[None, :])[0]
    return rounded


def constant_network(like: Network, problem: Problem) -> TwoLayer:
    """One neuron that nothing reads, and the best constant; without an output bias the zero output."""
    nothing = np.zeros((problem.Y.shape[1], 1))
    c = None if like.output_bias is None else best_constant(problem)
    return TwoLayer(W=np.zeros((1, like.inputs + int(like.bias))), V=nothing, c=c, bias=like.bias)


def constant_float_loss(like: Network, problem: Problem) -> float:
    """Its loss, in float64."""
    constant = np.zeros(problem.Y.shape[1]) if like.output_bias is None else best_constant(problem)
    with np.errstate(all="ignore"):
        return float(problem.loss.floats(np.broadcast_to(constant, problem.Y.shape), problem.Y).mean())


def _searched(problem: Problem) -> Array:
    nobody = np.zeros(0, dtype=np.int64)
    _, found = convex_fit(np.zeros((problem.size, 0)), problem, with_c=True).fit(nobody, None, 0.0)
    return np.zeros(problem.Y.shape[1]) if found is None else found
