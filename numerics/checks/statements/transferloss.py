"""L8: what a change of the outputs does to the loss, for every loss that it names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

import flint
from hypothesis import strategies as st

from numerics.arithmetic.positive import root_up
from numerics.checks.check import Facts, Outcome, Witness, about, bounded
from numerics.common.shown import Shown
from theory.catalogue import STATEMENTS
from theory.exact import upper
from theory.statements import transferloss

Rows = tuple[tuple[Fraction, ...], ...]
BITS = 128


@dataclass(frozen=True)
class Changed(Shown):
    """Outputs, changes and targets, each (N, p); `threshold` is Huber's."""

    loss: str
    outputs: Rows
    changes: Rows
    targets: Rows
    threshold: Fraction


@st.composite
def changed(draw: st.DrawFn) -> Changed:
    """Up to three points; one output but for squared error and cross-entropy, whose targets are one-hot."""
    loss = draw(st.sampled_from(("squared", *LOSSES)))
    N = draw(st.integers(1, 3))
    p = draw(st.integers(2, 3)) if loss == "cross-entropy" else draw(st.integers(1, 2)) if loss == "squared" else 1
    entries = st.fractions(min_value=-4, max_value=4, max_denominator=4)
    rows = st.tuples(*[st.tuples(*[entries] * p)] * N)
    targets = draw(rows)
    if loss in ("hinge", "logistic"):
        targets = tuple((Fraction(draw(st.sampled_from((1, -1)))),) for _ in range(N))
    if loss == "cross-entropy":
        labels = [draw(st.integers(0, p - 1)) for _ in range(N)]
        targets = tuple(tuple(Fraction(k == label) for k in range(p)) for label in labels)
    return Changed(loss, draw(rows), draw(rows), targets, Fraction(draw(st.integers(1, 8)), 4))


def within(problem: Changed) -> Outcome:
    """Squared error by roots, the others by their constants; logarithms from balls, in favour of the claim."""
    size = _mean(sum((g * g for g in row), Fraction(0)) for row in problem.changes)
    moved = tuple(_plus(f, g) for f, g in zip(problem.outputs, problem.changes, strict=True))
    numbers = {
        f"{name}_{k},{i}": value
        for name, rows in (("f", problem.outputs), ("g", problem.changes), ("y", problem.targets))
        for k, row in enumerate(rows)
        for i, value in enumerate(row)
    }
    facts = Facts(outputs=len(problem.outputs[0]) > 1)
    witness = Witness(numbers=numbers)
    if problem.loss == "squared":
        before, after = (_mean(map(_squared, rows, problem.targets)) for rows in (problem.outputs, moved))
        bound = (root_up(before) + root_up(size)) ** 2
        return bounded(after, bound, facts, squares=True, witness=witness)
    term = LOSSES[problem.loss]
    before, after = (
        _mean(term(f, y, problem.threshold) for f, y in zip(rows, problem.targets, strict=True))
        for rows in (problem.outputs, moved)
    )
    slack = Fraction(0) if problem.loss in RATIONAL else ROUNDED
    threshold = problem.threshold if problem.loss == "huber" else None
    constant = upper(transferloss.lipschitz_constant(problem.loss, threshold=threshold))
    return bounded(after - before - slack, constant * root_up(size), facts, witness=witness)


def _absolute(f: tuple[Fraction, ...], y: tuple[Fraction, ...], threshold: Fraction) -> Fraction:
    return abs(f[0] - y[0])


def _huber(f: tuple[Fraction, ...], y: tuple[Fraction, ...], threshold: Fraction) -> Fraction:
    gap = abs(f[0] - y[0])
    return gap * gap / 2 if gap <= threshold else threshold * (gap - threshold / 2)


def _hinge(f: tuple[Fraction, ...], y: tuple[Fraction, ...], threshold: Fraction) -> Fraction:
    return max(1 - y[0] * f[0], Fraction(0))


def _logistic(f: tuple[Fraction, ...], y: tuple[Fraction, ...], threshold: Fraction) -> Fraction:
    with flint.ctx.workprec(BITS):
        return _middle((1 + _arb(-y[0] * f[0]).exp()).log())


def _cross_entropy(f: tuple[Fraction, ...], y: tuple[Fraction, ...], threshold: Fraction) -> Fraction:
    own = sum((a * b for a, b in zip(f, y, strict=True)), Fraction(0))
    with flint.ctx.workprec(BITS):
        return _middle(sum((_arb(a - own).exp() for a in f), flint.arb(0)).log())


Term = Callable[[tuple[Fraction, ...], tuple[Fraction, ...], Fraction], Fraction]
LOSSES: Mapping[str, Term] = {
    "absolute": _absolute,
    "huber": _huber,
    "hinge": _hinge,
    "logistic": _logistic,
    "cross-entropy": _cross_entropy,
}
RATIONAL = ("absolute", "huber", "hinge")
ROUNDED = Fraction(1, 1 << 90)  # both losses' balls together: `_middle` refuses a wider one


def _middle(value: flint.arb) -> Fraction:
    """A number within 2^-92 of every number in the ball. Raises ArithmeticError for a wider ball."""
    middle, radius = (point.fmpq() for point in (value.mid(), value.rad()))
    if radius > flint.fmpq(1, 1 << 92):
        raise ArithmeticError(f"a loss is known to {value} only")
    return Fraction(int(middle.p), int(middle.q))


def _arb(value: Fraction) -> flint.arb:
    return flint.arb(flint.fmpq(value.numerator, value.denominator))


def _squared(f: tuple[Fraction, ...], y: tuple[Fraction, ...]) -> Fraction:
    return sum(((a - b) ** 2 for a, b in zip(f, y, strict=True)), Fraction(0))


def _plus(f: tuple[Fraction, ...], g: tuple[Fraction, ...]) -> tuple[Fraction, ...]:
    return tuple(a + b for a, b in zip(f, g, strict=True))


def _mean(values: Iterable[Fraction]) -> Fraction:
    found = list(values)
    return sum(found, Fraction(0)) / len(found)


CLAIM = (
    "Squared error: sqrt L(f+g) <= sqrt L(f) + ||g||. One output: L(f+g) <= L(f) + G ||g|| with G = 1 for absolute "
    "error, hinge and logistic loss, delta for Huber; softmax cross-entropy, any number of outputs: G = sqrt 2."
)

CHECKS = (about(STATEMENTS["L8"], changed(), within, claim=CLAIM, tight=True),)
