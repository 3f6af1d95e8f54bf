"""First-layer features in float64, computed once, and readouts on any choice of them: least squares, or the problem's
loss.

Everything here searches; nothing proves. Readouts are rounded to a dyadic grid so that exact arithmetic on them stays
short.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from scipy.linalg import LinAlgError, cho_factor, cho_solve

from numerics.common.shown import Shown
from numerics.losses.problem import Problem
from numerics.losses.registry import SQUARED
from numerics.networks.arrays import Array
from numerics.networks.base import Network
from numerics.networks.forward import Floats, branch_from, read_by_V, with_ones
from numerics.routes.loss_fit import ConvexFit, convex_fit, require_memory

ROWS = 2048  # samples at once
GRID_BITS = 30  # readouts keep this many bits below the largest entry of their neuron: mostly two limbs
RIDGE = 1e-10  # on features of mean square 1; a hundred times more until the factorisation succeeds


@dataclass(frozen=True, eq=False)
class Fit(Shown):
    """Readout `V` (p, chosen), `c` (p,) or None, and its loss in float64 (a search result)."""

    V: Array
    c: Array | None
    loss: float


@dataclass(frozen=True, eq=False)
class Features(Shown):
    """Second moments of `q` first-layer features, each over its `scale`; centred if there is an output bias.

    `gram` (q, q) and `correlation` (q, p) are moments of the centred features with themselves and with the centred
    targets; `means` are those of features (q,) and targets (p,); `square` is the mean square of the centred targets.
    Targets are over `y_scale`. `convex`: how readouts are fitted under another loss than squared error.
    """

    gram: Array
    correlation: Array
    means: tuple[Array, Array]
    square: float
    scale: Array
    y_scale: float
    with_c: bool
    convex: ConvexFit | None = None

    @classmethod
    def of(cls, rows: Array, problem: Problem, *, bias: bool, with_c: bool) -> Features:
        """Features of `rows` (q, D) on the data, in blocks of samples; one that overflows float64 counts as zero."""
        return cls._moments(lambda: _blocks(rows, problem, bias), len(rows), problem, with_c=with_c)

    @classmethod
    def affecting_output(cls, network: Network, problem: Problem) -> Features:
        """Everything that the readout of a network with a skip reads: the first layer, or what the blocks have made of
        it (m), then in PARALLEL the last layer of the branch (r_last).
        """
        weights = network.parameters()
        beside = network.kind == "parallel"

        def blocks() -> Iterator[tuple[Array, Array]]:
            for Z, Y in _blocks(network.W, problem, network.bias):
                if beside:
                    yield np.hstack([Z, branch_from(weights, "", Z, Floats())]), Y
                else:
                    yield read_by_V(network.kind, weights, Z, Floats()), Y

        count = network.width + (weights["U"].shape[1] if beside else 0)
        return cls._moments(blocks, count, problem, with_c=network.c is not None)

    @classmethod
    def _moments(
        cls, blocks: Callable[[], Iterator[tuple[Array, Array]]], q: int, problem: Problem, *, with_c: bool
    ) -> Features:
        """Moments of `q` features that come in blocks of samples with their targets."""
        p = problem.Y.shape[1]
        y_scale = float(np.abs(problem.Y).max()) or 1.0
        largest = np.zeros(q)
        for Z, _ in blocks():
            np.maximum(largest, np.abs(Z).max(axis=0), out=largest)
        usable = np.isfinite(largest) & (largest > np.finfo(float).tiny)
        scale = np.where(usable, largest, 1.0)
        gram, correlation, total = np.zeros((q, q)), np.zeros((q, p)), np.zeros(q)
        for Z, Y in blocks():
            Z = np.where(usable, Z, 0.0) / scale
            gram += Z.T @ Z
            correlation += Z.T @ (Y / y_scale)
            total += Z.sum(axis=0)
        z_mean, y_mean = (
            (total / problem.size, (problem.Y / y_scale).mean(axis=0)) if with_c else (np.zeros(q), np.zeros(p))
        )
        gram = gram / problem.size - np.outer(z_mean, z_mean)
        correlation = correlation / problem.size - np.outer(z_mean, y_mean)
        spread = np.sqrt(np.maximum(gram.diagonal(), 0.0))
        spread = np.where(spread > 1e-6, spread, 1.0)
        convex = None
        if problem.loss != SQUARED:
            require_memory(q, problem)
            Z = np.vstack([np.where(usable, Z, 0.0) / (scale * spread) for Z, _ in blocks()])
            convex = convex_fit(Z, problem, with_c=with_c)
        return cls(
            gram=gram / np.outer(spread, spread),
            correlation=correlation / spread[:, None],
            means=(z_mean / spread, y_mean),
            square=float(((problem.Y / y_scale) ** 2).sum() / problem.size - (y_mean**2).sum()),
            scale=scale * spread,
            y_scale=y_scale,
            with_c=with_c,
            convex=convex,
        )

    def fit(self, chosen: np.ndarray, *, near: Network | None = None, enough: float = 0.0) -> Fit:
        """The best readout found on the chosen features (in the units of the network), on the dyadic grid.

        Least squares, or under another loss what a convex search finds from the outputs of the network `near`; that one
        ends early well below a loss that is `enough`. Where float64 cannot hold it the readout is 0: a worse fit, but a
        fit.
        """
        return self._least_squares(chosen) if self.convex is None else self._convex(self.convex, chosen, near, enough)

    def _convex(self, convex: ConvexFit, chosen: np.ndarray, near: Network | None, enough: float) -> Fit:
        scale = self.scale[chosen]
        with np.errstate(all="ignore"):
            fitted, offset = convex.fit(chosen, near, enough)
            V = on_grid(fitted / scale)
            c = None if offset is None else on_grid(offset[None, :])[0]
            if not (np.isfinite(V).all() and (c is None or np.isfinite(c).all())):
                V, c = np.zeros_like(V), None if c is None else np.zeros_like(c)
            return Fit(V, c, convex.loss(chosen, V * scale, c))

    def _least_squares(self, chosen: np.ndarray) -> Fit:
        gram, right, scale = self.gram[np.ix_(chosen, chosen)], self.correlation[chosen], self.scale[chosen]
        V, ridge = np.zeros((right.shape[1], len(chosen))), RIDGE
        while gram.any():
            try:
                factor = cho_factor(gram + ridge * np.eye(len(chosen)), check_finite=False)
                V = cho_solve(factor, right, check_finite=False).T
                break
            except LinAlgError:
                ridge *= 100.0
        with np.errstate(over="ignore", invalid="ignore"):
            V = on_grid(V / scale * self.y_scale)
            if not np.isfinite(V).all():
                V = np.zeros_like(V)
            scaled = V / self.y_scale * scale
            if not self.with_c:
                return Fit(V, None, self._loss(gram, right, scaled, 0.0))
            exact_c = self.means[1] - scaled @ self.means[0][chosen]
            c = on_grid(exact_c[None, :] * self.y_scale)[0]
            if not np.isfinite(c).all():
                V, scaled, c = np.zeros_like(V), np.zeros_like(V), np.zeros_like(c)
            return Fit(V, c, self._loss(gram, right, scaled, float(((c / self.y_scale - exact_c) ** 2).sum())))

    def _loss(self, gram: Array, right: Array, V: Array, offset: float) -> float:
        loss = self.square - 2.0 * float((V.T * right).sum()) + float(((V @ gram) * V).sum()) + offset
        loss = loss * self.y_scale * self.y_scale
        return max(loss, 0.0) if math.isfinite(loss) else math.inf


def _blocks(rows: Array, problem: Problem, bias: bool) -> Iterator[tuple[Array, Array]]:
    for first in range(0, problem.size, ROWS):
        block = slice(first, first + ROWS)
        with np.errstate(over="ignore", invalid="ignore"):
            Z = np.maximum(with_ones(problem.X[block], bias) @ rows.T, 0.0)
        yield np.where(np.isnan(Z), np.inf, Z), problem.Y[block]


def on_grid(values: Array) -> Array:
    """(p, k) rounded, column by column, to multiples of `2^-30` of the power of two above the largest entry."""
    largest = np.abs(values).max(axis=0, initial=0.0)
    step = np.frexp(largest)[1] - GRID_BITS
    step = np.maximum(step, -1000)  # far below any other weight; keeps the scaling by powers of two exact
    return np.where(largest < 2.0**900, np.ldexp(np.rint(np.ldexp(values, -step)), step), values) + 0.0
