"""The exact derivative of the loss in the readout, in which it is convex: is the readout the best for the rest?"""

from __future__ import annotations

import numpy as np

from numerics.arithmetic.limbs import LimbMatrix, from_floats, require_exact_blas
from numerics.losses.limb_forward import Limbs, Points, Scaled, lifted, rows_for, size_of
from numerics.losses.problem import Problem
from numerics.networks.base import Network
from numerics.networks.forward import outputs_from, read_by_V


def readout_is_improvable(network: Network, problem: Problem) -> bool:
    """Whether the loss has a non-zero exact derivative in `c` (without an output bias: in `V`): a way down at once.

    True proves that the parameter is no critical point, so no local minimum, and that its depth is 0. False proves
    nothing: other derivatives are not looked at.
    """
    return not _is_stationary(network, problem, "V" if network.c is None else "c")


def readout_is_optimal(network: Network, problem: Problem) -> bool:
    """Whether `V` is optimal for the rest (C1+): the loss, convex in V, has the exact derivative 0 in it.

    False proves that V is not optimal. Networks from training, in floats, practically never have an optimal V.
    """
    return _is_stationary(network, problem, "V")


def _is_stationary(network: Network, problem: Problem, name: str) -> bool:
    """Whether the sum over samples of `(f - y) r^T` is exactly 0, r being what `name` reads: for `c` the constant 1.

    Raises ValueError without V (PLAIN).
    """
    require_exact_blas()
    kind, parameters = network.kind, network.parameters()
    if "V" not in parameters:
        raise ValueError(f"class {kind} has no V: nothing is said of its readout")
    sizes = {own: size_of(array) for own, array in parameters.items()}
    rows = rows_for(kind, sizes, problem.data, network.bias, problem.budget)
    weights, points = {own: lifted(array) for own, array in parameters.items()}, Points.of(problem.data, network.bias)
    arithmetic, slope = Limbs(), None
    for first in range(0, problem.size, rows):
        block = slice(first, first + rows)
        z = arithmetic.relu(arithmetic.affine(Scaled(points.seen[block], 0), weights["W"], None))
        residual = outputs_from(kind, weights, z, arithmetic).numerator - points.targets[block]
        read: LimbMatrix = from_floats(np.ones((residual.shape[0], 1)))
        if name == "V":
            read = read_by_V(kind, weights, z, arithmetic).numerator
        term = read.T @ residual
        slope = term if slope is None else slope + term
    return slope is not None and slope.square_sum() == 0
