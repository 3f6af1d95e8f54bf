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

Row = tuple[Fraction, ...]
Rows = tuple[Row, ...]
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
    """Up to three points, up to two outputs or three classes; the target of a label is one-hot."""
    loss = draw(st.sampled_from(("squared", *LOSSES)))
    N = draw(st.integers(1, 3))
    p = draw(st.integers(2, 3) if loss in transferloss.OF_LABELS else st.integers(1, 2))
    entries = st.fractions(min_value=-4, max_value=4, max_denominator=4)
    rows = st.tuples(*[st.tuples(*[entries] * p)] * N)
    targets = draw(rows)
    if loss in ("hinge", "logistic"):
        targets = tuple(tuple(Fraction(draw(st.sampled_from((1, -1)))) for _ in range(p)) for _ in range(N))
    if loss in transferloss.OF_LABELS:
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
    outputs = len(problem.outputs[0])
    constant = upper(transferloss.lipschitz_constant(problem.loss, outputs=outputs, threshold=threshold))
    return bounded(after - before - slack, constant * root_up(size), facts, witness=witness)


def _absolute(f: Row, y: Row, threshold: Fraction) -> Fraction:
    return sum((abs(a - b) for a, b in zip(f, y, strict=True)), Fraction(0))


def _huber(f: Row, y: Row, threshold: Fraction) -> Fraction:
    gaps = [abs(a - b) for a, b in zip(f, y, strict=True)]
    return sum((g * g / 2 if g <= threshold else threshold * (g - threshold / 2) for g in gaps), Fraction(0))


def _hinge(f: Row, y: Row, threshold: Fraction) -> Fraction:
    return sum((max(1 - b * a, Fraction(0)) for a, b in zip(f, y, strict=True)), Fraction(0))


def _multi_hinge(f: Row, y: Row, threshold: Fraction) -> Fraction:
    own = y.index(1)
    return max(Fraction(0), *(1 + a - f[own] for j, a in enumerate(f) if j != own))


def _logistic(f: Row, y: Row, threshold: Fraction) -> Fraction:
    with flint.ctx.workprec(BITS):
        return _middle(sum(((1 + _arb(-b * a).exp()).log() for a, b in zip(f, y, strict=True)), flint.arb(0)))


def _cross_entropy(f: Row, y: Row, threshold: Fraction) -> Fraction:
    own = sum((a * b for a, b in zip(f, y, strict=True)), Fraction(0))
    with flint.ctx.workprec(BITS):
        return _middle(sum((_arb(a - own).exp() for a in f), flint.arb(0)).log())


Term = Callable[[Row, Row, Fraction], Fraction]
LOSSES: Mapping[str, Term] = {
    "absolute": _absolute,
    "huber": _huber,
    "hinge": _hinge,
    "multi-hinge": _multi_hinge,
    "logistic": _logistic,
    "cross-entropy": _cross_entropy,
}
RATIONAL = ("absolute", "huber", "hinge", "multi-hinge")
ROUNDED = Fraction(1, 1 << 90)  # both losses' balls together: `_middle` refuses a wider one


def _middle(value: flint.arb) -> Fraction:
    """A number within 2^-92 of every number in the ball. Raises ArithmeticError for a wider ball."""
    middle, radius = (point.fmpq() for point in (value.mid(), value.rad()))
    if radius > flint.fmpq(1, 1 << 92):
        raise ArithmeticError(f"a loss is known to {value} only")
    return Fraction(int(middle.p), int(middle.q))


def _arb(value: Fraction) -> flint.arb:
    return flint.arb(flint.fmpq(value.numerator, value.denominator))


def _squared(f: Row, y: Row) -> Fraction:
    return sum(((a - b) ** 2 for a, b in zip(f, y, strict=True)), Fraction(0))


def _plus(f: Row, g: Row) -> Row:
    return tuple(a + b for a, b in zip(f, g, strict=True))


def _mean(values: Iterable[Fraction]) -> Fraction:
    found = list(values)
    return sum(found, Fraction(0)) / len(found)


CLAIM = (
    "Squared error: sqrt L(f+g) <= sqrt L(f) + ||g||. Summed over p outputs: L(f+g) <= L(f) + G ||g|| with G = sqrt p "
    "for absolute error, hinge and logistic loss, delta sqrt p for Huber; multi-class hinge and softmax cross-entropy, "
    "any number of outputs: G = sqrt 2."
)

CHECKS = (about(STATEMENTS["L8"], changed(), within, claim=CLAIM, tight=True),)
