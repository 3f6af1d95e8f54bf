"""The two-layer reference `g*`: made from a network's own neurons where none is given, and put on slots `J`."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from numerics.arithmetic.budget import require
from numerics.errors import InputError
from numerics.losses.problem import Problem
from numerics.moves.load import load, silence
from numerics.moves.readout import two_layer_readout
from numerics.networks.arrays import differing
from numerics.networks.base import Network
from numerics.networks.two_layer import TwoLayer
from numerics.paths import Path
from numerics.routes.features import Features
from numerics.routes.tableau import Tableau

LONGEST = 10_000  # m^p and l^q are computed in full


def neurons_of(width: int, eta: Fraction) -> int:
    """`l = floor(m^eta)`, exactly. Raises InputError unless `0 <= eta < 1` and `l < m`."""
    if not 0 <= eta < 1 or eta.denominator > LONGEST:
        raise InputError(f"eta = {eta} is unusable: l = m^eta needs 0 <= eta < 1, with a denominator up to {LONGEST}")
    power, below, above = width**eta.numerator, 1, width + 1  # below^q <= m^p < above^q for eta = p/q
    while above - below > 1:
        middle = (below + above) // 2
        below, above = (middle, above) if middle**eta.denominator <= power else (below, middle)
    if below >= width:
        raise InputError(f"l = floor(m^eta) = {below} neurons are as many as the network has: m = {width}")
    return below


def fitted_reference(network: Network, problem: Problem, neurons: int) -> TwoLayer:
    """A two-layer network on `l` of this network's neurons, its readout fitted: a search, any is sound.

    The least useful of all neurons are dropped. Raises InputError over the memory budget.
    """
    require(5 * 8.0 * network.width**2, problem.budget, "the search's moments of all features")
    features = Features.of(network.W, problem, bias=network.bias, with_c=network.c is not None)
    tableau, own = Tableau(features), np.arange(network.width)
    tableau.take(own)
    kept = np.setdiff1d(own, tableau.least_useful(own, network.width - neurons))
    fit = features.fit(kept, near=network)
    return TwoLayer(W=network.W[kept], V=fit.V, c=fit.c, bias=network.bias)


def arrive(path: Path, reference: TwoLayer, slots: Sequence[int]) -> Path:
    """Prolong by loading `g*`'s rows into unread slots that do not hold them yet, the line to its readout, and U = 0.

    No block writes to the slots (RESIDUAL, STREAM), which afterwards affect nothing. Raises ValueError if one does.
    """
    here = path.end
    chosen = np.asarray(slots, dtype=np.int64)
    pending = differing(here.W[chosen], reference.W)
    if len(pending):
        path = path.then(load(here, chosen[pending], reference.W[pending]))
    V = np.zeros_like(here.V)
    V[:, chosen] = reference.V
    path = path.then(two_layer_readout(path.end, V, reference.c))
    return path.then(silence(path.end))
