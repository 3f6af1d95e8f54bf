"""T8a, T8b, T8c: two-layer networks with V >= 0 against their least losses, and crossings of V_j = 0 on drawn paths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

import flint
import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

from numerics.checks.check import Outcome, Witness, about, bounded
from numerics.checks.states import State
from numerics.common.shown import Shown
from numerics.data import Data
from numerics.networks.readers import exact_array
from numerics.networks.two_layer import TwoLayer
from numerics.testing import matrices, weights
from theory.catalogue import STATEMENTS
from theory.exact import enclosure
from theory.statements import sharp_valleys

BITS = 128


@dataclass(frozen=True, eq=False)
class Crossing(Shown):
    """T8b's valley and a network with some `V_j < 0`."""

    valley: State
    goal: State
    depth: Fraction


def at_the_bottom(width: int) -> tuple[State, Fraction]:
    """T8b's theta on its data, and its depth."""
    found = sharp_valleys.sharp_valley(width)
    network = TwoLayer(W=np.array(found.rows, dtype=np.float64), V=np.ones((1, width)))
    data = Data(np.array(found.points, dtype=np.float64), np.array(found.targets, dtype=np.float64)[:, None])
    return State.of(network, data), found.depth


@st.composite
def crossings(draw: st.DrawFn) -> Crossing:
    """Widths 1 to 4; every other goal is theta with one readout below 0, or the far end of T8b's own path."""
    width = draw(st.integers(1, 4))
    valley, depth = at_the_bottom(width)
    V, W = valley.weights["V"].copy(), valley.weights["W"].copy()
    match draw(st.sampled_from(("own", "near", "any"))):
        case "own":
            V[0, 0] = Fraction(-draw(st.integers(1, 4)))
        case "near":
            for j in range(width):
                V[0, j] += Fraction(draw(st.integers(-8, 2)), 4)
        case _:
            W = W + exact_array(draw(matrices(width, width + 1)))
            V = exact_array(draw(matrices(1, width)))
    assume(min(V[0].tolist()) < 0)
    return Crossing(valley, valley.then({"V": V, "W": W}), depth)


def climbs(problem: Crossing) -> Outcome:
    """Where the first V_j is 0 on the straight line, the loss is above theta's by the depth at least."""
    start, goal = problem.valley, problem.goal
    pairs = zip(start.weights["V"][0].tolist(), goal.weights["V"][0].tolist(), strict=True)
    first = min(Fraction(v) / (v - end) for v, end in pairs if end < 0)
    there = start.toward(goal, first)
    positive = min(there.weights["V"][0].tolist()) == 0
    witness = Witness({"network": start.network(), "end": goal.network()}, start.data, {"t": first})
    return bounded(problem.depth, there.loss - start.loss, besides=positive, witness=witness)


@dataclass(frozen=True, eq=False)
class Fitted(Shown):
    """So many neurons with V >= 0 on the points of T8b's data at `width`."""

    width: int
    rows: tuple[tuple[Fraction, ...], ...]
    readout: tuple[Fraction, ...]


@st.composite
def fitted(draw: st.DrawFn) -> Fitted:
    """Rows of any signs, of one unit each, or shared by two: (1/2, 1/2) loses as little as leaving one out."""
    width = draw(st.integers(1, 4))
    few = draw(st.integers(1, width))
    rows = []
    for j in range(few):
        match draw(st.sampled_from(("unit", "shared", "any"))):
            case "unit":
                rows.append([Fraction(1 if i == j else -1) for i in range(width)])
            case "shared":
                other = draw(st.integers(0, width - 1))
                rows.append([Fraction(1, 2) if i in (j, other) else Fraction(-1) for i in range(width)])
            case _:
                rows.append([Fraction(draw(weights())) for _ in range(width)])
    readout = [draw(st.sampled_from((Fraction(1), Fraction(1), Fraction(1, 2), Fraction(3, 4)))) for _ in range(few)]
    return Fitted(width, tuple(map(tuple, rows)), tuple(readout))


def least(problem: Fitted) -> Outcome:
    """`E+(k) >= omega (m - k)`, and `q b^2` at the last point, with T8b's points in weights 1/N."""
    found = sharp_valleys.sharp_valley(problem.width)
    rows = [(*row, Fraction(0)) for row in problem.rows]
    residuals = [value(rows, problem.readout, x) - y for x, y in zip(found.points, found.targets, strict=True)]
    total = sum((r * r for r in residuals), Fraction(0)) / len(residuals)
    bound = found.depth * (problem.width - len(problem.rows))
    numbers = {f"w_{j},{i}": entry for j, row in enumerate(problem.rows) for i, entry in enumerate(row)}
    numbers |= {f"V_{j}": entry for j, entry in enumerate(problem.readout)}
    return bounded(bound, total - found.loss, witness=Witness(numbers=numbers))


