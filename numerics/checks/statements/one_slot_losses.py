"""T7L: smoothness of every loss by its symmetric second differences."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from hypothesis import strategies as st

from numerics.checks.check import Facts, Outcome, Witness, about, bounded
from numerics.checks.statements import transferloss
from numerics.common.shown import Shown
from theory.catalogue import STATEMENTS
from theory.exact import evaluate_rational
from theory.statements import one_slot_losses

Vector = tuple[Fraction, ...]


@dataclass(frozen=True)
class Bent(Shown):
    """One point: outputs, a change, a target; `threshold` is Huber's."""

    loss: str
    outputs: Vector
    change: Vector
    target: Vector
    threshold: Fraction


@st.composite
def bent(draw: st.DrawFn) -> Bent:
    """Small changes are frequent; every other time the outputs are equal, where cross-entropy bends most."""
    loss = draw(st.sampled_from(("logistic", "huber", "cross-entropy")))
    p = draw(st.integers(2, 4) if loss == "cross-entropy" else st.integers(1, 2))
    entries = st.fractions(min_value=-4, max_value=4, max_denominator=4)
    vectors = st.tuples(*[entries] * p)
    outputs, change = draw(vectors), draw(vectors)
    if draw(st.booleans()):
        outputs = (outputs[0],) * p
    scale = Fraction(1, 4 ** draw(st.integers(0, 3)))
    target: Vector = tuple(Fraction(draw(st.sampled_from((1, -1)))) for _ in range(p))
    if loss == "cross-entropy":
        label = draw(st.integers(0, p - 1))
        target = tuple(Fraction(k == label) for k in range(p))
    return Bent(loss, outputs, tuple(scale * one for one in change), target, Fraction(draw(st.integers(1, 8)), 4))


def within(problem: Bent) -> Outcome:
    """`l(u+d) + l(u-d) - 2 l(u) <= beta ||d||^2`, logarithms from balls, in favour of the claim."""
    term = transferloss.LOSSES[problem.loss]
    there, back = (
        tuple(u + sign * g for u, g in zip(problem.outputs, problem.change, strict=True)) for sign in (1, -1)
    )
    high, low, middle = (term(at, problem.target, problem.threshold) for at in (there, back, problem.outputs))
    slack = Fraction(0) if problem.loss in transferloss.RATIONAL else 2 * transferloss.ROUNDED
    square = sum((one * one for one in problem.change), Fraction(0))
    constant = evaluate_rational(one_slot_losses.smoothness(problem.loss), {})
    numbers = {
        f"{name}_{k}": value
        for name, row in (("u", problem.outputs), ("d", problem.change), ("y", problem.target))
        for k, value in enumerate(row)
    }
    facts = Facts(outputs=len(problem.outputs) > 1)
    return bounded(high + low - 2 * middle - slack, constant * square, facts, witness=Witness(numbers=numbers))


CLAIM = (
    "beta-smooth in the output, by l(u+d) + l(u-d) - 2 l(u) <= beta ||d||^2: logistic 1/4, Huber 1, both summed over "
    "outputs, softmax cross-entropy 1/2, in the l2 norm of the outputs."
)

CHECKS = (about(STATEMENTS["T7L"], bent(), within, claim=CLAIM, tight=True),)
