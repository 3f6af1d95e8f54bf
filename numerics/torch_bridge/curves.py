"""Chains of Bezier curves trained to stay low: quadratic arcs, or straight lines, whose chain is a polygon.

After Garipov et al. (2018), who draw times evenly and so lower the mean along the curve (`even=1`): else the chance of
a time grows with the loss there, as a path is as good as its highest point. Nothing here proves anything.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import comb

import numpy as np
import torch

from numerics.common.shown import Shown
from numerics.losses.problem import Problem
from numerics.networks.arrays import Array
from numerics.networks.base import Network
from numerics.networks.forward import with_ones
from numerics.networks.graph.graph import Graph
from numerics.paths import mixed
from numerics.torch_bridge.graph_tensors import graph_outputs
from numerics.torch_bridge.training import loss_and_slope, tensor_outputs

ARC, LINE = 2, 1  # degrees of a chain's pieces
CELLS = 24  # of each piece, in which times are drawn evenly
LOOK = 20  # steps from one look at the losses of all cells to the next
POWER = 6.0  # of a cell's loss, relative to the highest, that is its weight behind the even steps
SAMPLES = 2048  # of one step

Tensors = dict[str, torch.Tensor]
Points = tuple[Network, ...]  # start and end included; of arcs corners and controls in turn, of lines corners alone


@dataclass(frozen=True)
class Schedule(Shown):
    """`steps` of Adam, the rate falling from `rate` to 0 along a cosine; `seed` draws times and samples.

    `even`: the share of the steps in which every time is as likely as any other.
    """

    steps: int
    rate: float
    seed: int = 0
    even: float = 0.25


@dataclass(frozen=True, eq=False)
class Trained(Shown):
    """The points of a chain, and losses in float32 at equally spaced times of the whole chain, both ends too."""

    points: Points
    losses: Array

    @property
    def highest(self) -> float:
        """The largest of the losses; infinite after an overflow."""
        return float(self.losses.max())

    @property
    def settled(self) -> bool:
        """Whether no loss lies above both ends': whatever is between them, the largest cannot be lower."""
        return self.highest <= max(float(self.losses[0]), float(self.losses[-1]))


def trained(
    points: Points,
    problem: Problem,
    schedule: Schedule,
    told: Callable[[int, float], None] = lambda *_: None,
    *,
    degree: int = ARC,
) -> Trained:
    """The chain with everything but its ends trained; the one whose highest loss was lowest when it was looked at.

    `degree`: of its pieces, each of which has so many points besides the one where it starts. `told`: after each look
    the number of steps and the lowest highest loss so far. What was trained consists of float32 numbers; both ends are
    what they were, bit for bit. Nothing is trained where the first losses overflow, and training ends where no loss was
    above those of the ends, as none can be lower than these. Deterministic for a given torch, machine and number of
    threads.
    """
    chain = _Chain(points, problem, schedule.seed, degree)
    best = chain.seen()
    if not np.isfinite(best.highest) or best.settled:
        return best
    optimiser = torch.optim.Adam(chain.free, lr=schedule.rate)
    cosine = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, max(1, schedule.steps))
    weights = np.ones(CELLS * chain.pieces)
    for step in range(schedule.steps):
        optimiser.zero_grad()
        chain.descend(chain.drawn(weights))
        optimiser.step()
        cosine.step()
        if (step + 1) % LOOK == 0 or step + 1 == schedule.steps:
            seen = chain.seen()
            best = seen if seen.highest < best.highest else best
            told(step + 1, best.highest)
            if best.settled:
                break
            if step + 1 >= schedule.even * schedule.steps and np.isfinite(seen.highest):
                cells = np.maximum(seen.losses[:-1], seen.losses[1:])
                weights = (cells / seen.highest) ** POWER if seen.highest > 0.0 else weights
    return best


