"""An upper bound of the loss over a whole piece `[t - r, t + r]` of a segment on which any weights move.

The residuals `f - y` are first-order models; their squares are summed over all samples and outputs into **one**
quadratic `q0 + q1 s + q2 s^2` before it is bounded over `|s| <= r`, so that slopes of single samples cancel. Samples
are taken in blocks that stay in the processor's cache, several blocks at once in threads.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np
from threadpoolctl import threadpool_limits

from numerics.arithmetic.budget import require
from numerics.arithmetic.rounding import ETA, INFLATION, Array, U, gamma, require_gradual_underflow, row_norms, up
from numerics.common.shown import Shown
from numerics.losses.problem import Problem
from numerics.maxima.models import (
    Model,
    Models,
    MovingMatrix,
    MovingVector,
    Placed,
    rectify,
    sizes,
    sparse,
)
from numerics.networks.base import Network
from numerics.networks.forward import outputs_from, with_ones

BLOCK = 1 << 17  # first-layer entries of one block of samples
FEWEST = 32  # rows of one block, however wide the network
LARGEST = 2.0**1023  # sum of squares
SHORTEST = 2.0**-500  # half-width of a piece


@dataclass(frozen=True)
class Bound:
    """`lower <= loss <= upper` on the whole piece; `centre`: the models' loss at its centre, for searching only."""

    lower: float
    upper: float
    centre: float
    open_signs: int


@dataclass(frozen=True, eq=False)
class _Rows(Shown):
    """The first layer's pre-activations at both ends of the segment, for one block of samples (N, m).

    `noise` (N, m) bounds everything that rounding does to `start + t slope` as the exact pre-activation.
    """

    start: Array
    slope: Array
    noise: Array
    noise_norm: Array
    targets: Array


