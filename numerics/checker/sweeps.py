"""When samples are wrong, where all margins are straight lines in t; and how many are wrong at once at most.

A sample is wrong at t if `a + b t >= 0` for one of its margins `f_j - f_label`, so it is right on an open interval.
"""

from collections.abc import Iterable, Sequence

from flint import fmpq, fmpz

Span = tuple[fmpq, fmpq]
"""A closed interval of times."""
Line = tuple[fmpz, fmpz]
"""a, b of a + b t."""


def wrong_spans(lines: Sequence[Line], first: fmpq, last: fmpq) -> list[Span]:
    """The times of [first, last] at which one of the lines is not below 0."""
    low, high = None, None  # right behind `low` and before `high`
    for a, b in lines:
        if b == 0:
            if a >= 0:
                return [(first, last)]
            continue
        root = fmpq(-a, b)
        if b > 0:
            high = root if high is None else min(high, root)
        else:
            low = root if low is None else max(low, root)
    if low is not None and high is not None and low >= high:
        return [(first, last)]
    if (low is not None and low >= last) or (high is not None and high <= first):
        return [(first, last)]
    before = [(first, low)] if low is not None and low >= first else []
    behind = [(high, last)] if high is not None and high <= last else []
    return before + behind


def joined(spans: Iterable[Span]) -> list[Span]:
    """The spans of one sample, in order of time; those that meet are one."""
    found: list[Span] = []
    for first, last in spans:
        if found and first <= found[-1][1]:
            found[-1] = (found[-1][0], max(last, found[-1][1]))
        else:
            found.append((first, last))
    return found


def most_at_once(spans: Iterable[Span]) -> tuple[int, fmpq]:
    """The largest number of spans that hold one time, and the first such time (0 without any)."""
    turns = [turn for first, last in spans for turn in ((first, 0), (last, 1))]
    # A span that begins when another ends holds that time too.
    turns.sort()
    most, now, where = 0, 0, fmpq(0)
    for time, ends in turns:
        now += -1 if ends else 1
        if now > most:
            most, where = now, time
    return most, where


def lines_of(start: Sequence[fmpz], end: Sequence[fmpz], label: int, one: fmpz) -> list[Line]:
    """The margins of one sample on a segment, from its residuals at both ends, in the same units."""
    own, last = start[label] + one, end[label] + one
    return [
        (before - own, (after - last) - (before - own))
        for j, (before, after) in enumerate(zip(start, end, strict=True))
        if j != label
    ]
