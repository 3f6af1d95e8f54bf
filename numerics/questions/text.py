"""Answers as text, for people: R0 beside every result, claim and verdict, and every number true as it is printed.

A bare number is exact. A rounded one says so: `<= x` was rounded up, `at least x` down, `in [a, b]` outwards. Under a
claim that the path keeps to a level no number is printed above it, with as many digits as that takes.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from rich.console import Console
from rich.table import Table

from numerics.arithmetic.levels import digits_within, level_words
from numerics.arithmetic.rationals import DIGITS, brief, decimal, read_decimal, rounded
from numerics.maxima.pieces import Stop

SHORT = 5  # significant digits in tables for people; claims carry them all
QUOTED = 12  # characters of a fraction that is shown
LONGEST = 40  # characters of a time or level that a row shows


def print_answer(console: Console, title: str, answer: dict[str, Any], *, level: Fraction | None = None) -> None:
    """The text form of an answer's JSON, for people; `level`: what the claim is about."""
    kept = level if answer["verdict"] == "PROVED" else None
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    for name in ("start", "end", "maximum", "barrier", "depth"):
        if answer.get(name):
            table.add_row(name, _value(name, answer, kept if name in LEVELLED else None))
    line = answer.get("straight_line")
    if line:
        table.add_row("straight line", f"maximum {_between(line, None)}, attained at t = {_time(line['at']['t'])}")
    if answer.get("samples"):
        table.add_row("sampling", _sampling(answer["samples"]))
    for identifier, bound in (answer.get("bounds") or {}).items():
        table.add_row(
            identifier, f"{bound['kind']} <= {_bound(identifier, answer['bounds'])}  {_judgement(identifier, bound)}"
        )
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


LEVELLED = ("start", "end", "maximum")  # which a claim about a level bounds


def number(enclosure: dict[str, Any], digits: int = SHORT) -> str:
    """The number itself where it is short, else `<= x` with so many digits."""
    exact, upper = enclosure["exact"], read_decimal(enclosure["upper"])
    words = brief(upper, up=True, digits=digits)
    if exact is not None:
        if read_decimal(enclosure["lower"]) == upper == rounded(upper, up=True, digits=digits):
            return words
        if len(exact) <= QUOTED:
            return str(exact)
    return f"<= {words}"


def shortened(given: str, *, digits: int = SHORT) -> str:
    """A decimal of 17 digits to five, rounded up."""
    return brief(read_decimal(given), up=True, digits=digits)


def _bound(identifier: str, bounds: dict[str, Any]) -> str:
    """What is called informative is printed below R0."""
    given, yardstick = bounds[identifier]["value"], bounds.get("R0")
    if yardstick is None or not bounds[identifier]["informative"]:
        return shortened(given)
    limit = rounded(read_decimal(yardstick["value"]), up=True, digits=SHORT)
    value = read_decimal(given)
    ways = (n for n in range(SHORT, DIGITS) if rounded(value, up=True, digits=n) < limit)
    return shortened(given, digits=next(ways, DIGITS))


def _judgement(identifier: str, bound: dict[str, Any]) -> str:
    if identifier == "R0":
        return "(zero path: the yardstick)"
    return "(informative)" if bound["informative"] else "(not informative: R0 is as good)"


def _value(name: str, answer: dict[str, Any], level: Fraction | None) -> str:
    enclosure = answer[name]
    if name == "maximum" and enclosure["exact"] is None:
        words = _between(enclosure, level, _kept(answer))
    elif enclosure["upper"] is None:
        words = "not bounded"
    elif level is None:
        words = number(enclosure)
    else:
        # As many digits as the maximum takes, for all: rounding must not put an end above it.
        digits = digits_within(read_decimal(answer["maximum"]["upper"]), level, least=SHORT)
        words = f"<= {_level(level)}" if digits is None else number(enclosure, digits)
    place = enclosure.get("at")
    return words if place is None else f"{words}   at segment {place['segment']}, t = {_time(place['t'])}"


def _level(level: Fraction) -> str:
    """What no number of a row may exceed, where 17 digits would: as the claim below writes it, if that is short."""
    words = level_words(level, up=True)
    return words if len(words) <= LONGEST else "the level"


def _kept(answer: dict[str, Any]) -> Fraction | None:
    """The tolerance that the answer says is reached: what is printed must keep it too."""
    return read_decimal(answer["tolerance"]) if answer.get("stopped") == Stop.TOLERANCE else None


def _between(enclosure: dict[str, Any], level: Fraction | None, tolerance: Fraction | None = None) -> str:
    """Both ends with as many digits as tell them apart and keep the tolerance, and the upper one from the level."""
    low = read_decimal(enclosure["lower"])
    if enclosure["upper"] is None:
        return f"at least {brief(low, up=False, digits=SHORT)}"
    high = read_decimal(enclosure["upper"])
    for digits in range(SHORT, DIGITS + 1):
        top = rounded(high, up=True, digits=digits)
        step = top - rounded(low, up=False, digits=digits)
        if tolerance is not None and step > tolerance * top:
            continue
        if step <= 2 * (high - low):
            break
    enough = digits_within(high, level, least=digits)
    bottom = decimal(low, up=False, digits=enough or digits)
    if enough is None and level is not None:
        return f"in [{bottom}, {_level(level)}]"
    return f"in [{bottom}, {decimal(high, up=True, digits=enough or digits)}]"


def _sampling(samples: dict[str, Any]) -> str:
    """Rounded down, both the largest sample and the share that it misses."""
    if samples["largest"] is None:
        return f"{samples['times']} float64 samples a segment overflow"
    missed = 100 * Fraction(samples["understated_by"])
    share = f"{decimal(missed, up=False, digits=3)}% of the maximum" if missed > 0 else "nothing that float64 shows"
    largest = brief(Fraction(samples["largest"]), up=False, digits=7)
    return f"{samples['times']} float64 samples a segment reach {largest} and miss {share}"


def _time(t: str) -> str:
    """`p/q`; whole numbers without the denominator; a long one between two decimals."""
    if len(t) <= LONGEST:
        return t.removesuffix("/1")
    exact = read_decimal(t)
    low, high = (decimal(exact, up=up, digits=SHORT) for up in (False, True))
    return f"a fraction in [{low}, {high}]"
