"""The squared-error loss `L = (1/N) sum_k ||f(x_k) - y_k||^2` of networks, as exact fractions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from numerics.arithmetic.budget import DEFAULT
from numerics.arithmetic.limbs import from_floats, require_exact_blas
from numerics.data import Data
from numerics.losses.bank import STACKED, Progress, branch_is_silent, readout_is_improvable, stacked_losses
from numerics.losses.between import exact_loss_between
from numerics.losses.single import single_losses
from numerics.networks.base import Network
from numerics.networks.forward import outputs

__all__ = [
    "Progress",
    "branch_is_silent",
    "exact_loss_between",
    "exact_losses",
    "float_loss",
    "readout_is_improvable",
    "target_sums",
]

FLOAT_ROWS = 2048  # samples at once in float64


def exact_losses(
    networks: Sequence[Network], data: Data, *, budget: int = DEFAULT, progress: Progress | None = None
) -> list[Fraction]:
    """The exact loss of every network (all of one space) on `data`, in order. Raises InputError over budget.

    Two-layer and parallel networks share their features and are evaluated together, the other classes one by one.
    """
    require_exact_blas()
    if not networks:
        return []
    together = networks[0].kind in STACKED
    return (stacked_losses if together else single_losses)(networks, data, budget=budget, progress=progress)


def float_loss(network: Network, data: Data) -> float:
    """The loss in plain float64, `inf` where that overflows: for searching and drawing, never for proving."""
    total = 0.0
    with np.errstate(over="ignore", invalid="ignore"):
        for first in range(0, data.size, FLOAT_ROWS):
            block = slice(first, first + FLOAT_ROWS)
            total += float(((outputs(network, data.X[block]) - data.Y[block]) ** 2).sum())
    return total / data.size if math.isfinite(total) else math.inf


def target_sums(data: Data) -> tuple[Fraction, tuple[Fraction, ...]]:
    """Exactly `sum_k ||y_k||^2` and the vector `sum_k y_k` (p entries)."""
    require_exact_blas()
    Y = from_floats(data.Y)
    return Y.square_sum(), tuple((from_floats(np.ones((1, data.size))) @ Y).to_fractions())
