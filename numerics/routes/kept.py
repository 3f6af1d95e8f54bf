"""Which half of each layer's units either of two networks keeps: chosen by scores, disjoint, of one size."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.linalg import LinAlgError, qr

from numerics.networks.arrays import Array
from numerics.routes.chains import Units

Kept = tuple[Units, ...]


def halves(mine: Sequence[Array], yours: Sequence[Array]) -> tuple[Kept, Kept]:
    """By two networks' scores of the units of each layer: half of them at most for either, none for both.

    A unit goes to the network in which it matters more; ranks are compared, as scores have no common unit.
    """
    kept: list[tuple[Units, Units]] = []
    for one, other in zip(mine, yours, strict=True):
        order = np.argsort(_ranks(other) - _ranks(one), kind="stable")
        half = len(one) // 2
        kept.append((np.sort(order[:half]), np.sort(order[len(order) - half :])))
    return tuple(one for one, _ in kept), tuple(other for _, other in kept)


def by_weight(h: Array, reader: Array) -> Array:
    """The root mean square of each unit, over `h` (N, m), times the norm of the weights (r, m) that read it."""
    with np.errstate(over="ignore", invalid="ignore"):
        scores: Array = np.nan_to_num(np.sqrt((h * h).mean(axis=0)) * np.linalg.norm(reader, axis=0))
    return scores


def by_rank(h: Array) -> Array:
    """The later a column is taken by QR with pivoting, the better the ones before it can stand for it."""
    scores = np.zeros(h.shape[1])
    if np.isfinite(h).all():
        try:
            _, order = qr(h, mode="r", pivoting=True, check_finite=False)
        except LinAlgError:
            order = np.arange(h.shape[1])
        scores[order] = np.arange(h.shape[1], 0, -1)
    return scores


def _ranks(scores: Array) -> Array:
    ranks = np.empty(len(scores))
    ranks[np.argsort(scores, kind="stable")] = np.arange(len(scores))
    return ranks
