"""Silent segments and depth of RESIDUAL and STREAM: what is just alive is refused beside its silent twin, by both.

Every certificate is written with all digests right. The smallest float, 2^-1074, is alive.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from numerics.checker.check import check
from support import second_checker
from support.certificates import Forge

TINY = 2.0**-1074
X, Y = np.array([[1.0], [-2.0], [0.5]]), np.array([[1.0], [3.0], [-1.0]])


@pytest.fixture
def both(tmp_path: Path) -> Any:
    """What the checker and the second checker say, by name: PROVED or a reason."""

    def hear(forge: Forge) -> tuple[str, str]:
        cert, data = forge.write(tmp_path / "path.cert"), forge.write_data(tmp_path / "data.npz")
        report, verdict = check(cert, str(data)), second_checker.check(cert.read_bytes(), forge.x, forge.y)
        assert (report.verdict == "PROVED") == verdict.accepted, (report.refused, verdict.reason)
        return report.refused or report.verdict, verdict.reason

    return hear


def ones() -> dict[str, np.ndarray]:
    """STREAM, three neurons, two blocks of two units with biases: every weight is 1."""
    block = {"A": np.ones((2, 3)), "a": np.ones(2), "U": np.ones((3, 2))}
    named = {"W": np.ones((3, 2)), "V": np.ones((1, 3)), "c": np.ones(1)}
    return named | {f"blocks.{k}.{name}": array.copy() for k in (0, 1) for name, array in block.items()}


Places = list[tuple[str, Any]]
COLUMN, ROW = (slice(None), 1), (1, slice(None))
OFF_V, OFF_A0, OFF_A1 = ("V", COLUMN), ("blocks.0.A", COLUMN), ("blocks.1.A", COLUMN)
OFF_W, OFF_U0, OFF_U1 = ("W", ROW), ("blocks.0.U", ROW), ("blocks.1.U", ROW)

# What moves, what is zero to make it silent, and one place where the smallest float makes it loud.
CASES: dict[str, tuple[Places, Places, tuple[str, Any]]] = {
    "a neuron that nothing reads": ([OFF_W], [OFF_V, OFF_A0, OFF_A1], ("V", (0, 1))),
    "a neuron that the first block reads": ([OFF_W], [OFF_V, OFF_A0, OFF_A1], ("blocks.0.A", (1, 1))),
    "a neuron that only the second block reads": ([OFF_W], [OFF_V, OFF_A0, OFF_A1], ("blocks.1.A", (0, 1))),
    "what the first block writes, read by the second": ([OFF_U0], [OFF_V, OFF_A1], ("blocks.1.A", (0, 1))),
    "what the first block writes, read by V": ([OFF_U0], [OFF_V, OFF_A1], ("V", (0, 1))),
    "what the second block writes": ([OFF_U1], [OFF_V], ("V", (0, 1))),
    "the second block's reader of a neuron": ([OFF_A1], [OFF_W, OFF_U0], ("W", (1, 0))),
    "the second block's reader of what the first wrote": ([OFF_A1], [OFF_W, OFF_U0], ("blocks.0.U", (1, 1))),
    "the first block's reader": ([OFF_A0], [OFF_W], ("W", (1, 1))),
    "all readers of an empty coordinate": ([OFF_A0, OFF_A1], [OFF_W, OFF_U0], ("blocks.0.U", (1, 0))),
    "a neuron read by a unit that does not affect the output": (
        [OFF_W, OFF_U0],
        [OFF_V, OFF_A0, ("blocks.1.U", (slice(None), 0)), ("blocks.1.A", (1, 1))],
        ("blocks.1.U", (2, 0)),
    ),
    "a unit of the first block whose row is read by V alone": (
        [("blocks.0.A", (0, slice(None))), ("blocks.0.a", 0)],
        [("blocks.0.U", (slice(None), 0))],
        ("blocks.0.U", (0, 0)),
    ),
    "a whole block that does not affect the output": (
        [("blocks.1.A", slice(None)), ("blocks.1.a", slice(None))],
        [("blocks.1.U", slice(None))],
        ("blocks.1.U", (2, 1)),
    ),
    "blocks that write beside what is read": (
        [("blocks.0.U", slice(1, 3)), ("blocks.1.U", slice(1, 3)), ("blocks.1.A", slice(None))],
        [("V", (0, slice(1, 3))), ("blocks.1.U", (0, slice(None))), ("blocks.0.U", (0, slice(None)))],
        ("blocks.1.U", (0, 1)),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_just_alive_may_not_move(both: Any, case: str) -> None:
    """The silent twin is PROVED; with one weight of 2^-1074 in place of a zero it is refused."""
    moving, zeros, alive = CASES[case]
    start = ones()
    for name, place in zeros:
        start[name][place] = 0.0
    forge = Forge("stream", 1, start, X, Y, [("silent", moved(start, moving))])
    assert both(forge) == ("PROVED", "accepted")
    assert len(set(forge.losses())) == 1
    loud = {name: array.copy() for name, array in start.items()}
    loud[alive[0]][alive[1]] = TINY
    reasons = both(replace(forge, start=loud, segments=[("silent", moved(loud, moving))]))
    assert "called silent" in reasons[0]
    assert "a silent segment moves" in reasons[1]


def moved(start: dict[str, np.ndarray], places: Places) -> dict[str, tuple[str, np.ndarray]]:
    """The parameters with 5 added at these places."""
    changed = {name: start[name].copy() for name, _ in places}
    for name, place in places:
        changed[name][place] += 5.0
    return {name: ("all", array) for name, array in changed.items()}


def test_a_coordinate_that_is_filled_or_heard_on_the_way_is_not_silent(both: Any) -> None:
    """Zero at one corner only: W and its reader move together, or U and the reader of what it writes."""
    start = ones()
    start["W"][1], start["blocks.0.U"][1] = 0.0, 0.0
    apart = [("silent", moved(start, [OFF_A1]))]
    together = [("silent", moved(start, [OFF_A1, OFF_W]))]
    assert both(Forge("stream", 1, start, X, Y, apart))[0] == "PROVED"
    assert "called silent" in both(Forge("stream", 1, start, X, Y, together))[0]
    start = ones()
    for name in ("V", "blocks.1.A"):
        start[name][:, 1] = 0.0
    apart, together = [("silent", moved(start, [OFF_U0]))], [("silent", moved(start, [OFF_U0, OFF_A1]))]
    assert both(Forge("stream", 1, start, X, Y, apart))[0] == "PROVED"
    assert "called silent" in both(Forge("stream", 1, start, X, Y, together))[0]


def test_in_a_parallel_network_a_neuron_without_a_row_may_be_read_by_anything(both: Any) -> None:
    """The same rule: with a row of zeros its column of A moves silently, with 2^-1074 in the row it does not."""
    start = {"W": np.array([[1.0], [0.0]]), "V": np.ones((1, 2)), "A": np.ones((1, 2)), "U": np.ones((1, 1))}
    for row, silent in ((0.0, True), (TINY, False)):
        start["W"][1] = row
        forge = Forge("parallel", 0, start, X, Y, [("silent", {"A": ([1], [[7.0]])})])
        assert (both(forge)[0] == "PROVED") is silent


def descent(kind: str = "stream") -> Forge:
    """Depth of a stream: V to 0, all U to 0 and two rows loaded, V on the slots 2 and 0, a branch rebuilt."""
    start = {name: array / 4 for name, array in ones().items()}
    U = ("blocks.0.U", "blocks.1.U")
    if kind == "residual":
        start = {name.removeprefix("blocks.0."): array for name, array in start.items() if "blocks.1" not in name}
        U = ("U",)
    x, y = np.array([[1.0], [-1.0]]), np.array([[2.0], [-1.0]])
    none = {name: ("all", np.zeros_like(start[name])) for name in U}
    segments = [
        ("readout", {"V": ("all", np.zeros((1, 3)))}),
        ("silent", {**none, "W": ([0, 2], [[-1.0, 0.0], [1.0, 0.0]])}),
        ("readout", {"V": ([0, 2], [[-1.0, 2.0]]), "c": ("all", [0.0])}),
        ("silent", {U[-1].replace("U", "A"): ("all", np.full((2, 3), 9.0))}),
    ]
    return Forge(kind, 1, start, x, y, segments, question="depth", slots=[2, 0])


@pytest.mark.parametrize("kind", ["residual", "stream"])
def test_a_block_that_still_writes_is_no_reference(both: Any, kind: str) -> None:
    """Even where V reads nothing of it, one weight of 2^-1074 in any U; and V off the slots."""
    honest = descent(kind)
    assert both(honest) == ("PROVED", "accepted")
    assert honest.losses()[-1] == 0
    silent = dict(honest.segments[1][1])
    for name in (name for name in silent if name.endswith("U")):
        U = np.zeros_like(honest.start[name])
        U[1, 0] = TINY  # coordinate 1 is on no slot
        segments = [honest.segments[0], ("silent", {**silent, name: ("all", U)}), *honest.segments[2:]]
        forged = replace(honest, segments=segments)
        assert forged.losses() == honest.losses()
        reasons = both(forged)
        assert f"the end is not the reference: {name} is not zero" in reasons[0]
        assert "U is not zero" in reasons[1]
    off = replace(honest, segments=[*honest.segments, ("readout", {"V": ([1], [[TINY]])})])
    assert "V is not zero off" in both(off)[0]


@pytest.mark.parametrize("kind", ["residual", "stream"])
def test_blocks_are_not_silenced_while_they_are_heard(both: Any, kind: str) -> None:
    """V to the reference first, U to 0 afterwards: called silent, it is refused; called hidden, its loss is known."""
    honest = descent(kind)
    readout, silent, rise, _ = honest.segments
    blocks = {name: move for name, move in silent[1].items() if name != "W"}
    early = [readout, ("silent", {"W": silent[1]["W"]}), rise, ("silent", blocks)]
    assert "called silent" in both(replace(honest, segments=early))[0]
    one_by_one = [("hidden", {name: move}) for name, move in reversed(blocks.items())]
    heard = replace(honest, segments=[*early[:3], *one_by_one])
    top = max(heard.losses())
    assert both(heard) == ("PROVED", "accepted")
    assert all(heard.loss_at(k, Fraction(1, 3)) <= top for k in range(len(heard.segments)))
