"""Valleys of every width whose depth is known exactly: T8b's (two-layer) and T10P's, which no branch removes.

Each comes with the path that climbs exactly so far, so that its certificate has both bounds.
"""

from __future__ import annotations

import numpy as np

from numerics.data import Data
from numerics.errors import InputError
from numerics.moves.load import load
from numerics.moves.readout import two_layer_readout
from numerics.networks.arrays import Array
from numerics.networks.base import Network
from numerics.networks.branch import Branch, Layer
from numerics.networks.parallel import Parallel
from numerics.networks.residual import Residual
from numerics.networks.stream import Block, Stream
from numerics.networks.two_layer import TwoLayer
from numerics.paths import Kind, Path, Segment

END = 7 / 256
"""Where T10P's row stops, w_0 + s (56, 40, 1): just before 7/250, in a float; its top is at s = 1/50."""

MORE = 0.25
"""What a live branch returns where two neurons are active: this much times `min(z_0, z_1)`."""


def singles_and_pairs(width: int) -> tuple[Path, Data]:
    """T8b: out of the valley by way of an empty slot. The target -2m makes it worse than C7's threshold."""
    from theory.statements.sharp_valleys import sharp_valley

    family = sharp_valley(width, target=2 * width)
    data = Data(
        np.array(family.points, dtype=float), np.array(family.targets, dtype=float)[:, None], f"singles-{width}"
    )
    start = TwoLayer(W=np.array(family.rows, dtype=float), V=np.ones((1, width)))
    emptied, read = start.V.copy(), start.V.copy()
    emptied[0, 0], read[0, 0] = 0.0, -2.0 * width
    path = Path(start).then(two_layer_readout(start, emptied, None))
    path = path.then(load(path.end, [0], data.X[-1:]))
    return path.then(two_layer_readout(path.end, read, None)), data


def parabola(width: int, kind: str) -> tuple[Path, Data]:
    """T10P in this class: row 0 turns until it sees a point of cluster 1. A branch is live: in PARALLEL it does half of
    V's work on every cluster, and in all it adds `MORE min(z_0, z_1)`. Raises InputError below width 2.
    """
    from theory.statements import clusters

    if width < 2:
        raise InputError(f"T10P's depth is known at widths 2 and more, not at {width}")
    family = clusters.parabola(width)
    X = np.array([[float(value) for value in point[:2]] for point in family.points])
    data = Data(X, np.array([[float(value)] for value in family.targets]), f"parabola-{width}")
    start = _network(kind, np.array(family.rows, dtype=float))
    W = start.W.copy()
    W[0] += END * np.array(clusters.PUSH, dtype=float)
    return Path(start, (Segment(Kind.HIDDEN, start, start.replace({"W": W})),)), data


def _network(kind: str, W: Array) -> Network:
    """`f(e_j) = 1` for every neuron alone."""
    width = len(W)
    V = np.ones((1, width))
    if kind == "two-layer":
        return TwoLayer(W=W, V=V, bias=True)
    A = np.zeros((4, width))
    A[0, :2] = 1.0
    A[1, :2], A[2, :2] = (1.0, -1.0), (-1.0, 1.0)
    A[3] = 1.0
    least = MORE / 2 * np.array([[1.0, -1.0, -1.0, 0.0]])  # z_0 + z_1 - |z_0 - z_1| = 2 min(z_0, z_1)
    branch = Branch((Layer(A),))
    if kind == "parallel":
        U = least + np.array([[0.0, 0.0, 0.0, 0.5]])
        return Parallel(W=W, V=V / 2, branch=branch, U=U, bias=True)
    U = np.vstack([least, np.zeros((width - 1, 4))])
    if kind == "residual":
        return Residual(W=W, V=V, branch=branch, U=U, bias=True)
    return Stream(W=W, V=V, blocks=(Block(branch, U), Block(branch, np.zeros_like(U))), bias=True)
