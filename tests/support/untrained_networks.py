"""Untrained networks at the scales of trained ones, for benchmarks."""

import numpy as np

from numerics.data import Data
from numerics.networks import Branch, Layer, Parallel

WIDTH, BRANCH = 1024, (32, 32)


def network(seed: int, data: Data, width: int = WIDTH) -> Parallel:
    """Untrained float32 weights at the scales of a trained network."""
    rng = np.random.default_rng(seed)

    def draw(rows: int, columns: int, scale: float) -> np.ndarray:
        return (rng.standard_normal((rows, columns)) * scale).astype(np.float32)

    n, p = data.X.shape[1], data.Y.shape[1]
    layers, before = [], width
    for r in BRANCH:
        layers.append(Layer(draw(r, before, before**-0.5), draw(1, r, 0.1)[0]))
        before = r
    return Parallel(
        W=draw(width, n + 1, 0.2),
        V=draw(p, width, 0.3 * width**-0.5),
        branch=Branch(tuple(layers)),
        U=draw(p, before, before**-0.5),
        c=draw(1, p, 0.1)[0],
        bias=True,
    )
