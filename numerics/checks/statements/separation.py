"""T5: the valley of a plain network with a last layer of width one, and the crossing between the signs of u."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from numerics.checks.check import Outcome, Witness, about, bounded
from numerics.checks.climb import facts
from numerics.checks.states import State
from numerics.common.shown import Shown
from numerics.data import Data
from numerics.testing import matrices, partners, plains
from theory.catalogue import STATEMENTS
from theory.statements import separation


@dataclass(frozen=True, eq=False)
class Sides(Shown):
    """Plain networks with `u > 0` and with `u < 0`."""

    positive: State
    negative: State


@st.composite
def sides(draw: st.DrawFn) -> Sides:
    """One or two layers before the last unit; targets with both signs, the negative part the larger."""
    dense, N = draw(st.booleans()), draw(st.integers(2, 4))
    before = tuple(draw(st.lists(st.integers(1, 3), max_size=1)))
    network = draw(plains(branch=(*before, 1), outputs=1, with_c=False, width=st.integers(1, 4), dense=dense))
    data = Data(draw(matrices(N, network.inputs, dense=dense)), draw(matrices(N, 1, dense=dense)))
    Y = data.Y.copy()
    Y[0] = np.abs(Y[0]) + 0.25
    Y[-1] = -np.abs(Y).sum() - 0.25
    both = ((network, 1.0), (draw(partners(network)), -1.0))
    signed = (one.replace({"U": sign * np.maximum(np.abs(one.parameters()["U"]), 0.25)}) for one, sign in both)
    return Sides(*(State.of(one, Data(data.X, Y)) for one in signed))


def below(problem: Sides) -> Outcome:
    """No `u > 0` is better than mean(y_-^2), no `u < 0` than mean(y_+^2); between them the loss is their sum."""
    first, last = problem.positive, problem.negative
    valley = separation.plain_valley(first.targets[:, 0].tolist())
    up, down = (state.weights["U"][0, 0] for state in (first, last))
    there = first.toward(last, up / (up - down))
    crosses = there.loss == valley.crossing == valley.loss + valley.depth
    witness = Witness({"network": first.network(), "end": last.network()}, first.data)
    other = last.loss >= valley.crossing - valley.loss
    return bounded(valley.loss, first.loss, facts(first, last), besides=crosses and other, witness=witness)


CLAIM = (
    "PLAIN, one output, no output bias, last hidden layer of width one, f = u h: with u > 0 the loss is at least "
    "mean(y_-^2), with u < 0 at least mean(y_+^2), and where u passes 0 it is their sum: so the valley's depth is "
    "at least mean(y_+^2)."
)

CHECKS = (about(STATEMENTS["T5"], sides(), below, claim=CLAIM),)
