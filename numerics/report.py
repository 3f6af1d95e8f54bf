"""Answers as text, for people: values rounded in the safe direction, R0 beside every result, claim and verdict."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from rich.console import Console
from rich.table import Table

from numerics.arithmetic.rationals import decimal

SHORT = 5  # significant digits in tables for people; claims carry them all


def print_answer(console: Console, title: str, answer: dict[str, Any]) -> None:
    """The text form of an answer's JSON, for people."""
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    for name in ("start", "end", "maximum", "barrier", "depth"):
        if answer.get(name):
            table.add_row(name, _value(name, answer[name]))
    line = answer.get("straight_line")
    if line:
        at = line["at"]["t"]
        table.add_row(
            "straight line",
            f"at least {shortened(line['lower'], up=False)}   exact at t = {at}; a lower bound",
        )
    for identifier, bound in (answer.get("bounds") or {}).items():
        table.add_row(identifier, f"{bound['kind']} <= {shortened(bound['value'])}  {_judgement(identifier, bound)}")
    segments = answer.get("segments") or []
    if segments:
        kinds = [segment["kind"] for segment in segments]
        counts = ", ".join(f"{kinds.count(kind)} {kind}" for kind in sorted(set(kinds)))
        table.add_row("path", f"route {answer['route']}, {len(segments)} segments: {counts}")
    console.print(title, highlight=False, markup=False, soft_wrap=True)
    console.print(table)
    for note in answer.get("notes", []):
        console.print(f"note: {note}", highlight=False, soft_wrap=True, markup=False)
    colour = {"PROVED": "green", "REFUTED": "red"}.get(answer["verdict"], "yellow")
    console.print(f"{answer['verdict']}: ", end="", style=f"bold {colour}")
    console.print(answer["claim"], highlight=False, soft_wrap=True, markup=False)


def _judgement(identifier: str, bound: dict[str, Any]) -> str:
    if identifier == "R0":
        return "(zero path: the yardstick)"
    return "(informative)" if bound["informative"] else "(not informative: R0 is as good)"


def _value(name: str, enclosure: dict[str, Any]) -> str:
    words = "not bounded" if enclosure["upper"] is None else shortened(enclosure["upper"])
    if name == "depth" and enclosure["upper"] is not None:
        words = f"<= {words}"
    place = enclosure.get("at")
    return words if place is None else f"{words}   at segment {place['segment']}, t = {place['t'].split('/')[0]}"


def shortened(given: str, *, up: bool = True) -> str:
    """A decimal of 17 digits to five, rounded in the safe direction."""
    return decimal(Fraction(given), up=up, digits=SHORT)
