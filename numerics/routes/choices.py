"""Which neurons leave, and into which centres: the choices of R1, R2, R3, R4 and RM. Searches; any choice is sound.

Angles are cosines in float64, masses upper bounds; what a choice costs is bounded by L3 and certified on the path.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

import numpy as np

from numerics.arithmetic.budget import DEFAULT, require
from numerics.moves.mass import Masses
from numerics.moves.merging import NO_CENTRE, Indices, Merging, directions, nearest, projected, pruned
from numerics.networks.arrays import Array

Choice = Callable[[Array, Masses, int], Merging]  # rows W (m, D), masses, 1 <= l < m -> J with its centres


def chosen(choice: Choice, W: Array, mass: Masses, count: int) -> Merging:
    """What `choice` makes of the neurons that weigh something; those of mass 0 leave first, at no cost (L5).

    Their directions say nothing, and a row of zeros has none: left among the others they could spoil a packing.
    """
    weightless = np.array([mass_of == 0 for mass_of in mass.each.tolist()], dtype=np.bool_)
    first = np.flatnonzero(weightless)[:count]
    rest = np.setdiff1d(np.arange(len(W)), first)
    if len(first) == count:
        return pruned(W, first)
    part = Masses(mass.each[rest], mass.outgoing[rest], mass.lambdas, mass.total)
    found = choice(W[rest], part, count - len(first))
    centres = np.where(found.centres == NO_CENTRE, NO_CENTRE, rest[found.centres])
    free = pruned(W, first)
    return Merging(
        np.concatenate([free.leaving, rest[found.leaving]]),
        np.concatenate([free.centres, centres]),
        np.concatenate([free.scales, found.scales]),
    )


def prune(W: Array, mass: Masses, count: int) -> Merging:
    """R4: the `l` lightest leave into nothing."""
    return pruned(W, mass.lightest(count))


def pigeonhole(W: Array, mass: Masses, count: int) -> Merging:
    """R1: the most crowded cap; the `l` nearest neighbours of its centre merge into it."""
    cosines = _cosines(W)
    np.fill_diagonal(cosines, -2.0)  # nobody is its own neighbour
    neighbours = np.partition(cosines, -count, axis=1)[:, -count]
    centre = int(neighbours.argmax())
    leaving = np.argpartition(cosines[centre], -count)[-count:]
    return projected(W, {int(j): centre for j in leaving})


def packing(W: Array, mass: Masses, count: int) -> Merging:
    """R2: `m - l` centres, pairwise far apart; everybody else goes to the nearest."""
    centres = spread_out(W, len(W) - count)
    return projected(W, nearest(W, _others(W, centres), centres))


def mass_and_packing(W: Array, mass: Masses, count: int) -> Merging:
    """R3: a few centres far apart, then the `l` lightest of the others, each to its nearest centre."""
    centres = spread_out(W, centres_for(len(W), count, W.shape[1] - 1))
    return projected(W, nearest(W, mass.lightest(count, outside=centres.tolist()), centres))


def cheapest(W: Array, mass: Masses, count: int) -> Merging:
    """Greedy in L3's own bound: whoever moves least, weighed by its readers, leaves first, into whoever stays.

    Neurons are taken by the cost of going to their nearest neighbour (or to nothing). One that has become a centre
    stays, and one whose neighbour has left goes to the nearest neuron that has not. Where too few can leave, R4.
    """
    cosines = _cosines(W)
    np.fill_diagonal(cosines, -2.0)
    first = cosines.argmax(axis=1)
    order = np.argsort(_costs(W, mass, first), kind="stable")
    gone, kept = np.zeros(len(W), dtype=np.bool_), np.zeros(len(W), dtype=np.bool_)
    into: dict[int, int] = {}
    for j in order.tolist():
        if len(into) == count:
            break
        if kept[j]:
            continue
        centre = int(first[j]) if not gone[first[j]] else int(np.where(gone, -3.0, cosines[j]).argmax())
        into[j] = centre
        gone[j], kept[centre] = True, True
    if len(into) < count:
        return prune(W, mass, count)
    return projected(W, into)


def centres_for(width: int, count: int, dimension: int) -> int:
    """R3's number of centres: the integer k next to `(m+1)/(d+1) - 1` that makes `(m-k)^d (k+1)` largest, at least 1
    and at most `m - l`; the smaller of two.
    """
    near = (width + 1) // (dimension + 1) - 1
    candidates = {min(max(1, centres), width - count) for centres in (near, near + 1)}
    return max(sorted(candidates), key=lambda centres: (width - centres) ** dimension * (centres + 1))


def spread_out(W: Array, count: int) -> Indices:
    """`count` neurons by farthest-first traversal of directions: the next is the one farthest from all before.

    All are then pairwise at least as far apart as anybody else is from its nearest: the packing of L5.
    """
    units = directions(W)
    chosen = [int(np.linalg.norm(W, axis=1).argmax())]
    near = units @ units[chosen[0]]
    while len(chosen) < count:
        near[chosen] = np.inf
        chosen.append(int(near.argmin()))
        np.maximum(near, units @ units[chosen[-1]], out=near)
    return np.array(sorted(chosen), dtype=np.int64)


CHOICES: Mapping[str, Choice] = MappingProxyType({"R1": pigeonhole, "R2": packing, "R3": mass_and_packing, "R4": prune})
"""By the statement that says what the choice costs."""


def require_room(W: Array, *, budget: int = DEFAULT) -> None:
    """Raise InputError if the table of all angles would not fit."""
    require(4 * 8.0 * len(W) ** 2, budget, "the angles between all neurons")


def _cosines(W: Array) -> Array:
    units = directions(W)
    cosines: Array = units @ units.T
    return cosines


def _costs(W: Array, mass: Masses, into: Indices) -> Array:
    """About L3's bound for each neuron going to its neighbour, one at a time."""
    with np.errstate(all="ignore"):
        scales = np.nan_to_num(np.maximum((W * W[into]).sum(axis=1), 0.0) / (W[into] ** 2).sum(axis=1))
        costs: Array = np.linalg.norm(W - scales[:, None] * W[into], axis=1) * mass.outgoing.astype(np.float64)
    return costs


def _others(W: Array, centres: Iterable[int]) -> Indices:
    return np.setdiff1d(np.arange(len(W)), np.asarray(list(centres)))
