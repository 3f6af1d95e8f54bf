"""Corners whose weights are rationals: float64 arrays, and arrays of fractions where an entry is no float."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from numerics.common.shown import Shown
from numerics.networks.arrays import Array, same
from numerics.networks.arrays import differing as differing_bits
from numerics.networks.base import Network
from numerics.networks.readers import AnyArray, exact_array


@dataclass(frozen=True, eq=False)
class Corner(Shown):
    """A parameter of the space of `like`. `weights`: float64, or fractions where some entry is no float."""

    like: Network
    weights: Mapping[str, AnyArray]

    @classmethod
    def of(cls, network: Network) -> Corner:
        return cls(network, network.parameters())

    def moved(self, changes: Mapping[str, AnyArray]) -> Corner:
        """The corner with these parameters instead; fractions that are floats become floats (a zero keeps its sign)."""
        after = {name: _settled(self.weights[name], floated(array), array) for name, array in changes.items()}
        return Corner(self.like, {**self.weights, **after})

    @property
    def is_float(self) -> bool:
        """Whether every weight is a float64."""
        return not any(is_rational(array) for array in self.weights.values())

    def network(self) -> Network:
        """The network. Raises ValueError if a weight is no float64."""
        if not self.is_float:
            raise ValueError("weights that are no floats")
        return self.like.replace(self.weights)

    def nearest(self) -> Network:
        """The network of floats nearest to it, the same one if they are floats. Raises OverflowError."""
        return self.like.replace({name: array.astype(np.float64) for name, array in self.weights.items()})

    def fractions(self) -> dict[str, AnyArray]:
        """All weights as fractions."""
        return {name: exact_array(array) for name, array in self.weights.items()}

    def changed(self, other: Corner) -> Iterator[str]:
        """Names of the parameters that differ: in their bits, or as numbers where they are no floats."""
        return (name for name, array in self.weights.items() if not _same(array, other.weights[name]))

    def identical(self, other: Corner) -> bool:
        """Same space, and no parameter differs."""
        return self.like.space() == other.like.space() and not any(self.changed(other))


def is_rational(array: AnyArray) -> bool:
    """Whether the array holds fractions."""
    return array.dtype == np.object_


def floated(array: AnyArray) -> AnyArray:
    """The array as float64 if every entry is a float, else as it is."""
    if not is_rational(array):
        return array
    try:
        nearest: Array = array.astype(np.float64)
    except OverflowError:
        return array
    cells = zip(nearest.ravel().tolist(), array.ravel().tolist(), strict=True)
    return nearest if all(Fraction(near) == value for near, value in cells) else array


def differing(before: AnyArray, after: AnyArray, axis: int) -> np.ndarray:
    """Indices along `axis` where two matrices differ, in bits or as numbers."""
    if not (is_rational(before) or is_rational(after)):
        return differing_bits(before, after, axis)
    mask = np.asarray(exact_array(before) != exact_array(after), dtype=np.bool_)
    return np.flatnonzero(mask.any(axis=1 - axis))


def _settled(before: AnyArray, after: AnyArray, given: AnyArray) -> AnyArray:
    """`after`, with the bits of `before` where fractions did not change it as a number."""
    if not is_rational(given) or is_rational(before) or is_rational(after):
        return after
    return np.where(before == after, before, after)


def _same(before: AnyArray, after: AnyArray) -> bool:
    if is_rational(before) or is_rational(after):
        return before is after or not bool(np.asarray(exact_array(before) != exact_array(after), dtype=np.bool_).any())
    return same(before, after)
