"""Pieces for the error rate: the one on which most samples are not surely right is cut further, in bounded work."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import floor

from numerics.maxima.frontier import Frontier
from numerics.maxima.pieces import Piece

ROUNDS = 32  # pieces that are cut at most, in two each
NARROW = 1 / 4096  # of a segment: on such a piece a margin is unsure as it is near 0
SPARE = Fraction(1, 100)  # of the samples: so near to an error rate that is attained a bound is sharp enough


def sharpen(
    frontier: Frontier, bisect: Callable[[Piece], None], rounds: int, samples: int, rate: Fraction | None
) -> None:
    """Bisect, so many times, the piece with the most samples that are not surely right; `bisect` keeps its halves.

    It ends where they are few enough: for the `rate` that is asked for, else within `SPARE` of what is surely wrong on
    some piece, which no bound of the error rate can be below.
    """
    spare = floor(SPARE * samples) if rate is None else 0
    asked = 0 if rate is None else floor(rate * samples)
    for _ in range(rounds):
        if not frontier:
            return
        worst = max(frontier, key=lambda piece: (piece.signs.unsure, piece.width))
        enough = max(asked, spare + max(piece.signs.wrong for piece in frontier))
        if worst.signs.unsure <= enough or worst.width <= NARROW:
            return
        frontier.remove(worst)
        bisect(worst)
