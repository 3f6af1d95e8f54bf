"""The two-layer reference `g*` put on slots `J` of a network: T1's end point."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from numerics.moves.load import load, silence
from numerics.moves.readout import two_layer_readout
from numerics.networks.arrays import differing
from numerics.networks.two_layer import TwoLayer
from numerics.paths import Path


def arrive(path: Path, reference: TwoLayer, slots: Sequence[int]) -> Path:
    """Prolong by loading `g*`'s rows into unread slots that do not hold them yet, the line to its readout, and U = 0.

    No block writes to the slots (RESIDUAL, STREAM), so that afterwards none is heard. Raises ValueError if one does.
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
