"""Exact losses of networks of any class, one network at a time."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from numerics.arithmetic.limbs import require_exact_blas
from numerics.arithmetic.rationals import Enclosure
from numerics.losses.bank import Progress
from numerics.losses.exact_forward import ExactForward, blocks_for
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
    blocks = blocks_for(networks[0], sizes, problem)
    forward, totals = ExactForward.of(networks[0], problem), []
    for k, network in enumerate(networks):
        weights, total = {name: lifted(array) for name, array in network.parameters().items()}, Total(Fraction(0))
        for j, outputs in enumerate(forward.in_blocks(weights, 1, blocks), 1):
            total = total.plus(problem.loss.total(outputs, precision), precision)
            if progress is not None:
                progress((k + j / len(blocks.slices)) / len(networks))
        totals.append(total.mean(problem.size, precision))
    return totals
