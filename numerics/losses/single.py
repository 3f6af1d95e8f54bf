"""Exact losses of networks of any class, one network at a time."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from numerics.arithmetic.limbs import require_exact_blas
from numerics.arithmetic.rationals import Enclosure
from numerics.losses.bank import Progress
from numerics.losses.limb_forward import Points, exact_outputs, lifted, rows_for, size_of
from numerics.losses.problem import Problem
from numerics.losses.totals import PRECISION, Total
from numerics.networks.base import Network


def single_losses(
    networks: Sequence[Network], problem: Problem, precision: int = PRECISION, *, progress: Progress | None = None
) -> list[Enclosure]:
    """The loss of every network (all of one space, at least one). Raises InputError over budget."""
    require_exact_blas()
    sizes = [{name: size_of(array) for name, array in network.parameters().items()} for network in networks]
    kind, bias = networks[0].kind, networks[0].bias
    rows = min(rows_for(kind, weights, problem.data, bias, problem.budget, loss=problem.loss) for weights in sizes)
    points, totals = Points.of(problem.data, bias), []
    for k, network in enumerate(networks):
        weights, total = {name: lifted(array) for name, array in network.parameters().items()}, Total(Fraction(0))
        for first in range(0, problem.size, rows):
            outputs = exact_outputs(kind, weights, 1, points, slice(first, first + rows))
            total = total.plus(problem.loss.total(outputs, precision), precision)
            if progress is not None:
                progress((k + min(1.0, (first + rows) / problem.size)) / len(networks))
        totals.append(total.mean(problem.size, precision))
    return totals
