"""The demo's tables: one row a width and level, what is proved apart from what is measured, at most 100 columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from numerics.arithmetic.rationals import Enclosure, brief
from numerics.common.shown import Shown
from numerics.questions.result import Result
from numerics.questions.text import SHORT, shortened

HEAD = f"{'width':>5} {'level':<12}"
DOWN = ("loss", "refit to", "climb <=", "gain >=", "a step <=", "steps", "R0 <=")
CONNECTION = ("loss A", "loss B", "maximum", "barrier", "R0 <=", "line <=")
WIDE = (10, 10, 10, 12, 10, 5, 7)  # columns of the first table's numbers


@dataclass(frozen=True, eq=False)
class Row(Shown):
    """One width at one level: the answers and the accuracies on held-out digits.

    `way_down`: the depth without a reference (R9), `depth`: against the two-layer reference (C1).
    """

    width: int
    level: str
    way_down: Result
    depth: Result
    connected: Result
    accuracies: dict[str, float]
    seconds: float
    notes: tuple[str, ...] = ()  # of its picture

    @property
    def proved(self) -> bool:
        """Whether the checker confirmed everything that this row claims."""
        return self.connected.proved and all(one.proved for one in (self.way_down, self.depth) if claims(one))

    def to_json(self) -> dict[str, Any]:
        """The row in `demo.json`."""
        return {
            "width": self.width,
            "level": self.level,
            "way_down": self.way_down.to_json(),
            "depth": self.depth.to_json(),
            "connected": self.connected.to_json(),
            "accuracies": self.accuracies,
            "seconds": round(self.seconds, 2),
            "notes": list(self.notes),
        }


def claims(depth: Result) -> bool:
    """Whether anything is claimed: not where nothing lower was found, or the network is no worse than its reference."""
    return bool(depth.refused) or depth.maximum is not None


def ways_down(rows: list[Row], steps: int) -> Iterator[str]:
    """The first question's table, without a reference."""
    yield f"1. How shallow is it where seed 0 sits? After a readout refit, up to {steps} neurons emptied one by one"
    yield f"{HEAD}{_numbers(DOWN)}  verdict"
    for row in rows:
        yield f"{_head(row)}{_numbers(down_cells(row.way_down))}  {row.way_down.verdict}"


def down_cells(found: Result) -> list[str]:
    """The numbers of a way down, under `DOWN`."""
    slots = [stair for stair in found.profile if not stair.refit]
    refit = next((stair.level for stair in found.profile if stair.refit), None)
    climb, gain = found.after_refit or (None, None)
    return [
        _upper(found.start),
        _upper(refit),
        _upper(climb),
        "-" if gain is None else brief(gain.lower, up=False, digits=SHORT),
        _upper(found.steepest),
        str(len(slots)),
        _yardstick(found),
    ]


def depths(rows: list[Row]) -> Iterator[str]:
    """The first question's table, against the reference."""
    yield "1b. How deep can the valley of seed 0 be? Against the two-layer reference of half the width"
    yield f"{HEAD}{'loss':>11}{'reference':>11}{'depth <=':>11}{'R0 <=':>9}  verdict"
    for row in rows:
        depth = row.depth
        says_nothing = not claims(depth)
        R0 = "-" if says_nothing else _yardstick(depth)
        words = "no claim: no worse than the reference" if says_nothing else depth.verdict
        values = [_upper(one) for one in (depth.start, depth.end, depth.depth)]
        yield f"{_head(row)}{''.join(f'{value:>11}' for value in values)}{R0:>9}  {words}"


def connections(rows: list[Row]) -> Iterator[str]:
    """The second question's table."""
    yield "2. Are the two seeds connected, and inside which sub-level set {loss <= maximum}?"
    *heads, R0, line = CONNECTION
    yield f"{HEAD}{''.join(f'{head:>11}' for head in heads)}{R0:>9}{line:>9}  {'route':<9}verdict"
    for row in rows:
        connected = row.connected
        *values, R0, line = connection_cells(connected)
        numbers = "".join(f"{value:>11}" for value in values) + f"{R0:>9}{line:>9}"
        yield f"{_head(row)}{numbers}  {connected.route:<9}{connected.verdict}"


def connection_cells(found: Result) -> list[str]:
    """The numbers of a connection, under `CONNECTION`."""
    values = [_upper(one) for one in (found.start, found.end, found.maximum, found.barrier)]
    return [*values, _yardstick(found), _upper(found.straight_line)]


def measured(rows: list[Row]) -> Iterator[str]:
    """What is float64 and a clock's: no part of any claim."""
    yield "3. Measured, not proved: accuracies on the held-out digits (float64), seconds for both questions"
    yield f"{HEAD}{'A':>8}{'B':>8}{'worst point':>13}{'s':>6}"
    for row in rows:
        start, end, worst = accuracy_cells(row)
        yield f"{_head(row)}{start:>8}{end:>8}{worst:>13}{row.seconds:>6.0f}"


def accuracy_cells(row: Row) -> list[str]:
    """Of A, B and the path's worst point."""
    return [f"{100 * row.accuracies[name]:.1f}%" for name in ("start", "end", "worst point")]


def _numbers(values: Iterable[str]) -> str:
    """The first table's columns: numbers as small as gains are stay apart."""
    return "".join(f" {value:>{wide}}" for value, wide in zip(values, WIDE, strict=True))


def _head(row: Row) -> str:
    return f"{row.width:>5} {row.level:<12}"


def _upper(enclosure: Enclosure | None) -> str:
    """An upper end for a table; `-` where a refused certificate or a missing claim leaves none."""
    return "-" if enclosure is None or enclosure.upper is None else shortened(enclosure.upper)


def _yardstick(result: Result) -> str:
    """R0's bound; `-` where nothing lower was found."""
    bound = result.bounds.get("R0")
    return "-" if bound is None else shortened(bound.value)
