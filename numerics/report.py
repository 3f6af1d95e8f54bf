"""Answers as text, for people: values rounded in the safe direction, R0 beside every result, claim and verdict."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from rich.console import Console
from rich.table import Table

from numerics.arithmetic.rationals import DIGITS, brief, decimal
from numerics.supremum.pieces import Stop

SHORT = 5  # significant digits in tables for people; claims carry them all


def print_answer(console: Console, title: str, answer: dict[str, Any]) -> None:
    """The text form of an answer's JSON, for people."""
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    for name in ("start", "end", "maximum", "barrier", "depth"):
        if answer.get(name):
            table.add_row(name, _value(name, answer[name], _kept(answer)))
    line = answer.get("straight_line")
    if line:
        table.add_row("straight line", f"maximum {_between(line)}, attained at t = {line['at']['t']}")
    if answer.get("samples"):
        table.add_row("sampling", _sampling(answer["samples"]))
    for identifier, bound in (answer.get("bounds") or {}).items():
        table.add_row(identifier, f"{bound['kind']} <= {shortened(bound['value'])}  {_judgement(identifier, bound)}")
    segments = answer.get("segments") or []
    if segments:
        kinds = [segment["kind"] for segment in segments]
        counts = ", ".join(f"{kinds.count(kind)} {kind}" for kind in sorted(set(kinds)))
        table.add_row("path", f"route {answer['route']}, {len(segments)} segments: {counts}")
    if "pieces" in answer:
        followed = f"{answer['breakpoints']} breakpoints, " if answer["breakpoints"] else ""
        table.add_row("enclosure", f"{followed}{answer['pieces']} pieces; {answer['stopped']}")
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


def _value(name: str, enclosure: dict[str, Any], tolerance: Fraction | None = None) -> str:
    if name == "maximum" and enclosure["exact"] is None:
        words = _between(enclosure, tolerance)
    else:
        words = "not bounded" if enclosure["upper"] is None else shortened(enclosure["upper"])
        if enclosure["exact"] is None and enclosure["upper"] is not None:
            words = f"<= {words}"
    place = enclosure.get("at")
    return words if place is None else f"{words}   at segment {place['segment']}, t = {_time(place['t'])}"


def _kept(answer: dict[str, Any]) -> Fraction | None:
    """The tolerance that the answer says is reached: what is printed must keep it too."""
    return Fraction(answer["tolerance"]) if answer.get("stopped") == Stop.TOLERANCE else None


def _between(enclosure: dict[str, Any], tolerance: Fraction | None = None) -> str:
    """Both ends with as many digits as tell them apart, and keep the tolerance."""
    low, high = enclosure["lower"], enclosure["upper"]
    if high is None:
        return f"at least {shortened(low, up=False)}"
    for digits in range(SHORT, DIGITS + 1):
        ends = (decimal(Fraction(low), up=False, digits=digits), decimal(Fraction(high), up=True, digits=digits))
        step = abs(Fraction(ends[1]) - Fraction(ends[0]))
        if tolerance is not None and step > tolerance * Fraction(ends[1]):
            continue
        if step <= 2 * (Fraction(high) - Fraction(low)):
            break
    return f"in [{ends[0]}, {ends[1]}]"


def _sampling(samples: dict[str, Any]) -> str:
    missed = samples["understated_by"]
    share = f"{100 * missed:.3g}% of the maximum" if missed > 0 else "nothing that float64 shows"
    if samples["largest"] is None:
        return f"{samples['times']} float64 samples a segment overflow"
    return f"{samples['times']} float64 samples a segment reach {samples['largest']:.7g} and miss {share}"


def _time(t: str) -> str:
    """`p/q`; whole numbers without the denominator."""
    return t.removesuffix("/1")


def shortened(given: str, *, up: bool = True) -> str:
    """A decimal of 17 digits to five, rounded in the safe direction."""
    return brief(Fraction(given), up=up, digits=SHORT)
