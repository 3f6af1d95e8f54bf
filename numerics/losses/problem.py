"""What a question is about: data, a loss, and what may be spent on an answer."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from numerics.arithmetic.budget import DEFAULT
from numerics.common.progress import Progress, no_progress
from numerics.common.shown import Shown
from numerics.data import Data
from numerics.losses.loss import Loss
from numerics.losses.registry import SQUARED
from numerics.networks.arrays import Array


@dataclass(frozen=True, eq=False)
class Problem(Shown):
    """Data, a loss, and how much memory, in bytes, may be spent on a question; `progress` is told what is done.

    Raises InputError where the targets are not what the loss is about.
    """

    data: Data
    budget: int = DEFAULT
    progress: Progress = field(default=no_progress, repr=False)
    loss: Loss = SQUARED

    def __post_init__(self) -> None:
        self.loss.require(self.data)

    @property
    def X(self) -> Array:
        """Inputs (N, n)."""
        return self.data.X

    @property
    def Y(self) -> Array:
        """Targets (N, p)."""
        return self.data.Y

    def within(self, share: int) -> Problem:
        """The same, with that part of the memory."""
        return replace(self, budget=self.budget // share)

    @property
    def size(self) -> int:
        """`N`."""
        return self.data.size