class Line:
    """The segment from `start` to `end` (one space) with the data: everything that does not depend on the piece."""

    def __init__(self, start: Network, end: Network, problem: Problem) -> None:
        require_gradual_underflow()
        self.start, self.end, self.data = start, end, problem
        theirs = end.parameters()
        self._weights: dict[str, MovingMatrix | MovingVector] = {}
        with np.errstate(all="ignore"):  # an overflow ends as an infinite bound
            for name, array in start.parameters().items():
                moving = MovingMatrix if array.ndim == 2 else MovingVector
                self._weights[name] = moving.between(array, theirs[name])
        self._first = self._weights.pop("W")
        self._seen = with_ones(problem.X, start.bias)
        rows = min(problem.size, max(FEWEST, BLOCK // start.width))
        self._blocks = [slice(k, min(k + rows, problem.size)) for k in range(0, problem.size, rows)]
        # Kept features: three matrices (N, m). One block in work: about 16 of its first layer's size, in each thread.
        kept, working = 24.0 * problem.size * start.width, 128.0 * rows * start.width * _workers()
        require(working, problem.budget, "one block of samples in first-order models")
        self._keeps = kept + working <= problem.budget

    @cached_property
    def _kept(self) -> list[_Rows]:
        return [self._rows(block) for block in self._blocks]

    def _rows(self, block: slice) -> _Rows:
        """First-layer pre-activations of a block, and their noise.

        `P_A = fl(X A^T)`, `P_B` likewise, slope `P_D = fl(P_B - P_A)`. For every `t` in [0, 1] the exact
        pre-activation differs from `P_A + t P_D` by at most `gamma(n) |x| . (|a| + |b|) + 2 n eta` (products) plus
        `5 u (|P_A| + |P_B|) + eta` (difference, product with `t`, sum), and `|P_A| + |P_B|` is at most
        `(1 + gamma(n)) |x| . (|a| + |b|) + 2 n eta`: together less than `gamma(n + 8) ||x|| G + 4 n eta`, with `G` the
        norm of the row of `|A| + |B|`.
        """
        first, X = self._first, self._seen[block]
        assert isinstance(first, MovingMatrix)
        n = X.shape[1]
        start = X @ first.start.T
        end = X @ (self.end.parameters()["W"]).T
        slope = end - start
        with_sizes = row_norms(X)[:, None] * first.norms[None, :]
        noise = up(gamma(n + 8) * with_sizes) + (4.0 * n * ETA)
        if not np.isfinite(np.abs(start) + np.abs(end)).all():
            start = np.full_like(start, np.nan)  # an overflow has no sign
        return _Rows(start, slope, noise, row_norms(noise)[:, None], self.data.Y[block])

    def bound(self, t: float, r: float, pool: ThreadPoolExecutor | None = None) -> Bound:
        """`loss <= upper` for all times in `[t - r, t + r]`, which must lie in [0, 1].

        `r` is 0 or at least `2^-500`, so that `r^2` does not underflow before it meets a large weight. Raises
        ValueError.
        """
        if not (0.0 <= t <= 1.0 and (r == 0.0 or SHORTEST <= r <= 0.5)) or not r <= Fraction(t) <= 1 - Fraction(r):
            raise ValueError(f"[{t} - {r}, {t} + {r}] is no piece of [0, 1] of half-width 0 or 2^-500 to 1/2")
        with np.errstate(all="ignore"):
            if self._keeps:
                _ = self._kept  # once, before several threads ask for it
            placed: dict[str, Placed] = {name: weight.at(t, r) for name, weight in self._weights.items()}
        run = map if pool is None or len(self._blocks) == 1 else pool.map
        parts = list(run(lambda k: self._part(k, placed, t, r), range(len(self._blocks))))
        return _summed(parts, self.data.size, r)

    def _part(self, k: int, placed: dict[str, Placed], t: float, r: float) -> _Part:
        with np.errstate(all="ignore"):  # an overflow ends as an infinite bound
            rows = self._kept[k] if self._keeps else self._rows(self._blocks[k])
            stacked, chords = rectify(rows.start + t * rows.slope, rows.slope, rows.noise, r)
            z = Model(stacked, sparse(chords, rows.start.shape), rows.noise_norm, sizes(stacked, r))
            f = outputs_from(self.start.kind, placed, z, Models(r))
            return _squares(f, rows.targets, r, len(chords.errors))


@dataclass(frozen=True)
class _Part:
    """Sums over one block: the quadratic's coefficients and everything that is only bounded."""

    q0: float
    q1: float
    q2: float
    rest: float
    open_signs: int


def _squares(f: Model, targets: Array, r: float, open_signs: int) -> _Part:
    """`sum (f - y)^2` as `q0 + q1 s + q2 s^2` within `rest`.

    The three sums have `K` terms each, so they round by `gamma(K + 2)` of the sums of moduli, which by Cauchy-Schwarz
    are at most `q0`, `2 sqrt(q0 q2)` and `q2`: together `gamma(K + 2) (sqrt q0 + r sqrt q2)^2`, twice that to be safe
    against the rounding of this expression, and `3 K eta` for underflow.
    """
    value, slope = f.value - targets, f.slope
    radius = up(f.radius + f.noise + 2.0 * U * np.abs(value))  # the subtraction rounds by u of itself
    count = value.size
    q0 = float(np.einsum("ij,ij->", value, value))
    q1 = 2.0 * float(np.einsum("ij,ij->", value, slope))
    q2 = float(np.einsum("ij,ij->", slope, slope))
    reach = 2.0 * (np.abs(value) + r * np.abs(slope)) + radius
    rest = float(np.einsum("ij,ij->", reach, radius)) * (1.0 + 2.0 * gamma(count + 8))
    if not (q0 >= 0.0 and q2 >= 0.0):  # NaN
        return _Part(math.nan, math.nan, math.nan, math.nan, open_signs)
    moduli = math.sqrt(q0) + r * math.sqrt(q2)
    rounding = 2.0 * gamma(count + 2) * (moduli * moduli)  # infinite after an overflow, where ** would raise
    return _Part(q0, q1, q2, rest + rounding + 8.0 * count * ETA, open_signs)


def _summed(parts: Sequence[_Part], samples: int, r: float) -> Bound:
    """The loss from all blocks, bounded over `|s| <= r`: convex in `s`, so `q0 + |q1| r + q2 r^2` at an end."""
    # Half the range of floats, so that no partial sum of fsum overflows (it would raise).
    if not sum(part.q0 + abs(part.q1) + part.q2 + part.rest for part in parts) < LARGEST:
        return Bound(0.0, math.inf, math.inf, 0)
    # fsum rounds once; |q1| is at most q0 + q2, so that rounding stays within the inflation of the sum below.
    q0, q1 = math.fsum(part.q0 for part in parts), math.fsum(part.q1 for part in parts)
    q2, rest = math.fsum(part.q2 for part in parts), math.fsum(part.rest for part in parts)
    swing = abs(q1) * r + q2 * r * r
    top = (q0 + swing + rest) * INFLATION + 8.0 * ETA
    # Some ten roundings, each of at most u (q0 + swing + rest): far below 2^-40 of that.
    lowest = max(0.0, q0 - abs(q1) * r - rest - (q0 + swing + rest) * 2.0**-40)
    return Bound(
        lower=max(0.0, lowest / samples * (1.0 - 4.0 * U) - ETA),
        upper=top / samples * INFLATION + ETA,
        centre=q0 / samples,
        open_signs=sum(part.open_signs for part in parts),
    )


@contextmanager
def threads() -> Iterator[ThreadPoolExecutor]:
    """As many threads as processors, each with one BLAS thread: blocks of samples are independent."""
    with threadpool_limits(limits=1, user_api="blas"), ThreadPoolExecutor(_workers()) as pool:
        yield pool


def _workers() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
