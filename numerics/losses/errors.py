"""The error rate of a network: the share of samples whose label's output is not strictly the largest, exactly."""

from __future__ import annotations

from fractions import Fraction

from numerics.arithmetic.budget import DEFAULT
from numerics.arithmetic.limbs import require_exact_blas
from numerics.data import Data
from numerics.losses.exact_forward import ExactForward, block_rows
from numerics.losses.limb_forward import lifted, size_of
from numerics.losses.problem import Problem
from numerics.networks.base import Network


def error_rate(network: Network, data: Data, budget: int = DEFAULT) -> Fraction:
    """A tie is an error. Raises ValueError of data without labels, InputError over budget."""
    if data.labels is None:
        raise ValueError("an error rate is about labels")
    require_exact_blas()
    arrays, problem = network.parameters(), Problem(data, budget)
    rows = block_rows(network, {name: size_of(one) for name, one in arrays.items()}, problem)
    weights = {name: lifted(one) for name, one in arrays.items()}
    forward, wrong = ExactForward.of(network, problem), 0
    for first in range(0, data.size, rows):
        block = slice(first, first + rows)
        margins = forward.outputs(weights, 1, block).margins.integers()  # f_j - f_label, scaled
        others = data.Y[block] == 0.0
        wrong += int(((margins >= 0) & others).any(axis=1).sum())
    return Fraction(wrong, data.size)