class _Chain:
    """The chain as tensors: its ends fixed, what lies between them free."""

    def __init__(self, points: Points, problem: Problem, seed: int, degree: int) -> None:
        self.given, self.loss, self.degree = points, problem.loss, degree
        self.pieces = pieces_of(points, degree)
        self._X = torch.tensor(with_ones(problem.X, points[0].bias), dtype=torch.float32)
        with np.errstate(over="ignore"):
            self._Y = problem.Y.astype(np.float32)
        self._rng = np.random.default_rng(seed)
        self._points: list[Tensors] = []
        fixed = {place for place, _ in points[0].origin.constants} if points[0].origin else set()
        for k, point in enumerate(points):
            inner = 0 < k < len(points) - 1
            arrays = {name: torch.tensor(array, dtype=torch.float32) for name, array in point.parameters().items()}
            self._points.append({name: one.requires_grad_(inner and name not in fixed) for name, one in arrays.items()})

    @property
    def free(self) -> list[torch.Tensor]:
        """What is trained: everything between the ends but constants of a module's program."""
        return [one for point in self._points[1:-1] for one in point.values() if one.requires_grad]

    def drawn(self, weights: Array) -> float:
        """A time of the chain in [0, pieces], in a cell by its weight."""
        cell = int(self._rng.choice(len(weights), p=weights / weights.sum()))
        return (cell + float(self._rng.random())) / CELLS

    def descend(self, time: float) -> None:
        """Leave in what is free the gradient of the loss at the time."""
        X, Y = self._X, self._Y
        if len(X) > SAMPLES:
            rows = np.sort(self._rng.choice(len(X), SAMPLES, replace=False))
            X, Y = X[torch.from_numpy(rows)], Y[rows]
        f = self._outputs(self._at(time), X)
        torch.autograd.backward((f,), (loss_and_slope(self.loss, f, Y)[1],))

    def seen(self) -> Trained:
        """The chain as it is now."""
        times = np.linspace(0.0, self.pieces, CELLS * self.pieces + 1)
        with torch.no_grad():
            losses = np.array([self._loss(self._at(float(t))) for t in times])
        if not np.isfinite(losses).all():  # nor need the weights be
            return Trained(self.given, np.full(len(times), np.inf))
        inner = [
            here.replace(
                {name: one.detach().numpy().astype(np.float64) for name, one in point.items() if one.requires_grad}
            )
            for here, point in zip(self.given[1:-1], self._points[1:-1], strict=True)
        ]
        return Trained((self.given[0], *inner, self.given[-1]), losses)

    def _loss(self, weights: Tensors) -> float:
        return loss_and_slope(self.loss, self._outputs(weights, self._X), self._Y)[0]

    def _outputs(self, weights: Tensors, X: torch.Tensor) -> torch.Tensor:
        like = self.given[0]
        return graph_outputs(like, weights, X) if isinstance(like, Graph) else tensor_outputs(like.kind, weights, X)

    def _at(self, time: float) -> dict[str, torch.Tensor]:
        """The weights at a time."""
        k = min(int(time), self.pieces - 1)
        mine = self._points[self.degree * k : self.degree * (k + 1) + 1]
        shares = bernstein(self.degree, time - k)
        return {
            name: sum((share * one[name] for share, one in zip(shares, mine, strict=True)), torch.zeros(()))
            for name in mine[0]
        }


def bernstein(degree: int, t: float) -> tuple[float, ...]:
    """The shares of the points of one piece at its time t: not negative, their sum is 1."""
    return tuple(comb(degree, k) * t**k * (1.0 - t) ** (degree - k) for k in range(degree + 1))


def pieces_of(points: Sequence[Network], degree: int) -> int:
    """How many pieces a chain has. Raises ValueError for points that are none."""
    pieces, rest = divmod(len(points) - 1, degree)
    if rest or not pieces:
        raise ValueError(f"{len(points)} points are no chain of pieces with {degree} points after the first")
    return pieces


def bent_at(points: Sequence[Network], piece: int, t: float, *, degree: int = ARC) -> Points:
    """The same chain with one piece cut in two at a local time (de Casteljau), up to rounding: one bend more."""
    first = degree * piece
    row = list(points[first : first + degree + 1])
    left, right = [row[0]], [row[-1]]
    while len(row) > 1:
        row = [mixed(one, other, t) for one, other in pairwise(row)]
        left.append(row[0])
        right.append(row[-1])
    return (*points[:first], *left, *right[-2::-1], *points[first + degree + 1 :])
