"""T10K: networks that leave a pattern of clusters under F = L + kappa S, against the closed form at the minimisers."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import prod

import numpy as np
from hypothesis import strategies as st

from numerics.checks.check import Facts, Outcome, Witness, about, bounded
from numerics.checks.clustered import Clusters, rectangles
from numerics.checks.statements.clusters import first_exit, solve
from numerics.checks.states import State
from numerics.common.shown import Shown
from numerics.networks.base import Network
from numerics.networks.branch import Branch, Layer
from numerics.networks.parallel import Parallel
from numerics.networks.readers import AnyArray, exact_array
from numerics.networks.two_layer import TwoLayer
from numerics.testing import matrices, times
from theory.catalogue import STATEMENTS
from theory.statements import cluster_mass


@dataclass(frozen=True, eq=False)
class Leaving(Shown):
    """A network in T10K's pattern, where it goes on a straight line, kappa and the least price."""

    start: State
    goal: State
    kappa: Fraction
    price: Fraction
    time: Fraction


def length(j: int) -> int:
    """||w_j|| of the row (8j, -4, 3 - 4j^2), a whole number."""
    return 4 * j * j + 5


@st.composite
def leavings(draw: st.DrawFn) -> Leaving:
    """One to three clusters, planes h_j w_j; targets that make each the minimiser of its cluster's penalised loss."""
    found: Clusters = draw(rectangles())
    width = found.width
    # kappa times any 1/||w_j|| is a short dyadic number, so that targets are floats.
    kappa = Fraction(prod(length(j) for j in range(width)), 2 ** draw(st.integers(10, 20)))
    heights = [draw(st.sampled_from((1, 2, -1, -2, 3))) for _ in range(width)]
    y: list[Fraction] = []
    for j, height in enumerate(heights):
        own = np.array(found.points[4 * j : 4 * j + 4], dtype=object)
        gram = sum(np.multiply.outer(x, x) for x in own) / Fraction(4 * width)
        slope = np.array(found.rows[j], dtype=object) * Fraction(1 if height > 0 else -1, length(j))
        pull = own @ solve(gram, slope) * kappa / 2
        noise = Fraction(draw(st.integers(-8, 8)), 4)
        y += [height * v + noise * r + p for v, r, p in zip(found.values(j), found.residual(j), pull, strict=True)]
    W, V = np.array([[float(v) for v in row] for row in found.rows]), np.array([[float(one) for one in heights]])
    network: Network = TwoLayer(W=W, V=V, bias=True)
    if draw(st.booleans()):
        network = Parallel(W=W, V=V, branch=Branch((Layer(draw(matrices(2, width))),)), U=np.zeros((1, 2)), bias=True)
    rounded = [Fraction(float(value)) for value in y]
    start = State.of(network, found.data(rounded))
    price = cluster_mass.penalised_depth(found.rows, heights, found.points, rounded, kappa)
    goal = draw(away(start, price, found))
    return Leaving(start, goal, kappa, price.price, draw(times()))


@st.composite
def away(draw: st.DrawFn, start: State, price: cluster_mass.Penalised, found: Clusters) -> State:
    """Every weight anywhere; or one row along the way on which the loss pays least, and a little further."""
    if draw(st.booleans()):
        W = start.weights["W"].copy()
        j, x = price.neuron, start.seen[price.point]
        own = start.seen[4 * j : 4 * j + 4]
        direction = solve(sum(np.multiply.outer(one, one) for one in own), x)
        W[j] = W[j] - 2 * direction * ((W[j] @ x) / (direction @ x))
        return start.then({"W": W})
    changes: dict[str, AnyArray] = {}
    for name, array in start.weights.items():
        moved = exact_array(draw(matrices(1, array.size))).reshape(array.shape)
        changes[name] = array + moved * Fraction(8 if name == "W" else 1)
    return start.then(changes)


def least_rise(start: State, other: State, kappa: Fraction) -> Fraction:
    """F there less F at the start, rounded up."""
    return other.loss + kappa * other.mass.upper - start.loss - kappa * start.mass.lower


def pays(problem: Leaving) -> Outcome:
    """At the first exit F is above theta's by the price at least; before it, and without one, not below."""
    start, goal, kappa = problem.start, problem.goal, problem.kappa
    exit_ = first_exit(start, goal)
    inside = start.toward(goal, problem.time * (Fraction(1) if exit_ is None else exit_))
    witness = Witness({"network": start.network(), "end": goal.network()}, start.data, {"kappa": kappa})
    kind = Facts(active=exit_ is not None, branch=any(goal.masses.lambdas))
    stays = least_rise(start, inside, kappa) >= 0
    if exit_ is None:
        return bounded(Fraction(0), least_rise(start, goal, kappa), kind, besides=stays, witness=witness)
    there = start.toward(goal, exit_)
    return bounded(problem.price, least_rise(start, there, kappa), kind, besides=stays, witness=witness)


CLAIM = (
    "TWO-LAYER and PARALLEL without biases after the first layer, one output, U = 0, T10's pattern of clusters, "
    "planes that minimise l_j(u) + kappa ||u||: on a straight line to any network F = L + kappa S, where the first "
    "w_j.x is 0, is above theta's by the least price at least; until then it is never below theta's."
)

CHECKS = (about(STATEMENTS["T10K"], leavings(), pays, claim=CLAIM),)
