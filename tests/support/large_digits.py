"""5,000 images of 28 x 28 pixels without a download: scikit-learn's digits of 8 x 8, enlarged, moved and scaled.

Every digit is taken in turn, with a size, a place and a strength from a seed, so the set is the same everywhere. It
is no MNIST: what it shares with it is the shape, the labels, and pixels `k / 255` in float32, as torchvision has them.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from scipy.ndimage import zoom
from sklearn.datasets import load_digits

from numerics.data import Data

SIDE = 28
SEED = 0


@cache
def large_digits(samples: int = 5000) -> Data:
    """Images (samples, 784) with integer labels."""
    images, labels = load_digits().images, load_digits().target
    rng = np.random.default_rng(SEED)
    X = np.zeros((samples, SIDE, SIDE), dtype=np.float32)
    for k in range(samples):
        size = int(rng.integers(20, SIDE + 1))
        drawn = zoom(images[k % len(images)] / 16.0, size / 8, order=1)
        top, left = rng.integers(0, SIDE - size + 1, 2)
        pixels = np.rint(255.0 * np.clip(drawn * rng.uniform(0.7, 1.0), 0.0, 1.0))
        X[k, top : top + size, left : left + size] = pixels.astype(np.float32) / np.float32(255)
    return Data(X.reshape(samples, -1).astype(np.float64), labels[np.arange(samples) % len(labels)], "large digits")
