"""Outputs and losses at a time or between two, with Fractions or with intervals of them, for the second checker."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

from support.loss_oracles import LABELS, SIGNS
from support.loss_oracles import enclosed as enclosed_loss
from support.second_checker import graph_values
from support.second_checker.archive import Corner, Table, exact
from support.second_checker.classes import Weights, forward
from support.second_checker.intervals import Interval, Number, highest, lowest, squared
from support.second_checker.space import Space

MAX_HALVINGS = 400
DIGITS = 200


def outputs(space: Space, weights: Weights, X: Table) -> list[list[Number]]:
    """f at every point, with Fractions or Intervals."""
    if space.nodes is not None:
        return [graph_values.outputs(space.nodes, space.values, weights, exact(x)) for x in X]
    return [forward(space.network_class, weights, exact(x) + [Fraction(1)] * space.bias) for x in X]


def mean_loss(name: str, space: Space, weights: Weights, X: Table, Y: Table) -> Number:
    """The mean over the points of the loss of this name, with Fractions or Intervals.

    Where it is irrational that of Fractions is an Interval too, by mpmath.
    """
    fs, ys = outputs(space, weights, X), [exact(y) for y in Y]
    if name == "squared":
        pairs = [pair for f, y in zip(fs, ys, strict=True) for pair in zip(f, y, strict=True)]
        return sum((squared(f + -y) for f, y in pairs), start=Fraction(0)) * Fraction(1, len(X))
    best, worst = ([chosen(name, f, y, high) for f, y in zip(fs, ys, strict=True)] for high in (False, True))
    return Interval.of(enclosed_loss(name, best, ys, DIGITS)[0], enclosed_loss(name, worst, ys, DIGITS)[1])


def chosen(name: str, f: Sequence[Number], y: Sequence[Fraction], high: bool) -> list[Fraction]:
    """The outputs of a box at which the loss is largest (`high`), or least: it is monotone, or rises with |f - y|."""
    if name in LABELS + SIGNS:
        return [lowest(value) if (target > 0) == high else highest(value) for value, target in zip(f, y, strict=True)]
    found = []
    for value, target in zip(f, y, strict=True):
        ends = [lowest(value), highest(value)]
        nearest = min(max(target, ends[0]), ends[1])
        farthest = ends[0] if abs(ends[0] - target) > abs(ends[1] - target) else ends[1]
        found.append(farthest if high else nearest)
    return found


def loss(name: str, space: Space, corner: Corner, X: Table, Y: Table) -> Number:
    """The loss of a network of floats."""
    weights = {key: exact(array) for key, array in corner.items()}
    return mean_loss(name, space, weights, X, Y)


def along(corners: Sequence[Corner], weight: Callable[..., Number]) -> dict[str, Any]:
    """Every weight, as `weight` makes it of the corners' exact values."""

    def mixed(*parts: Any) -> Any:
        return [mixed(*rows) for rows in zip(*parts, strict=True)] if isinstance(parts[0], list) else weight(*parts)

    return {name: mixed(*(exact(corner[name]) for corner in corners)) for name in corners[0]}


def between(before: Corner, after: Corner, t: Fraction, control: Corner | None = None) -> Corner:
    """The weights at a time of a segment: of a line, or of the arc (1-t)^2 before + 2 t (1-t) control + t^2 after."""
    if control is None:
        return along((before, after), lambda a, b: (1 - t) * a + t * b)
    return along((before, control, after), lambda a, c, b: bent(a, c, b, t))


def bent(a: Fraction, c: Fraction, b: Fraction, t: Fraction) -> Fraction:
    """A weight of an arc."""
    return (1 - t) ** 2 * a + 2 * t * (1 - t) * c + t**2 * b


def hull(before: Corner, after: Corner, control: Corner | None, first: Fraction, last: Fraction) -> dict[str, Any]:
    """What holds all values of every weight between two times."""

    def straight(a: Fraction, b: Fraction) -> Number:
        return Interval.of((1 - first) * a + first * b, (1 - last) * a + last * b)

    def arc(a: Fraction, c: Fraction, b: Fraction) -> Number:
        """A quadratic is extreme at an end or where its derivative 2 (c - a) + 2 t (a - 2 c + b) is 0."""
        times = [first, last]
        if a - 2 * c + b != 0 and first < (turn := (a - c) / (a - 2 * c + b)) < last:
            times.append(turn)
        values = [bent(a, c, b, t) for t in times]
        return Interval.of(min(values), max(values))

    return along((before, after), straight) if control is None else along((before, control, after), arc)


def enclosed(
    name: str,
    space: Space,
    before: Corner,
    after: Corner,
    X: Table,
    Y: Table,
    cuts: Sequence[Fraction],
    upper: Fraction,
    control: Corner | None = None,
) -> bool | None:
    """Whether the loss is at most `upper` on every piece, by plain intervals and bisection; None: cannot tell."""

    def kept(first: Fraction, last: Fraction) -> bool | None:
        if lowest(mean_loss(name, space, between(before, after, first, control), X, Y)) > upper:
            return False
        around = hull(before, after, control, first, last)
        return True if highest(mean_loss(name, space, around, X, Y)) <= upper else None

    return on_every_piece(cuts, kept)


def on_every_piece(cuts: Sequence[Fraction], kept: Callable[[Fraction, Fraction], bool | None]) -> bool | None:
    """Whether something is kept to on every piece of [0, 1]: where `kept` cannot tell (None), on both halves of it."""
    pieces = list(pairwise([Fraction(0), *cuts, Fraction(1)]))
    budget = len(pieces) + MAX_HALVINGS
    while pieces:
        first, last = pieces.pop()
        found = kept(first, last)
        if found is False:
            return False
        if found:
            continue
        budget -= 1
        if budget < 0:
            return None
        middle = (first + last) / 2
        pieces += [(first, middle), (middle, last)]
    return True
