"""Claims that the checker does not word: a level that is missed, a reference that is no better."""

from __future__ import annotations

from fractions import Fraction

from numerics.arithmetic.levels import exceeds, level_words
from numerics.arithmetic.rationals import decimal, rounded, text
from numerics.questions.result import Result

LONGEST_QUOTE = 200  # characters of an exact loss in a sentence


def exactly(loss: Fraction) -> str:
    """The fraction, or where it is long the word that there is one."""
    exact = text(loss)
    return f"exactly {exact}" if len(exact) <= LONGEST_QUOTE else "a fraction given in --json"


def level_missed(start: Fraction, end: Fraction, maximum: Fraction, bound: Fraction) -> tuple[str, str]:
    """Verdict and claim where a path exceeds the level: refuted only if an end does, as no path avoids those."""
    asked = f"start and end are joined inside {{loss <= {level_words(bound, up=True)}}}"
    for moment, end_name, loss in ((0, "start", start), (1, "end", end)):
        if loss > bound:
            where = f"at time {moment}, the {end_name}, the loss is {exactly(loss)}, {exceeds(loss, bound)}"
            return "REFUTED", f"{asked}: {where}"
    reached = decimal(maximum, up=True)
    return "UNDECIDED", (f"{asked}: both ends lie inside, but the best path found reaches {reached} (that was proved)")


def says_nothing(loss: Fraction, reference: Fraction) -> str:
    """The claim of a depth where the network is no worse than the reference."""
    return (
        f"none: {no_worse(loss, reference)}; the abstract's claim is about local minima worse than a two-layer network,"
        " and says nothing here"
    )


def after_refit(result: Result) -> str:
    """What a way down adds to the checker's claim, of the checker's losses: climb and gain behind its first refit."""
    after = result.after_refit
    if after is None or after[0].upper is None or not result.profile[0].refit:
        return ""
    climb, gain, steepest = decimal(after[0].upper, up=True), decimal(after[1].lower, up=False), result.steepest
    words = f"; after its first refit it climbs at most {climb}, to a loss lower by at least {gain}"
    if len(result.profile) < 3 or steepest is None or steepest.upper is None:
        return words
    return f"{words}, and no step climbs more than {decimal(steepest.upper, up=True)} above where it began"


def nothing_lower(reason: str | None) -> str:
    """The claim of a depth without a reference where no way down was found."""
    return f"none: no path to a smaller loss was found{'' if reason is None else f': {reason}'}"


def no_worse(loss: Fraction, reference: Fraction) -> str:
    """That the reference's loss is not below the network's, in digits that show it."""
    lowest, most = decimal(reference, up=False), decimal(loss, up=True)
    if rounded(reference, up=False) >= rounded(loss, up=True):
        return f"the reference's loss {lowest} is not below the network's {most}"
    if reference == loss:
        return f"the reference's loss is not below the network's: it is the same, at least {lowest} and at most {most}"
    more = decimal(reference - loss, up=False)
    return f"the reference's loss, at least {lowest}, is not below the network's: it is more by at least {more}"


def above_level(attained: Fraction, bound: Fraction, at: tuple[int, Fraction], segments: int) -> str:
    """The claim of a certify that a time refutes: which time, and the exact loss there."""
    segment, t = at
    time_of = Fraction(segment + t) / segments
    place = f"at segment {segment}, t = {text(t)} (path time T = {text(time_of)})"
    where = f"{place} the loss is {exactly(attained)}, {exceeds(attained, bound)}"
    return f"loss <= {level_words(bound, up=False)} on the whole path: {where}"


def between_level(attained: Fraction, claimed: Fraction, bound: Fraction) -> str:
    """The claim of a certify whose enclosure contains the level."""
    reached = f"[{decimal(attained, up=False)}, {decimal(claimed, up=True)}]"
    words = level_words(bound, up=True)
    return f"loss <= {words} on the whole path: its maximum lies in {reached} (that was proved)"
