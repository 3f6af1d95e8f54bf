"""First-layer features in float64, computed once, and least-squares readouts on any choice of them.

Everything here searches; nothing proves. Readouts are rounded to a dyadic grid so that exact arithmetic on them stays short.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.linalg import LinAlgError, cho_factor, cho_solve

from numerics.data import Data
from numerics.networks.arrays import Array
from numerics.networks.forward import with_ones

GRID_BITS = 36  # readouts keep this many bits below their largest entry: two limbs
RIDGE = 1e-10  # relative to the mean square of a feature; a hundred times more until the factorisation succeeds


@dataclass(frozen=True, eq=False)
class Features:
    """`Z = [X rows^T]_+` (N, q) of `q` first-layer rows, centred if the class has an output bias."""

    Z: Array
    Y: Array
    with_c: bool

    @classmethod
    def of(cls, rows: Array, data: Data, *, bias: bool, with_c: bool) -> Features:
        """Features of `rows` (q, D) on the data."""
        return cls(np.maximum(with_ones(data.X, bias) @ rows.T, 0.0), data.Y, with_c)

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

    @cached_property
    def ridge(self) -> float:
        """The smallest regularisation that is tried, absolute."""
        return RIDGE * max(float(np.trace(self.gram)) / max(1, len(self.gram)), np.finfo(float).tiny)

    def fit(self, chosen: np.ndarray) -> tuple[Array, Array | None]:
        """Least-squares readout `V` (p, len(chosen)) and `c` (p,) on the chosen features, on the dyadic grid."""
        V = np.zeros((self.Y.shape[1], len(chosen)))
        if len(chosen) and self.gram.any():
            gram, right, ridge = self.gram[np.ix_(chosen, chosen)], self.correlation[chosen], self.ridge
            while True:
                try:
                    factor = cho_factor(gram + ridge * np.eye(len(chosen)), check_finite=False)
                    solution = cho_solve(factor, right, check_finite=False).T
                    if np.isfinite(solution).all():
                        V = on_grid(solution)
                        break
                except LinAlgError:
                    pass
                ridge *= 100.0
        if not self.with_c:
            return V, None
        return V, on_grid(self.means[1] - V @ self.means[0][chosen])

    def loss(self, chosen: np.ndarray, V: Array, c: Array | None) -> float:
        """The loss of that readout, in float64."""
        residual = self.Z[:, chosen] @ V.T - self.Y + (0.0 if c is None else c)
        return float((residual**2).sum() / len(residual))


def on_grid(values: Array) -> Array:
    """Rounded to multiples of `2^-36` of the next power of two above the largest entry."""
    largest = float(np.abs(values).max(initial=0.0))
    if largest == 0.0:
        return np.zeros_like(values)
    step = int(np.frexp(largest)[1]) - GRID_BITS
    # A grid below float64's own would overflow; there the floats are the grid.
    return np.ldexp(np.rint(np.ldexp(values, -step)), step) if step > -900 else values + 0.0
