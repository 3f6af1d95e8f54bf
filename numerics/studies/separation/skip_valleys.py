"""Valleys that a skip connection does not remove: narrow PARALLEL networks without biases, and the ways out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from numerics.data import Data
from numerics.moves.load import load
from numerics.moves.merge import merge
from numerics.moves.merging import projected
from numerics.moves.permute import permute
from numerics.moves.readout import readout_of, two_layer_readout
from numerics.networks.base import Network
from numerics.networks.branch import Branch, Layer
from numerics.networks.parallel import Parallel
from numerics.networks.two_layer import TwoLayer
from numerics.paths import Path, polygon

SIGNS = Data(np.array([[1.0], [-1.0]]), np.array([[1.0], [-2.0]]), "signs")
"""Blueprint, case 16 (and 13): x = +1, -1."""

CROSS = Data(
    np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]]), np.array([[2.0], [2.0], [-1.0], [-4.0]]), "cross"
)
"""Two lines: both points of one want f > 0, both of the other f < 0, which two neurons cannot do."""

UNITS = Data(np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([[1.0], [-1.0]]), "units")
"""X = I_2, for the barrier between two networks that differ by a permutation of their neurons (L9)."""


def one_neuron() -> Path:
    """Case 16, m = 1: from the valley w > 0, loss 2, over w = 0, loss 5/2, to loss 1/2."""
    start = _parallel([[1.0]], V=[[2.0]], A=[[1.0]], U=[[-1.0]])
    path = Path(start).then(two_layer_readout(start, np.zeros((1, 1)), None))
    path = path.then(load(path.end, [0], np.array([[-1.0]])))
    return path.then(two_layer_readout(path.end, np.array([[-2.0]]), None))


def two_neurons() -> Path:
    """Case 16, m = 2: equal signs merge exactly (d = 0), and the free neuron goes to the other side; depth 0."""
    start = _parallel([[1.0], [2.0]], V=[[0.75, 0.5]], A=[[1.0, 1.0]], U=[[-0.25]])
    path = merge(start, projected(start.W, {1: 0}))
    path = path.then(load(path.end, [1], np.array([[-1.0]])))
    goal = path.end.replace({"V": np.array([[path.end.V[0, 0], -2.0]])})
    return path.then(readout_of(path.end, goal))


def cross() -> Path:
    """PARALLEL, m = 2, on `CROSS`: a non-global local minimum of loss 4 and depth 1/4, and a way to loss 1/4.

    Both neurons see (0, 1) and each one end of the first line, which fits three points; nobody sees (0, -1), y = -4.
    To see it both must turn from (0, 1), whose y = -1 is given up on the way: loss 17/4.
    """
    A = [[1.0, -1.0]]
    start = _parallel([[1.0, 1.0], [-1.0, 1.0]], V=[[-3.0, 2.0]], A=A, U=[[5.0]])
    given_up = _parallel([[1.0, 1.0], [-1.0, 1.0]], V=[[-2.0, 2.0]], A=A, U=[[4.0]])
    turned = _parallel([[1.0, -1.0], [-1.0, -1.0]], V=[[-2.0, 2.0]], A=A, U=[[4.0]])
    end = _parallel([[1.0, -1.0], [-1.0, -1.0]], V=[[-6.0, 2.0]], A=A, U=[[8.0]])
    return polygon((start, given_up, turned, end))


def signs_reference() -> TwoLayer:
    """The best two-layer network of one neuron on `SIGNS`, loss 1/2."""
    return TwoLayer(W=np.array([[-1.0]]), V=np.array([[-2.0]]))


def cross_reference() -> TwoLayer:
    """A two-layer network of one neuron on `CROSS`, loss 9/4: better than the valley, so T1 speaks about it."""
    return TwoLayer(W=np.array([[0.0, -1.0]]), V=np.array([[-4.0]]))


def exchanged(width: int) -> Path:
    """L9 on `UNITS`: W = I_2, V = (1, -1) (and unused slots) to the same with both neurons exchanged, both of loss 0.

    With a free slot the loss stays 0; without one (`width` 2) this path climbs to 1/2, and none climbs less.
    """
    spare = width - 2
    W = np.vstack([np.eye(2), np.ones((spare, 2))])
    start = TwoLayer(W=W, V=np.array([[1.0, -1.0, *[0.0] * spare]]))
    swapped = TwoLayer(W=W[[1, 0, *range(2, width)]], V=np.array([[-1.0, 1.0, *[0.0] * spare]]))
    if spare:
        path = permute(start, {0: 1, 1: 0})
        others = range(2, width)
        return path.then(load(path.end, others, swapped.W[2:]))
    path = _reading(Path(start), [1.0, 0.0])
    path = path.then(load(path.end, [1], W[:1]))
    path = _reading(path, [0.0, 1.0])
    path = path.then(load(path.end, [0], W[1:]))
    return _reading(path, [-1.0, 1.0])


def _reading(path: Path, V: Sequence[float]) -> Path:
    return path.then(two_layer_readout(path.end, np.array([V]), None))


def _parallel(W: ArrayLike, *, V: ArrayLike, A: ArrayLike, U: ArrayLike) -> Network:
    arrays = [np.array(array, dtype=np.float64) for array in (W, V, A, U)]
    return Parallel(W=arrays[0], V=arrays[1], branch=Branch((Layer(arrays[2]),)), U=arrays[3])
