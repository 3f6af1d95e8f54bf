"""L3's bound: how far the output can go while neurons leave into their centres."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from numerics.arithmetic.balls import Ball
from numerics.arithmetic.positive import root_up
from numerics.data import Data
from numerics.mass import Masses, masses, norms_up, sigma_squared, weighed
from numerics.moves.merging import Merging
from numerics.networks.base import Network
from numerics.networks.readers import AnyArray, exact_array


def deviation(network: Network, merging: Merging, data: Data) -> Fraction:
    """L3 [fb], upper bound: `D(J) = sigma sum_J ||w_j - c_j w_{i(j)}|| (||V_j|| + Lambda ||A_j||)`, rounded up."""
    sigma = root_up(sigma_squared(data, bias=network.bias).upper)
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


def _distances(W: AnyArray, merging: Merging) -> AnyArray:
    """`||w_j - c_j w_{i(j)}||` of floats, rounded up: the difference in balls, since it may be a near cancellation."""
    alive = merging.scales != 0.0
    scales = np.where(alive, merging.scales, 0.0)[:, None]
    rows = np.where(alive[:, None], W[merging.centres], 0.0)
    with np.errstate(over="ignore", invalid="ignore"):
        gap = Ball.exact(W[merging.leaving]) - Ball.exact(scales) * Ball.exact(rows)
        size = np.where((gap.mid == 0.0) & (gap.rad == 0.0), 0.0, gap.magnitude())
    return norms_up(size)
