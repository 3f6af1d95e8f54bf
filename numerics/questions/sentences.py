"""Claims that the checker does not word: a level that is missed, a reference that is no better."""

from __future__ import annotations

from fractions import Fraction

from numerics.arithmetic.levels import Level, exceeds, level_words
from numerics.arithmetic.rationals import Enclosure, decimal, rounded, text
from numerics.paths.question import Question
from numerics.questions.result import Result

LONGEST_QUOTE = 200  # characters of an exact loss in a sentence


def exactly(loss: Fraction) -> str:
    """The fraction, or where it is long the word that there is one."""
    exact = text(loss)
    return f"exactly {exact}" if len(exact) <= LONGEST_QUOTE else "a fraction given in --json"


def value(loss: Enclosure, bound: Fraction) -> str:
    """A loss that is surely above a bound: the fraction if it is one, and a lower bound that shows it."""
    known = "" if loss.exact is None else f"{exactly(loss.exact)}, "
    return f"{known}{exceeds(loss.lower, bound)}"


def errors_missed(result: Result, bound: Level) -> tuple[str, str]:
    """Verdict and claim where a path's error rate is not known to stay within what was asked for."""
    asked, found = f"error rate <= {bound.written} on the whole path", result.error_rate
    if found is None:
        raise ValueError("an error rate is needed")
    if found.lower > bound:
        reached = f"this path reaches {decimal(found.lower, up=False)}"
        return ("REFUTED" if result.question is Question.CERTIFY else "UNDECIDED"), f"{asked}: {reached}"
    most = "1" if found.upper is None else decimal(found.upper, up=True)
    return "UNDECIDED", f"{asked}: its maximum lies in [{decimal(found.lower, up=False)}, {most}] (that was proved)"


def level_missed(loss: str, start: Enclosure, end: Enclosure, maximum: Fraction, bound: Fraction) -> tuple[str, str]:
    """Verdict and claim where a path exceeds the level: refuted only if an end does, as no path avoids those."""
    asked = f"start and end are joined inside {{{loss} loss <= {level_words(bound, up=True)}}}"
    for moment, end_name, there in ((0, "start", start), (1, "end", end)):
        if there.lower > bound:
            where = f"at time {moment}, the {end_name}, the loss is {value(there, bound)}"
            return "REFUTED", f"{asked}: {where}"
    reached = decimal(maximum, up=True)
    return "UNDECIDED", (f"{asked}: both ends lie inside, but the best path found reaches {reached} (that was proved)")


def says_nothing(loss: Enclosure, reference: Enclosure) -> str:
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


def no_worse(loss: Enclosure, reference: Enclosure) -> str:
    """That the reference's loss is not below the network's, or not known to be, in digits that show it."""
    lowest, most = decimal(reference.lower, up=False), decimal(loss.top, up=True)
    if rounded(reference.lower, up=False) >= rounded(loss.top, up=True):
        return f"the reference's loss {lowest} is not below the network's {most}"
    if loss.exact is not None and reference == loss:
        return f"the reference's loss is not below the network's: it is the same, at least {lowest} and at most {most}"
    if not reference.lower > loss.top:
        return f"the reference's loss, at least {lowest}, is not known to be below the network's, at most {most}"
    more = decimal(reference.lower - loss.top, up=False)
    return f"the reference's loss, at least {lowest}, is not below the network's: it is more by at least {more}"


def above_level(loss: str, attained: Enclosure, bound: Fraction, at: tuple[int, Fraction], segments: int) -> str:
    """The claim of a certify that a time refutes: which time, and the loss there."""
    segment, t = at
    time_of = Fraction(segment + t) / segments
    place = f"at segment {segment}, t = {text(t)} (path time T = {text(time_of)})"
    where = f"{place} the loss is {value(attained, bound)}"
    return f"{loss} loss <= {level_words(bound, up=False)} on the whole path: {where}"


def between_level(loss: str, attained: Fraction, claimed: Fraction, bound: Fraction) -> str:
    """The claim of a certify whose enclosure contains the level."""
    reached = f"[{decimal(attained, up=False)}, {decimal(claimed, up=True)}]"
    words = level_words(bound, up=True)
    return f"{loss} loss <= {words} on the whole path: its maximum lies in {reached} (that was proved)"
