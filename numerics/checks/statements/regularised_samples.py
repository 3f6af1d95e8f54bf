"""T4F: the whole path from a drawn network to g*, corner by corner in fractions, at the least width.

Rows and columns have rational lengths, so that masses are exact; the linear programs' vertices are `theory.vertices`'.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import isqrt

import numpy as np
from hypothesis import strategies as st

from numerics.checks.check import Facts, Outcome, Witness, about, bounded
from numerics.checks.states import State
from numerics.common.shown import Shown
from numerics.data import Data
from numerics.moves.rank import features
from numerics.networks.base import Network
from numerics.networks.branch import Branch, Layer
from numerics.networks.parallel import Parallel
from numerics.networks.readers import AnyArray
from numerics.networks.two_layer import TwoLayer
from numerics.testing import times
from theory.catalogue import STATEMENTS
from theory.statements import regularised_samples
from theory.vertices import Program, completed, followed, improved, thinned

WHOLE = ((1, 0), (0, 1), (-1, 0), (0, -1), (3, 4), (4, 3), (-3, 4), (4, -3), (-4, -3), (3, -4), (5, 12), (-12, 5))
"""Vectors of whole length."""


@dataclass(frozen=True, eq=False)
class Walk(Shown):
    """A network, a two-layer reference of any width, kappa, a time on every segment."""

    start: State
    reference: TwoLayer
    kappa: Fraction
    time: Fraction


@dataclass(frozen=True, eq=False)
class Unit(Shown):
    """A row of the first layer and what V reads of it, per unit of rho."""

    row: AnyArray
    readout: AnyArray

    def on(self, seen: AnyArray) -> list[Fraction]:
        """What it adds to the outputs, all points and outputs one after the other."""
        added: list[Fraction] = np.multiply.outer(features(self.row[None], seen)[:, 0], self.readout).ravel().tolist()
        return added

    @property
    def mass(self) -> Fraction:
        return whole_length(self.row) * whole_length(self.readout)


def whole_length(vector: AnyArray) -> Fraction:
    """Its Euclidean length. Raises ValueError unless it is rational."""
    square = sum((Fraction(value) ** 2 for value in vector.tolist()), Fraction(0))
    root = Fraction(isqrt(square.numerator), isqrt(square.denominator))
    if root**2 != square:
        raise ValueError(f"a length is irrational: sqrt({square})")
    return root


@st.composite
def walks(draw: st.DrawFn) -> Walk:
    """One or two points and outputs, with a branch of one unit or none, g* of up to six neurons."""
    points, outputs, branch = draw(st.integers(1, 2)), draw(st.integers(1, 2)), draw(st.booleans())
    width = regularised_samples.width_for(points=points, outputs=outputs, readings=int(branch))
    rows, entries = st.sampled_from(WHOLE), st.sampled_from((1, -1, 2, -2, 3, -3))
    scales = st.sampled_from((0.5, 1.0, 2.0))

    def row() -> list[float]:
        scale = draw(scales)
        return [scale * v for v in draw(rows)]

    def column() -> list[float]:
        return row() if outputs == 2 else [draw(scales) * draw(entries)]

    def matrix(count: int) -> tuple[AnyArray, AnyArray]:
        W = np.array([row() for _ in range(count)])
        return W, np.array([column() for _ in range(count)]).T.reshape(outputs, count)

    W, V = matrix(width)
    network: Network = TwoLayer(W=W, V=V)
    if branch:
        A = np.array([[float(draw(st.integers(-3, 3))) for _ in range(width)]])
        layers = [Layer(A), *([Layer(np.array([[float(draw(entries))]]))] if draw(st.booleans()) else [])]
        network = Parallel(W=W, V=V, branch=Branch(tuple(layers)), U=np.array(column())[:, None])
    X = np.array([[float(draw(entries)) for _ in range(2)] for _ in range(points)])
    Y = np.array([[float(draw(entries)) for _ in range(outputs)] for _ in range(points)])
    W_, V_ = matrix(draw(st.integers(1, 6)))
    reference = TwoLayer(W=W_, V=V_)
    start = State.of(network, Data(X, Y))
    fitted = draw(st.sampled_from((None, start, State.of(reference, start.data))))
    if fitted is not None:  # F there is kappa S alone: the masses decide
        start = State.of(network, Data(X, fitted.outputs.astype(np.float64)))
    kappa = Fraction(draw(st.sampled_from((0, 1, 4, 16))), 4)
    return Walk(start, reference, kappa, draw(times()))


def mass(weights: Mapping[str, AnyArray]) -> Fraction:
    """S, exactly: rows that nothing reads may have any length."""
    gain = Fraction(0)
    if "U" in weights:
        inner = abs(weights["B1"][0, 0]) if "B1" in weights else Fraction(1)
        gain = whole_length(weights["U"][:, 0]) * inner
    total = Fraction(0)
    for j, row in enumerate(weights["W"]):
        out = whole_length(weights["V"][:, j]) + (gain * abs(weights["A"][0, j]) if gain else 0)
        total += out * whole_length(row) if out else 0
    return total


def objective(state: State, kappa: Fraction) -> Fraction:
    """F = L + kappa S, exactly."""
    return state.loss + kappa * mass(state.weights)


def thinned_out(start: State, name: str) -> list[State]:
    """Fewer neurons that V (or A) reads, until what it makes of them is independent on the data."""
    matrix = start.weights[name]
    units = [Unit(row, matrix[:, j]) for j, row in enumerate(start.weights["W"])]
    costs = [unit.mass if unit.readout.any() else Fraction(0) for unit in units]
    corners = thinned([unit.on(start.seen) for unit in units], costs, [Fraction(int(u.readout.any())) for u in units])
    return [start.then({name: matrix * np.array(rho, dtype=object)}) for rho in corners[1:]]


Way = list[tuple[Fraction, list[Fraction]]]
"""Times and what rho is there."""


def way_of(units: list[Unit], live: list[int], goal: list[int], seen: AnyArray) -> Way:
    """Vertices, from the units `live` to the units `goal`, each with rho = 1."""
    if not units:
        return [(Fraction(1), [])]
    program = Program.of([unit.on(seen) for unit in units], [unit.mass for unit in units])
    first, last = (
        [sum((program.columns[u][k] for u in chosen), Fraction(0)) for k in range(len(program.columns[0]))]
        for chosen in (live, goal)
    )
    down, basis = improved(program, completed(program, live), first)
    across, _ = followed(program, basis, first, last)
    back, _ = improved(program, completed(program, goal), last)
    if across[-1][1] != back[-1]:
        raise ValueError("two best vertices: the second cost does not tell them apart")
    return [*((Fraction(0), rho) for rho in down), *across, *((Fraction(1), rho) for rho in reversed(back))]


def path_of(start: State, reference: TwoLayer) -> list[State]:
    """All corners. Raises ValueError where no slot is free for a unit that enters."""
    path = [start, *thinned_out(start, "V")]
    if "A" in start.weights:
        path += thinned_out(path[-1], "A")
    here = path[-1]
    goal = thinned_out(State.of(reference, start.data), "V")
    there = goal[-1] if goal else State.of(reference, start.data)
    slots = [j for j in range(here.width) if here.weights["V"][:, j].any()]
    units = [Unit(here.weights["W"][j], here.weights["V"][:, j]) for j in slots]
    ends = [k for k in range(there.width) if there.weights["V"][:, k].any()]
    units += [Unit(there.weights["W"][k], there.weights["V"][:, k]) for k in ends]
    live, last = list(range(len(slots))), list(range(len(slots), len(units)))
    placed = dict(zip(live, slots, strict=True))
    U = here.weights.get("U")
    for time, rho in way_of(units, live, last, start.seen):
        placed = {u: j for u, j in placed.items() if here.weights["V"][:, j].any()}
        for u in (u for u, value in enumerate(rho) if value and u not in placed):
            placed[u] = free_slot(here, units[u].row, set(placed.values()))
            W = here.weights["W"].copy()
            W[placed[u]] = units[u].row
            here = here.then({"W": W})
            path.append(here)
        V = here.weights["V"] * 0
        for u, j in placed.items():
            V[:, j] = rho[u] * units[u].readout
        here = here.then({"V": V} if U is None else {"V": V, "U": (1 - time) * U})
        path.append(here)
    return path


def free_slot(state: State, row: AnyArray, taken: set[int]) -> int:
    """One that holds the row already and that V does not read; or one that nothing reads. None that is `taken`."""
    unread = [j for j in range(state.width) if j not in taken and not state.weights["V"][:, j].any()]
    for j in unread:
        if (state.weights["W"][j] == row).all():
            return j
    for j in unread:
        if "A" not in state.weights or not state.weights["A"][:, j].any():
            return j
    raise ValueError("no slot is free")


def stays_below(problem: Walk) -> Outcome:
    """The largest F at corners and at a time of every segment, against the larger of F(theta) and F(g*)."""
    start, kappa = problem.start, problem.kappa
    goal = State.of(problem.reference, start.data)
    level = max(objective(start, kappa), objective(goal, kappa))
    witness = Witness({"network": start.network(), "reference": problem.reference}, start.data, {"kappa": kappa})
    kind = Facts(outputs=start.targets.shape[1] > 1, branch="U" in start.weights)
    try:
        path = path_of(start, problem.reference)
    except ValueError:  # a claim of T4F that fails: no free slot, or no way
        return bounded(level + 1, level, kind, besides=False, witness=witness)
    between = [a.toward(b, problem.time) for a, b in pairwise(path)]
    highest = max(objective(one, kappa) for one in (*path, *between))
    arrived = bool((path[-1].outputs == goal.outputs).all())
    return bounded(highest, level, kind, besides=arrived, witness=witness)


CLAIM = (
    "PARALLEL with one branch unit, or TWO-LAYER, m = (p + r) N + 1, squared error, rows and columns of rational "
    "length: on T4F's path of vertices to a two-layer g* of any width F never exceeds max(F(theta), F(g*)), and one "
    "slot is always free for the unit that enters."
)

CHECKS = (about(STATEMENTS["T4F"], walks(), stays_below, claim=CLAIM),)
