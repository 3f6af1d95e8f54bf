"""T10, T10P: networks that leave a pattern of clusters, with a live branch, against the price of the first plane that
vanishes at a point; and the parabola's own path.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from hypothesis import strategies as st

from numerics.checks.check import Facts, Outcome, Witness, about, bounded
from numerics.checks.states import State
from numerics.common.shown import Shown
from numerics.data import Data
from numerics.networks.base import Network
from numerics.networks.branch import Branch, Layer
from numerics.networks.parallel import Parallel
from numerics.networks.readers import AnyArray, exact_array
from numerics.networks.two_layer import TwoLayer
from numerics.testing import matrices, times
from theory.catalogue import STATEMENTS
from theory.statements import clusters


@dataclass(frozen=True, eq=False)
class Leaving(Shown):
    """A network in T10's pattern, where it goes on a straight line, and the bound of its depth."""

    start: State
    goal: State
    depth: Fraction
    time: Fraction


def placed(width: int, unseen: AnyArray, targets: AnyArray, extra: int) -> Data:
    """T10P's points with these targets, and `extra` points that nobody sees."""
    found = clusters.parabola(width)
    X = [[float(x[0]), float(x[1])] for x in found.points] + [[float(k), float(k * k + 5)] for k in range(extra)]
    return Data(np.array(X), np.concatenate([targets, unseen[:extra]])[:, None])


