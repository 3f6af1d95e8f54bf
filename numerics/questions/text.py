"""Answers as text, for people: R0 beside every result, claim and verdict, and every number true as it is printed.

A bare number is exact. A rounded one says so: `<= x` was rounded up, `at least x` down, `in [a, b]` outwards. Under a
claim that the path keeps to a level no number is printed above it, with as many digits as that takes.
"""

from __future__ import annotations

from fractions import Fraction

from rich.console import Console
from rich.table import Table

from numerics.arithmetic.levels import digits_within, level_words
from numerics.arithmetic.rationals import DIGITS, Enclosure, brief, decimal, rounded, text
from numerics.maxima.pieces import Stop
from numerics.questions.enclose import Samples
from numerics.questions.profile import profile_rows
from numerics.questions.result import Attained, Bound, Result

SHORT = 5  # significant digits in tables for people; claims carry them all
QUOTED = 12  # characters of a fraction that is shown
LONGEST = 40  # characters of a time or level that a row shows


def print_result(
    console: Console, title: str, result: Result, *, level: Fraction | None = None, profile: bool = False
) -> None:
    """The text form of a result, for people; `level`: what the claim is about; `profile`: stair by stair."""
    kept = level if result.proved else None
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    for name in ("start", "end", "maximum", "barrier", "depth"):
        number = getattr(result, name)
        if number is not None:
            table.add_row(name, _value(name, number, result, kept if name in LEVELLED else None))
    for label, words in profile_rows(result, whole=profile):
        table.add_row(label, words)
    line = result.straight_line
    if line is not None:
        table.add_row("straight line", f"maximum {_between(line, None)}, attained at t = {_time(line.t)}")
    if result.samples is not None:
        table.add_row("sampling", _sampling(result.samples))
    for identifier, bound in result.bounds.items():
        table.add_row(
            identifier, f"{bound.kind} <= {_bound(bound, result.bounds.get('R0'))}  {_judgement(identifier, bound)}"
        )
    if result.segments:
        kinds = [segment.kind for segment in result.segments]
        counts = ", ".join(f"{kinds.count(kind)} {kind}" for kind in sorted(set(kinds)))
        table.add_row("path", f"route {result.route}, {len(kinds)} segments: {counts}")
    search = result.enclosing
    if search is not None:
        followed = f"{search.breakpoints} breakpoints, " if search.breakpoints else ""
        table.add_row("enclosure", f"{followed}{search.pieces} pieces; {search.stopped}")
    console.print(title, highlight=False, markup=False, soft_wrap=True)
    console.print(table)
    for note in result.notes:
        console.print(f"note: {note}", highlight=False, soft_wrap=True, markup=False)
    colour = {"PROVED": "green", "REFUTED": "red"}.get(result.verdict, "yellow")
    console.print(f"{result.verdict}: ", end="", style=f"bold {colour}")
    console.print(result.claim, highlight=False, soft_wrap=True, markup=False)


LEVELLED = ("start", "end", "maximum")  # which a claim about a level bounds


def number(enclosure: Enclosure, digits: int = SHORT) -> str:
    """The number itself where it is short, else `<= x` with so many digits. Raises ValueError if it is not bounded."""
    upper, exact = enclosure.upper, enclosure.exact
    if upper is None:
        raise ValueError("no upper bound")
    words = brief(upper, up=True, digits=digits)
    if exact is not None:
        if exact == rounded(upper, up=True, digits=digits):
            return words
        if len(quoted := text(exact)) <= QUOTED:
            return quoted
    return f"<= {words}"


def shortened(value: Fraction, *, digits: int = SHORT) -> str:
    """A number to so many digits, rounded up."""
    return brief(value, up=True, digits=digits)


def _bound(bound: Bound, yardstick: Bound | None) -> str:
    """What is called informative is printed below R0."""
    if yardstick is None or not bound.informative:
        return shortened(bound.value)
    limit = rounded(yardstick.value, up=True, digits=SHORT)
    ways = (n for n in range(SHORT, DIGITS) if rounded(bound.value, up=True, digits=n) < limit)
    return shortened(bound.value, digits=next(ways, DIGITS))


def _judgement(identifier: str, bound: Bound) -> str:
    if identifier == "R0":
        return "(zero path: the yardstick)"
    return "(informative)" if bound.informative else "(not informative: R0 is as good)"


def _value(name: str, enclosure: Enclosure, result: Result, level: Fraction | None) -> str:
    if name == "maximum" and enclosure.exact is None:
        words = _between(enclosure, level, _kept(result))
    elif enclosure.upper is None:
        words = "not bounded"
    elif level is None or result.maximum is None or result.maximum.upper is None:
        words = number(enclosure)
    else:
        # As many digits as the maximum takes, for all: rounding must not put an end above it.
        digits = digits_within(rounded(result.maximum.upper, up=True), level, least=SHORT)
        words = f"<= {_level(level)}" if digits is None else number(enclosure, digits)
    if not isinstance(enclosure, Attained):
        return words
    return f"{words}   at segment {enclosure.segment}, t = {_time(enclosure.t)}"


def _level(level: Fraction) -> str:
    """What no number of a row may exceed, where 17 digits would: as the claim below writes it, if that is short."""
    words = level_words(level, up=True)
    return words if len(words) <= LONGEST else "the level"


def _kept(result: Result) -> Fraction | None:
    """The tolerance that the answer says is reached: what is printed must keep it too."""
    search = result.enclosing
    return search.tolerance if search is not None and search.stopped == Stop.TOLERANCE else None


def _between(enclosure: Enclosure, level: Fraction | None, tolerance: Fraction | None = None) -> str:
    """Both ends with as many digits as tell them apart and keep the tolerance, and the upper one from the level."""
    low = rounded(enclosure.lower, up=False)
    if enclosure.upper is None:
        return f"at least {brief(low, up=False, digits=SHORT)}"
    high = rounded(enclosure.upper, up=True)
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


def _sampling(samples: Samples) -> str:
    """Rounded down, both the largest sample and the share that it misses."""
    if samples.largest is None:
        return f"{samples.times} float64 samples a segment overflow"
    missed = 100 * Fraction(samples.understated_by)
    share = f"{decimal(missed, up=False, digits=3)}% of the maximum" if missed > 0 else "nothing that float64 shows"
    largest = brief(Fraction(samples.largest), up=False, digits=7)
    return f"{samples.times} float64 samples a segment reach {largest} and miss {share}"


def _time(t: Fraction) -> str:
    """`p/q`; whole numbers without the denominator; a long one between two decimals."""
    words = text(t)
    if len(words) <= LONGEST:
        return words.removesuffix("/1")
    low, high = (decimal(t, up=up, digits=SHORT) for up in (False, True))
    return f"a fraction in [{low}, {high}]"
