"""T11, T12: neighbours of T11's valley against the bound of a kink that moves; T12's move of light neurons."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cache

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

from numerics.arithmetic.bases import exact_basis
from numerics.arithmetic.positive import root_up
from numerics.checks.check import Outcome, Witness, about, bounded
from numerics.checks.climb import facts
from numerics.checks.problems import states
from numerics.checks.states import State, mean_square
from numerics.common.shown import Shown
from numerics.data import Data
from numerics.networks.branch import Branch, Layer
from numerics.networks.parallel import Parallel
from numerics.networks.readers import AnyArray, exact_array
from numerics.testing import matrices, times
from theory.catalogue import STATEMENTS
from theory.statements import live_branch


@cache
def valley(light: int) -> State:
    """T11's theta on its data; m a power of 2, so that all of it are floats."""
    found = live_branch.kinked(light)
    rows = np.array(found.rows, dtype=np.float64)
    A = np.array([[float(one) for one in found.branch]])
    network = Parallel(W=rows, V=np.zeros((1, light + 3)), branch=Branch((Layer(A),)), U=np.ones((1, 1)))
    X = np.array([[float(one) for one in x] for x in found.points])
    return State.of(network, Data(X, np.array([[float(y)] for y in found.targets])))


@dataclass(frozen=True, eq=False)
class Neighbour(Shown):
    """A parameter near T11's valley at this m."""

    light: int
    there: State


@st.composite
def neighbours(draw: st.DrawFn) -> Neighbour:
    """Changes of a 64th to a 4096th of a weight; the readout, which is 0, takes any size of them; m = 1 or 2."""
    light = 1 if draw(st.integers(0, 7)) else 2
    start, size = valley(light), light + 3
    scale = Fraction(1, 4 ** draw(st.integers(4, 6)))
    shapes = {"W": (size, size), "V": (1, size), "A": (1, size), "U": (1, 1)}
    moving = [name for name in shapes if draw(st.booleans())]
    changes = {name: start.weights[name] + scale * exact_array(draw(matrices(*shapes[name]))) for name in moving}
    return Neighbour(light, start.then(changes))


def not_better(problem: Neighbour) -> Outcome:
    """`(1/5)(E|eps| - E eps^2/h) + ||f' - f||^2 <= L' - L` where no neuron of the first layer changes its sign."""
    start, there = valley(problem.light), problem.there
    same = ((start.features > 0) == (there.features > 0)).all()
    assume(bool(same))
    size = len(start.targets) // len(live_branch.TIMES)
    reads = (there.features @ there.weights["A"].T)[:, 0] * there.weights["U"][0, 0]
    moved = reads[2 * size : 3 * size].tolist()  # the points with t = 0, in the order of the others
    steep = [one - zero for one, zero in zip(reads[3 * size : 4 * size].tolist(), moved, strict=True)]
    assume(all(2 * one >= live_branch.STEEPNESS for one in steep))
    first = sum((abs(one) for one in moved), Fraction(0)) / size
    second = sum((one * one for one in moved), Fraction(0)) / size
    changed = mean_square(there.outputs - start.outputs)
    least = (first - second / live_branch.STEEPNESS) / 5 + changed
    witness = Witness({"network": start.network(), "end": there.network()}, start.data)
    return bounded(least, there.loss - start.loss, facts(start, there), witness=witness)


@dataclass(frozen=True, eq=False)
class Sharing(Shown):
    """A PARALLEL network of one branch layer, and a time of the move."""

    start: State
    time: Fraction


@st.composite
def sharings(draw: st.DrawFn) -> Sharing:
    """A branch that is heard; often a point where one of its units is exactly at its kink."""
    start = draw(states(("parallel",), width=(2, 5), points=(1, 4)))
    size = draw(st.integers(1, 2))
    A, U = draw(matrices(size, start.width, dense=True)), draw(matrices(start.targets.shape[1], size, dense=True))
    W, V = start.network().W, draw(matrices(start.targets.shape[1], start.width, dense=True))
    a = draw(matrices(1, size))[0]
    if draw(st.booleans()):
        point = draw(st.integers(0, start.data.size - 1))
        a = -(exact_array(A) @ start.features[point]).astype(np.float64)
    network = Parallel(W=W, V=V, branch=Branch((Layer(A, a),)), U=U, bias=start.bias)
    return Sharing(State.of(network, start.data), draw(times()))