@st.composite
def leavings(draw: st.DrawFn) -> Leaving:
    """One to three clusters with planes of either sign and any residuals orthogonal to them; a branch, live or not."""
    width, extra = draw(st.integers(1, 3)), draw(st.integers(0, 2))
    family = clusters.parabola(width, 0)
    heights = [Fraction(draw(st.sampled_from((1, 2, -1, -2, 3)))) for _ in range(width)]
    noise = [Fraction(draw(st.integers(-8, 8)), 4) for _ in range(width)]
    signs = [(1, -1, -1, 1)[k % 4] for k in range(4 * width)]  # s t, orthogonal to every plane of a cluster
    y = [heights[k // 4] * family.targets[k] + noise[k // 4] * signs[k] for k in range(4 * width)]
    data = placed(width, draw(matrices(2, 1))[:, 0], np.array([float(one) for one in y]), extra)
    W = np.array(family.rows, dtype=np.float64)
    start = State.of(drawn_network(draw, W, heights), data)
    price = clusters.valley_depth(
        start.weights["W"].tolist(),
        alone(start),
        start.seen.tolist(),
        start.targets[:, 0].tolist(),
    )
    goal = draw(away(start, price))
    return Leaving(start, goal, price.price, draw(times()))


def drawn_network(draw: st.DrawFn, W: AnyArray, heights: list[Fraction]) -> Network:
    """V_j so that V_j plus what the branch makes of neuron j alone is `heights`; without a branch every third time."""
    width = len(W)
    if draw(st.integers(0, 2)) == 2:
        return TwoLayer(W=W, V=np.array([[float(one) for one in heights]]), bias=True)
    layers = [Layer(draw(matrices(2, width)))]
    if draw(st.booleans()):
        layers.append(Layer(draw(matrices(2, 2))))
    U = draw(matrices(1, 2))
    network = Parallel(W=W, V=np.zeros((1, width)), branch=Branch(tuple(layers)), U=U, bias=True)
    branch = alone(State.of(network, Data(np.zeros((1, 2)), np.zeros((1, 1)))))
    V = np.array([[float(one - other) for one, other in zip(heights, branch, strict=True)]])
    return network.replace({"V": V})


def alone(state: State) -> list[Fraction]:
    """`Psi(e_j)`: the output where neuron j alone is 1; by rows that see only the bias, one at a time."""
    found = []
    for j in range(state.width):
        W = state.weights["W"] * 0
        W[j, -1] = Fraction(1)
        found.append(Fraction(state.then({"W": W}).outputs[0, 0]))
    return found


@st.composite
def away(draw: st.DrawFn, start: State, price: clusters.Cluster) -> State:
    """Every weight anywhere; or one row along the way on which T10's price is paid exactly, and a little further."""
    if draw(st.booleans()):
        W = start.weights["W"].copy()
        j, x = price.neuron, start.seen[price.point]
        own = [k for k, who in enumerate(clusters.owners(W.tolist(), start.seen.tolist())) if who == j]
        gram = sum(np.multiply.outer(start.seen[k], start.seen[k]) for k in own)
        direction = solve(gram, x)
        W[j] = W[j] - 2 * direction * ((W[j] @ x) / (direction @ x))
        return start.then({"W": W})
    changes = {}
    for name, array in start.weights.items():
        moved = exact_array(draw(matrices(1, array.size))).reshape(array.shape)
        changes[name] = array + moved * Fraction(8 if name == "W" else 1)
    return start.then(changes)


def solve(matrix: AnyArray, right: AnyArray) -> AnyArray:
    """`matrix^{-1} right` by Cramer's rule, for 3 x 3 fractions."""
    whole = determinant(matrix)
    found = []
    for i in range(3):
        changed = matrix.copy()
        changed[:, i] = right
        found.append(Fraction(determinant(changed)) / whole)
    return np.array(found, dtype=object)


def determinant(m: AnyArray) -> Fraction:
    """Of a 3 x 3 matrix."""
    return Fraction(
        m[0, 0] * (m[1, 1] * m[2, 2] - m[1, 2] * m[2, 1])
        - m[0, 1] * (m[1, 0] * m[2, 2] - m[1, 2] * m[2, 0])
        + m[0, 2] * (m[1, 0] * m[2, 1] - m[1, 1] * m[2, 0])
    )


def first_exit(start: State, goal: State) -> Fraction | None:
    """The first time in [0, 1] at which some neuron's input is 0 at some point; None if none."""
    before, after = (one.seen @ one.weights["W"].T for one in (start, goal))
    pairs = zip(before.ravel().tolist(), after.ravel().tolist(), strict=True)
    times_ = [Fraction(a) / (a - b) for a, b in pairs if a * b <= 0 and a != b]
    return min((t for t in times_ if t <= 1), default=None)


def pays(problem: Leaving) -> Outcome:
    """At the first exit the loss is above theta's by the price at least; before it, and without one, not below."""
    start, goal = problem.start, problem.goal
    exit_ = first_exit(start, goal)
    inside = start.toward(goal, problem.time * (Fraction(1) if exit_ is None else exit_))
    witness = Witness({"network": start.network(), "end": goal.network()}, start.data, {"delta": problem.depth})
    kind = Facts(active=exit_ is not None, branch=any(start.masses.lambdas))
    if exit_ is None:
        return bounded(start.loss, goal.loss, kind, besides=inside.loss >= start.loss, witness=witness)
    there = start.toward(goal, exit_)
    return bounded(problem.depth, there.loss - start.loss, kind, besides=inside.loss >= start.loss, witness=witness)


@dataclass(frozen=True, eq=False)
class OnThePath(Shown):
    """T10P at one width, with or without a branch that returns nothing, at a time of its path."""

    start: State
    time: Fraction
    depth: Fraction


@st.composite
def on_the_path(draw: st.DrawFn) -> OnThePath:
    """Widths 2 to 6; often the time where the loss is largest."""
    width = draw(st.integers(2, 6))
    family = clusters.parabola(width)
    X = np.array([[float(x[0]), float(x[1])] for x in family.points])
    data = Data(X, np.array([[float(y)] for y in family.targets]))
    W, V = np.array(family.rows, dtype=np.float64), np.ones((1, width))
    network: Network = TwoLayer(W=W, V=V, bias=True)
    if draw(st.booleans()):
        branch = Branch((Layer(draw(matrices(2, width))),))
        network = Parallel(W=W, V=V, branch=branch, U=np.zeros((1, 2)), bias=True)
    anywhere = st.integers(0, 1000).map(lambda k: k * clusters.END / 1000)
    time = draw(st.one_of(st.just(clusters.TOP), anywhere))
    return OnThePath(State.of(network, data), time, family.depth)


def rises(problem: OnThePath) -> Outcome:
    """The loss on the path is the formula's, at most 3/(100m) above its start, and below it at the end."""
    start = problem.start
    there, end = (moved(start, time) for time in (problem.time, clusters.END))
    stated = there.loss == clusters.parabola_loss(start.width, problem.time) and end.loss < start.loss == 1
    witness = Witness({"network": start.network()}, start.data, {"s": problem.time})
    kind = Facts(active=start.signs() != there.signs(), branch=any(start.masses.lambdas))
    return bounded(there.loss - start.loss, problem.depth, kind, besides=stated, witness=witness)


def moved(start: State, time: Fraction) -> State:
    """Row 0 at `time` of the path."""
    W = start.weights["W"].copy()
    W[0] = W[0] + time * np.array(clusters.PUSH, dtype=object)
    return start.then({"W": W})


T10_CLAIM = (
    "TWO-LAYER and PARALLEL without biases after the first layer, one output, T10's pattern of clusters: on a straight "
    "line to any network the loss, where the first w_j.x is 0, is above theta's by the least price at least; until "
    "then it is never below theta's."
)
T10P_CLAIM = (
    "T10P, rho = 1, m >= 2, U = 0: along row 0's path the loss is 1 + (300 s^2 + e^2 - 2e)/(4m), at most 3/(100m) "
    "above its start, and below it at the end."
)

CHECKS = (
    about(STATEMENTS["T10"], leavings(), pays, claim=T10_CLAIM, tight=True),
    about(STATEMENTS["T10P"], on_the_path(), rises, claim=T10P_CLAIM, tight=True),
)
