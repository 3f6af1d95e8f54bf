"""Planted errors in what the losses rest on: on one problem each, the check that passes the true twin refutes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pytest
from sympy import Expr, Integer

from numerics.checks import CHECKS
from numerics.checks.statements import convex_ends as convex_checks
from numerics.checks.statements.convex_ends import Broken, Piece
from numerics.checks.statements.margins import Labelled
from numerics.checks.statements.transferloss import Changed
from numerics.checks.states import State
from numerics.data import Data
from numerics.networks.classes import network_of
from theory.statements import convex_ends, margins, transferloss

F = Fraction
ZERO, ONE, HALF = F(0), F(1), F(1, 2)

true_models, true_at, true_excess = convex_checks.at_models, convex_checks.at, convex_ends.corner_excess
true_constant = transferloss.lipschitz_constant


def two_layer(W: list[list[float]], V: list[list[float]]) -> State:
    """On the point x = 1 of target (1, 0)."""
    return State.of(network_of("two-layer", {"W": W, "V": V}, bias=False), Data([[1.0]], [[1.0, 0.0]]))


SUM = [[1.0, 1.0], [0.0, 0.0]]
AHEAD = two_layer([[1.0], [-1.0]], SUM)
"""f = ([w_1]_+ + [w_2]_+, 0) = (1, 0)."""
EXCHANGED = two_layer([[-1.0], [1.0]], SUM)
"""The same outputs; half-way from AHEAD they are 0, a tie and a loss of 1."""
DOUBLED = two_layer([[1.0], [-1.0]], [[2.0, 2.0], [0.0, 0.0]])
SILENT = two_layer([[1.0], [-1.0]], [[0.0, 0.0], [0.0, 0.0]])


def line(start: State, end: State, t: Fraction) -> Labelled:
    return Labelled(start, end, (0,), t, (ONE,), (ZERO,), (ZERO,), ZERO)


def piece(
    loss: str,
    *,
    slopes: tuple[Fraction, ...] = (ZERO, ZERO),
    radii: tuple[Fraction, ...] = (ZERO, ZERO),
    places: tuple[Fraction, ...] = (ZERO, ZERO),
    s: Fraction = ZERO,
) -> Piece:
    """One sample of label 0, models 0 + slope s -+ radius on |s| <= 1."""
    return Piece(loss, ((ZERO, ZERO),), (slopes,), (radii,), (places,), (0,), ONE, ONE, s)


def a_tie_counts_as_right(outputs: Any, label: int) -> bool:
    return all(outputs[label] >= other for other in outputs)


def wrong_at_both_ends(starts: Any, ends: Any, labels: Any) -> Fraction:
    """For wrong at one of them."""
    found = [
        not margins.is_right(a, y) and not margins.is_right(b, y) for a, b, y in zip(starts, ends, labels, strict=True)
    ]
    return Fraction(sum(found), len(found))


def the_larger_margin(problem: Piece, s: Fraction) -> list[list[Fraction]]:
    """For log-sum-exp: no upper bound of it."""
    return [[max(row)] for row in true_at(problem, s, 1)]


def without_the_radius(problem: Piece, s: Fraction, side: int | None) -> convex_checks.Rows:
    return true_at(problem, s, 0 if side is not None else None)


def upper_models_alone(problem: Piece, s: Fraction) -> list[list[Fraction]]:
    """For a loss that falls where an output rises."""
    return convex_checks.terms(problem, true_at(problem, s, 1))


def the_right_end_alone(problem: Piece, s: Fraction) -> list[list[Fraction]]:
    return true_models(problem, abs(s))


def corners_between_left_out(losses: Any) -> Fraction:
    return true_excess([losses[0], losses[-1]])


def one_output(loss: str, *, outputs: int, threshold: Any) -> Expr:
    """The factor sqrt p forgotten."""
    return true_constant(loss, outputs=1, threshold=threshold)


def one_margin(loss: str, *, outputs: int, threshold: Any) -> Expr:
    """As if the label's output did not move."""
    return Integer(1)


@dataclass(frozen=True)
class Fault:
    """`name` of `module` is replaced by `wrong`; the check must see it on `problem`."""

    check: str
    module: Any
    name: str
    wrong: Callable[..., Any]
    problem: Any

    def __str__(self) -> str:
        return f"{self.check}: {self.wrong.__name__}"


def step(loss: str, *changes: int) -> Changed:
    """From outputs 0, with target (1, 0)."""
    moved = tuple(map(Fraction, changes))
    return Changed(loss, ((ZERO, ZERO),), (moved,), ((ONE, ZERO),), ONE)


FAULTS = (
    Fault("E1", margins, "is_right", a_tie_counts_as_right, line(SILENT, SILENT, HALF)),
    Fault("E1", margins, "wrong_share", wrong_at_both_ends, line(SILENT, AHEAD, ZERO)),
    Fault("E2", convex_checks, "at_models", the_larger_margin, piece("cross-entropy")),
    Fault("E2", convex_checks, "at", without_the_radius, piece("cross-entropy", radii=(ZERO, ONE), places=(ZERO, ONE))),
    Fault("E2", convex_checks, "at_models", upper_models_alone, piece("hinge", radii=(ONE, ZERO), places=(-ONE, ZERO))),
    Fault("E2", convex_checks, "at_models", the_right_end_alone, piece("multi-hinge", slopes=(ZERO, -ONE), s=-ONE)),
    Fault("E3", convex_ends, "corner_excess", corners_between_left_out, Broken((AHEAD, SILENT, AHEAD), 0, ONE)),
    Fault("L8", transferloss, "lipschitz_constant", one_output, step("absolute", -1, 1)),
    Fault("L8", transferloss, "lipschitz_constant", one_margin, step("multi-hinge", -1, 1)),
)


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_the_check_refutes_the_fault_and_passes_its_true_twin(fault: Fault, monkeypatch: pytest.MonkeyPatch) -> None:
    check = CHECKS[fault.check]
    assert check.run(fault.problem).holds
    monkeypatch.setattr(fault.module, fault.name, fault.wrong)
    assert not check.run(fault.problem).holds


def test_the_error_rate_of_a_general_segment_is_not_at_its_corners() -> None:
    """Right at both ends, a tie half-way: W moves. The twin, on which the readout alone moves, stays right."""
    check = CHECKS["E1"]
    wrong = check.run(line(AHEAD, EXCHANGED, HALF))
    assert (wrong.measured, wrong.bound, wrong.holds) == (1, 0, False)
    right = check.run(line(AHEAD, DOUBLED, HALF))
    assert (right.measured, right.bound, right.holds) == (0, 0, True)


def test_the_excess_of_a_general_segment_is_not_at_its_corners() -> None:
    """Loss 0 at both ends and 1 half-way."""
    check = CHECKS["E3"]
    wrong = check.run(Broken((AHEAD, EXCHANGED), 0, HALF))
    assert (wrong.measured, wrong.bound, wrong.holds) == (1, 0, False)
    assert check.run(Broken((AHEAD, DOUBLED), 0, HALF)).holds
