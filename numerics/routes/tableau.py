"""Which features to give up and which to take in: the sweep operator on the Gram matrix of all candidates.

The tableau of a chosen set S holds at once what every present feature is worth (the rise of the least-squares loss
when it is dropped) and what every absent one would gain; moving a block in or out is one rank-k update. It searches,
it proves nothing.
"""

from __future__ import annotations

import numpy as np
from scipy.linalg.blas import dgemm

from numerics.networks.arrays import Array
from numerics.routes.features import Features

RIDGE = 1e-7  # on features of mean square 1: keeps hundreds of updates stable
LARGEST = 1e300  # scores are cut off here, so that an overflow is no NaN and a chosen feature is never chosen again
POOL = 3  # candidates per place when a block is chosen
ROUNDS = 16  # a block is chosen in about so many rounds, with the scores brought up to date in between


class Tableau:
    """Least squares on a changing set of features. Mutable: `take` and `drop` move features in and out."""

    def __init__(self, features: Features) -> None:
        gram = features.gram
        table = np.hstack([gram + RIDGE * np.eye(len(gram)), features.correlation])
        self._table = np.asfortranarray(table)  # the order in which BLAS updates it in place
        self._present = np.zeros(len(gram), dtype=bool)

    def copy(self) -> Tableau:
        """An independent tableau in the same state."""
        twin = object.__new__(Tableau)
        twin._table, twin._present = self._table.copy(order="F"), self._present.copy()
        return twin

    def take(self, block: np.ndarray) -> None:
        """Bring absent features in."""
        self._sweep(block, inward=True)

    def drop(self, block: np.ndarray) -> None:
        """Leave present features out."""
        self._sweep(block, inward=False)

    def least_useful(self, candidates: np.ndarray, count: int) -> np.ndarray:
        """`count` present candidates whose loss raises the least-squares loss least, chosen a few at a time."""
        return self._choose(candidates, count, inward=False)

    def most_useful(self, candidates: np.ndarray, count: int) -> np.ndarray:
        """`count` absent candidates that lower the least-squares loss most, chosen a few at a time."""
        return self._choose(candidates, count, inward=True)

    def losses(self, candidates: np.ndarray) -> Array:
        """What the least-squares loss rises by, in the units of `Features.square`, when one of these is dropped."""
        q = len(self._table)
        return _scores(self._table[candidates, candidates], self._table[candidates, q:], inward=False)

    def unexplained(self, candidates: np.ndarray) -> Array:
        """The mean square of what all other present features leave of each, in units of features over their `scale`."""
        pivot = -self._table[candidates, candidates]
        left: Array = np.divide(1.0, pivot, out=np.zeros_like(pivot), where=pivot > 0.0)
        return left

    def coefficients(self, block: np.ndarray, others: np.ndarray) -> Array:
        """(others, block): by what all other present features, of which `others` are some, explain these best.

        In units of the features themselves over their `scale`.
        """
        return np.asarray(-self._table[np.ix_(others, block)] @ _inverse(self._table[np.ix_(block, block)]))

    def _choose(self, candidates: np.ndarray, count: int, *, inward: bool) -> np.ndarray:
        if count >= len(candidates):
            return candidates
        q = len(self._table)
        scores = _scores(self._table[candidates, candidates], self._table[candidates, q:], inward=inward)
        order = np.argsort(-scores if inward else scores, kind="stable")
        pool = candidates[order[: POOL * count]]
        small = np.asfortranarray(np.hstack([self._table[np.ix_(pool, pool)], self._table[pool, q:]]))
        alive, picked = np.ones(len(pool), dtype=bool), np.zeros(0, dtype=np.int64)
        while len(picked) < count:
            scores = _scores(small.diagonal(), small[:, len(pool) :], inward=inward)
            ranking = np.where(alive, np.clip(-scores if inward else scores, -LARGEST, LARGEST), np.inf)
            together = min(max(1, count // ROUNDS), count - len(picked))
            chosen = np.argpartition(ranking, together - 1)[:together]
            alive[chosen] = False
            _pivot(small, chosen, inward=inward)
            picked = np.concatenate([picked, chosen])
        return pool[picked]

    def _sweep(self, block: np.ndarray, *, inward: bool) -> None:
        if len(block):
            if (self._present[block] == inward).any():
                raise ValueError("features are taken in when absent and dropped when present")
            _pivot(self._table, block, inward=inward)
            self._present[block] = inward


def _scores(diagonal: Array, right: Array, *, inward: bool) -> Array:
    """Gain of taking in, or loss of dropping: `||right||^2 / |pivot|` (0 where the pivot has vanished)."""
    pivot = diagonal if inward else -diagonal
    squares = np.nan_to_num((right**2).sum(axis=1), nan=0.0)
    scores: Array = np.divide(squares, pivot, out=np.zeros_like(squares), where=pivot > 0.0)
    return scores


def _pivot(table: Array, block: np.ndarray, *, inward: bool) -> None:
    """The sweep operator on the symmetric part of `table` (q, q + p), in place, on a block of pivots."""
    pivots = table[np.ix_(block, block)]
    inverse = _inverse(pivots)
    rows = inverse @ table[block]
    columns = table[:, block].copy()
    updated = dgemm(-1.0, columns, rows, 1.0, table, overwrite_c=1)
    if updated is not table:  # BLAS works in place on Fortran order only
        raise ValueError("the tableau must be a float64 array in Fortran order")
    table[block] = rows if inward else -rows
    table[:, block] = (columns if inward else -columns) @ inverse
    table[np.ix_(block, block)] = -inverse


def _inverse(pivots: Array) -> Array:
    try:
        return np.asarray(np.linalg.inv(pivots), dtype=np.float64)
    except np.linalg.LinAlgError:
        return np.asarray(np.linalg.pinv(pivots, hermitian=True), dtype=np.float64)
