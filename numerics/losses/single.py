"""Exact losses of networks of any class, one network at a time."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from numerics.arithmetic.limbs import require_exact_blas
from numerics.arithmetic.rationals import Enclosure
from numerics.losses.bank import Progress
from numerics.losses.exact_forward import ExactForward, block_rows
from numerics.losses.limb_forward import lifted, size_of
from numerics.losses.problem import Problem
from numerics.losses.totals import PRECISION, Total
from numerics.networks.base import Network


def single_losses(
    networks: Sequence[Network], problem: Problem, precision: int = PRECISION, *, progress: Progress | None = None
) -> list[Enclosure]:
    """The loss of every network (all of one space, at least one). Raises InputError over budget."""
    require_exact_blas()
    sizes = [{name: size_of(array) for name, array in network.parameters().items()} for network in networks]
    rows = min(block_rows(networks[0], weights, problem) for weights in sizes)
    forward, totals = ExactForward.of(networks[0], problem), []
    for k, network in enumerate(networks):
        weights, total = {name: lifted(array) for name, array in network.parameters().items()}, Total(Fraction(0))
        for first in range(0, problem.size, rows):
            outputs = forward.outputs(weights, 1, slice(first, first + rows))
            total = total.plus(problem.loss.total(outputs, precision), precision)
            if progress is not None:
                progress((k + min(1.0, (first + rows) / problem.size)) / len(networks))
        totals.append(total.mean(problem.size, precision))
    return totals
