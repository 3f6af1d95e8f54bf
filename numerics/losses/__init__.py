"""The loss `L = (1/N) sum_k l(f(x_k), y_k)` of networks: exact fractions, or enclosures where it is irrational."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from numerics.arithmetic.limbs import from_floats, require_exact_blas
from numerics.arithmetic.rationals import Enclosure
from numerics.losses.bank import Progress, branch_is_silent, stacked_losses
from numerics.losses.between import loss_between
from numerics.losses.problem import Problem
from numerics.losses.single import single_losses
from numerics.losses.stationary import readout_is_improvable, readout_is_optimal
from numerics.losses.totals import CAP, PRECISION
from numerics.networks.base import Network
from numerics.networks.classes import FLAT
from numerics.networks.forward import outputs
from numerics.networks.two_layer import TwoLayer

__all__ = [
    "CAP",
    "PRECISION",
    "Progress",
    "branch_is_silent",
    "exact_loss_between",
    "exact_losses",
    "float_loss",
    "fraction",
    "loss_between",
    "losses_of",
    "readout_is_improvable",
    "readout_is_optimal",
    "target_sums",
]

FLOAT_ROWS = 2048  # samples at once in float64


def exact_losses(networks: Sequence[Network], problem: Problem, *, progress: Progress | None = None) -> list[Fraction]:
    """`losses_of` as fractions. Raises ValueError for a loss that is irrational."""
    return [fraction(loss) for loss in losses_of(networks, problem, progress=progress)]


def exact_loss_between(first: Network, second: Network, t: Fraction, problem: Problem) -> Fraction:
    """`loss_between` as a fraction. Raises ValueError for a loss that is irrational."""
    return fraction(loss_between(first, second, t, problem))


def fraction(loss: Enclosure) -> Fraction:
    """A loss that is known exactly. Raises ValueError for another."""
    if loss.exact is None:
        raise ValueError("this loss is irrational: it has an enclosure, and no fraction")
    return loss.exact


def losses_of(
    networks: Sequence[Network], problem: Problem, precision: int = PRECISION, *, progress: Progress | None = None
) -> list[Enclosure]:
    """The loss of every network (all of one space) on `data`, in order. Raises InputError over budget.

    Exact where it is rational; an irrational one in about `precision` bits.

    Two-layer and parallel networks share their features and are evaluated together, and so are networks of residual
    blocks that add nothing; the others one by one.
    """
    require_exact_blas()
    alike: dict[bool, list[int]] = {}
    flat = [without_blocks(network) for network in networks]
    for k, network in enumerate(flat):
        alike.setdefault(network.kind in FLAT, []).append(k)
    losses = [Enclosure.of(Fraction(0))] * len(networks)
    for stacked, members in alike.items():
        find = stacked_losses if stacked else single_losses
        found = find([flat[k] for k in members], problem, precision, progress=progress)
        for k, loss in zip(members, found, strict=True):
            losses[k] = loss
    return losses


def without_blocks(network: Network) -> Network:
    """The two-layer network that a RESIDUAL or STREAM network is if every U is 0; any other network itself."""
    if network.has_stream and branch_is_silent(network):
        return TwoLayer(W=network.W, V=network.V, c=network.c, bias=network.bias)
    return network


def float_loss(network: Network, problem: Problem) -> float:
    """The loss in plain float64, `inf` where that overflows: for searching and drawing, never for proving."""
    total = 0.0
    with np.errstate(over="ignore", invalid="ignore"):
        for first in range(0, problem.size, FLOAT_ROWS):
            block = slice(first, first + FLOAT_ROWS)
            f = outputs(network, problem.X[block])
            total += float(problem.loss.floats(f, problem.Y[block]).sum())
    return total / problem.size if math.isfinite(total) else math.inf


def target_sums(problem: Problem) -> tuple[Fraction, tuple[Fraction, ...]]:
    """Exactly `sum_k ||y_k||^2` and the vector `sum_k y_k` (p entries)."""
    require_exact_blas()
    Y = from_floats(problem.Y)
    return Y.square_sum(), tuple((from_floats(np.ones((1, problem.size))) @ Y).to_fractions())
