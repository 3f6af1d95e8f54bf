"""What a question is about: data, a loss, and what may be spent on an answer."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from numerics.arithmetic.budget import DEFAULT
from numerics.common.progress import Progress, no_progress
from numerics.common.shown import Shown
from numerics.data import Data
from numerics.networks.arrays import Array


@dataclass(frozen=True, eq=False)
class Problem(Shown):
    """Data and how much memory, in bytes, may be spent on a question about them; `progress` is told what is done."""

    data: Data
    budget: int = DEFAULT
    progress: Progress = field(default=no_progress, repr=False)

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
