"""Answers as text, for people: R0 beside every result, claim and verdict, and every number true as it is printed.

The word comes before the id; one bound is shown, the best besides R0, unless all are asked for.

A bare number is exact. A rounded one says so: `<= x` was rounded up, `at least x` down, `in [a, b]` outwards. Under a
claim that the path keeps to a level no number is printed above it, with as many digits as that takes.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from numerics.arithmetic.levels import digits_within, level_words
from numerics.arithmetic.rationals import DIGITS, Enclosure, at_most, brief, decimal, rounded, text
from numerics.common.speech import Speaker
from numerics.maxima.pieces import Stop
from numerics.paths.question import Question
from numerics.questions.enclose import Samples
from numerics.questions.profile import least, most, profile_rows
from numerics.questions.result import Bound, Result
from numerics.routes import one_slot
from numerics.routes.registry import ROUTES

SHORT = 5  # significant digits in tables for people; claims carry them all
SHARP = Fraction(1, 10**15)  # relative width of an enclosure of which one end says all
QUOTED = 12  # characters of a fraction that is shown
LONGEST = 40  # characters of a time or level that a row shows
LABEL = 15  # columns of what a row is about
WORDS = {  # of statements whose word is not their route's name
    "R0": "zero path",
    "RM": "measured",
    "C1+": "optimal readout",
    "C7": "one slot",
    "T7L": "one slot",
}
KINDS = {"hidden": "piecewise-linear"}  # where prose and JSON differ
JOINING = (Question.CONNECT, Question.CERTIFY)  # questions about both ends, whose barrier has two conventions
LEVELLED = ("start", "end", "maximum")  # numbers that a claim about a level bounds
DOWNWARD = {one_slot.ROUTE: one_slot.STATEMENT}  # routes to no given end, which the registry does not have


def word(identifier: str) -> str:
    """What a statement's bound is called: its own word, else its route's name, else a bound."""
    routes = (route.name for route in ROUTES.routes if route.statement == identifier)
    return WORDS.get(identifier) or next(routes, "bound")


def print_result(
    console: Speaker,
    title: str,
    result: Result,
    *,
    level: Fraction | None = None,
    all_bounds: bool = False,
    profile: bool = False,
    others: str = "with --all-bounds",
) -> None:
    """The text form of a result, for people, in lines of at most 100 columns: title, result, details, verdict.

    `level`: what the claim is about; `all_bounds`: each bound on a line of its own, else the best one and where the
    `others` are; `profile`: a way down stair by stair.
    """
    console.say(title)
    for label, words in _rows(result, level if result.proved else None, all_bounds, profile, others):
        console.say(words, lead=f"{label:<{LABEL}}", indent=LABEL)
    for note in result.notes:
        console.say(f"note: {note}")
    colour = {"PROVED": "green", "REFUTED": "red"}.get(result.verdict, "yellow")
    console.say(result.claim, lead=f"{result.verdict}: ", lead_style=f"bold {colour}")


def _rows(
    result: Result, level: Fraction | None, all_bounds: bool, profile: bool, others: str
) -> Iterator[tuple[str, str]]:
    """What each row is about, and its words; what was not established has none."""
    known = {
        name: f"{name} {_value(name, one, result, level if name in LEVELLED else None)}"
        for name in ("start", "end", "depth", "maximum", "barrier")
        if (one := getattr(result, name)) is not None
    }
    yardstick = result.bounds.get("R0")
    zero = [] if yardstick is None else [f"{_named('zero', ', the yardstick')}: {_at_most(yardstick, None)}"]
    found = [known[name] for name in ("depth", "maximum", "barrier") if name in known]
    floor = [] if result.floor is None else [f"depth {least(Enclosure.of(result.floor.lower))}"]
    if result.question is Question.ESCAPE and result.climb is not None and result.gain is not None:
        found = [f"climb {most(result.climb)}", f"gain {least(result.gain)}", *floor, *found[:2]]
    elif result.depth is not None and result.depth.exact is None:
        found[1:1] = floor
    if found or zero:
        yield "result", "; ".join([*([", ".join(found)] if found else []), *zero])
    if "start" in known or "end" in known:
        yield "ends", ", ".join(known[name] for name in ("start", "end") if name in known)
    if result.error_rate is not None:
        yield "error rate", _errors(result.error_rate)
    if result.barrier_chord is not None and result.question in JOINING:
        yield "above chord", _above_chord(result.barrier_chord)
    if result.maximum is not None:
        yield "highest at", f"segment {result.maximum.segment}, t = {_time(result.maximum.t)}"
    yield from profile_rows(result, whole=profile)
    line = result.straight_line
    if line is not None:
        highest = number(line) if _is_sharp(line) else _between(line, None)
        yield "straight line", f"maximum {highest}, attained at t = {_time(line.t)}"
    if result.samples is not None:
        yield "sampling", _sampling(result.samples)
    yield from _bound_rows(result, yardstick, all_bounds, others)
    if result.segments:
        kinds = [KINDS.get(segment.kind, segment.kind) for segment in result.segments]
        counts = ", ".join(f"{kinds.count(kind)} {kind}" for kind in sorted(set(kinds)))
        which = "best route" if len(result.routes) > 1 else "route"
        yield which, f"{_named(str(result.route))}: {len(kinds)} segment{'s' * (len(kinds) > 1)}, {counts}"
    search = result.enclosing
    if search is not None:
        followed = f"{search.breakpoints} breakpoints, " if search.breakpoints else ""
        yield "enclosure", f"{followed}{search.pieces} pieces; {search.stopped}"


def _bound_rows(result: Result, yardstick: Bound | None, all_bounds: bool, others: str) -> Iterator[tuple[str, str]]:
    """The lowest bound beside the zero path's, and whether it says more; with `all_bounds` the rest, too."""
    own = _statement(str(result.route))  # of bounds that are the same the route's own comes first
    besides = [(name, one) for name, one in result.bounds.items() if name != "R0"]
    bounds = sorted(besides, key=lambda one: (one[1].value, one[0] != own))
    shown = bounds if all_bounds else bounds[:1]
    for k, (identifier, bound) in enumerate(shown):
        judged = "informative" if bound.informative else "not informative: R0 is as good"
        judged += "" if bound.rate is None else f"; a rate under {bound.rate} only"
        judged += "" if bound.under is None else f"; if {bound.under}"
        words = f"{word(identifier)} ({identifier}): {_at_most(bound, yardstick)} ({judged})"
        more = len(bounds) - len(shown)
        yield "bound" if k else "best bound", words + (f"; {more} other{'s' * (more > 1)} {others}" if more else "")


