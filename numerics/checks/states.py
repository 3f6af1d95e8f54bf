"""A network in fractions on its data: outputs, loss, mass and signs of all units, at any rational time of a segment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property

import numpy as np

from numerics.arithmetic.positive import Positive
from numerics.common.shown import Shown
from numerics.data import Data
from numerics.losses.rational import Fractions
from numerics.moves.mass import Masses, branches_of, lambdas_of, masses_of, sigma_squared
from numerics.moves.rank import features
from numerics.networks.base import Network
from numerics.networks.classes import network_of
from numerics.networks.forward import outputs_from, with_ones
from numerics.networks.readers import AnyArray, Weights, exact_array, exact_weights, readers


class Watching(Fractions):
    """Fractions; `signs` collects which units are alive."""

    def __init__(self) -> None:
        self.signs: list[bytes] = []

    def relu(self, h: AnyArray) -> AnyArray:
        self.signs.append((h > 0).tobytes())
        return super().relu(h)


@dataclass(frozen=True, eq=False)
class State(Shown):
    """Weights as fractions by the names of the file format; `seen` (N, D) and `targets` (N, p) as fractions."""

    kind: str
    bias: bool
    weights: Weights
    data: Data
    seen: AnyArray = field(repr=False)
    targets: AnyArray = field(repr=False)

    @classmethod
    def of(cls, network: Network, data: Data) -> State:
        seen, targets = exact_array(with_ones(data.X, network.bias)), exact_array(data.Y)
        return cls(network.kind, network.bias, exact_weights(network), data, seen, targets)

    def then(self, changes: Mapping[str, AnyArray]) -> State:
        """The same with these weights instead. Raises ValueError for another name or shape."""
        for name, array in changes.items():
            if name not in self.weights or array.shape != self.weights[name].shape:
                raise ValueError(f"{name} is no weight of this network, or of another shape")
        return replace(self, weights={**self.weights, **changes})

    def toward(self, other: State, t: Fraction) -> State:
        """The weights at time `t` of the straight line to `other`."""
        mixed = {
            name: array if array is other.weights[name] else (1 - t) * array + t * other.weights[name]
            for name, array in self.weights.items()
        }
        return replace(self, weights=mixed)

    @property
    def width(self) -> int:
        return len(self.weights["W"])

    @cached_property
    def features(self) -> AnyArray:
        """`z` (N, m)."""
        return features(self.weights["W"], self.seen)

    @cached_property
    def outputs(self) -> AnyArray:
        """`f` (N, p)."""
        return self._passed[0]

    @cached_property
    def _passed(self) -> tuple[AnyArray, tuple[bytes, ...]]:
        """Outputs and signs, of one forward pass: fractions are slow."""
        arithmetic = Watching()
        outputs = outputs_from(self.kind, self.weights, self.features, arithmetic)
        return outputs, ((self.features > 0).tobytes(), *arithmetic.signs)

    @cached_property
    def loss(self) -> Fraction:
        return mean_square(self.outputs - self.targets)

    @cached_property
    def sigma(self) -> Positive:
        """`sigma^2` between bounds."""
        return sigma_squared(self.data, bias=self.bias)

    @cached_property
    def masses(self) -> Masses:
        """Masses, rounded up."""
        return masses_of(self.kind, self.weights)

    @cached_property
    def mass(self) -> Positive:
        """`S` between bounds."""
        out = [length(column) for column in self.weights["V"].T] if "V" in self.weights else []
        total = out or [Positive.exact(0)] * self.width
        factors = lambdas_of(self.kind, self.weights)
        for prefix, factor in zip(branches_of(self.kind, self.weights), factors, strict=True):
            columns = self.weights[f"{prefix}A"].T
            total = [here + factor * length(column) for here, column in zip(total, columns, strict=True)]
        products = (length(row) * outgoing for row, outgoing in zip(self.weights["W"], total, strict=True))
        return sum(products, Positive.exact(0))

    def signs(self) -> tuple[bytes, ...]:
        """Which units are alive at which points."""
        return self._passed[1]

    def unread(self, slots: AnyArray) -> bool:
        """Whether V and every A have zero columns there."""
        return not any((self.weights[name][:, slots] != 0).any() for name in readers(self.weights))

    def same(self, other: State) -> bool:
        """Whether every weight is the same number."""
        return all((array == other.weights[name]).all() for name, array in self.weights.items())

    def network(self) -> Network:
        """Its weights rounded to float64."""
        floats = {name: array.astype(np.float64) for name, array in self.weights.items()}
        return network_of(self.kind, floats, bias=self.bias)


def mean_square(residuals: AnyArray) -> Fraction:
    """`(1/N) sum_k ||r_k||^2` of (N, p)."""
    return sum((value * value for value in residuals.ravel().tolist()), Fraction(0)) / len(residuals)


def change(start: State, end: State) -> Fraction:
    """`||f_end - f_start||^2` on the data."""
    return mean_square(end.outputs - start.outputs)


def length(vector: AnyArray) -> Positive:
    """Its Euclidean length between bounds, exact where rational."""
    return Positive.exact(sum((value * value for value in vector.tolist()), Fraction(0))).root()
