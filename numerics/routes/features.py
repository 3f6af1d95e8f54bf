"""First-layer features in float64, computed once, and least-squares readouts on any choice of them.

Everything here searches; nothing proves. Readouts are rounded to a dyadic grid so that exact arithmetic on them stays
short.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.linalg import LinAlgError, cho_factor, cho_solve

from numerics.data import Data
from numerics.networks.arrays import Array
from numerics.networks.forward import with_ones

GRID_BITS = 30  # readouts keep this many bits below the largest entry of their neuron: mostly two limbs
RIDGE = 1e-10  # on features of mean square 1; a hundred times more until the factorisation succeeds


@dataclass(frozen=True, eq=False)
class Fit:
    """Readout `V` (p, chosen), `c` (p,) or None, and its loss from second moments in float64 (a search result)."""

    V: Array
    c: Array | None
    loss: float


@dataclass(frozen=True, eq=False)
class Features:
    """`Z = [X rows^T]_+` (N, q) of `q` first-layer rows, each column over its `scale`; centred if there is a `c`."""

    Z: Array
    scale: Array
    Y: Array
    with_c: bool

    @classmethod
    def of(cls, rows: Array, data: Data, *, bias: bool, with_c: bool) -> Features:
        """Features of `rows` (q, D) on the data; a feature that overflows float64 counts as absent (zero)."""
        with np.errstate(over="ignore", invalid="ignore"):
            Z = np.maximum(with_ones(data.X, bias) @ rows.T, 0.0)
        Z[:, ~np.isfinite(Z).all(axis=0)] = 0.0
        largest = Z.max(axis=0, initial=0.0)
        scale = np.where(largest > np.finfo(float).tiny, largest, 1.0)
        Z = Z / scale
        spread = np.sqrt(((Z - Z.mean(axis=0)) ** 2).mean(axis=0)) if with_c else np.sqrt((Z**2).mean(axis=0))
        spread = np.where(spread > 1e-6, spread, 1.0)
        return cls(Z / spread, scale * spread, data.Y, with_c)

    @cached_property
    def means(self) -> tuple[Array, Array]:
        """Means of features and targets; zero without an output bias."""
        if not self.with_c:
            return np.zeros(self.Z.shape[1]), np.zeros(self.Y.shape[1])
        return self.Z.mean(axis=0), self.Y.mean(axis=0)

    @cached_property
    def gram(self) -> Array:
        """(q, q): second moments of the centred features."""
        mean = self.means[0]
        moments: Array = self.Z.T @ self.Z / len(self.Z) - np.outer(mean, mean)
        return moments

    @cached_property
    def correlation(self) -> Array:
        """(q, p): second moments of centred features with centred targets."""
        z_mean, y_mean = self.means
        return np.asarray(self.Z.T @ self.Y / len(self.Z) - np.outer(z_mean, y_mean))

    def fit(self, chosen: np.ndarray) -> Fit:
        """The least-squares readout on the chosen features (in the units of the network), on the dyadic grid."""
        gram, right, scale = self.gram[np.ix_(chosen, chosen)], self.correlation[chosen], self.scale[chosen]
        V, ridge = np.zeros((self.Y.shape[1], len(chosen))), RIDGE
        while gram.any():
            try:
                factor = cho_factor(gram + ridge * np.eye(len(chosen)), check_finite=False)
                V = on_grid(cho_solve(factor, right, check_finite=False).T / scale)
                break
            except LinAlgError:
                ridge *= 100.0
        if not self.with_c:
            return Fit(V, None, self._loss(gram, right, V * scale, 0.0))
        exact_c = self.means[1] - (V * scale) @ self.means[0][chosen]
        c = on_grid(exact_c[:, None])[:, 0]
        return Fit(V, c, self._loss(gram, right, V * scale, float(((c - exact_c) ** 2).sum())))

    def _loss(self, gram: Array, right: Array, V: Array, offset: float) -> float:
        square = float((self.Y**2).sum() / len(self.Y) - (self.means[1] ** 2).sum())
        loss = square - 2.0 * float((V.T * right).sum()) + float(((V @ gram) * V).sum()) + offset
        return max(loss, 0.0) if math.isfinite(loss) else math.inf


def on_grid(values: Array) -> Array:
    """(p, k) rounded, column by column, to multiples of `2^-30` of the power of two above the largest entry."""
    largest = np.abs(values).max(axis=0, initial=0.0)
    step = np.frexp(largest)[1] - GRID_BITS
    step = np.maximum(step, -1000)  # far below any other weight; keeps the scaling by powers of two exact
    return np.where(largest < 2.0**900, np.ldexp(np.rint(np.ldexp(values, -step)), step), values) + 0.0
