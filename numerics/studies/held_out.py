"""Points that no training sees: always the same ones."""

from __future__ import annotations

import numpy as np

from numerics.data import Data

SEED = 2020


def split(data: Data, aside: int, name: str) -> tuple[Data, Data]:
    """The points to train on, under that name, and as many as are put aside, `held-out`; drawn at `SEED`."""
    order = np.random.default_rng(SEED).permutation(data.size)
    parts = (order[aside:], name), (order[:aside], "held-out")
    kept, others = (Data(data.X[part], data.Y[part], words) for part, words in parts)
    return kept, others
