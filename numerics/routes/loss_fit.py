"""Readouts under any convex loss but squared error: L-BFGS on whitened features, from the outputs that there are.

A search: whatever it returns is certified as it is. A loss with corners is smoothed, less and less.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy.linalg import LinAlgError, cholesky, solve_triangular
from scipy.optimize import minimize

from numerics.arithmetic.budget import require
from numerics.common.shown import Shown
from numerics.losses.loss import Targets
from numerics.losses.problem import Problem
from numerics.networks.arrays import Array
from numerics.networks.base import Network
from numerics.networks.forward import outputs

RIDGE = 1e-10  # as in `features`, on features of mean square 1
STEPS = 400  # of L-BFGS: a cross-entropy that has no minimum would go on
SMOOTHINGS = (0.3, 0.03, 0.003)  # widths of the rounded corners, in units of the targets
ENOUGH = 0.5  # of what is enough: room for rounding, and for the features that leave next
STALLED = 1e-9  # relative progress of a step at which the search ends

Objective = Callable[[Array], tuple[float, Array]]  # outputs (N, p) -> mean loss and its gradient in them


@dataclass(frozen=True, eq=False)
class ConvexFit(Shown):
    """Features `Z` (N, q), each over its scale, and the problem whose loss a readout of some of them is to make small.

    `unit`: what outputs are measured in.
    """

    Z: Array
    problem: Problem
    unit: float
    with_c: bool

    def fit(self, chosen: np.ndarray, near: Network | None, enough: float) -> tuple[Array, Array | None]:
        """`V` (p, chosen) for features over their scales and `c` (p,) or None; 0 where float64 cannot hold them.

        It starts from what comes nearest to the outputs of `near`, or from the targets' least squares, whichever has
        the smaller loss, and ends early at a loss that is well below `enough`.
        """
        H = self.Z[:, chosen]
        means = H.mean(axis=0) if self.with_c and len(chosen) else np.zeros(len(chosen))
        basis, factor = _whitened(H - means)
        starts = [self.problem.Y] if near is None else [outputs(near, self.problem.X), self.problem.Y]
        u, c = self._solved(basis, starts, enough)
        V = solve_triangular(factor, u, lower=True, trans="T", check_finite=False).T if len(chosen) else u.T
        offset = c - V @ means
        if not (np.isfinite(V).all() and np.isfinite(offset).all()):
            V, offset = np.zeros_like(V), np.zeros_like(offset)
        return V, offset if self.with_c else None

    def loss(self, chosen: np.ndarray, V: Array, c: Array | None) -> float:
        """The mean loss of the readout `V` of features over their scales; infinite where float64 overflows."""
        f = self.Z[:, chosen] @ V.T + (0.0 if c is None else c)
        loss = float(self.problem.loss.floats(f, self.problem.Y).mean())
        return loss if math.isfinite(loss) else math.inf

    def _solved(self, basis: Array, starts: list[Array], enough: float) -> tuple[Array, Array]:
        """`u` (k, p) and `c` (p,) with a small mean loss of `basis u + c`, the best that was seen."""
        N, k = basis.shape
        p, Y, unit, loss = self.problem.Y.shape[1], self.problem.Y, self.unit, self.problem.loss

        def place(f: Array) -> Array:
            c = f.mean(axis=0) if self.with_c else np.zeros(p)
            return np.vstack([basis.T @ (f - c) / N, c]) / unit

        def outputs_at(x: Array) -> Array:
            f: Array = (basis @ x[:k] + x[k] * self.with_c) * unit
            return f

        def seen(x: Array) -> float:
            value = float(loss.floats(outputs_at(x), Y).mean())
            return value if math.isfinite(value) else math.inf

        candidates = [np.zeros((k + 1, p)), *(one for one in map(place, starts) if np.isfinite(one).all())]
        best = min(candidates, key=seen)
        least = seen(best)
        for width in SMOOTHINGS if loss.smoothness is None else SMOOTHINGS[:1]:
            if not ENOUGH * enough < least < math.inf:
                break
            smoothed = partial(loss.smoothed, Y=Y, width=width * unit)
            size, _ = smoothed(outputs_at(best))
            scale = size if size > 0.0 and math.isfinite(size) else 1.0

            def value(flat: Array, smoothed: Objective = smoothed, scale: float = scale) -> tuple[float, Array]:
                x = flat.reshape(k + 1, p)
                at, slope = smoothed(outputs_at(x))
                slope = slope * (unit / scale / N)
                whole = np.vstack([basis.T @ slope, slope.sum(axis=0) * self.with_c])
                return at / scale, whole.ravel()

            def watch(flat: Array) -> None:
                nonlocal best, least
                x = flat.reshape(k + 1, p)
                if (now := seen(x)) < least:
                    best, least = x.copy(), now
                if least <= ENOUGH * enough:
                    raise StopIteration

            options = {"maxiter": STEPS, "maxfun": 2 * STEPS, "ftol": STALLED, "gtol": 0.0}
            minimize(value, best.ravel(), jac=True, method="L-BFGS-B", callback=watch, options=options)
        return best[:k] * unit, best[k] * unit * self.with_c


def convex_fit(Z: Array, problem: Problem, *, with_c: bool) -> ConvexFit:
    """Of features that are in memory already, each over its scale."""
    largest = float(np.abs(problem.Y).max()) if problem.loss.targets is Targets.VALUES else 1.0
    return ConvexFit(Z, problem, largest or 1.0, with_c)


def require_memory(q: int, problem: Problem) -> None:
    """Raise InputError where `q` features of all points, whitened besides, would not fit."""
    require(
        8.0 * 4 * problem.size * q,
        problem.budget,
        f"the search's features of all points, under {problem.loss.name} loss,",
    )


def _whitened(H: Array) -> tuple[Array, Array]:
    """`Q` (N, k) with `Q L^T = H` and about `E[Q^T Q] = 1`, and `L` (k, k), lower triangular."""
    k = H.shape[1]
    if not k:
        return H, np.zeros((0, 0))
    gram, ridge = H.T @ H / len(H), RIDGE
    while True:
        try:
            factor = cholesky(gram + ridge * np.eye(k), lower=True, check_finite=False)
            break
        except LinAlgError:
            ridge *= 100.0
            if ridge > 1.0:  # not even positive with that: what float64 holds is of no use
                factor = np.eye(k)
                break
    whitened: Array = solve_triangular(factor, H.T, lower=True, check_finite=False).T
    return whitened, np.asarray(factor)
