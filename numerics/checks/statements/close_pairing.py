"""R8: pairs of one sign with close rows among the lightest, and R7's choice on them, against its bounds."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import combinations

import numpy as np
from hypothesis import strategies as st
from sympy import acos

from numerics.arithmetic.positive import root_up
from numerics.checks.check import Outcome, Witness, about, bounded
from numerics.checks.climb import facts
from numerics.checks.problems import states
from numerics.checks.states import State, change
from numerics.common.shown import Shown
from numerics.data import Data
from numerics.moves.pairing import choose, factors, paired
from numerics.networks.two_layer import TwoLayer
from numerics.testing import times
from theory.catalogue import STATEMENTS
from theory.exact import number
from theory.statements import close_pairing, connectivity, sphere

CHORDS = tuple(Fraction(k, 16) for k in (1, 2, 4, 8, 16, 32, 48))
"""Squares of chords, 4 sin^2(phi/2), that are tried."""


@dataclass(frozen=True, eq=False)
class Crowd(Shown):
    """A TWO-LAYER network with one output; `count` pairs are wanted; outputs are measured at `t`."""

    start: State
    count: int
    t: Fraction


@st.composite
def crowds(draw: st.DrawFn) -> Crowd:
    """Two inputs and no bias, d = 1: many rows around a few directions, so that pairs are close."""
    width, N = draw(st.integers(8, 20)), draw(st.integers(1, 2))
    first = draw(states(("two-layer",), width=(4, 4), points=(N, N), inputs=(2, 2), outputs=(1, 1)))
    network = first.network()
    seeds = draw(st.lists(st.integers(0, 3), min_size=width, max_size=width))
    nudges = draw(st.lists(st.integers(-2, 2), min_size=2 * width, max_size=2 * width))
    W = network.W[seeds][:, :2] + np.array(nudges, dtype=np.float64).reshape(width, 2) / 16
    signs = np.array(draw(st.lists(st.sampled_from((-1.0, 1.0)), min_size=width, max_size=width)))
    V = signs[None, :] * (1 + np.abs(network.V[:, seeds]))
    start = State.of(TwoLayer(W=W, V=V), Data(first.data.X, first.data.Y))
    return Crowd(start, draw(st.integers(1, 2)), draw(times()))


@lru_cache
def directions(square: Fraction) -> int:
    """N_1(phi) at 4 sin^2(phi/2) = square."""
    return sphere.packing_number(1, acos(1 - number(square, "square") / 2))


def close(start: State, j: int, i: int, square: Fraction) -> bool:
    """Whether the two unit rows are at most the root of `square` apart, exactly: cos >= 1 - square/2."""
    W = start.weights["W"]
    dot, sizes, least = W[j] @ W[i], (W[j] @ W[j]) * (W[i] @ W[i]), 1 - square / 2
    signed = dot * abs(dot)
    return bool(sizes) and signed >= least * abs(least) * sizes


def matching(start: State, neurons: list[int], square: Fraction) -> list[tuple[int, int]]:
    """A maximal set of disjoint pairs of one sign of V within the chord; a neuron of mass 0 goes with any other."""
    V, each = start.weights["V"][0], start.masses.each
    free, found = list(neurons), []
    for j, i in combinations(neurons, 2):
        idle = not each[j] or not each[i]
        if j in free and i in free and (idle or (V[j] * V[i] > 0 and close(start, j, i, square))):
            found.append((j, i))
            free = [k for k in free if k not in (j, i)]
    return found


def within(problem: Crowd) -> Outcome:
    """`||f_t - f_0|| <= t D` for the chord that promises most, and where none applies for R7's pairs; `S` stays."""
    start, count, width = problem.start, problem.count, problem.start.width
    mass, sigma = start.masses, root_up(start.sigma.upper)
    closed = close_pairing.deviation(sigma=sigma, mass=mass.total, width=width, neurons=count, dimension=1)
    best = None
    for square in CHORDS:
        far = directions(square)
        if 2 * count + 2 * far > width:
            continue
        bound = close_pairing.chord_deviation(
            sigma=sigma, mass=mass.total, width=width, neurons=count, directions=far, chord=root_up(square)
        )
        if best is None or bound < best[0]:
            best = bound, square, 2 * count + 2 * far
    square, lightest = (Fraction(4), 2 * count) if best is None else best[1:]
    neurons = mass.lightest(lightest).tolist()
    pairs = list(zip(neurons[::2], neurons[1::2], strict=True)) if best is None else matching(start, neurons, square)
    found = np.array(pairs[:count], dtype=np.int64).reshape(-1, 2)
    signs = choose(start.kind, start.weights, mass, found, start.features).first_dies
    end = start.then(paired(start.kind, start.weights, factors(mass.each, found, signs)))
    there = start.toward(end, problem.t)
    products = sum((mass.each[j] * mass.each[i] for j, i in found.tolist()), Fraction(0))
    limit = start.sigma.upper * square * products  # R8 before the lightest are counted
    counted = closed if best is None else best[0]
    within_both = change(start, end) <= closed**2 and (best is None or limit <= counted**2)
    stays = start.mass.lower <= there.mass.upper and there.mass.lower <= start.mass.upper
    level = connectivity.level_upper(loss=start.loss, deviation=min(closed, counted), reference_loss=Fraction(0))
    return bounded(
        change(start, there),
        problem.t**2 * limit,
        facts(start, there, level=level, reference_loss=Fraction(0)),
        squares=True,
        besides=len(found) == count and stays and within_both,
        witness=Witness({"network": start.network()}, start.data, {"l": Fraction(count), "t": problem.t}),
    )


CHECKS = (about(STATEMENTS["R8"], crowds(), within),)
