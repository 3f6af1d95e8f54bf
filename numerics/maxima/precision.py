"""Irrational losses that are to be compared: evaluated in more bits until they are separated, up to a cap."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from numerics.arithmetic.rationals import Enclosure
from numerics.losses import CAP, PRECISION, Progress, losses_of
from numerics.losses.problem import Problem
from numerics.paths import Path


def alike(path: Path) -> tuple[int, ...]:
    """For each corner the first one whose loss it surely has: the same network, or across segments that keep `f`."""
    known: dict[tuple[bytes, ...], int] = {}
    found = list[int]()
    for k, corner in enumerate(path.corners):
        key = tuple(array.tobytes() for array in corner.parameters().values())
        kept = k > 0 and path.segments[k - 1].kind.keeps_outputs
        found.append(known.setdefault(key, found[-1] if kept else k))
    return tuple(found)


def corner_losses(
    path: Path, problem: Problem, level: Fraction | None = None, *, progress: Progress | None = None
) -> tuple[tuple[Enclosure, ...], tuple[int, ...]]:
    """The losses of all corners, and which of them are alike (empty where losses are rational, and so known exactly);
    those that are alike are evaluated once.

    Where the highest cannot be told apart, or one of them from the `level`, those are evaluated again.
    """
    corners = path.corners
    groups = alike(path)
    firsts = sorted(set(groups))
    found = dict(zip(firsts, losses_of([corners[k] for k in firsts], problem, progress=progress), strict=True))

    if problem.loss.rational:
        return tuple(found[k] for k in groups), ()
    precision = PRECISION
    while precision < CAP and (rivals := undecided(found, level)):
        precision *= 2
        found.update(zip(rivals, losses_of([corners[k] for k in rivals], problem, precision), strict=True))
    return tuple(found[k] for k in groups), groups


def undecided(losses: dict[int, Enclosure], level: Fraction | None) -> list[int]:
    """Which of the highest are not told apart, and which contain the level inside."""
    most = max(loss.lower for loss in losses.values())
    highest = [k for k, loss in losses.items() if loss.top >= most]
    around = [k for k, loss in losses.items() if level is not None and loss.lower <= level < loss.top]
    return sorted({*(highest if len(highest) > 1 else ()), *around})


def above_or_below(evaluate: Callable[[int], Enclosure], level: Fraction | None) -> Enclosure:
    """A loss in as many bits as it takes to tell it from the level."""
    found = evaluate(PRECISION)
    precision = PRECISION
    while level is not None and found.lower <= level < found.top and precision < CAP:
        precision *= 2
        found = evaluate(precision)
    return found
