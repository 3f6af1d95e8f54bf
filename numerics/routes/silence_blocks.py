"""From a network whose blocks write back into the stream to one without blocks: the way in of R6, T6 and R0 there.

While a block affects the output it is no readout of first-layer features. T2's elimination changes that at no cost: the
blocks write to a basis of the readers alone, a readout line leads to the best fit on the neurons outside it, and then
no output depends on a block. With `m - r` features, r the rank of the readers, that fit is mostly a good one.
"""

from __future__ import annotations

import numpy as np

from numerics.arithmetic.budget import require
from numerics.errors import InputError
from numerics.losses import branch_is_silent
from numerics.losses.problem import Problem
from numerics.moves.clear_rows import stacked_readers
from numerics.moves.load import silence
from numerics.moves.merging import Indices
from numerics.moves.readout import two_layer_readout
from numerics.moves.write_to_basis import write_to_basis
from numerics.networks.base import Network
from numerics.networks.readers import has_stream
from numerics.paths import Path
from numerics.routes.features import Features
from numerics.routes.tableau import Tableau

SPARE = 4  # neurons that the basis is chosen among, per reader


def silence_blocks(network: Network, problem: Problem) -> Path:
    """A path to a network of the class with every U = 0; the constant path where no block writes to a stream.

    Weights that would overflow leave the readout 0 in place of a fit. Raises InputError over the memory budget.
    """
    if not has_stream(network.kind) or branch_is_silent(network):
        return Path(network)
    require(5 * 8.0 * network.width**2, problem.budget, "the search's moments of all features")
    features = Features.of(network.W, problem, bias=network.bias, with_c=network.c is not None)
    try:
        with np.errstate(all="ignore"):  # a search: what overflows is left out
            path, outside = write_to_basis(network, _least_useful(network, features))
    except InputError:
        path, outside = Path(network), np.zeros(0, dtype=np.int64)
    fit = features.fit(outside, near=network)
    V = np.zeros_like(network.V)
    V[:, outside] = fit.V
    path = path.then(two_layer_readout(path.end, V, fit.c))
    return path.then(silence(path.end))


def _least_useful(network: Network, features: Features) -> Indices:
    """Neurons that the fit can do without, a few times as many as there are readers: the basis is lost to it."""
    own = np.arange(network.width)
    tableau = Tableau(features)
    tableau.take(own)
    rows = len(stacked_readers(network.kind, network.parameters()))
    return tableau.least_useful(own, min(network.width, SPARE * rows))
