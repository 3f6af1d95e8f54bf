"""Exact losses of networks of any class, one network at a time."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from numerics.arithmetic.limbs import require_exact_blas
from numerics.losses.bank import Progress
from numerics.losses.limb_forward import Points, lifted, rows_for, size_of, square_sum
from numerics.losses.problem import Problem
from numerics.networks.base import Network


def single_losses(networks: Sequence[Network], problem: Problem, *, progress: Progress | None = None) -> list[Fraction]:
    """The exact loss of every network (all of one space, at least one). Raises InputError over budget."""
    require_exact_blas()
    sizes = [{name: size_of(array) for name, array in network.parameters().items()} for network in networks]
    kind, bias = networks[0].kind, networks[0].bias
    rows = min(rows_for(kind, weights, problem.data, bias, problem.budget) for weights in sizes)
    points, totals = Points.of(problem.data, bias), []
    for k, network in enumerate(networks):
        weights, total = {name: lifted(array) for name, array in network.parameters().items()}, Fraction(0)
        for first in range(0, problem.size, rows):
            total += square_sum(kind, weights, 1, points, slice(first, first + rows))
            if progress is not None:
                progress((k + min(1.0, (first + rows) / problem.size)) / len(networks))
        totals.append(total / problem.size)
    return totals
