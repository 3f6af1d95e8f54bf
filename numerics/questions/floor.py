"""How deep the valley is at least that a network sits in: T10's bound, for networks and data that meet its hypotheses.

Nothing here is looked for: the signs of all pre-activations, the least-squares planes and the prices follow from the
network and the data, in rationals.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from numerics.common.shown import Shown
from numerics.data import Data
from numerics.losses.rational import Fractions
from numerics.networks.base import Network
from numerics.networks.classes import SKIP
from numerics.networks.forward import outputs_from, with_ones
from numerics.networks.readers import exact_array, exact_weights


@dataclass(frozen=True)
class Floor(Shown):
    """`depth`: every path to a smaller loss climbs at least so far (T10); None where that is not known, and why."""

    depth: Fraction | None
    reason: str


def floor(network: Network, data: Data) -> Floor:
    """T10's lower bound of the depth of `network` for squared error, kappa = 0, exactly; whatever the branch does.

    A trained network fails at the first point that two neurons see, after one pass over W.
    """
    from theory.statements import clusters

    missing = _missing(network)
    if missing is not None:
        return Floor(None, missing)
    weights = exact_weights(network)
    rows, points = weights["W"].tolist(), exact_array(with_ones(data.X, network.bias)).tolist()
    try:
        clusters.owners(rows, points)
        slopes = alone(network)
        found = clusters.valley_depth(rows, slopes, points, exact_array(data.Y)[:, 0].tolist())
    except ValueError as error:
        return Floor(None, str(error))
    return Floor(found.price, f"neuron {found.neuron}'s plane must pass through point {found.point} (T10)")


def alone(network: Network) -> list[Fraction]:
    """`Psi(e_j)` for every neuron j: the output where it alone is 1, exactly. One output."""
    weights = exact_weights(network)
    units = exact_array(np.eye(network.width))
    return [Fraction(value) for value in outputs_from(network.kind, weights, units, Fractions())[:, 0].tolist()]


def _missing(network: Network) -> str | None:
    """The hypothesis about the class that fails."""
    if not network.has_skip:
        return f"T10 is asked here of networks with a skip connection ({', '.join(SKIP)}), not of class {network.kind}"
    if network.outputs != 1:
        return f"T10 needs one output, and the network has {network.outputs}"
    biases = [name for name, array in network.parameters().items() if array.ndim == 1]
    return f"T10 needs a network without biases after the first layer, and this one has {biases[0]}" if biases else None
