"""The loss of a corner whose weights are rationals, in Python's fractions: small networks only."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np

from numerics.arithmetic.limbs import from_floats, from_integers
from numerics.arithmetic.rationals import Enclosure
from numerics.losses.outputs import Outputs
from numerics.losses.problem import Problem
from numerics.losses.totals import PRECISION
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


def rational_loss(corner: Corner, problem: Problem, precision: int = PRECISION) -> Enclosure:
    """The loss, from exact outputs over one denominator."""
    arithmetic, weights = Fractions(), corner.fractions()
    seen = exact_array(with_ones(problem.X, corner.like.bias))
    z = arithmetic.relu(arithmetic.affine(seen, weights["W"], None))
    f = np.vectorize(Fraction, otypes=[object])(outputs_from(corner.like.kind, weights, z, arithmetic))
    scale = math.lcm(*(value.denominator for value in f.ravel().tolist()))
    numerators = from_integers(np.vectorize(int, otypes=[object])(f * scale))
    outputs = Outputs(numerators, from_floats(problem.Y), problem.Y, scale)
    return problem.loss.total(outputs, precision).mean(problem.size, precision)
