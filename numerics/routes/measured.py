"""RM: this network's own deviation for the best J found, measured by exact quadratic forms."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from numerics.errors import InputError
from numerics.losses.problem import Problem
from numerics.moves.deviation import measured
from numerics.moves.mass import masses
from numerics.moves.merge import merge
from numerics.networks.base import Network
from numerics.networks.classes import FLAT
from numerics.routes.choices import CHOICES, cheapest, chosen, require_room


def best_measured(network: Network, neurons: int, problem: Problem) -> Fraction:
    """RM: the least deviation among the J of R1 to R4 and a greedy one, each measured by exact quadratic forms.

    So it exceeds neither R3's nor R4's `D(J)` on this network, but for what the merges round. A choice whose scales or
    columns overflow is none. Raises ValueError for a class of which V and A alone do not merge neurons, InputError over
    budget, or if no choice is left.
    """
    if network.kind not in FLAT:
        raise ValueError(f"a {network.kind} network has no measured deviation: it is known for {FLAT}")
    require_room(network.W, budget=problem.budget)
    mass, found, reasons = masses(network), [], []
    for choice in (*CHOICES.values(), cheapest):
        try:
            with np.errstate(all="ignore"):  # a search: what overflows is no choice
                end = merge(network, chosen(choice, network.W, mass, neurons)).end
        except (InputError, ValueError, OverflowError) as reason:
            reasons.append(str(reason))
            continue
        found.append(measured(network, end, problem, mass))
    if not found:
        raise InputError(f"no choice of {neurons} neurons can be measured: {reasons[0]}")
    return min(found)
