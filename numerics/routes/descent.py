"""T4b's first case: where the readout can be improved, a readout line goes down from the first moment.

The loss is convex along the line (L7) and smaller at its end, so its maximum is the start: depth 0.
"""

from __future__ import annotations

import numpy as np

from numerics.data import Data
from numerics.errors import InputError
from numerics.losses import float_loss
from numerics.networks.arrays import Array
from numerics.networks.base import Network
from numerics.networks.forward import Floats, branch_from, outputs, with_ones
from numerics.paths import Kind, Path, Segment


def downhill(network: Network, data: Data) -> Path:
    """The line to the least-squares readout (two-layer, parallel, plain). Raises InputError if that is no better.

    The least change that reaches it, by float64; where the features span all outputs its loss is 0 but for rounding.
    """
    columns = _readers(network, data)
    with np.errstate(all="ignore"):
        design = np.hstack(list(columns.values()))
        scale = np.linalg.norm(design, axis=0)
        scale = np.where((scale > 0.0) & np.isfinite(scale), scale, np.inf)  # a feature of zeros stays as it is
        change = np.linalg.lstsq(design / scale, data.Y - outputs(network, data.X), rcond=None)[0] / scale[:, None]
    here, changes, first = network.parameters(), {}, 0
    for name, part in columns.items():
        piece = change[first : first + part.shape[1]]
        changes[name] = here[name] + (piece[0] if name == "c" else piece.T)
        first += part.shape[1]
    end = network.replace(changes)
    if not float_loss(end, data) < float_loss(network, data):
        raise InputError("no readout is better than this one: a readout line goes nowhere from here")
    return Path(network, (Segment(Kind.READOUT, network, end),))


def _readers(network: Network, data: Data) -> dict[str, Array]:
    """The readout's parameters by name, and what each multiplies: (N, m), (N, r_last), (N, 1)."""
    if network.kind not in ("two-layer", "parallel", "plain"):
        raise InputError(f"class {network.kind}: its readout line is not covered here")
    parameters = network.parameters()
    z = np.maximum(with_ones(data.X, network.bias) @ network.W.T, 0.0)
    found = {}
    if "V" in parameters:
        found["V"] = z
    if "U" in parameters:
        found["U"] = branch_from(parameters, "", z, Floats())
    if "c" in parameters:
        found["c"] = np.ones((data.size, 1))
    return found
