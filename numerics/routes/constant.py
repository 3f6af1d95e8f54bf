"""R0's constant: one output for all points, of least mean loss. In closed form, or by the search for readouts.

Any constant gives a level that holds: that of the path through it. Only how low the level is rests on what is found.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from scipy.optimize import linprog

from numerics.losses.problem import Problem
from numerics.networks.arrays import Array
from numerics.networks.base import Network
from numerics.networks.two_layer import TwoLayer
from numerics.routes.features import on_grid
from numerics.routes.loss_fit import convex_fit

FARTHEST = 40.0  # a logit of which more would lower the loss by less than e^-40: no least loss is attained


def best_constant(problem: Problem) -> Array:
    """The constant output (p,), in float64 on the grid of readouts."""
    find = CONSTANTS.get(problem.loss.family, _searched)
    with np.errstate(all="ignore"):
        constant = find(problem)
        rounded: Array = on_grid(np.where(np.isfinite(constant), constant, 0.0)[None, :])[0]
    return rounded


def constant_network(like: Network, problem: Problem) -> TwoLayer:
    """One neuron that nothing reads, and the best constant; without an output bias the zero output."""
    nothing = np.zeros((problem.Y.shape[1], 1))
    c = None if like.c is None else best_constant(problem)
    return TwoLayer(W=np.zeros((1, like.W.shape[1])), V=nothing, c=c, bias=like.bias)


def _searched(problem: Problem) -> Array:
    nobody = np.zeros(0, dtype=np.int64)
    _, found = convex_fit(np.zeros((problem.size, 0)), problem, with_c=True).fit(nobody, None, 0.0)
    return np.zeros(problem.Y.shape[1]) if found is None else found


def _mean(problem: Problem) -> Array:
    mean: Array = problem.Y.mean(axis=0)
    return mean


def _median(problem: Problem) -> Array:
    """Of each column: one of its entries."""
    middle: Array = np.sort(problem.Y, axis=0)[(problem.size - 1) // 2]
    return middle


def _majority(problem: Problem) -> Array:
    """The commoner sign of each column."""
    return np.where(problem.Y.sum(axis=0) >= 0.0, 1.0, -1.0)


def _log_odds(problem: Problem) -> Array:
    positive = (problem.Y > 0.0).mean(axis=0)
    odds: Array = np.clip(np.log(positive) - np.log(1.0 - positive), -FARTHEST, FARTHEST)
    return odds


def _log_frequencies(problem: Problem) -> Array:
    """Less their mean; a class that never occurs lies far below all others."""
    logs = np.log(problem.Y.mean(axis=0))
    least = logs[np.isfinite(logs)].min() - FARTHEST
    logs = np.maximum(logs, least)
    centred: Array = logs - logs.mean()
    return centred


def _corner(problem: Problem) -> Array:
    """Of the multi-class hinge loss by a linear program in `c` and one bound `s_y` for each class y that occurs."""
    shares = problem.Y.mean(axis=0)
    p = len(shares)
    if p > MOST:
        return _searched(problem)
    rows = [(y, j) for y in range(p) for j in range(p) if j != y and shares[y] > 0.0]
    A = np.zeros((len(rows), 2 * p))
    for k, (y, j) in enumerate(rows):  # 1 + c_j - c_y <= s_y
        A[k, j], A[k, y], A[k, p + y] = 1.0, -1.0, -1.0
    bounds = [(-float(p), float(p))] * p + [(0.0, None)] * p
    solved = linprog(np.concatenate([np.zeros(p), shares]), A_ub=A, b_ub=-np.ones(len(rows)), bounds=bounds)
    return np.asarray(solved.x[:p]) if solved.success else _searched(problem)


MOST = 64  # classes of a linear program with so many squared inequalities
CONSTANTS: Mapping[str, Callable[[Problem], Array]] = {
    "squared": _mean,
    "absolute": _median,
    "hinge": _majority,
    "logistic": _log_odds,
    "cross-entropy": _log_frequencies,
    "multi-hinge": _corner,
}
"""What is known in closed form, by family; for any other loss it is searched for."""
