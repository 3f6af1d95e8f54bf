"""Forged silent and readout segments, every digest right: what moves is not what the kind allows."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from support.both_checkers import BothCheckers
from support.certificates import Forge


def array(*rows: Any) -> np.ndarray:
    return np.array(rows, dtype=float)


# Silent segments: every parameter below whatever may follow it, dead or alive

UNITS = {
    # The neuron or unit that a move enters, the move, and all that unit feeds: name, place.
    "row of W": ({"W": ([1], [[9.0, -9.0]])}, [("V", (0, 1)), ("A", (0, 1)), ("A", (1, 1))]),
    "row of A": ({"A": ("all", [[1.0, 1.0, 1.0], [5.0, 6.0, 7.0]])}, [("B1", (0, 1)), ("B1", (1, 1))]),
    "column of A": ({"A": ([2], [[1.0], [7.0]])}, [("B1", (0, 1)), ("B1", (1, 1))]),
    "entry of a": ({"a": ("all", [1.0, 5.0])}, [("B1", (0, 1)), ("B1", (1, 1))]),
    "row of B1": ({"B1": ("all", [[1.0, 1.0], [5.0, 6.0]])}, [("U", (0, 1))]),
    "entry of b1": ({"b1": ("all", [1.0, 5.0])}, [("U", (0, 1))]),
}
FEEDS = [(unit, name, place) for unit, (_, feeds) in UNITS.items() for name, place in feeds]


def one_segment(moves: dict[str, tuple[Any, Any]], zeros: list[tuple[str, tuple[int, int]]]) -> Forge:
    """One silent segment where all weights are 1 but those at `zeros`; layers 3 -> 2 -> 2."""
    start = {
        "W": array([1, 2], [3, -1], [1, 1]),
        "V": np.ones((1, 3)),
        "A": np.ones((2, 3)),
        "a": np.ones(2),
        "B1": np.ones((2, 2)),
        "b1": np.ones(2),
        "U": np.ones((1, 2)),
        "c": np.ones(1),
    }
    for name, place in zeros:
        start[name][place] = 0.0
    return Forge("parallel", 1, start, array([1], [2], [-1]), array([1], [0], [3]), [("silent", moves)])


@pytest.mark.parametrize("unit", UNITS)
def test_a_move_into_a_unit_that_feeds_nothing_is_silent(checkers: BothCheckers, unit: str) -> None:
    """The true twin of all below; so is the move followed by a readout segment that wakes the unit up."""
    moves, feeds = UNITS[unit]
    checkers.accepts(one_segment(moves, feeds))


@pytest.mark.parametrize(("unit", "name", "place"), FEEDS)
@pytest.mark.parametrize("size", [1.0, -5e-324])
def test_a_move_into_a_unit_that_is_read_is_refused(
    checkers: BothCheckers, unit: str, name: str, place: tuple[int, int], size: float
) -> None:
    """One weight that follows is not zero, be it the smallest of all floats."""
    moves, feeds = UNITS[unit]
    forge = one_segment(moves, feeds)
    forge.start[name][place] = size
    assert "silent" in checkers.refuses(forge)


@pytest.mark.parametrize(("unit", "name", "place"), FEEDS)
@pytest.mark.parametrize("opens", [True, False], ids=["zero at the start only", "zero at the end only"])
def test_a_move_into_a_unit_that_is_read_at_one_end_of_the_segment_only_is_refused(
    checkers: BothCheckers, unit: str, name: str, place: tuple[int, int], opens: bool
) -> None:
    """The weight that follows moves too: zero at one corner, not at the other, so the unit is read in between."""
    moves, feeds = UNITS[unit]
    forge = one_segment(moves, feeds)
    ends = [forge.start[name].copy(), forge.start[name].copy()]
    ends[opens][place] = 1.0
    forge.start[name] = ends[0]
    forge.segments = [("silent", moves | {name: ("all", ends[1])})]
    assert "silent" in checkers.refuses(forge)
    # One after the other it is true, where the weight that follows is a readout.
    if name in "VU":
        load, read = ("silent", moves), ("readout", {name: ("all", ends[1])})
        forge.segments = [load, read] if opens else [read, load]
        checkers.accepts(forge)


def test_a_move_hidden_behind_equal_losses_is_refused(checkers: BothCheckers) -> None:
    """Blueprint's known answer 14: V and A move at once, all corners have loss 0, between them it reaches 1."""
    start = {"W": array([1]), "V": array([0]), "A": array([-1]), "U": array([Fraction(-7, 6)])}
    moves = {"V": ("all", [[7.0]]), "A": ("all", [[6.0]])}
    x, y = array([1]), array([0])
    for kind in ("silent", "readout"):
        forge = Forge("parallel", 0, start, x, y, [(kind, moves)])
        assert max(forge.losses()) < Fraction(1, 10**30)
        checkers.refuses(forge)
    honest = [("readout", {"V": ("all", [[7.0]])})]
    checkers.accepts(Forge("parallel", 0, start, x, y, honest))


def test_a_silent_segment_with_equal_outputs_at_both_corners_is_refused(checkers: BothCheckers) -> None:
    """Two equal neurons exchange a live row: f is the same at both corners and not between them."""
    start = {"W": array([1], [-1]), "V": array([1, 1])}
    x, y = array([1], [-1]), array([1], [1])
    forge = Forge("two-layer", 0, start, x, y, [("silent", {"W": ("all", [[-1.0], [1.0]])})])
    assert forge.losses() == [0, 0]
    checkers.refuses(forge)
    checkers.accepts(replace(forge, start=start | {"V": array([0, 0])}))


@pytest.mark.parametrize("name", ["V", "U", "c"])
def test_a_silent_segment_that_moves_a_readout_is_refused(checkers: BothCheckers, name: str) -> None:
    """Even the readout of a neuron whose row is zero; called readout it is true."""
    forge = one_segment({}, [])
    forge.start["W"][:] = 0.0
    moved = ("all", forge.start[name] + np.ldexp(1.0, -30))
    forge.segments = [("silent", {name: moved})]
    assert "silent" in checkers.refuses(forge)
    forge.segments = [("readout", {name: moved})]
    checkers.accepts(forge)


# Readout segments


@pytest.mark.parametrize("unit", UNITS)
def test_a_readout_segment_that_also_moves_something_else_is_refused(checkers: BothCheckers, unit: str) -> None:
    """V moves, and a row of W with it, dead or not; in two segments it is true."""
    moves, feeds = UNITS[unit]
    forge = one_segment(moves, feeds)
    read = {"V": ("all", forge.start["V"] * 2)}
    forge.segments = [("readout", read | moves)]
    assert "called readout" in checkers.refuses(forge)
    forge.segments = [("silent", moves), ("readout", read)]
    checkers.accepts(forge)


def test_a_readout_segment_that_moves_a_live_row_by_one_ulp_is_refused(checkers: BothCheckers) -> None:
    """The smallest possible move of W; a weight that is listed and stays does no harm."""
    forge = one_segment({}, [])
    row = forge.start["W"][[1]]
    read = {"V": ("all", forge.start["V"] * 2)}
    forge.segments = [("readout", read | {"W": ([1], np.nextafter(row, 9.0))})]
    assert "called readout" in checkers.refuses(forge)
    forge.segments = [("readout", read | {"W": ([1], row)})]
    checkers.accepts(forge)
