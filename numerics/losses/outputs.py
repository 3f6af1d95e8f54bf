"""Exact outputs of a network on some samples, beside their targets: what a loss is evaluated on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from numerics.arithmetic.limbs import LimbMatrix, hstack
from numerics.common.shown import Shown
from numerics.networks.arrays import Array


@dataclass(frozen=True, eq=False)
class Outputs(Shown):
    """`f = numerators / scale`, (N, p), with an integer `scale > 0`; `targets` are the floats `Y` (N, p)."""

    numerators: LimbMatrix
    targets: LimbMatrix
    Y: Array
    scale: int = 1

    def scaled(self, values: LimbMatrix) -> LimbMatrix:
        """`scale` times numbers."""
        return values if self.scale == 1 else values.times(self.scale)

    @cached_property
    def residuals(self) -> LimbMatrix:
        """`f - y`, times `scale`."""
        return self.numerators - self.scaled(self.targets)

    @cached_property
    def negated_margins(self) -> LimbMatrix:
        """`-y f` for targets -1 and 1, times `scale`."""
        return self.numerators.signed(-self.Y)

    @cached_property
    def margins(self) -> LimbMatrix:
        """`f_j - f_label` for one-hot targets, times `scale`; 0 at the label."""
        label, f = self.Y.argmax(axis=1)[:, None], self.numerators
        own = LimbMatrix(tuple(np.take_along_axis(limb, label, axis=1) for limb in f.limbs), f.exponent)
        return f - own

    def parts(self, count: int) -> list[Outputs]:
        """Those of several networks that stand side by side, with the same targets."""
        p = self.numerators.shape[1] // count
        return [
            Outputs(self.numerators.columns(k * p, (k + 1) * p), self.targets, self.Y, self.scale) for k in range(count)
        ]


def row_maxima(values: LimbMatrix) -> LimbMatrix:
    """The largest entry of every row, (N, 1): `max(a, b) = b + [a - b]_+`, in rounds of halves."""
    while (p := values.shape[1]) > 1:
        half = p // 2
        left, right = values.columns(0, half), values.columns(half, 2 * half)
        larger = right + (left - right).relu()
        values = larger if p == 2 * half else hstack([larger, values.columns(2 * half, p)])
    return values
