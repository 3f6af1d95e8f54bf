"""RM: this network's own deviation for the best J found, measured by exact quadratic forms."""

from __future__ import annotations

from fractions import Fraction

from numerics.arithmetic.budget import DEFAULT
from numerics.data import Data
from numerics.mass import masses
from numerics.moves.deviation import measured
from numerics.moves.merge import merge
from numerics.networks.base import Network
from numerics.routes.choices import CHOICES, cheapest, chosen, require_room


def best_measured(network: Network, neurons: int, data: Data, *, budget: int = DEFAULT) -> Fraction:
    """RM: the least deviation among the J of R1 to R4 and a greedy one, each measured by exact quadratic forms.

    So it exceeds neither R3's nor R4's `D(J)` on this network, but for what the merges round. Raises ValueError for a
    class of which V and A alone do not merge neurons, InputError over budget.
    """
    require_room(network.W, budget=budget)
    mass = masses(network)
    mergings = [chosen(choice, network.W, mass, neurons) for choice in (*CHOICES.values(), cheapest)]
    return min(measured(network, merge(network, merging).end, data, mass, budget=budget) for merging in mergings)
