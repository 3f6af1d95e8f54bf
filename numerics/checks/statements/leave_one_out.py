"""R9: what leaving neurons out costs after the refit, and what a new row gains, from normal equations in fractions."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

from numerics.arithmetic.bases import exact_basis
from numerics.checks.check import Outcome, Witness, about, bounded
from numerics.checks.climb import facts
from numerics.checks.draws import Draw, draws, loaded
from numerics.checks.problems import states
from numerics.checks.states import State, mean_square
from numerics.common.shown import Shown
from numerics.networks.readers import AnyArray
from numerics.testing import times
from theory.catalogue import STATEMENTS
from theory.statements import leave_one_out


@dataclass(frozen=True, eq=False)
class Leaving(Shown):
    """TWO-LAYER without an output bias, features independent: which neurons leave, a reference, and a time."""

    start: State
    leaving: tuple[int, ...]
    draw: Draw
    time: Fraction


@st.composite
def leavings(draw: st.DrawFn) -> Leaving:
    """One or two of up to three neurons leave."""
    start = draw(states(("two-layer",), width=(1, 3), points=(2, 4)))
    assume("c" not in start.weights and len(exact_basis(start.features).basis) == start.width)
    start, found = draw(draws(start, most=2))
    order = draw(st.permutations(range(start.width)))
    return Leaving(start, tuple(order[: draw(st.integers(1, min(2, start.width)))]), found, draw(times()))


def refitted(state: State, kept: list[int]) -> State:
    """The best V on these neurons, 0 elsewhere, by elimination in fractions."""
    V = state.weights["V"] * 0
    if kept:
        z = state.features[:, kept]
        V[:, kept] = solved(z.T @ z, z.T @ state.targets).T
    return state.then({"V": V})


def solved(matrix: AnyArray, right: AnyArray) -> AnyArray:
    """`matrix^{-1} right` for an invertible matrix of fractions, by Gauss and Jordan."""
    size = len(matrix)
    table = np.concatenate([matrix, right], axis=1).astype(object) * Fraction(1)
    for k in range(size):
        pivot = next(i for i in range(k, size) if table[i, k] != 0)
        table[[k, pivot]] = table[[pivot, k]]
        table[k] = table[k] / table[k, k]
        for i in range(size):
            if i != k:
                table[i] = table[i] - table[i, k] * table[k]
    return table[:, size:]


def priced(problem: Leaving) -> Outcome:
    """The rise of the refit is the price; the path is at its corners; the new row's gain is psi, and large enough."""
    start, leaving, found = problem.start, list(problem.leaving), problem.draw
    best = refitted(start, list(range(start.width)))
    kept = [j for j in range(start.width) if j not in leaving]
    less = refitted(start, kept)
    gram = (start.features.T @ start.features) / Fraction(start.data.size)
    cost = leave_one_out.leave_out_price(best.weights["V"].tolist(), gram.tolist(), leaving)
    alone = [mean_square(best.features[:, [j]] @ best.weights["V"][:, [j]].T) for j in leaving]
    right = best.loss <= start.loss and (len(leaving) > 1 or cost <= alone[0])
    right = right and less.toward(best, problem.time).loss <= max(less.loss, best.loss)
    gains = [gained(less, leaving[0], found, k) for k in range(found.state.width)]
    right = right and all(true for _, true in gains)
    if found.live and found.state.loss <= less.loss:
        least = leave_one_out.least_gain(free_loss=less.loss, reference_loss=found.state.loss, spread=found.spread)
        right = right and max(value for value, _ in gains) >= least
    networks = {"network": start.network(), "reference": found.reference}
    numbers = {f"neuron {k} leaves": Fraction(j) for k, j in enumerate(leaving)}
    return bounded(
        less.loss - best.loss,
        cost,
        facts(start, less),
        besides=right and less.loss - best.loss == cost,
        witness=Witness(networks, start.data, numbers),
    )


def gained(less: State, slot: int, found: Draw, k: int) -> tuple[Fraction, bool]:
    """psi of the reference's row, and whether loading it with its best readout gains exactly that."""
    there = loaded(less, [slot], found.state.weights["W"][[k]])
    z = there.features[:, slot]
    residual = less.targets - less.outputs
    inner = (residual.T @ z) / Fraction(less.data.size)
    square = Fraction((z * z).sum()) / less.data.size
    value = leave_one_out.row_gain(inner.tolist(), square)
    V = there.weights["V"].copy()
    if square:
        V[:, slot] = inner / square
    return value, less.loss - there.then({"V": V}).loss == value


CLAIM = (
    "TWO-LAYER, squared error, features independent, V optimal: leaving J out costs exactly tr(V_J "
    "([Gram^{-1}]_JJ)^{-1} V_J^T) after the refit, one neuron at most ||h_j||^2; the best readout of a new row gains "
    "exactly psi, and some row of g* with L* <= L' at least L' (sqrt L' - sqrt L*)^2/H*^2."
)

CHECKS = (about(STATEMENTS["R9"], leavings(), priced, claim=CLAIM, tight=True),)
