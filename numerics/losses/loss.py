"""What a loss is: a convex function of a network's outputs and the targets of one sample, averaged over the samples."""

from __future__ import annotations

from abc import ABC, abstractmethod
from enum import StrEnum
from fractions import Fraction
from typing import ClassVar

import numpy as np

from numerics.arithmetic.rationals import text
from numerics.common.shown import Shown
from numerics.data import Data
from numerics.errors import InputError
from numerics.networks.arrays import Array


class Targets(StrEnum):
    """What the targets `Y` (N, p) of a loss must be."""

    VALUES = "any numbers"
    SIGNS = "-1 or 1 in every entry"
    LABELS = "one-hot rows: integer labels"


class Loss(Shown, ABC):
    """A loss `L(theta) = (1/N) sum_k l(f(x_k), y_k)` with `l` convex in `f`; frozen, equal by name and parameter.

    One file of `numerics/losses/kinds` declares each. Nothing computed by `floats` or `gradient` proves anything.
    """

    family: ClassVar[str]
    targets: ClassVar[Targets]
    rational: ClassVar[bool]
    """Whether the loss of rational outputs is a rational number, so that it is known exactly."""
    separable: ClassVar[bool] = False
    """Whether `l` is a sum over the outputs of functions of one output and its target each."""
    parameter: Fraction | None = None

    @property
    def name(self) -> str:
        """As it is written in commands and certificates: the family, and after a colon its parameter."""
        return self.family if self.parameter is None else f"{self.family}:{text(self.parameter)}"

    @property
    @abstractmethod
    def smoothness(self) -> Fraction | None:
        """`beta` with `||grad l(u) - grad l(v)|| <= beta ||u - v||` for all `u`, `v`, or None (T7L)."""

    @abstractmethod
    def lipschitz_squared(self, p: int) -> Fraction | None:
        """`G^2` with `|l(u) - l(v)| <= G ||u - v||` for all `u`, `v` with p entries, or None (L8)."""

    @abstractmethod
    def floats(self, f: Array, Y: Array) -> Array:
        """Losses (N,) of outputs `f` (N, p) in float64, infinite or NaN where that overflows: for searches."""

    @abstractmethod
    def gradient(self, f: Array, Y: Array) -> Array:
        """A subgradient in `f` of each sample's loss, (N, p), in float64: for searches."""

    def require(self, data: Data) -> None:
        """Raise InputError unless the targets are what this loss is about."""
        Y = data.Y
        if self.targets is Targets.SIGNS and not (np.abs(Y) == 1.0).all():
            k, i = np.argwhere(np.abs(Y) != 1.0)[0]
            raise InputError(
                f"{data.name}: Y[{k}, {i}] is {float(Y[k, i])!r}, but loss {self.name} needs targets -1 or 1:"
                " encode the two classes so, or choose another loss"
            )
        if self.targets is Targets.LABELS and data.labels is None:
            raise InputError(
                f"{data.name}: Y (N, {Y.shape[1]}) is not one-hot, but loss {self.name} needs a label for every"
                " point: give integer labels (N,) of at least two classes, or choose another loss"
            )
