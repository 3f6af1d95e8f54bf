"""An upper bound of the loss over a whole piece `[t - r, t + r]` of a segment on which any weights move.

The outputs are first-order models; the losses are summed over all samples before the sum is bounded over `|s| <= r`
(modules `squares` and `convex`), so that slopes of single samples cancel. Samples are taken in blocks that stay in the
processor's cache, several blocks at once in threads.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np

from numerics.arithmetic.budget import require
from numerics.arithmetic.rounding import ETA, Array, U, gamma, require_gradual_underflow, row_norms, up
from numerics.common.shown import Shown
from numerics.common.threads import workers
from numerics.losses.problem import Problem
from numerics.maxima.bound import Bound
from numerics.maxima.bounds import Part, part_of, summed
from numerics.maxima.models import (
    Model,
    Models,
    MovingMatrix,
    MovingVector,
    Placed,
    moving,
    placed,
    rectify,
    sizes,
    sparse,
)
from numerics.networks.base import Network
from numerics.networks.forward import outputs_from, with_ones

BLOCK = 1 << 17  # first-layer entries of one block of samples
FEWEST = 32  # rows of one block, however wide the network
SHORTEST = 2.0**-500  # half-width of a piece


@dataclass(frozen=True, eq=False)
class _Rows(Shown):
    """The first layer's pre-activations along the segment, for one block of samples (N, m).

    `noise` (N, m) bounds everything that rounding does to `start + t (slope + t bend)` as the exact pre-activation;
    `bend` is None on a straight line.
    """

    start: Array
    slope: Array
    bend: Array | None
    noise: Array
    noise_norm: Array
    targets: Array


class Line:
    """The segment from `start` to `end` (one space) with the data: everything that does not depend on the piece.

    With a control network it is the quadratic Bezier arc.
    """

    def __init__(self, start: Network, end: Network, problem: Problem, control: Network | None = None) -> None:
        require_gradual_underflow()
        self.start, self.end, self.control, self.data = start, end, control, problem
        theirs, bends = end.parameters(), {} if control is None else control.parameters()
        self._weights: dict[str, MovingMatrix | MovingVector] = {}
        with np.errstate(all="ignore"):  # an overflow ends as an infinite bound
            for name, array in start.parameters().items():
                kind = MovingMatrix if array.ndim == 2 else MovingVector
                self._weights[name] = kind.between(array, theirs[name], bends.get(name))
        self._labelled = problem.data.labels is not None
        self._first = self._weights.pop("W")
        self._seen = with_ones(problem.X, start.bias)
        rows = min(problem.size, max(FEWEST, BLOCK // start.width))
        self._blocks = [slice(k, min(k + rows, problem.size)) for k in range(0, problem.size, rows)]
        # Kept features: three or four matrices (N, m). One block in work: about 16 of its first layer's size, in each
        # thread.
        kept = (24.0 if control is None else 32.0) * problem.size * start.width
        working = 128.0 * rows * start.width * workers()
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

        On an arc there are three such products, and what the module `models` says of weights holds of them: they make
        `P_A + t (slope + t bend)`, its slope and bend off by less than `19 u` of `|P_A| + 2 |P_C| + |P_B|` and `4 eta`,
        and recentring (`_part`) by `2.3 u` of it: with the products' own `gamma(n) ||x|| G + 4 n eta` together less
        than `gamma(n + 28) ||x|| G + 12 n eta`, with `G` the norm of the row of `|A| + 2 |C| + |B|`.
        """
        first, X = self._first, self._seen[block]
        assert isinstance(first, MovingMatrix)
        n = X.shape[1]
        start = X @ first.start.T
        end = X @ (self.end.parameters()["W"]).T
        control = None if self.control is None or first.bend is None else X @ self.control.parameters()["W"].T
        slope, bend, together = moving(start, end, control)
        with_sizes = row_norms(X)[:, None] * first.norms[None, :]
        bent = first.bend is not None
        noise = up(gamma(n + (28 if bent else 8)) * with_sizes) + ((12.0 if bent else 4.0) * n * ETA)
        if not np.isfinite(together).all():
            start = np.full_like(start, np.nan)  # an overflow has no sign
        return _Rows(start, slope, bend, noise, row_norms(noise)[:, None], self.data.Y[block])

    def bound(self, t: float, r: float, pool: ThreadPoolExecutor | None = None) -> Bound:
        """`loss <= upper` for all times in `[t - r, t + r]`, which must lie in [0, 1].

        `r` is 0 or at least `2^-500`, so that `r^2` does not underflow before it meets a large weight. Raises
        ValueError.
        """
        require_piece(t, r)
        with np.errstate(all="ignore"):
            if self._keeps:
                _ = self._kept  # once, before several threads ask for it
            weights: dict[str, Placed] = {name: weight.at(t, r) for name, weight in self._weights.items()}
        run = map if pool is None or len(self._blocks) == 1 else pool.map
        parts = list(run(lambda k: self._part(k, weights, t, r), range(len(self._blocks))))
        return summed(parts, self.data.size, r)

    def _part(self, k: int, weights: dict[str, Placed], t: float, r: float) -> Part:
        with np.errstate(all="ignore"):  # an overflow ends as an infinite bound
            rows = self._kept[k] if self._keeps else self._rows(self._blocks[k])
            value, slope = placed(rows.start, rows.slope, rows.bend, t)
            if rows.bend is None:
                stacked, chords = rectify(value, slope, rows.noise, r)
                radius = sparse(chords, rows.start.shape)
            else:
                half = rows.bend * (0.5 * r * r)  # s^2 = r^2/2 +- r^2/2
                bent = up(np.abs(half) * (1.0 + 4.0 * U))
                stacked, chords = rectify(value + half, slope, rows.noise + bent, r)
                radius = np.where(chords.on, bent, 0.0)
                radius[chords.rows, chords.columns] = chords.errors
            z = Model(stacked, radius, rows.noise_norm, sizes(stacked, r))
            f = outputs_from(self.start.kind, weights, z, Models(r))
            return part_of(self.data.loss, f, rows.targets, r, len(chords.errors), self._labelled)


def require_piece(t: float, r: float) -> None:
    """Raise ValueError for a piece that leaves [0, 1], or is too short."""
    if not (0.0 <= t <= 1.0 and (r == 0.0 or SHORTEST <= r <= 0.5)) or not r <= Fraction(t) <= 1 - Fraction(r):
        raise ValueError(f"[{t} - {r}, {t} + {r}] is no piece of [0, 1] of half-width 0 or 2^-500 to 1/2")
