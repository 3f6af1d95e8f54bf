"""Mass (blueprint section 0): `s_j = ||w_j|| (||V_j|| + sum_k Lambda_k ||A_{k,j}||)`, its `Lambda`, and `sigma`.

Upper bounds that hold whatever was rounded. Weights are named arrays of float64 (any size) or of fractions (tiny),
where a norm that is rational is returned exactly.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from numerics.arithmetic.balls import Ball
from numerics.arithmetic.norms import TINY, operator_norm, product, squared_norm
from numerics.arithmetic.positive import Positive, float_up, root_up
from numerics.arithmetic.rounding import require_gradual_underflow, row_norms, up
from numerics.common.shown import Shown
from numerics.data import Data
from numerics.networks.base import Network
from numerics.networks.forward import block_prefixes, branch_names, with_ones
from numerics.networks.readers import AnyArray, Weights, adds_linearly, exact_array, has_stream


@dataclass(frozen=True, eq=False)
class Masses(Shown):
    """Upper bounds: `each` (m,) of `s_j`, floats rounded up or fractions; `outgoing` (m,) of the factor of `||w_j||`;
    `lambdas` of `Lambda` per branch (none, one, or one per block); `total` of `S`.
    """

    each: AnyArray
    outgoing: AnyArray
    lambdas: tuple[Fraction, ...]
    total: Fraction

    def lightest(self, count: int, *, outside: Iterable[int] = ()) -> np.ndarray:
        """The `count` lightest neurons not in `outside`, lightest first, ties by number. Raises ValueError if fewer."""
        barred = set(outside)
        order = sorted((mass, j) for j, mass in enumerate(self.each.tolist()) if j not in barred)
        if count > len(order):
            raise ValueError(f"{count} neurons are wanted but only {len(order)} are there")
        return np.array([j for _, j in order[:count]], dtype=np.int64)


def masses(network: Network) -> Masses:
    """The masses of a network, rounded up."""
    return masses_of(network.kind, network.parameters())


def masses_of(kind: str, weights: Weights, lambdas: tuple[Fraction, ...] | None = None) -> Masses:
    """The masses of named weights; with `lambdas` (upper bounds) these are not computed again.

    `Lambda` is that of the product of norms, `Lip(q) <= product ||B_k||`. PLAIN has no V: that term is 0.
    """
    if lambdas is None:
        lambdas = tuple(one.upper for one in lambdas_of(kind, weights))
    outgoing = outgoing_of(kind, weights, lambdas)
    each = weighed(norms_up(weights["W"]), outgoing)
    if each.dtype == object:
        return Masses(each, outgoing, lambdas, sum(each.tolist(), Fraction(0)))
    if not np.isfinite(each).all():  # fractions have no largest
        return masses_of(kind, {name: exact_array(array) for name, array in weights.items()}, lambdas)
    return Masses(each, outgoing, lambdas, sum(map(Fraction, each.tolist()), Fraction(0)))


def outgoing_of(kind: str, weights: Weights, lambdas: tuple[Fraction, ...]) -> AnyArray:
    """`||V_j|| + sum_k Lambda_k ||A_{k,j}||` (m,), rounded up."""
    total = norms_up(weights["V"].T) if "V" in weights else norms_up(weights["W"]) * 0
    for prefix, factor in zip(branches_of(kind, weights), lambdas, strict=True):
        norms = norms_up(weights[f"{prefix}A"].T)
        total = _plus(total, weighed(norms, np.full(len(norms), factor if norms.dtype == object else float_up(factor))))
    return total


def lambdas_of(kind: str, weights: Weights) -> tuple[Positive, ...]:
    """`Lambda` of every branch, in order, between bounds (of the expression with products of norms for `Lip(q)`).

    PARALLEL, PLAIN: `||U|| Lip(q)`; RESIDUAL: `||V U|| Lip(q)`, the norm of the product; STREAM:
    `Lambda_k = Lip(q_k) (||V U_k|| + sum_{h>k} Lambda_h ||A_h U_k||)`; TWO-LAYER: none. Raises ValueError for POST,
    where norms of products bound nothing, as a rectifier stands between.
    """
    if not adds_linearly(kind):
        raise ValueError(f"no mass of class {kind} is defined: a rectifier follows what its blocks write")
    prefixes = branches_of(kind, weights)
    if not has_stream(kind):
        return tuple(operator_norm(weights[f"{prefix}U"]) * lipschitz(weights, prefix) for prefix in prefixes)
    found: dict[str, Positive] = {}
    for prefix in reversed(prefixes):
        U = weights[f"{prefix}U"]
        reach = norm_of_product(weights["V"], U)
        for later, factor in found.items():
            reach = reach + factor * norm_of_product(weights[f"{later}A"], U)
        found[prefix] = lipschitz(weights, prefix) * reach
    return tuple(found[prefix] for prefix in prefixes)


def lipschitz(weights: Weights, prefix: str = "") -> Positive:
    """The product of `||B_k||` of the branch, `Lip(q)` being at most that; 1 without B. `A` is no part of `q`."""
    total = Positive.exact(1)
    for matrix, _ in list(branch_names(weights, prefix))[1:]:
        total = total * operator_norm(weights[matrix])
    return total


def branches_of(kind: str, weights: Weights) -> tuple[str, ...]:
    """What the names of each branch begin with."""
    return block_prefixes(kind, weights) if has_stream(kind) else ("",) if "A" in weights else ()


def norm_of_product(left: AnyArray, right: AnyArray) -> Positive:
    """`||left right||`; where the product exceeds float64, at least 0 and at most the product of norms."""
    if left.dtype == object:
        return operator_norm(left @ right)
    if max(left.size, right.size) <= TINY:  # what cancels to 0 is 0, as in `squared_norm`
        return operator_norm(exact_array(left) @ exact_array(right))
    try:
        enclosed: Ball = product(left, right)
    except OverflowError:
        return Positive(Fraction(0), (operator_norm(left) * operator_norm(right)).upper)
    return operator_norm(enclosed)


def sigma_squared(data: Data, *, bias: bool) -> Positive:
    """`sigma^2 = lambda_max(E[X X^T])` of what the first layer sees, between bounds."""
    return squared_norm(with_ones(data.X, bias)).over(data.size)


def norms_up(matrix: AnyArray) -> AnyArray:
    """Euclidean norms of the rows, rounded up: float64, or fractions for fractions (exact where rational)."""
    if matrix.dtype == object:
        return np.array([root_up(sum((x * x for x in row), Fraction(0))) for row in matrix], dtype=object)
    require_gradual_underflow()
    with np.errstate(over="ignore", invalid="ignore"):
        return row_norms(matrix)


def weighed(left: AnyArray, right: AnyArray) -> AnyArray:
    """The product of two arrays of non-negative numbers, rounded up, exactly 0 where one is."""
    if left.dtype == object:
        return left * right
    with np.errstate(over="ignore", invalid="ignore"):
        above = up(left * right)
    return np.where((left == 0.0) | (right == 0.0), 0.0, np.where(np.isnan(above), np.inf, above))


def _plus(left: AnyArray, right: AnyArray) -> AnyArray:
    """The sum of two arrays of non-negative numbers, rounded up, exactly 0 where both are."""
    if left.dtype == object:
        return left + right
    return np.where((left == 0.0) & (right == 0.0), 0.0, up(left + right))
