"""Mode-connecting curves as in Garipov et al. 2018: one bend between two networks, trained for the mean loss along it.

What others do, written from the paper's description, for comparison: a time is drawn evenly at every step, and the loss
there is lowered. Nothing here proves anything.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from numerics.common.shown import Shown
from numerics.losses.problem import Problem
from numerics.networks.base import Network
from numerics.networks.forward import with_ones
from numerics.torch_bridge.training import loss_and_slope, tensor_outputs

Shares = Callable[[float], tuple[float, float, float]]


def on_arc(t: float) -> tuple[float, float, float]:
    """The shares of start, bend and end at time t of a quadratic Bezier arc."""
    return (1.0 - t) ** 2, 2.0 * t * (1.0 - t), t**2


def on_polygon(t: float) -> tuple[float, float, float]:
    """The same on the two straight lines through the bend."""
    return max(1.0 - 2.0 * t, 0.0), 1.0 - abs(2.0 * t - 1.0), max(2.0 * t - 1.0, 0.0)


@dataclass(frozen=True)
class Schedule(Shown):
    """`steps` of full-batch Adam, the rate falling from `rate` to 0 along a cosine; `seed` draws the times."""

    steps: int = 600
    rate: float = 3e-3
    seed: int = 0


def bend(start: Network, end: Network, problem: Problem, shares: Shares, schedule: Schedule) -> Network:
    """The bend of such a curve, of float32 numbers, from the middle of the line on. Both of one space.

    Deterministic for a given torch, machine and number of threads.
    """
    X = torch.tensor(with_ones(problem.X, start.bias), dtype=torch.float32)
    Y, theirs = problem.Y.astype(np.float32), end.parameters()
    ends = {
        name: (torch.tensor(mine, dtype=torch.float32), torch.tensor(theirs[name], dtype=torch.float32))
        for name, mine in start.parameters().items()
    }
    free = {name: ((one + other) / 2).requires_grad_(True) for name, (one, other) in ends.items()}
    optimiser = torch.optim.Adam(free.values(), lr=schedule.rate)
    cosine = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, max(1, schedule.steps))
    rng = np.random.default_rng(schedule.seed)
    for _ in range(schedule.steps):
        optimiser.zero_grad()
        first, middle, last = shares(float(rng.random()))
        weights = {name: first * one + middle * free[name] + last * other for name, (one, other) in ends.items()}
        f = tensor_outputs(start.kind, weights, X)
        torch.autograd.backward((f,), (loss_and_slope(problem.loss, f, Y)[1],))
        optimiser.step()
        cosine.step()
    return start.replace({name: one.detach().numpy().astype(np.float64) for name, one in free.items()})
