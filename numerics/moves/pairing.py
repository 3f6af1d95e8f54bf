"""R7: of each pair of neurons one dies and the other grows, at constant mass; signs chosen so that errors cancel."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from numerics.arithmetic.positive import float_up
from numerics.common.shown import Shown
from numerics.losses.problem import Problem
from numerics.moves.mass import Masses, branches_of, masses
from numerics.moves.merging import Indices
from numerics.moves.rank import features
from numerics.networks.base import Network
from numerics.networks.forward import with_ones
from numerics.networks.readers import AnyArray, Weights, has_stream, readers
from numerics.paths import Segment, kind_of


@dataclass(frozen=True, eq=False)
class Choice(Shown):
    """Signs (l,), True where the first of the pair dies; the measured `||g||^2` summed over the N points, of the
    weighted readers' inputs; and what the greedy choice allows it, the sum of `s_j s_i ||d||^2`.
    """

    first_dies: NDArray[np.bool_]
    measured: float | Fraction
    allowed: float | Fraction


def pairs_of(neurons: Indices) -> Indices:
    """Consecutive pairs (l, 2) of an even number of neurons, such as `masses.lightest(2 * l)`. Raises ValueError."""
    if len(neurons) % 2:
        raise ValueError(f"{len(neurons)} neurons do not make pairs")
    return neurons.reshape(-1, 2)


def factors(each: AnyArray, pairs: Indices, first_dies: NDArray[np.bool_]) -> AnyArray:
    """What each neuron's contribution is multiplied by (m,): 0 for one of a pair, `1 + s_dead / s_alive` for the other.

    That is `1 + e/s_j` and `1 - e/s_i`, `e = -s_j` or `+s_i`: `S` is constant. `each` has the masses. Raises ValueError
    if a neuron is in two pairs, or of a pair the one without mass is to carry the other's.
    """
    if len(np.unique(pairs)) != pairs.size:
        raise ValueError("a neuron is in two pairs")
    dead = np.where(first_dies, pairs[:, 0], pairs[:, 1])
    alive = np.where(first_dies, pairs[:, 1], pairs[:, 0])
    if any(each[j] != 0 and each[i] == 0 for j, i in zip(dead, alive, strict=True)):
        raise ValueError("a neuron without mass cannot carry another's")
    result = each * 0 + 1
    weighty = each[dead] != 0
    result[dead] = each[dead] * 0
    result[alive[weighty]] = 1 + each[dead[weighty]] / each[alive[weighty]]
    return result


def choose(kind: str, weights: Weights, mass: Masses, pairs: Indices, Z: AnyArray) -> Choice:
    """R7's greedy signs for pairs (l, 2) on the features `Z` (N, m).

    With `d = R_j z_j / s_j - R_i z_i / s_i` (N, rows), `R = [V; Lambda_k A_k]`, the deviation so far `g = sum e d` and
    each pair's choice makes `||g + e d||^2` the smaller: at most `||g||^2 + s_j s_i ||d||^2`, the mean of the two
    weighed by `s_i : s_j`. A neuron of mass 0 dies at no cost. Exact for fractions.
    """
    R = _weighted_readers(kind, weights, mass)
    each, squares = mass.each, (R * R).sum(axis=0)
    g = Z[:, :1] * R[:, 0] * 0
    first_dies, allowed = np.zeros(len(pairs), dtype=np.bool_), Fraction(0) if R.dtype == object else 0.0
    for k, (j, i) in enumerate(pairs.tolist()):
        if each[j] == 0 or each[i] == 0:
            first_dies[k] = each[j] == 0
            continue
        z_j, z_i = Z[:, j] / each[j], Z[:, i] / each[i]
        overlap = z_j @ (g @ R[:, j]) - z_i @ (g @ R[:, i])
        size = (z_j @ z_j) * squares[j] + (z_i @ z_i) * squares[i] - 2 * (z_j @ z_i) * (R[:, j] @ R[:, i])
        # ||g - s_j d||^2 <= ||g + s_i d||^2, divided by s_j + s_i > 0
        first_dies[k] = (each[j] - each[i]) * size <= 2 * overlap
        e = -each[j] if first_dies[k] else each[i]
        g = g + e * (np.multiply.outer(z_j, R[:, j]) - np.multiply.outer(z_i, R[:, i]))
        allowed = allowed + each[j] * each[i] * size
    return Choice(first_dies, (g * g).sum(), allowed)


def distances(network: Network, problem: Problem, mass: Masses) -> AnyArray:
    """`||R_j z_j / s_j - R_i z_i / s_i||` on the data (m, m), in float64; a neuron without mass is at 0 from all.

    Two neurons of one output and no live branch, one sign of V and rows within the angle phi are at most `2 sigma
    sin(phi/2)` apart.
    """
    R = _weighted_readers(network.kind, network.parameters(), mass)
    Z, each = features(network.W, with_ones(problem.X, network.bias)), mass.each.astype(np.float64)
    unit = np.where(each > 0.0, 1.0 / np.where(each > 0.0, each, 1.0), 0.0)
    Z, R = Z * unit, R.astype(np.float64)
    gram = (Z.T @ Z) * (R.T @ R) / problem.size
    squares = gram.diagonal()
    apart: AnyArray = np.sqrt(np.maximum(squares[:, None] + squares[None, :] - 2.0 * gram, 0.0))
    apart[each == 0.0], apart[:, each == 0.0] = 0.0, 0.0
    return np.nan_to_num(apart, nan=np.inf)


def paired(kind: str, weights: Weights, scale: AnyArray) -> dict[str, AnyArray]:
    """The weights with each neuron's contribution multiplied by `scale` (m,) >= 0; exact for fractions.

    PARALLEL, TWO-LAYER, PLAIN: columns of V and A, so that nothing reads the dead. RESIDUAL, STREAM: rows of W, since
    columns of V and A also read what the blocks add; then the dead have `z_{0,j} = 0`, as after L4.
    """
    if has_stream(kind):
        return {"W": scale[:, None] * weights["W"]}
    return {name: weights[name] * scale for name in readers(weights)}


def pair(network: Network, problem: Problem, pairs: Indices, mass: Masses | None = None) -> tuple[Segment, Indices]:
    """R7 [ours]. One of each pair (l, 2) dies: the segment, and the dead J (l,).

    `||f_t - f_0|| <= t sqrt((1 + K) measured / N)`, `measured` as `Choice` says, K the number of branches with
    `Lambda > 0`; `measured <= allowed <= 4 N sigma^2 sum s_j s_i`. In floats S is constant up to the rounding of the
    masses.
    """
    mass = masses(network) if mass is None else mass
    Z = features(network.W, with_ones(problem.X, network.bias))
    rough = Masses(mass.each.astype(np.float64), mass.outgoing, mass.lambdas, mass.total)
    signs = choose(network.kind, network.parameters(), rough, pairs, Z).first_dies
    scale = factors(rough.each, pairs, signs)
    end = network.replace(paired(network.kind, network.parameters(), scale))
    dead: Indices = np.where(signs, pairs[:, 0], pairs[:, 1])
    return Segment(kind_of(network, end), network, end), dead


def _weighted_readers(kind: str, weights: Weights, mass: Masses) -> AnyArray:
    """`[V; Lambda_1 A_1; ...]` (rows, m)."""
    rows = [weights["V"]] if "V" in weights else []
    for prefix, factor in zip(branches_of(kind, weights), mass.lambdas, strict=True):
        A = weights[f"{prefix}A"]
        rows.append(A * (factor if A.dtype == object else float_up(factor)))
    return np.vstack(rows)
