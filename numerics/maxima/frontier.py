"""The pieces that a search has not settled, the one with the largest upper bound first; the order is exact."""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from numerics.maxima.pieces import Piece


class Frontier:
    """A heap of pieces.

    Rounding to the nearest float is monotone, so it decides wherever it differs, and fast; fractions decide the rest.
    """

    def __init__(self) -> None:
        self._heap: list[tuple[tuple[float, bool, Fraction], int, Piece]] = []
        self._pushed = 0  # ties go to the piece that came first

    def push(self, piece: Piece) -> None:
        heapq.heappush(self._heap, (_height(piece.upper), self._pushed, piece))
        self._pushed += 1

    def pop(self) -> Piece:
        """Take the piece with the largest upper bound; one without a bound comes before all. Raises IndexError."""
        return heapq.heappop(self._heap)[2]

    def remove(self, piece: Piece) -> None:
        """Take that very piece. Raises ValueError where it is not there."""
        place = next((k for k, (*_, one) in enumerate(self._heap) if one is piece), None)
        if place is None:
            raise ValueError("no such piece is waiting")
        del self._heap[place]
        heapq.heapify(self._heap)

    def highest(self) -> Piece:
        """That piece, without taking it. Raises IndexError."""
        return self._heap[0][2]

    def __len__(self) -> int:
        return len(self._heap)

    def __iter__(self) -> Iterator[Piece]:
        return (piece for _, _, piece in self._heap)


def halves(piece: Piece) -> list[Piece]:
    """The piece cut in the middle; each half has the bounds of the whole."""
    middle = (piece.left + piece.right) / 2
    return [replace(piece, right=middle), replace(piece, left=middle)]


def nearest(value: Fraction) -> float:
    """The nearest float; infinity beyond their range."""
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _height(upper: Fraction | None) -> tuple[float, bool, Fraction]:
    return (-math.inf, False, Fraction(0)) if upper is None else (-nearest(upper), True, -upper)
