"""When samples are wrong, where all margins are straight lines in t; and how many are wrong at once at most.

A sample is wrong at t if `a + b t >= 0` for one of its margins `f_j - f_label`, so it is right on an open interval.
"""

from collections.abc import Iterable, Sequence

from flint import fmpq, fmpz

from .effort import words

Span = tuple[fmpq, fmpq]
"""A closed interval of times."""
Line = tuple[fmpz, fmpz]
"""a, b of a + b t."""
# Word operations on a word of a line whose zero is looked for, and bytes of a span beside its integers.
_LINE, _RECORD = 1000, 600


def work_of(lines: int, bits: int) -> int:
    """Word operations that find and sort the spans of so many lines, of integers of so many bits."""
    return _LINE * lines * words(bits)


def size_of(spans: Iterable[Span]) -> int:
    """Bytes of the spans."""
    ends = (end for span in spans for end in span)
    return sum(_RECORD // 2 + (end.p.bit_length() + end.q.bit_length()) // 7 for end in ends)


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


def lines_of(starts: Sequence[fmpz], slopes: Sequence[fmpz], label: int, one: fmpz) -> list[Line]:
    """The margins of one sample whose residuals are the lines start + slope t, all in units in which 1 is `one`."""
    own = starts[label] + one
    return [
        (start - own, slope - slopes[label])
        for j, (start, slope) in enumerate(zip(starts, slopes, strict=True))
        if j != label
    ]
