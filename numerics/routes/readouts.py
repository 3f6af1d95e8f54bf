"""L7 with a fit: the readout line to the best fit of all that a network's readout reads, or of a part of it."""

from __future__ import annotations

import numpy as np

from numerics.moves.merging import Indices
from numerics.moves.readout import readout_to
from numerics.networks.base import Network
from numerics.networks.parallel import Parallel
from numerics.paths import Segment
from numerics.routes.features import Features

NOBODY = np.zeros(0, dtype=np.int64)


def refitted(network: Network, affecting: Features, without: Indices = NOBODY) -> Segment:
    """L7. The line to the best readout found (V, U, c) of everything that it reads but these.

    Least squares, or under another loss than squared error a convex search from the network's own outputs.

    `affecting`: the moments of what it reads. Numbers from `m` on in `without` are units of PARALLEL's last layer.
    """
    chosen = np.setdiff1d(np.arange(len(affecting.gram)), without)
    fit = affecting.fit(chosen, near=network)
    V = np.zeros((network.outputs, len(affecting.gram)))
    V[:, chosen] = fit.V
    U = V[:, network.width :] if isinstance(network, Parallel) else None
    return readout_to(network, V[:, : network.width], U, fit.c)
