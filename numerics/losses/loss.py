"""What a loss is: a convex function of a network's outputs and the targets of one sample, averaged over the samples."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import ClassVar

import numpy as np

from numerics.arithmetic.rationals import text
from numerics.common.shown import Shown
from numerics.data import Data
from numerics.errors import InputError
from numerics.losses.outputs import Outputs
from numerics.losses.totals import Total
from numerics.networks.arrays import Array

FARTHEST = 40.0  # a logit of which more would lower the loss by less than e^-40: no least loss is attained


class Targets(StrEnum):
    """What the targets `Y` (N, p) of a loss must be."""

    VALUES = "any numbers"
    SIGNS = "-1 or 1 in every entry"
    LABELS = "one-hot rows: integer labels"


@dataclass(frozen=True, eq=False)
class Tangent(Shown):
    """`l(a) >= floor + <g, a - at>` for all arguments `a`, with some `g` within `error` of `slope` in every entry."""

    floor: Array  # (N,)
    slope: Array  # (N, p)
    error: float = 0.0


class Loss(Shown, ABC):
    """A loss `L(theta) = (1/N) sum_k l(f(x_k), y_k)` with `l` convex in `f`; frozen, equal by name and parameter.

    One file of `numerics/losses/kinds` declares each. `total` is exact or enclosed, `ceiling` and `tangent` are float64
    rounded outwards; nothing computed by `floats` or `gradient` proves anything.
    """

    family: ClassVar[str]
    targets: ClassVar[Targets]
    rational: ClassVar[bool]
    """Whether the loss of rational outputs is a rational number, so that it is known exactly."""
    separable: ClassVar[bool] = False
    """Whether `l` is a sum over the outputs of functions of one output and its target each."""

    @property
    def name(self) -> str:
        """As it is written in commands and certificates."""
        return self.family

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

    def smoothed(self, f: Array, Y: Array, width: float) -> tuple[float, Array]:
        """Mean and `gradient` of a convex loss near to this one, its corners rounded off at that width: for searches.

        Itself where it has no corners.
        """
        return float(self.floats(f, Y).mean()), self.gradient(f, Y)

    def best_constant(self, Y: Array) -> Array | None:
        """Outputs (p,), the same for every sample, of least mean loss in closed form; None: they are searched for."""
        return None

    @abstractmethod
    def total(self, outputs: Outputs, precision: int) -> Total:
        """The sum of the losses of exact outputs: a rational, or enclosed in about so many bits (module `totals`)."""

    def totals(self, outputs: Outputs, count: int, precision: int) -> list[Total]:
        """Those of several networks whose outputs stand side by side."""
        return [self.total(one, precision) for one in outputs.parts(count)]

    @abstractmethod
    def ceiling(self, middle: Array, radius: Array, Y: Array) -> Array:
        """Upper bounds (N,) of each sample's loss for all arguments within `radius` (N, p) of `middle` (N, p).

        Arguments: `f - y` for values, `-y f` for signs, `f_j - f_label` for labels (0 within 0 at the label). Infinite
        or NaN after an overflow.
        """

    @abstractmethod
    def tangent(self, at: Array, Y: Array) -> Tangent:
        """What the loss is nowhere below, as it is convex: for all arguments, from those in `at` (N, p)."""

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


@dataclass(frozen=True)
class ParametrisedLoss(Loss):
    """A loss whose name has a parameter, a rational, after a colon."""

    parameter: Fraction

    @property
    def name(self) -> str:
        return f"{self.family}:{text(self.parameter)}"