def _statement(route: str) -> str | None:
    if route in DOWNWARD:
        return DOWNWARD[route]
    return next((one.statement for one in ROUTES.routes if one.name == route), None)


def _named(route: str, besides: str = "") -> str:
    """A route's word and its statement: `refit (R6)`; the line between two networks has none."""
    identifier = _statement(route)
    if identifier is None:
        return route
    own = "zero path" if identifier == "R0" else route
    return f"{own} ({identifier}{besides})"


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


def _at_most(bound: Bound, yardstick: Bound | None) -> str:
    """What is called informative is printed below R0."""
    words = shortened(bound.value)
    if yardstick is not None and bound.informative:
        limit = rounded(yardstick.value, up=True, digits=SHORT)
        enough = (n for n in range(SHORT, DIGITS) if rounded(bound.value, up=True, digits=n) < limit)
        words = shortened(bound.value, digits=next(enough, DIGITS))
    return f"{bound.kind} <= {words}"


def _value(name: str, enclosure: Enclosure, result: Result, level: Fraction | None) -> str:
    if name == "maximum" and enclosure.exact is None and not _is_sharp(enclosure):
        words = _between(enclosure, level, _kept(result))
    elif enclosure.upper is None:
        words = "not bounded"
    elif level is None or result.maximum is None or result.maximum.upper is None:
        words = number(enclosure)
    else:
        # As many digits as the maximum takes, for all: rounding must not put an end above it.
        digits = digits_within(rounded(result.maximum.upper, up=True), level, least=SHORT)
        words = f"<= {_level(level)}" if digits is None else number(enclosure, digits)
    return words


def _is_sharp(enclosure: Enclosure) -> bool:
    """Whether a number is known to all digits that are ever printed, as irrational losses at corners are."""
    upper = enclosure.upper
    return upper is not None and enclosure.exact is None and upper - enclosure.lower <= SHARP * upper


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


def _errors(rate: Enclosure) -> str:
    """The share of wrong labels, as percent: rounded up, and below it what is attained."""
    lowest = decimal(100 * rate.lower, up=False, digits=SHORT)
    if rate.upper is None:
        return f"at least {lowest}% of the labels are wrong at one time"
    words = at_most(100 * rate.upper, digits=SHORT)
    most = words if words.startswith("<=") or rate.upper == 0 else f"<= {words}"  # bare it would be so at every time
    said = f"{most}% of the labels are wrong at any time"
    return said if rate.exact is not None else f"{said}, at least {lowest}% at one"


def _above_chord(excess: Enclosure) -> str:
    if excess.upper == 0:
        return "nowhere above the straight line between the ends' losses"
    words = "not bounded" if excess.upper is None else f"at most {shortened(excess.upper)}"
    return f"{words} above the straight line between the ends' losses"


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
