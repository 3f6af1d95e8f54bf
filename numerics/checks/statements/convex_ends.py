"""E2: a loss on a piece against its models at the ends. E3: the excess over the chord along lines of the readout."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from hypothesis import strategies as st

from numerics.checks.check import Facts, Outcome, Witness, about, bounded
from numerics.checks.climb import facts
from numerics.checks.problems import DRAWN, states
from numerics.checks.statements import transferloss
from numerics.checks.states import State
from numerics.common.shown import Shown
from numerics.moves.readout import readout_of
from numerics.testing import partners, times
from theory.catalogue import STATEMENTS
from theory.statements import convex_ends
from theory.statements.transferloss import OF_LABELS

Row = tuple[Fraction, ...]
Rows = tuple[Row, ...]


@dataclass(frozen=True)
class Piece(Shown):
    """Models `value + slope s -+ radius`, |s| <= r, of one number a sample and output, each (N, p), and where in its
    model each number is, from -1 (at its lower end) to 1.

    The numbers are margins for a loss of labels, whose own margin is 0 (`labels`), else outputs of target 0 or 1.
    """

    loss: str
    values: Rows
    slopes: Rows
    radii: Rows
    places: Rows
    labels: tuple[int, ...]
    threshold: Fraction
    r: Fraction
    s: Fraction


@st.composite
def pieces(draw: st.DrawFn) -> Piece:
    """Up to three samples, up to three classes; the time is an end of the piece as often as not."""
    loss = draw(st.sampled_from(tuple(transferloss.LOSSES)))
    N, p = draw(st.integers(1, 3)), draw(st.integers(2, 3))
    labels = tuple(draw(st.integers(0, p - 1)) for _ in range(N))

    def rows(entries: st.SearchStrategy[Fraction]) -> Rows:
        found = [[draw(entries) for _ in range(p)] for _ in range(N)]
        if loss in OF_LABELS:
            for row, label in zip(found, labels, strict=True):
                row[label] = Fraction(0)
        return tuple(tuple(row) for row in found)

    numbers = st.fractions(min_value=-3, max_value=3, max_denominator=4)
    radii = st.fractions(min_value=0, max_value=1, max_denominator=4)
    places = st.sampled_from((Fraction(1), Fraction(-1))) | st.fractions(-1, 1, max_denominator=4)
    r = draw(st.fractions(min_value=0, max_value=2, max_denominator=4))
    s = r * draw(st.sampled_from((Fraction(1), Fraction(-1))) | st.fractions(-1, 1, max_denominator=8))
    threshold = Fraction(draw(st.integers(1, 8)), 4)
    return Piece(loss, rows(numbers), rows(numbers), rows(radii), rows(places), labels, threshold, r, s)


def at(problem: Piece, s: Fraction, side: int | None) -> Rows:
    """The numbers at time `s`: the upper models (side 1), the lower ones (-1), or the true numbers (None)."""
    rows = zip(problem.values, problem.slopes, problem.radii, problem.places, strict=True)
    return tuple(
        tuple(v + b * s + (place if side is None else side) * e for v, b, e, place in zip(*row, strict=True))
        for row in rows
    )


def terms(problem: Piece, numbers: Rows) -> list[list[Fraction]]:
    """Losses at the numbers, of every sample: one a sample for losses of labels, else one an output."""
    loss = transferloss.LOSSES[problem.loss]
    found = []
    for row, label in zip(numbers, problem.labels, strict=True):
        if problem.loss in OF_LABELS:
            target = tuple(Fraction(j == label) for j in range(len(row)))
            found.append([loss(row, target, problem.threshold)])
        else:
            target = tuple(Fraction(1) if j == label else Fraction(-1) for j in range(len(row)))
            found.append([loss((a,), (y,), problem.threshold) for a, y in zip(row, target, strict=True)])
    return found


def at_models(problem: Piece, s: Fraction) -> list[list[Fraction]]:
    """What E2 evaluates at an end: the loss at the upper models, or the larger of the losses at both models."""
    upper = terms(problem, at(problem, s, 1))
    if problem.loss in OF_LABELS:
        return upper
    lower = terms(problem, at(problem, s, -1))
    return [[max(pair) for pair in zip(*rows, strict=True)] for rows in zip(upper, lower, strict=True)]


def mean(found: list[list[Fraction]]) -> Fraction:
    return sum((sum(row, Fraction(0)) for row in found), Fraction(0)) / len(found)


def enclosed(problem: Piece) -> Outcome:
    """The mean loss at a time of the piece against the larger of the two at its ends; balls in favour of the claim."""
    measured = mean(terms(problem, at(problem, problem.s, None)))
    bound = max(mean(at_models(problem, end)) for end in (-problem.r, problem.r))
    terms_of_a_sample = len(problem.values[0])  # at most: each is off by half of ROUNDED, here and in the bound
    slack = Fraction(0) if problem.loss in transferloss.RATIONAL else transferloss.ROUNDED * terms_of_a_sample
    numbers = {
        f"{name}_{k},{j}": value
        for name, rows in (("a", problem.values), ("b", problem.slopes), ("radius", problem.radii))
        for k, row in enumerate(rows)
        for j, value in enumerate(row)
    }
    witness = Witness(numbers={**numbers, "r": problem.r, "s": problem.s})
    return bounded(measured - slack, bound, Facts(outputs=True), witness=witness)


@dataclass(frozen=True, eq=False)
class Broken(Shown):
    """A path of readout segments: its corners, and a time on one of them."""

    corners: tuple[State, ...]
    segment: int
    s: Fraction


@st.composite
def paths(draw: st.DrawFn) -> Broken:
    """From a network of any class through the readouts of one or two others."""
    start = draw(states(tuple(DRAWN)))
    network = start.network()
    count = draw(st.integers(1, 2))
    ends = [readout_of(network, draw(partners(network))).end for _ in range(count)]
    corners = (start, *(State.of(end, start.data) for end in ends))
    return Broken(corners, draw(st.integers(0, count - 1)), draw(times()))


def above_chord(problem: Broken) -> Outcome:
    """The excess over the chord at a time against the corners' largest, and both conventions."""
    corners, k = problem.corners, problem.segment
    losses = [corner.loss for corner in corners]
    there = corners[k].toward(corners[k + 1], problem.s)
    time = (k + problem.s) / Fraction(len(corners) - 1)
    first, last = losses[0], losses[-1]
    over = there.loss - ((1 - time) * first + time * last)
    bound = convex_ends.corner_excess(losses)
    ordered = there.loss - max(first, last) <= over <= there.loss - min(first, last)
    barrier = max(losses) - max(first, last)
    ordered = ordered and barrier <= bound <= barrier + abs(first - last)
    networks = {"network": corners[0].network(), "end": corners[-1].network()}
    witness = Witness(networks, corners[0].data, {"t": time})
    return bounded(over, bound, facts(corners[0], there), besides=ordered, witness=witness)


CHECKS = (
    about(STATEMENTS["E2"], pieces(), enclosed, tight=True),
    about(STATEMENTS["E3"], paths(), above_chord, tight=True),
)
