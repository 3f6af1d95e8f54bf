"""The error rate for the second checker: counted where it can be largest, or bounded by plain intervals."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise

from support import breakpoints
from support.loss_oracles import wrong
from support.second_checker.archive import Corner, Table, exact
from support.second_checker.intervals import highest, lowest
from support.second_checker.losses import between, hull, on_every_piece, outputs
from support.second_checker.space import Space


def has_labels(Y: Table) -> bool:
    """Whether every target is one-hot, of two classes or more."""
    return len(Y[0]) > 1 and all(sorted(y) == [0] * (len(y) - 1) + [1] for y in map(exact, Y))


def count_at(
    space: Space,
    before: Corner,
    after: Corner,
    X: Table,
    Y: Table,
    t: Fraction,
    control: Corner | None = None,
) -> int:
    """How many samples are wrong at this time."""
    fs = outputs(space, between(before, after, t, control), X)
    return wrong([[lowest(value) for value in f] for f in fs], [exact(y) for y in Y])


def most_wrong(space: Space, before: Corner, after: Corner, X: Table, Y: Table) -> int:
    """On a segment whose outputs are piecewise linear in t: at the ends, the breakpoints, and where a margin is 0.

    A sample is wrong on closed intervals, so the number is largest at an end of one of them.
    """
    times = {Fraction(0), Fraction(1)}
    for x, y in zip(X, Y, strict=True):
        turns = sorted({*times, *_turns(space, before, after, exact(x))})
        times |= set(turns) | set(_zeros(space, before, after, [x], exact(y).index(1), turns))
    return max(count_at(space, before, after, X, Y, t) for t in times)


def _turns(space: Space, before: Corner, after: Corner, x: Sequence[Fraction]) -> Sequence[Fraction]:
    """The breakpoints of a sample; on segments of graphs that are known by form outputs are affine in t."""
    if space.nodes is not None:
        return []
    return breakpoints.sample_breakpoints(before, after, space.network_class, space.bias, x)


def _zeros(
    space: Space, before: Corner, after: Corner, x: Table, label: int, turns: Sequence[Fraction]
) -> Iterator[Fraction]:
    """Where a margin of the sample is 0 between neighbouring times at which it may turn."""

    def margins(t: Fraction) -> list[Fraction]:
        (f,) = outputs(space, between(before, after, t), x)
        return [lowest(value) - lowest(f[label]) for value in f]

    for first, last in pairwise(turns):
        for one, other in zip(margins(first), margins(last), strict=True):
            if one * other < 0:
                yield first + (last - first) * one / (one - other)


def keeps_to(
    space: Space,
    before: Corner,
    after: Corner,
    X: Table,
    Y: Table,
    cuts: Sequence[Fraction],
    most: int,
    control: Corner | None = None,
) -> bool | None:
    """Whether at most `most` samples are wrong on any piece, by plain intervals and bisection; None: cannot tell."""
    labels = [exact(y).index(1) for y in Y]

    def kept(first: Fraction, last: Fraction) -> bool | None:
        if count_at(space, before, after, X, Y, first, control) > most:
            return False
        fs = outputs(space, hull(before, after, control, first, last), X)
        unsure = sum(
            any(highest(value) >= lowest(f[label]) for j, value in enumerate(f) if j != label)
            for f, label in zip(fs, labels, strict=True)
        )
        return True if unsure <= most else None

    return on_every_piece(cuts, kept)
