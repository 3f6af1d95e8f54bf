"""R9's third step: the neuron that lowers the loss most beside all that the readout reads already. It proves nothing.

A row `w` lowers the least-squares loss by `||E[R z]||^2 / E[z'^2]`, `z = [w.x]_+`, R the residual, `z'` what of z the
present features do not explain. That is not concave in w: many rows are scored at once, the best climb by gradients.
Under another loss R is the negative gradient in the outputs, so that rows are scored by what a step along them gains.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import LinAlgError, cholesky, solve_triangular

from numerics.arithmetic.budget import require
from numerics.common.shown import Shown
from numerics.losses.problem import Problem
from numerics.losses.registry import SQUARED
from numerics.networks.arrays import Array
from numerics.networks.base import Network
from numerics.networks.forward import Floats, branch_from, outputs, read_by_V, with_ones

SAMPLES = 4096  # of more, so many are looked at: a search
CANDIDATES = 256  # of each sort
CLIMBERS = 32
STEPS = 25
RIDGE = 1e-10  # as in `features`, on features of mean square 1
EXPLAINED = 1e-8  # a feature of which less than this share is new counts as if it were so much


@dataclass(frozen=True, eq=False)
class Residual(Shown):
    """What is left to explain: `basis` (q, N) of the present features, orthonormal; `residual` (N, p) beside it.

    `seen` (N, D): what the first layer sees.
    """

    basis: Array
    residual: Array
    seen: Array

    @classmethod
    def of(cls, network: Network, without: np.ndarray, problem: Problem, rng: np.random.Generator) -> Residual:
        """Of everything that the readout reads but the slots `without`. Raises InputError over the memory budget."""
        few = np.arange(problem.size)
        if problem.size > SAMPLES:
            few = np.sort(rng.choice(problem.size, SAMPLES, replace=False))
        require(8.0 * 4 * len(few) * (network.width + CANDIDATES), problem.budget, "the search for a new neuron")
        seen, Y = with_ones(problem.X[few], network.bias), problem.Y[few]
        wanted = Y if problem.loss == SQUARED else -problem.loss.gradient(outputs(network, problem.X[few]), Y)
        H = np.delete(_read(network, seen), without, axis=1)
        if network.c is not None:
            H = np.hstack([H, np.ones((len(H), 1))])
        basis = _orthonormal(H)
        residual = wanted - basis.T @ (basis @ wanted)
        return cls(basis, residual - basis.T @ (basis @ residual), seen)

    def scores(self, rows: Array) -> tuple[Array, Array]:
        """What each of the `rows` (k, D) lowers the loss by (k,), and the gradients (k, D) of that."""
        N = len(self.seen)
        z = np.maximum(self.seen @ rows.T, 0.0)
        new = z - self.basis.T @ (self.basis @ z)
        along = self.residual.T @ z / N  # (p, k)
        size = np.maximum((new**2).sum(axis=0) / N, EXPLAINED * (z**2).sum(axis=0) / N)
        size = np.where(size > 0.0, size, 1.0)
        found = (along**2).sum(axis=0) / size
        slopes = 2.0 * (self.residual @ along - found * new) / size / N
        gradients: Array = np.where(z > 0.0, slopes, 0.0).T @ self.seen
        return found, gradients

    def with_row(self, row: Array) -> Residual:
        """The same where this neuron is there already."""
        z = np.maximum(self.seen @ row, 0.0)
        for _ in range(2):
            z = z - self.basis.T @ (self.basis @ z)
        length = float(np.linalg.norm(z))
        if not length > 0.0:
            return self
        unit = (z / length)[None, :]
        residual = self.residual - unit.T @ (unit @ self.residual)
        return Residual(np.vstack([self.basis, unit]), residual, self.seen)


def new_rows(network: Network, slots: np.ndarray, problem: Problem, rng: np.random.Generator) -> Array:
    """Rows (len(slots), D) for the slots, one after the other, each the best found beside all others and those before.

    Rows that explain nothing new may be among them. Raises InputError over the memory budget.
    """
    found: list[Array] = []
    with np.errstate(all="ignore"):  # a search: what overflows is no candidate
        left = Residual.of(network, slots, problem, rng)
        for _ in slots:
            rows = _candidates(network, left, rng)
            scores, _ = left.scores(rows)
            order = np.argsort(np.nan_to_num(-scores, nan=np.inf), kind="stable")
            best = _climbed(left, rows[order[:CLIMBERS]])
            found.append(best)
            left = left.with_row(best)
        length = float(np.median(np.linalg.norm(network.W, axis=1))) or 1.0
        scaled = np.array(found) * (length if np.isfinite(length) else 1.0)
        short = scaled.astype(np.float32).astype(np.float64)  # few bits, so that exact arithmetic stays short
    return np.where(np.isfinite(short), short, 0.0)


def _climbed(left: Residual, rows: Array) -> Array:
    """The best unit row after gradient ascent of the scores on the sphere, from all of these at once."""
    scores, slopes = left.scores(rows)
    pace = np.full(len(rows), 0.3)
    for _ in range(STEPS):
        tangent = slopes - (slopes * rows).sum(axis=1)[:, None] * rows
        length = np.linalg.norm(tangent, axis=1)
        there = _units(rows + (pace / np.where(length > 0.0, length, 1.0))[:, None] * tangent)
        after, its_slopes = left.scores(there)
        better = after > scores
        rows, slopes = np.where(better[:, None], there, rows), np.where(better[:, None], its_slopes, slopes)
        scores, pace = np.where(better, after, scores), np.where(better, 1.2 * pace, 0.4 * pace)
    best: Array = rows[int(np.argmax(np.nan_to_num(scores)))]
    return best


def _candidates(network: Network, left: Residual, rng: np.random.Generator) -> Array:
    """Unit rows to begin with, by the network's own rows, by the data, by the residual, and by chance."""
    seen, R = left.seen, left.residual
    N, D = seen.shape
    own = _units(network.W[rng.permutation(network.width)[:CANDIDATES]])
    nudged = own + 0.3 * rng.standard_normal(own.shape) / np.sqrt(D)
    first, second = seen[rng.integers(N, size=CANDIDATES)], seen[rng.integers(N, size=CANDIDATES)]
    between = first - second
    if network.bias:  # a plane half-way between two points, or through one of them
        middle = first + rng.choice([0.0, 0.5, 1.0], size=(CANDIDATES, 1)) * (second - first)
        between[:, -1] = -(between[:, :-1] * middle[:, :-1]).sum(axis=1)
    _, _, axes = np.linalg.svd(R, full_matrices=False)
    along = R @ axes[rng.integers(len(axes), size=CANDIDATES)].T  # (N, k): the residual along an output
    active = seen @ np.vstack([own, _units(between)])[rng.integers(len(own) + CANDIDATES, size=CANDIDATES)].T > 0.0
    gradients = np.where(active, along, 0.0).T @ seen
    worst = seen[np.argsort(-(R**2).sum(axis=1), kind="stable")[: CANDIDATES // 2]]
    chance = rng.standard_normal((CANDIDATES // 2, D))
    rows = _units(np.vstack([own, nudged, between, gradients, -gradients, worst, -worst, chance]))
    return rows[np.isfinite(rows).all(axis=1)]


def _read(network: Network, seen: Array) -> Array:
    """What the readout reads (N, q): features of the stream, in PARALLEL the branch's last layer after them."""
    z = np.maximum(seen @ network.W.T, 0.0)
    weights = network.parameters()
    if network.kind == "parallel":
        return np.hstack([z, branch_from(weights, "", z, Floats())])
    return read_by_V(network.kind, weights, z, Floats())


def _orthonormal(H: Array) -> Array:
    """(q, N): rows of unit length that span the columns of H (N, q), up to a ridge."""
    scale = np.sqrt((H**2).mean(axis=0))
    usable = (scale > 0.0) & np.isfinite(scale)
    H = H[:, usable] / scale[usable]
    gram, ridge = H.T @ H / len(H), RIDGE
    while ridge < 1.0 and len(gram):
        try:
            factor = cholesky(gram + ridge * np.eye(len(gram)), lower=True, check_finite=False)
            return np.asarray(solve_triangular(factor, H.T / np.sqrt(len(H)), lower=True, check_finite=False))
        except LinAlgError:
            ridge *= 100.0
    return np.zeros((0, len(H)))


def _units(rows: Array) -> Array:
    lengths = np.linalg.norm(rows, axis=1)
    unit: Array = rows / np.where(lengths > 0.0, lengths, 1.0)[:, None]
    return unit
