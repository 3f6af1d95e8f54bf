"""Forged ways down: a gain or climb that is not there, and a slot that the branch still reads, are refused by both."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from support.both_checkers import BothCheckers
from support.certificates import Forge, Weights, put

X, Y = np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([[1.0], [-2.0]])
START: Weights = {"W": np.array([[1.0, 0.0]]), "V": np.array([[1.0]])}
# Case 17: the slot is emptied at 1/2, the other point loaded, and fitted.
DOWN = [
    ("readout", {"V": ("all", np.array([[0.0]]))}),
    ("silent", {"W": ([0], np.array([[0.0, 1.0]]))}),
    ("readout", {"V": ("all", np.array([[-2.0]]))}),
]
ONE = np.array([[1.0]])
READ: Weights = {**START, "A": ONE, "U": ONE}
RELEASED = [
    ("hidden", {"A": ("all", np.array([[0.0]]))}),
    *DOWN,
]


def down(**changes: Any) -> Forge:
    return replace(Forge("two-layer", 0, START, X, Y, list(DOWN), question="escape"), **changes)


def beside_a_branch(segments: list[Any]) -> Forge:
    return Forge("parallel", 0, READ, X, Y, segments, question="escape")


@pytest.fixture
def checkers(tmp_path: Path) -> BothCheckers:
    return BothCheckers(tmp_path)


def test_the_true_way_down_has_its_climb_and_gain(checkers: BothCheckers) -> None:
    """Case 17: climb 1/2, gain 3/2, and each segment says where it ends and how high it gets."""
    checkers.accepts(down())
    report, _ = checkers.verdicts(down())
    answer = report.to_json()
    assert (answer["climb"]["exact"], answer["gain"]["exact"], answer["depth"]["exact"]) == ("1/2", "3/2", "1/2")
    assert [one["end"]["exact"] for one in answer["segments"]] == ["5/2", "5/2", "1/2"]
    assert [one["exact"] for one in answer["segments"]] == ["5/2", "5/2", "5/2"]
    assert answer["claim"] == (
        "depth <= 0.5: a path to a loss lower by at least 1.5 on which the loss never exceeds 2.5; depth >= 1/2: every"
        " path to a smaller loss meets 5/2 or more, for some V_j must cross 0, and one neuron less fits the singles and"
        " pairs that much worse (T8a); start as stored, no network given"
    )


@pytest.mark.parametrize(
    "change",
    [
        put("end", "loss", "1/4"),  # a gain of 7/4
        put("start", "loss", "5/2"),  # a gain of 2, and no climb
        put("end", "loss", "0/1"),
    ],
)
def test_a_larger_gain_is_refused(checkers: BothCheckers, change: Any) -> None:
    assert "is not the loss of that network on the data" in checkers.refuses(down(), change)


@pytest.mark.parametrize("loss", ["2/1", "9/4"])
def test_a_smaller_climb_is_refuted(checkers: BothCheckers, loss: str) -> None:
    """The path's own second corner lies above it."""

    def forged(document: dict[str, Any]) -> None:
        document["maximum"] |= {"loss": loss, "upper": loss}

    checkers.refutes(down(), forged)


def test_a_climb_stated_at_another_place_is_refused(checkers: BothCheckers) -> None:
    checkers.refuses(down(), put("maximum", {"loss": "2/1", "segment": 0, "t": "0/1", "upper": "5/2"}))


def test_an_end_that_is_no_lower_is_refused(checkers: BothCheckers) -> None:
    up = [*DOWN[:2], ("readout", {"V": ("all", np.array([[1.0]]))})]
    reason = checkers.refuses(down(segments=up))
    assert "the loss of its end is not below the loss of its start" in reason


def test_the_branch_must_have_let_go(checkers: BothCheckers) -> None:
    """The planted fault: V_j = 0, the branch still reads the slot, and its row is called silent."""
    checkers.accepts(beside_a_branch(list(RELEASED)))
    reason = checkers.refuses(beside_a_branch(list(DOWN)))
    assert "silent" in reason


def test_the_branch_lets_go_of_one_slot_alone(checkers: BothCheckers) -> None:
    """Two neurons, of which the branch leaves the first: loading the second is no silent move."""
    two: Weights = {
        "W": np.array([[1.0, 0.0], [0.0, 1.0]]),
        "V": np.array([[1.0, 0.0]]),
        "A": np.array([[1.0, 1.0]]),
        "U": ONE,
    }
    path = [
        ("hidden", {"A": ([0], np.array([[0.0]]))}),
        ("readout", {"V": ("all", np.array([[0.0, 0.0]]))}),
        ("silent", {"W": ([1], np.array([[1.0, 1.0]]))}),
        ("readout", {"V": ("all", np.array([[0.0, -2.0]]))}),
    ]
    assert "silent" in checkers.refuses(Forge("parallel", 0, two, X, Y, path, question="escape"))


def test_both_factors_may_not_move_at_once(checkers: BothCheckers) -> None:
    """U and A meet on one route: what is lost between corners no breakpoint shows."""
    path = [("hidden", {"A": ("all", np.array([[0.0]])), "U": ("all", np.array([[0.0]]))}), *DOWN]
    assert "hidden" in checkers.refuses(beside_a_branch(path))


def test_climb_is_exact_at_a_breakpoint(checkers: BothCheckers) -> None:
    """Highest at t = 3/4, where the second unit wakes: the climb is 8 there, in fractions, for both checkers."""
    start: Weights = {
        "W": ONE,
        "V": np.array([[0.0]]),
        "A": np.array([[-1.0], [-3.0]]),
        "U": np.array([[1.0, -4.0]]),
    }
    path = [("hidden", {"A": ("all", np.array([[3.0], [1.0]]))})]
    forge = Forge("parallel", 0, start, ONE, -ONE, path, question="escape", peak=(0, Fraction(3, 4)))
    checkers.accepts(forge)
    report, verdict = checkers.verdicts(forge)
    answer = report.to_json()
    assert answer["maximum"]["at"] == {"segment": 0, "t": "3/4"}
    assert Fraction(answer["climb"]["exact"]) == verdict.maximum - verdict.start == Fraction(8)
    assert Fraction(answer["gain"]["exact"]) == verdict.start - verdict.end == Fraction(1)
    assert answer["segments"][0]["exact"] == "9/1"
