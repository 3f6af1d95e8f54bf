"""E1: the share of wrong samples along a line of the readout, counted; and a sample on a piece by its margins."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from hypothesis import strategies as st

from numerics.checks.check import Outcome, Witness, about, bounded
from numerics.checks.climb import facts
from numerics.checks.problems import DRAWN, states
from numerics.checks.states import State
from numerics.common.shown import Shown
from numerics.moves.readout import readout_of
from numerics.testing import partners, times
from theory.catalogue import STATEMENTS
from theory.statements import margins

Vector = tuple[Fraction, ...]


@dataclass(frozen=True, eq=False)
class Labelled(Shown):
    """A line of the readout, labels (N,), a time on it; and a piece |s| <= 1 of one sample's margins.

    `values`, `slopes` are the lower models of the margins, `slack` by how much each margin lies above them at `s`.
    """

    start: State
    end: State
    labels: tuple[int, ...]
    t: Fraction
    values: Vector
    slopes: Vector
    slack: Vector
    s: Fraction


@st.composite
def labelled(draw: st.DrawFn) -> Labelled:
    """Two or three classes; every other time the line starts at a tie or a zero readout."""
    start = draw(states(tuple(DRAWN), outputs=(2, 3), points=(2, 4)))
    network = start.network()
    end = State.of(readout_of(network, draw(partners(network))).end, start.data)
    N, p = start.outputs.shape
    labels = tuple(draw(st.lists(st.integers(0, p - 1), min_size=N, max_size=N)))
    numbers = st.fractions(min_value=-4, max_value=4, max_denominator=4)
    rows = [tuple(draw(st.lists(numbers, min_size=p - 1, max_size=p - 1))) for _ in range(3)]
    s = draw(st.sampled_from((Fraction(-1), Fraction(1))) | st.fractions(-1, 1, max_denominator=8))
    return Labelled(start, end, labels, draw(times()), rows[0], rows[1], tuple(map(abs, rows[2])), s)


def share(state: State, labels: tuple[int, ...]) -> Fraction:
    """Share of the samples whose label's output is not strictly the largest."""
    wrong = 0
    for row, label in zip(state.outputs.tolist(), labels, strict=True):
        others = [value for j, value in enumerate(row) if j != label]
        wrong += max(others) >= row[label]
    return Fraction(wrong, len(labels))


def kept(problem: Labelled) -> Outcome:
    """The counted share at `t` against the ends' samples; the ends' shares around that bound; the piece."""
    start, end, labels = problem.start, problem.end, problem.labels
    bound = margins.wrong_share(start.outputs.tolist(), end.outputs.tolist(), labels)
    there = start.toward(end, problem.t)
    first, last = share(start, labels), share(end, labels)
    around = max(first, last) <= bound <= first + last
    sure = all(v - abs(b) > 0 for v, b in zip(problem.values, problem.slopes, strict=True))
    actual = [v + b * problem.s + e for v, b, e in zip(problem.values, problem.slopes, problem.slack, strict=True)]
    piece = not sure or all(margin > 0 for margin in actual)
    networks = {"network": start.network(), "end": end.network()}
    numbers = {"t": problem.t, **{f"label_{k}": Fraction(label) for k, label in enumerate(labels)}}
    witness = Witness(networks, start.data, numbers)
    return bounded(share(there, labels), bound, facts(start, there), besides=around and piece, witness=witness)


CHECKS = (about(STATEMENTS["E1"], labelled(), kept, tight=True),)
