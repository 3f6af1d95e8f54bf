"""What is asked of a network's outputs on the data: its loss, and with labels which samples it has wrong."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from flint import fmpq

from .arrays import Array, Mask
from .effort import Budget, Effort, words
from .inputs import Data
from .intervals import Interval
from .losses import SQUARED, Columns, Loss
from .losses.margins import wrong
from .shown import shown

PRECISION = 192
"""Bits to which an irrational loss is computed at first."""
# Word operations on an output whose sign against the label's is asked for.
_MARGIN = 300
# Parts of the memory of which a forward pass has one, where margins are taken.
_SHARES = 3


@dataclass(frozen=True)
class Value:
    """The loss (or its sum over some samples), and with labels which of the `samples` are wrong, a bit for each.

    `key`: what is known to be the same function on the data has the same one.
    """

    loss: Interval
    samples: int = 0
    wrong: int | None = None
    key: bytes = b""

    __repr__ = shown

    def plus(self, other: "Value") -> "Value":
        """With the samples that follow."""
        both = None if self.wrong is None or other.wrong is None else self.wrong | other.wrong << self.samples
        return Value(self.loss.plus(other.loss), self.samples + other.samples, both, self.key)

    def mean(self, key: bytes = b"") -> "Value":
        """The mean over the samples."""
        return replace(self, loss=self.loss.times(fmpq(1, self.samples)), key=key)

    @property
    def errors(self) -> int:
        """How many samples are wrong."""
        assert self.wrong is not None
        return self.wrong.bit_count()


@dataclass(frozen=True)
class Measure:
    """`labelled`: whether the samples have labels; `precision`: bits of an irrational loss."""

    loss: Loss = SQUARED
    labelled: bool = False
    precision: int = PRECISION

    def of(self, cells: Sequence[Sequence[Any]], unit: fmpq, y: Array) -> Value:
        """Of exact residuals, a column for each output, and the targets of the same samples."""
        columns = Columns.of(cells, unit, y)
        loss = self.loss.total(columns, self.precision)
        return Value(loss, len(y), bits_of(wrong(columns)) if self.labelled else None)

    @property
    def nothing(self) -> Value:
        """Of no samples."""
        return Value(Interval.of(0), 0, 0 if self.labelled else None)

    def room(self, budget: Budget) -> Budget:
        """What a forward pass may take: margins of all samples are as many integers again, with what they leave."""
        return budget if self.loss.rational and not self.labelled else budget.part(_SHARES)

    def charge(self, effort: Effort, cells: int) -> None:
        """Account for so many residuals. Raises Unusable."""
        each = self.loss.cell * (1 if self.loss.rational else words(self.precision)) + _MARGIN * self.labelled
        effort.charge(each * cells)


SQUARED_LOSS = Measure()


def bits_of(mask: Mask) -> int:
    """A bit for each entry of a mask (rows,)."""
    return int.from_bytes(np.packbits(mask, bitorder="little").tobytes(), "little")


def measure_of(loss: Loss, data: Data) -> Measure:
    """What a certificate about this loss asks of the data."""
    return Measure(loss, data.labelled)
