"""What L3 and L4 are told: which neurons leave, into which centres, at which scale."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.common.shown import Shown
from numerics.networks.arrays import Array
from numerics.networks.readers import AnyArray

Indices = NDArray[np.int64]
NO_CENTRE = -1


@dataclass(frozen=True, eq=False)
class Merging(Shown):
    """`J` admissible in L3: neuron `leaving[k]` goes to `scales[k]` times the row of neuron `centres[k]`.

    Three arrays of one length; scales are float64 or fractions. Centre -1 with scale 0 is pruning. Raises ValueError
    if a neuron leaves twice, a centre leaves, or a scale is negative or not finite.
    """

    leaving: Indices
    centres: Indices
    scales: AnyArray

    def __post_init__(self) -> None:
        if not len(self.leaving) == len(self.centres) == len(self.scales):
            raise ValueError(
                f"{len(self.leaving)} leaving neurons, {len(self.centres)} centres and {len(self.scales)} scales:"
                " one of each is needed"
            )
        if len(np.unique(self.leaving)) != len(self.leaving):
            raise ValueError("a neuron leaves twice")
        if (self.leaving < 0).any() or (self.centres < NO_CENTRE).any():
            raise ValueError("neurons are counted from 0; only a centre may be -1, for none")
        if both := sorted(set(self.leaving.tolist()) & set(self.centres.tolist())):
            raise ValueError(f"neurons {both} leave and are centres: J and its centres must be disjoint")
        if not all(0 <= scale < np.inf for scale in self.scales):
            raise ValueError("a scale is negative or not finite: c_j >= 0 is needed")
        if any(scale != 0 for scale in self.scales[self.centres == NO_CENTRE]):
            raise ValueError("a neuron without a centre must have scale 0")

    @property
    def count(self) -> int:
        return len(self.leaving)

    def targets(self, W: AnyArray) -> AnyArray:
        """Rows `c_j w_{i(j)}` (l, D), of the type of `W`."""
        rows: AnyArray = W[self.leaving] * 0
        alive = self.scales != 0
        rows[alive] = self.scales[alive, None] * W[self.centres[alive]]
        return rows

    def coefficients(self) -> tuple[Indices, AnyArray]:
        """The distinct centres `I` that are used, and `C` (|I|, l), `C[i, j] = c_j` where `j` goes to `i`, else 0."""
        alive = np.flatnonzero(self.scales != 0)
        centres, place = np.unique(self.centres[alive], return_inverse=True)
        C = np.zeros((len(centres), self.count), dtype=self.scales.dtype)
        if C.dtype == object:
            C[:] = 0  # integers mix with fractions exactly
        C[place, alive] = self.scales[alive]
        return centres, C


def projected(W: AnyArray, into: Mapping[int, int]) -> Merging:
    """L3's projection: `c_j = (w_j . w_i)_+ / ||w_i||^2`, 0 where `w_i = 0`; exact for fractions.

    `into` maps each leaving neuron to its centre. Raises ValueError if it is not admissible, or a scale overflows.
    """
    leaving, centres = _indices(into), _indices(into.values())
    w, v = W[leaving], W[centres]
    products, squares = (w * v).sum(axis=1), (v * v).sum(axis=1)
    usable = (products > 0) & (squares > 0)
    scales = products * 0
    scales[usable] = products[usable] / squares[usable]
    return Merging(leaving, centres, scales)


def pruned(W: AnyArray, leaving: Iterable[int]) -> Merging:
    """L3 with `c_j = 0`: neurons leave into nothing (R4)."""
    chosen = _indices(leaving)
    return Merging(chosen, np.full(len(chosen), NO_CENTRE), (W[chosen] * 0).sum(axis=1))


def nearest(W: Array, leaving: Iterable[int], centres: Iterable[int]) -> dict[int, int]:
    """Each leaving neuron's centre at the smallest angle, by cosines in float64: a search, for any choice is sound."""
    mine, theirs = _indices(leaving), _indices(centres)
    best = (directions(W[mine]) @ directions(W[theirs]).T).argmax(axis=1)
    return dict(zip(mine.tolist(), theirs[best].tolist(), strict=True))


def directions(W: Array) -> Array:
    """Rows over their norms (0 for zero rows), in float64: for searching."""
    largest = np.abs(W).max(axis=1, keepdims=True)
    scaled = W / np.where(largest == 0.0, 1.0, largest)
    norms = np.linalg.norm(scaled, axis=1, keepdims=True)
    unit: Array = scaled / np.where(norms == 0.0, 1.0, norms)
    return unit


def _indices(given: Iterable[Any]) -> Indices:
    return np.array([int(index) for index in given], dtype=np.int64)
