"""The readout of given features that is best for a loss: least squares, or a convex problem solved by L-BFGS.

It is a search: whatever the solver did, the path is certified as it is.
"""

from __future__ import annotations

from contextlib import suppress

import numpy as np
from scipy.linalg import LinAlgError, lstsq
from scipy.optimize import minimize

from numerics.losses.problem import Problem
from numerics.networks.arrays import Array
from numerics.routes.features import on_grid

STEPS = 300  # of L-BFGS


class _Enough(Exception):
    """The goal is reached."""


def convex_fit(
    H: Array, problem: Problem, U: Array, c: Array | None, goal: float = -np.inf
) -> tuple[Array, Array | None]:
    """Readout `U` (p, q) and `c` (p,) of features `H` (N, q), from a first guess; on the grid of `on_grid`.

    Without `c` there is no output bias. Ends early where the loss is at most `goal`. Where float64 overflows the guess
    is returned.
    """
    if not np.isfinite(H).all():
        return on_grid(U), None if c is None else on_grid(c[None, :])[0]
    scale = np.sqrt((H * H).mean(axis=0))
    scale = np.where(scale > 0.0, scale, 1.0)
    design = H / scale if c is None else np.hstack([H / scale, np.ones((len(H), 1))])
    guess = U * scale if c is None else np.hstack([U * scale, c[:, None]])
    found = _solved(design, problem, guess, goal)
    fit, offset = (found, None) if c is None else (found[:, :-1], on_grid(found[None, :, -1])[0])
    return on_grid(fit / scale), offset


def _solved(design: Array, problem: Problem, guess: Array, goal: float) -> Array:
    if problem.loss.family == "squared":
        try:
            solution: Array = lstsq(design, problem.Y, check_finite=False)[0].T
        except LinAlgError:
            return guess
        return solution if np.isfinite(solution).all() else guess
    best = guess

    def value(flat: Array) -> tuple[float, Array]:
        nonlocal best
        f = design @ flat.reshape(guess.shape).T
        loss = float(problem.loss.floats(f, problem.Y).mean())
        if loss <= goal:
            best = flat.reshape(guess.shape).copy()
            raise _Enough
        slope = problem.loss.gradient(f, problem.Y).T @ design / len(design)
        return loss, slope.ravel()

    with np.errstate(over="ignore", invalid="ignore"), suppress(_Enough):
        best = minimize(value, guess.ravel(), jac=True, method="L-BFGS-B", options={"maxiter": STEPS}).x
    best = best.reshape(guess.shape)
    return best if np.isfinite(best).all() else guess
