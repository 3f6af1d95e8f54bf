"""Pieces for the error rate: the one on which most samples are not surely right is cut further, in bounded work."""

from __future__ import annotations

from collections.abc import Callable

from numerics.maxima.frontier import Frontier
from numerics.maxima.pieces import Piece

ROUNDS = 32  # pieces that are cut at most, in two each
NARROW = 1 / 4096  # of a segment: on such a piece a margin is unsure as it is near 0


def sharpen(frontier: Frontier, bisect: Callable[[Piece], None], rounds: int) -> None:
    """Bisect, so many times, the piece with the most samples that are not surely right; `bisect` keeps its halves.

    It ends where those are surely wrong: that is the error rate, throughout the piece.
    """
    for _ in range(rounds):
        if not frontier:
            return
        worst = max(frontier, key=lambda piece: (piece.signs.unsure, piece.width))
        if worst.signs.unsure == worst.signs.wrong or worst.width <= NARROW:
            return
        frontier.remove(worst)
        bisect(worst)