def value(rows: Sequence[Sequence[Fraction]], readout: Sequence[Fraction], x: Sequence[int]) -> Fraction:
    """`V [W x]_+`."""
    inner = (sum((w * z for w, z in zip(row, x, strict=True)), Fraction(0)) for row in rows)
    return sum((v * max(one, Fraction(0)) for v, one in zip(readout, inner, strict=True)), Fraction(0))


@dataclass(frozen=True)
class Directions(Shown):
    """Rows, none of them 0, with readouts >= 0."""

    rows: tuple[tuple[Fraction, ...], ...]
    readout: tuple[Fraction, ...]


@st.composite
def directions(draw: st.DrawFn) -> Directions:
    """One to four rows in one to three dimensions; every other time opposite ones."""
    count, size = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    entry = st.integers(-4, 4).map(Fraction)
    rows = [tuple(draw(entry) for _ in range(size)) for _ in range(count)]
    if count == 2 and draw(st.booleans()):
        rows[1] = tuple(-one for one in rows[0])
    assume(all(any(row) for row in rows))
    return Directions(tuple(rows), tuple(Fraction(draw(st.integers(1, 4)), 2) for _ in range(count)))


def energy(problem: Directions) -> Outcome:
    """`||sum V_j z_j||^2 >= e_n (sum s_j)^2` for an isotropic law, by the kernel, in balls."""
    with flint.ctx.workprec(BITS):
        pairs = list(zip(problem.readout, problem.rows, strict=True))
        total = flint.arb(0)
        for (v, row), (u, other) in product(pairs, repeat=2):
            total += _arb(v * u) * _overlap(row, other)
        mass = sum((_arb(v) * _arb(_dot(row, row)).sqrt() for v, row in pairs), flint.arb(0))
        bound = enclosure(sharp_valleys.least_energy(len(pairs))) * mass * mass
        low, high = (end.fmpq() for end in (bound.lower(), total.upper()))
    numbers = {f"w_{j},{i}": one for j, row in enumerate(problem.rows) for i, one in enumerate(row)}
    numbers |= {f"V_{j}": one for j, one in enumerate(problem.readout)}
    measured, allowed = (Fraction(int(one.p), int(one.q)) for one in (low, high))
    return bounded(measured, allowed, witness=Witness(numbers=numbers))


def _overlap(row: Sequence[Fraction], other: Sequence[Fraction]) -> flint.arb:
    """`E [u.x]_+ [w.x]_+` of an isotropic x: `(||u|| ||w|| sin t + (pi - t) u.w)/(2 pi)`, t the angle."""
    inner = _dot(row, other)
    sine = _arb(_dot(row, row) * _dot(other, other) - inner * inner).sqrt()
    angle = flint.arb.atan2(sine, _arb(inner))
    return (sine + (flint.arb.pi() - angle) * _arb(inner)) / (2 * flint.arb.pi())


def _dot(left: Sequence[Fraction], right: Sequence[Fraction]) -> Fraction:
    return sum((a * b for a, b in zip(left, right, strict=True)), Fraction(0))


def _arb(number: Fraction) -> flint.arb:
    return flint.arb(flint.fmpq(number.numerator, number.denominator))


T8A_CLAIM = (
    "TWO-LAYER, T8b's data: on the straight line from theta to any network with some V_j < 0 the loss, where the first "
    "V_j is 0, is above theta's by the least that m - 1 neurons with V >= 0 lose, at least."
)
T8B_CLAIM = (
    "TWO-LAYER, T8b's data: k neurons with V >= 0, orthogonal to the last point, lose at least omega (m-k) on the "
    "other points, whatever their rows; with k = m - 1 that is the depth."
)
T8C_CLAIM = (
    "An isotropic law, n rows, V >= 0: ||sum V_j z_j||^2 is at least e_n (sum V_j ||w_j||)^2, as the regular simplex "
    "has it; so E+(n) = (1-q) a^2 (1 - c_0^2/e_n)."
)

CHECKS = (
    about(STATEMENTS["T8a"], crossings(), climbs, claim=T8A_CLAIM, tight=True),
    about(STATEMENTS["T8b"], fitted(), least, claim=T8B_CLAIM, tight=True),
    about(STATEMENTS["T8c"], directions(), energy, claim=T8C_CLAIM, tight=True),
)