def shared(problem: Sharing) -> Outcome:
    """One of the two ends of T12's move empties a neuron at `C (k S/(2m))^2`, and the time before it costs no more."""
    start = problem.start
    masses = start.masses
    assume(all(masses.each.tolist()))
    reach = reaches(start)
    on_kink = [k for k, value in enumerate(reach) if value == 0]
    rows = start.weights["A"].shape[0]
    together = rows * len(on_kink) + 2
    assume(together <= start.width)
    light = masses.lightest(together).tolist()
    shares = combination(start, light, on_kink)
    constant = live_branch.margin(
        sigma_square=start.sigma.upper,
        density=density(reach),
        misfit=root_up(max(squares(start.outputs - start.targets))),
        radius_square=max(squares(start.seen)),
        branch=masses.lambdas[0],
    )
    bound = live_branch.margin_depth(constant, mass=masses.total, width=start.width, together=together)
    ends = [moved(start, light, shares, 1 / max(-one for one in shares)), moved(start, light, shares, -1 / max(shares))]
    best = min(ends, key=lambda one: one.loss)
    empty = any(best.unread([j]) for j in light)
    between = start.toward(best, problem.time).loss - start.loss
    fits = between <= bound * problem.time
    kind = facts(start, best)
    witness = Witness({"network": start.network(), "end": best.network()}, start.data, {"k": Fraction(together)})
    return bounded(best.loss - start.loss, bound, kind, besides=empty and fits, witness=witness)


def squares(rows: AnyArray) -> list[Fraction]:
    """The squared length of each row."""
    return [sum((Fraction(value) ** 2 for value in row), Fraction(0)) for row in rows.tolist()]


def reaches(start: State) -> list[Fraction]:
    """How far A z may move at each point before a unit of the branch meets its kink."""
    inner = start.features @ start.weights["A"].T + start.weights["a"]
    return [min(abs(Fraction(value)) for value in row) for row in inner.tolist()]


def density(reach: list[Fraction]) -> Fraction:
    """The least g with `P(0 < reach <= t) <= g t` for all t."""
    met = sorted(value for value in reach if value)
    return max((Fraction(k + 1, len(reach)) / value for k, value in enumerate(met)), default=Fraction(0))


def combination(start: State, light: list[int], on_kink: list[int]) -> list[Fraction]:
    """eps, not 0, with `sum eps_j A_j z_j = 0` at the points on a kink and `sum eps_j s_j = 0`."""
    equations = [[Fraction(start.masses.each[j]) for j in light]]
    for point in on_kink:
        for row in start.weights["A"].tolist():
            equations.append([Fraction(row[j] * start.features[point, j]) for j in light])
    basis = exact_basis(np.array(equations, dtype=object))
    free = int(basis.rest[0])
    found = [Fraction(0)] * len(light)
    found[free] = Fraction(1)
    for place, column in enumerate(basis.basis.tolist()):
        found[column] = -Fraction(basis.coefficients[place, 0])
    return found


def moved(start: State, light: list[int], shares: list[Fraction], far: Fraction) -> State:
    """Outgoing weights of j times `1 + e eps_j`."""
    changes = {name: start.weights[name].copy() for name in ("V", "A")}
    for array in changes.values():
        for j, share in zip(light, shares, strict=True):
            array[:, j] = array[:, j] * (1 + far * share)
    return start.then(changes)


T11_CLAIM = (
    "T11's data and theta, m = 1, 2: at every parameter nearby at which no first-layer neuron changes its sign L' - L "
    "is at least (1/5)(E|eps| - E eps^2/h) + ||f' - f||^2, eps what the branch reads at t = 0."
)
T12_CLAIM = (
    "PARALLEL with one branch layer, Lambda > 0, masses > 0: one of the two ends of the k lightest neurons' move "
    "empties a neuron, and at every t the loss has risen by at most t C (k S/(2m))^2."
)

CHECKS = (
    about(STATEMENTS["T11"], neighbours(), not_better, claim=T11_CLAIM),
    about(STATEMENTS["T12"], sharings(), shared, claim=T12_CLAIM),
)
