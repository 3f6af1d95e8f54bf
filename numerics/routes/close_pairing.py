"""R8 [ours]: R7's choice for pairs that are close to each other: of each pair one dies, the other is nearly like it.

Closeness is measured on the data, on what a unit of mass of a neuron adds to its readers, so that pairs may be of any
number of outputs and read by a live branch too; the closed form is for one output and no live branch.
"""

from __future__ import annotations

import math

import numpy as np

from numerics.errors import InputError
from numerics.losses import float_loss
from numerics.losses.problem import Problem
from numerics.moves.mass import Masses, masses
from numerics.moves.merging import Indices
from numerics.moves.pairing import distances, pair
from numerics.networks.arrays import Array
from numerics.networks.base import Network
from numerics.networks.classes import FLAT
from numerics.networks.two_layer import TwoLayer
from numerics.paths import Path
from numerics.routes.candidate import Candidate
from numerics.routes.choices import require_room
from numerics.routes.merging import DEVIATES
from numerics.routes.reference import arrive
from numerics.routes.route import Route

NAME = "close-pairing"
SIZES = 8  # of the sets of lightest neurons in which pairs are looked for, from 2 l up to m


def to_reference(start: Network, reference: TwoLayer, problem: Problem) -> Candidate:
    """R8's path to `g*`. Raises InputError unless `2 l <= m`, and where losses overflow or over the memory budget."""
    count = reference.width
    if 2 * count > start.width:
        raise InputError(f"route {NAME} needs m >= 2 l: m = {start.width}, l = {count}")
    require_room(start.W, budget=problem.budget)
    mass = masses(start)
    with np.errstate(all="ignore"):  # a search: what overflows is no candidate
        pairs = close_pairs(mass, distances(start, problem, mass), count)
        segment, gone = pair(start, problem, pairs, mass)
        highest = max(float_loss(network, problem) for network in (start, segment.end, reference))
    if not highest < math.inf:
        raise InputError(f"route {NAME}: the losses on its path exceed the range of float64")
    slots = tuple(int(slot) for slot in gone)
    return Candidate(NAME, arrive(Path(start).then(segment), reference, slots), highest, slots)


def close_pairs(mass: Masses, apart: Array, count: int) -> Indices:
    """Disjoint pairs (l, 2) of least `sum s_j s_i apart^2`: the closest first among the `M` lightest, for several `M`.

    `apart` (m, m): distances of what a unit of mass adds. For every angle phi with `2 l + 2 N_d(phi) <= M` R8's pairs
    are as close as that: while two neurons of one sign within phi are left, the next pair is no farther apart.
    """
    each = mass.each.astype(np.float64)
    light, costs = mass.lightest(len(each)), []
    for size in sorted(set(np.linspace(2 * count, len(each), SIZES).astype(int).tolist())):
        found = _closest(light[:size], apart, count)
        costs.append((float((each[found].prod(axis=1) * apart[found[:, 0], found[:, 1]] ** 2).sum()), found))
    return min(costs, key=lambda one: one[0])[1]


def _closest(neurons: Indices, apart: Array, count: int) -> Indices:
    """So many disjoint pairs of these neurons (twice as many at least), always the closest of those that are left."""
    first, second = np.triu_indices(len(neurons), 1)
    order = np.argsort(apart[neurons[first], neurons[second]], kind="stable")
    used, found = np.zeros(len(neurons), dtype=np.bool_), []
    for k in order.tolist():
        i, j = int(first[k]), int(second[k])
        if not (used[i] or used[j]):
            used[i] = used[j] = True
            found.append((neurons[i], neurons[j]))
            if len(found) == count:
                break
    return np.array(found, dtype=np.int64).reshape(-1, 2)


ROUTES = (
    Route(
        name=NAME,
        statement="R8",
        classes=FLAT,
        to_reference=to_reference,
        squared_only=DEVIATES,
        auto=28,
        if_higher=True,
        place=42,
    ),
)
