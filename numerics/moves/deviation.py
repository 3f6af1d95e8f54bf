"""How far the output can go while neurons leave: L3's bound, and RM's, exact quadratic forms on the data."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from numerics.arithmetic.balls import Ball
from numerics.arithmetic.limbs import from_floats, require_exact_blas
from numerics.arithmetic.positive import root_up
from numerics.losses.limb_forward import Size, rows_for, size_of
from numerics.losses.problem import Problem
from numerics.moves.mass import Masses, masses, norms_up, sigma_squared, weighed
from numerics.moves.merging import Merging
from numerics.networks.arrays import Array
from numerics.networks.base import Network
from numerics.networks.classes import FLAT
from numerics.networks.forward import with_ones
from numerics.networks.readers import AnyArray, exact_array
from numerics.networks.two_layer import TwoLayer


def deviation(network: Network, merging: Merging, problem: Problem) -> Fraction:
    """L3 [fb], upper bound: `D(J) = sigma sum_J ||w_j - c_j w_{i(j)}|| (||V_j|| + Lambda ||A_j||)`, rounded up."""
    sigma = root_up(sigma_squared(problem.data, bias=network.bias).upper)
    return sigma * displacement(network.W, merging, masses(network))


def displacement(W: AnyArray, merging: Merging, mass: Masses) -> Fraction:
    """`D(J)` without its sigma, for many `J` of one network: one upper bound of the masses serves them all."""
    return sum((Fraction(one) for one in displacements(W, merging, mass).tolist()), Fraction(0))


def displacements(W: AnyArray, merging: Merging, mass: Masses) -> AnyArray:
    """`||w_j - c_j w_{i(j)}|| (||V_j|| + Lambda ||A_j||)` for each leaving neuron (l,), rounded up.

    With the projection the first factor is `||w_j|| sin(min(phi_j, pi/2))`; the bound holds for any scale.
    """
    if W.dtype == object or mass.each.dtype == object:  # of floats too where these are too large for float64
        exact = Merging(merging.leaving, merging.centres, exact_array(merging.scales))
        W, outgoing = exact_array(W), exact_array(mass.outgoing)
        return norms_up(W[exact.leaving] - exact.targets(W)) * outgoing[exact.leaving]
    return weighed(_distances(W, merging), mass.outgoing[merging.leaving])


def measured(start: Network, end: Network, problem: Problem, mass: Masses) -> Fraction:
    """RM [ours], upper bound: `||f_t - f_0|| <= t D`, `D = ||B_V z|| + Lambda ||B_A z||`, on a line where V and A alone
    move, by `B_V` and `B_A`. Both norms over the data are roots of exact quadratic forms; `mass` is the start's.

    The ends are the floats that they are, so what was rounded on the way is measured too. Raises ValueError for another
    class, or where anything but V and A moves, InputError over budget.
    """
    moved = set(start.changed(end))
    if start.kind not in FLAT or not moved <= {"V", "A"}:
        raise ValueError(f"in a {start.kind} network {', '.join(sorted(moved))} move: only V and A may, in {FLAT}")
    before, after = start.parameters(), end.parameters()
    factors = {"V": Fraction(1), "A": sum(mass.lambdas, Fraction(0))}
    roots = {name: root_up(_square_mean(start, before[name], after[name], problem)) for name in moved}
    return sum((factors[name] * root for name, root in roots.items()), Fraction(0))


def _square_mean(network: Network, before: Array, after: Array, problem: Problem) -> Fraction:
    """`E ||B z||^2` over the data, exactly, for the change `B = after - before` (rows, m) of what reads `z`."""
    require_exact_blas()
    mine, yours = size_of(before), size_of(after)
    change = Size(mine.rows, mine.columns, min(mine.low, yours.low), max(mine.high, yours.high) + 1)
    rows = rows_for(TwoLayer.kind, {"W": size_of(network.W), "V": change}, problem.data, network.bias, problem.budget)
    seen, weights = from_floats(with_ones(problem.X, network.bias)), from_floats(network.W).T
    B, total = from_floats(after) - from_floats(before), Fraction(0)
    for first in range(0, problem.size, rows):
        total += ((seen[first : first + rows] @ weights).relu() @ B.T).square_sum()
    return total / problem.size


def _distances(W: AnyArray, merging: Merging) -> AnyArray:
    """`||w_j - c_j w_{i(j)}||` of floats, rounded up: the difference in balls, since it may be a near cancellation."""
    alive = merging.scales != 0.0
    scales = np.where(alive, merging.scales, 0.0)[:, None]
    rows = np.where(alive[:, None], W[merging.centres], 0.0)
    with np.errstate(over="ignore", invalid="ignore"):
        gap = Ball.exact(W[merging.leaving]) - Ball.exact(scales) * Ball.exact(rows)
        size = np.where((gap.mid == 0.0) & (gap.rad == 0.0), 0.0, gap.magnitude())
    return norms_up(size)
