"""Planted errors in T10U, T10K, T10B and T4F, each beside its true twin: the check that passes the twin refutes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import pytest

from numerics.checks import CHECKS, engine
from numerics.checks.engine import run
from numerics.checks.statements import cluster_balls as ball_checks
from numerics.checks.statements import cluster_depth as depth_checks
from numerics.checks.statements import regularised_samples as sample_checks
from theory import vertices
from theory.proof import Verdict
from theory.statements import cluster_depth, cluster_mass, regularised_samples

EXAMPLES = {"T10U": 16, "T10K": 40, "T10B": 30, "T4F": 40}
"""How many problems a check is given, its faults and its true twin alike."""


@dataclass(frozen=True)
class Fault:
    """`name` of `module` is replaced by `wrong`, which `check` must see."""

    check: str
    module: Any
    name: str
    wrong: Callable[..., Any]

    def __str__(self) -> str:
        return f"{self.check}: {self.wrong.__name__}"


def read_without_the_branch(start: Any, escape: Any) -> list[Any]:
    """V lifted, and no unit that takes it back at own points."""
    path = true_corners(start, escape)
    return [one.then({"U": one.weights["U"] * 0}) for one in path]


def the_other_way_round(start: Any, escape: Any) -> list[Any]:
    """The branch reads z_i - z_j."""
    path = true_corners(start, escape)
    return [path[0], *(one.then({"A": -one.weights["A"]}) for one in path[1:])]


def half_the_way(*given: Any) -> Any:
    """Of the row, to its plane through x."""
    found = true_escape(*given)
    return replace(found, direction=tuple(value / 2 for value in found.direction))


def a_price_without_its_square(*given: Any) -> Any:
    """Twice the price."""
    found = true_price(*given)
    return replace(found, price=2 * found.price)


def as_many_as_live(*, points: int, outputs: int, readings: int = 0) -> int:
    """A width without the slot for the unit that enters."""
    return true_width(points=points, outputs=outputs, readings=readings) - 1


def the_branch_stays(*given: Any) -> Any:
    """T4F's way with U as it was."""
    return [(Fraction(0), rho) for _, rho in true_way(*given)]


def kept_on(columns: Any, costs: Any, rho: Any) -> Any:
    """Caratheodory's reduction the wrong way: the mass rises where it can."""
    return true_thinned(columns, [-cost for cost in costs], rho)


true_corners, true_escape = depth_checks.corners, cluster_depth.escape
true_price, true_width = cluster_mass.penalised_depth, regularised_samples.width_for
true_way, true_thinned = sample_checks.way_of, vertices.thinned

FAULTS = (
    Fault("T10U", depth_checks, "corners", read_without_the_branch),
    Fault("T10U", depth_checks, "corners", the_other_way_round),
    Fault("T10U", cluster_depth, "escape", half_the_way),
    Fault("T10K", cluster_mass, "penalised_depth", a_price_without_its_square),
    Fault("T4F", regularised_samples, "width_for", as_many_as_live),
    Fault("T4F", sample_checks, "way_of", the_branch_stays),
    Fault("T4F", sample_checks, "thinned", kept_on),
)


@pytest.fixture(autouse=True)
def no_shrinking(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first counterexample will do."""
    monkeypatch.setattr(engine, "SHRINKS", 0)


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_the_check_refutes_the_fault(fault: Fault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fault.module, fault.name, fault.wrong)
    assert run(CHECKS[fault.check], examples=EXAMPLES[fault.check], number=1).verdict is Verdict.REFUTED


def test_T10B_does_not_hold_with_the_share_of_a_target_that_does_not_bend(monkeypatch: pytest.MonkeyPatch) -> None:
    """1/5 is the share where rho = 0, 9/70 with the largest rho."""
    monkeypatch.setattr(ball_checks, "SHARE", Fraction(1, 5))
    assert run(CHECKS["T10B"], examples=EXAMPLES["T10B"], number=1).verdict is Verdict.REFUTED


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_true_twin_passes(name: str) -> None:
    """The same problems: as many, from the same seed."""
    assert run(CHECKS[name], examples=EXAMPLES[name], number=1).verdict is Verdict.UNDECIDED
