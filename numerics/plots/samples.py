"""What float64 samples see of a path: losses and shares of wrong predictions, which prove nothing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from numerics.common.shown import Shown
from numerics.losses import FLOAT_ROWS
from numerics.losses.problem import Problem
from numerics.networks.base import Network
from numerics.networks.forward import outputs
from numerics.paths import Kind, Path, network_at

PASSES = 240  # float64 samples of a whole path, at least `FEWEST` and at most `MOST` a segment
FEWEST, MOST = 4, 60


@dataclass(frozen=True)
class Sample(Shown):
    """Loss and share of wrong predictions (None without labels) at a path time, in float64; infinite on overflow."""

    time: Fraction
    loss: float
    errors: float | None


def samples(path: Path, kinds: Sequence[str], problem: Problem, passes: int = PASSES) -> tuple[Sample, ...]:
    """Float64 samples at every corner and, where the loss is not known to stay, between."""
    count = max(1, len(path.segments))
    moving = [k for k, kind in enumerate(kinds) if not Kind(kind).keeps_outputs]
    steps = min(MOST, max(FEWEST, passes // max(1, len(moving))))
    found = [_sample(Fraction(k, count), corner, problem) for k, corner in enumerate(path.corners)]
    for k in moving:
        segment = path.segments[k]
        for step in range(1, steps):
            network = network_at(segment, step / steps)
            found.append(_sample((k + Fraction(step, steps)) / count, network, problem))
    return tuple(sorted(found, key=lambda one: one.time))


def _sample(time: Fraction, network: Network, problem: Problem) -> Sample:
    """Both from one forward pass."""
    total, wrong, labels = 0.0, 0, problem.data.labels
    with np.errstate(over="ignore", invalid="ignore"):
        for first in range(0, problem.size, FLOAT_ROWS):
            block = slice(first, first + FLOAT_ROWS)
            f = outputs(network, problem.X[block])
            total += float(problem.loss.floats(f, problem.Y[block]).sum())
            if labels is not None:
                rows, classes = np.arange(len(f)), labels[block]
                own, rest = f[rows, classes], f.copy()
                rest[rows, classes] = -np.inf
                wrong += int((~(own > rest.max(axis=1))).sum())
    loss = total / problem.size if math.isfinite(total) else math.inf
    return Sample(time, loss, None if labels is None else wrong / problem.size)
