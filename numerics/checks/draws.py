"""One neuron of a reference, drawn as Maurey draws, mixed into a network with an empty slot: T7's step, in fractions.

Probabilities are proportional to rational bounds of the effects (or to sigma times the masses), so that no root enters:
with `w_k >= ||h_k||` and `K` their sum the variance is at most `K^2 - ||g*||^2`, exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np
from hypothesis import strategies as st

from numerics.arithmetic.positive import root_up
from numerics.checks.climb import references_of, retargeted
from numerics.checks.states import State, mean_square
from numerics.common.shown import Shown
from numerics.networks.readers import AnyArray, readers
from numerics.networks.two_layer import TwoLayer

SHARES = (Fraction(0), Fraction(1, 8), Fraction(1, 4), Fraction(1, 2), Fraction(3, 4), Fraction(1))


@dataclass(frozen=True, eq=False)
class Draw(Shown):
    """A reference on the data of a network; `by_mass`: drawn by sigma times the masses, else by the effects' norms."""

    reference: TwoLayer
    state: State
    by_mass: bool

    @classmethod
    def of(cls, reference: TwoLayer, start: State, *, by_mass: bool = False) -> Draw:
        return cls(reference, State.of(reference, start.data), by_mass)

    @cached_property
    def weights(self) -> tuple[Fraction, ...]:
        """`w_k`, at least `||V*_k z*_k||`."""
        if self.by_mass:
            spread = root_up(self.state.sigma.upper)
            return tuple(spread * mass for mass in self.state.masses.each.tolist())
        return tuple(root_up(mean_square(self.effect(k))) for k in range(self.state.width))

    @property
    def spread(self) -> Fraction:
        """`K`, the sum of the weights."""
        return sum(self.weights, Fraction(0))

    @property
    def live(self) -> tuple[int, ...]:
        """The neurons that are drawn at all."""
        return tuple(k for k, weight in enumerate(self.weights) if weight)

    def effect(self, k: int) -> AnyArray:
        """`V*_k z*_k` (N, p)."""
        return np.multiply.outer(self.state.features[:, k], self.state.weights["V"][:, k])

    @cached_property
    def skip(self) -> AnyArray:
        """`g* - c*` (N, p)."""
        return self.state.features @ self.state.weights["V"].T

    @property
    def variance(self) -> Fraction:
        """At least `v*`: `K^2 - ||g* - c*||^2`."""
        return self.spread**2 - mean_square(self.skip)

    def distance(self, free: State) -> Fraction:
        """`||f' - g*||^2`."""
        return mean_square(free.outputs - self.state.outputs)


def emptied(start: State, slots: Sequence[int]) -> State:
    """V and A without these columns."""
    changes = {name: start.weights[name].copy() for name in readers(start.weights)}
    for array in changes.values():
        array[:, slots] *= 0
    return start.then(changes)


def loaded(free: State, slots: Sequence[int], rows: AnyArray) -> State:
    """The slots with these rows."""
    W = free.weights["W"].copy()
    W[list(slots)] = rows
    return free.then({"W": W})


def stepped(free: State, slots: Sequence[int], draw: Draw, chosen: Sequence[int], share: Fraction) -> State:
    """`(1-e) f' + e` times the mean of the drawn neurons, one per slot; none chosen: `(1-e) f'` and the bias."""
    reference, few = draw.state.weights, len(chosen)
    there = loaded(free, slots[:few], reference["W"][list(chosen)]) if few else free
    V = there.weights["V"] * (1 - share)
    for slot, k in zip(slots, chosen, strict=False):
        V[:, slot] = reference["V"][:, k] * (share * draw.spread / draw.weights[k] / few)
    changes = {"V": V}
    if free.kind == "parallel":
        changes["U"] = free.weights["U"] * (1 - share)
    if "c" in free.weights:
        changes["c"] = (1 - share) * free.weights["c"] + share * reference.get("c", free.weights["c"] * 0)
    return there.then(changes)


@st.composite
def draws(draw: st.DrawFn, start: State, most: int = 3) -> tuple[State, Draw]:
    """A reference of at most so many neurons, and the network on data that one of the two often fits."""
    reference = draw(references_of(start, most))
    found = draw(retargeted(start, reference))
    return found, Draw.of(reference, found, by_mass=draw(st.booleans()))
