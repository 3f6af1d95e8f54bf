"""The stairs of a way down, from the independent checker's own losses, and as rows for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from numerics.arithmetic.rationals import Enclosure, at_most, brief
from numerics.paths import Kind
from numerics.questions.result import Result, SegmentClaim, Stair
from numerics.questions.staircase import Descent

SHORT = 5  # significant digits of a row


def stairs(result: Result, found: Descent) -> tuple[Stair, ...]:
    """What the checker's report on the path says of each of its stairs; empty where nothing was checked."""
    if not result.segments or result.start is None:
        return ()
    begin, first, profile = result.start, 0, list[Stair]()
    for k, corner in enumerate(found.stairs):
        part = result.segments[first:corner]
        level = part[-1].end
        profile.append(Stair(first, corner - 1, found.refitted and k == 0, begin, level, _top(begin, part)))
        begin, first = level, corner
    return tuple(profile)


def profile_rows(result: Result, *, whole: bool = False) -> Iterator[tuple[str, str]]:
    """Label and words: what the first refit brings, and what climb and gain come after it; `whole`: stair by stair."""
    for stair in result.profile[:1]:
        if stair.refit:
            yield "first refit", f"{_lower(stair)}, at no cost: no news"
    slots = [stair for stair in result.profile if not stair.refit]
    after = result.after_refit
    if after is not None:
        climb, gain = after
        name = "after it" if result.profile[0].refit else "by slots"
        count = f"{len(slots)} step{'s' * (len(slots) > 1)}"
        steepest = result.steepest
        each = "" if len(slots) == 1 or steepest is None else f"; the steepest step climbs {most(steepest)}"
        yield name, f"climb {most(climb)}, gain {least(gain)}, in {count}{each}"
    for k, stair in enumerate(slots if whole else []):
        yield f"step {k + 1}", f"climb {most(stair.climb)}, {_lower(stair)}"


def most(number: Enclosure) -> str:
    """A number that is small at best, rounded up."""
    return "not bounded" if number.upper is None else at_most(number.upper, digits=SHORT)


def least(number: Enclosure) -> str:
    """A number that is large at best, rounded down."""
    return f"at least {brief(number.lower, up=False, digits=SHORT)}"


def _lower(stair: Stair) -> str:
    return f"loss {most(stair.level)}, lower by {least(stair.gain)}"


def _top(begin: Enclosure, part: Sequence[SegmentClaim]) -> Enclosure:
    """The largest loss on these segments: attained at a corner or where a maximum is known exactly.

    It is the begin's very loss where every segment keeps the loss, or leads along a readout line to a lower one (L7).
    """
    if all(Kind(one.kind).keeps_outputs or (one.kind == Kind.READOUT and one.end.below(begin)) for one in part):
        return begin
    uppers = [one.upper for one in part if one.upper is not None]
    corners = [begin.lower, *(one.end.lower for one in part)]
    attained = max([*corners, *(one.upper for one in part if one.upper and one.exact)])
    return Enclosure(attained, max(uppers) if len(uppers) == len(part) else None)
