"""R7: how far the outputs go while one of each pair dies, against the closed form; and the mass, which stays."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from hypothesis import strategies as st

from numerics.arithmetic.positive import root_up
from numerics.checks.check import Outcome, Witness, about, bounded
from numerics.checks.climb import facts
from numerics.checks.problems import SKIP, states
from numerics.checks.states import State, change
from numerics.common.shown import Shown
from numerics.data import Data
from numerics.moves.pairing import choose, factors, paired, pairs_of
from numerics.networks.two_layer import TwoLayer
from numerics.testing import matrices, times, weights
from theory.catalogue import STATEMENTS
from theory.statements import connectivity, pairing


@dataclass(frozen=True, eq=False)
class Pairing(Shown):
    """The `2 count` lightest neurons of `start` in pairs; outputs are measured at `t`."""

    start: State
    count: int
    t: Fraction


@st.composite
def pairings(draw: st.DrawFn) -> Pairing:
    """Any class with a readout; one time in four, copies of one neuron that some outputs add and others subtract."""
    start = draw(copies() if draw(st.integers(0, 3)) == 3 else states(SKIP, width=(2, 6)))
    return Pairing(start, draw(st.integers(1, start.width // 2)), draw(times()))


@st.composite
def copies(draw: st.DrawFn) -> State:
    """Two to ten neurons with one row, readouts of one length and any signs: no pair is light, and some oppose."""
    width, n, N = draw(st.integers(2, 10)), draw(st.integers(1, 2)), draw(st.integers(1, 2))
    row, X = draw(matrices(1, n, dense=True)), draw(matrices(N, n, dense=True))
    length, signs = draw(weights(dense=True)), draw(st.lists(st.booleans(), min_size=width, max_size=width))
    V = np.where(signs, length, -length)[None, :]
    return State.of(TwoLayer(W=np.repeat(row, width, axis=0), V=V), Data(X, np.zeros((N, 1))))


def within(problem: Pairing) -> Outcome:
    """`||f_t - f_0|| <= t D`, one of each pair without contribution, `S` what it was."""
    start, count = problem.start, problem.count
    mass, pairs = start.masses, pairs_of(start.masses.lightest(2 * count))
    signs = choose(start.kind, start.weights, mass, pairs, start.features).first_dies
    scale = factors(mass.each, pairs, signs)
    end = start.then(paired(start.kind, start.weights, scale))
    bound = pairing.deviation(
        sigma=root_up(start.sigma.upper),
        mass=mass.total,
        width=start.width,
        neurons=count,
        silent_branch=not any(mass.lambdas),
    )
    level = connectivity.level_upper(loss=start.loss, deviation=bound, reference_loss=Fraction(0))
    there = start.toward(end, problem.t)
    stays = start.mass.lower <= end.mass.upper and end.mass.lower <= start.mass.upper
    dead = sum(value == 0 for value in scale.tolist()) >= count
    return bounded(
        change(start, there),
        (problem.t * bound) ** 2,
        facts(start, there, level=level, reference_loss=Fraction(0)),
        squares=True,
        besides=stays and dead,
        witness=Witness({"network": start.network()}, start.data, {"l": Fraction(count), "t": problem.t}),
    )


CHECKS = (
    about(STATEMENTS["R7"], pairings(), within, tight=True),  # one pair, Lambda = 0
)
