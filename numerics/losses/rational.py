"""The exact loss of a corner whose weights are rationals, in Python's fractions: small networks only."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from numerics.arithmetic.rationals import Enclosure
from numerics.losses.problem import Problem
from numerics.networks.forward import outputs_from, with_ones
from numerics.networks.rational import Corner
from numerics.networks.readers import AnyArray, exact_array


class Fractions:
    """The arithmetic of `networks.forward` on arrays of fractions (dtype object)."""

    def affine(self, h: AnyArray, weight: AnyArray, bias: AnyArray | None) -> AnyArray:
        product: AnyArray = h @ weight.T
        return product if bias is None else product + bias

    def plus(self, left: AnyArray, right: AnyArray) -> AnyArray:
        total: AnyArray = left + right
        return total

    def relu(self, h: AnyArray) -> AnyArray:
        positive: AnyArray = np.where(h > 0, h, h * 0)
        return positive


def rational_loss(corner: Corner, problem: Problem) -> Enclosure:
    """`(1/N) sum_k ||f(x_k) - y_k||^2`, exactly."""
    arithmetic, weights = Fractions(), corner.fractions()
    seen = exact_array(with_ones(problem.X, corner.like.bias))
    z = arithmetic.relu(arithmetic.affine(seen, weights["W"], None))
    residuals = outputs_from(corner.like.kind, weights, z, arithmetic) - exact_array(problem.Y)
    total = sum((value * value for value in residuals.ravel().tolist()), Fraction(0))
    return Enclosure.of(total / problem.size)
