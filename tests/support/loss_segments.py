"""Random segments whose targets fit a loss, drawn by numpy from a seed: for agreement of losses with their oracles."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from support.certificates import Forge
from support.loss_oracles import LABELS, SIGNS

CLASSES = ("two-layer", "parallel", "residual", "stream", "plain")


def targets_of(loss: str, samples: int, p: int, rng: np.random.Generator) -> np.ndarray:
    """Targets (samples, p) as the loss wants them."""
    if loss in LABELS:
        return np.eye(p)[rng.integers(0, p, samples)]
    if loss in SIGNS:
        return rng.choice([-1.0, 1.0], (samples, p))
    return rng.integers(-8, 9, (samples, p)) / 4


def segment_of(loss: str, rng: np.random.Generator, kind: str = "general", *, scale: float = 1.0) -> Forge:
    """One segment of a random class; `kind` "readout" moves V (or U) and c only. `scale`: of the readout."""
    name = str(rng.choice(CLASSES))
    p = int(rng.integers(2, 4)) if loss in LABELS else int(rng.integers(1, 3))
    samples, m, r = int(rng.integers(1, 6)), 3, 2
    shapes: dict[str, tuple[int, ...]] = {"W": (m, 3)} | ({} if name == "plain" else {"V": (p, m)}) | {"c": (p,)}
    if name != "two-layer":
        prefix = "blocks.0." if name == "stream" else ""
        top = (m, r) if name in ("residual", "stream") else (p, r)
        shapes |= {f"{prefix}A": (r, m), f"{prefix}a": (r,), f"{prefix}U": top}

    def weights() -> dict[str, np.ndarray]:
        found = {key: np.round(rng.normal(size=shape) * 64) / 64 for key, shape in shapes.items()}
        for key in ("V", "c", *(("U",) if name in ("parallel", "plain") else ())):
            if key in found:
                found[key] = found[key] * scale
        return found

    start, end = weights(), weights()
    moved = list(shapes) if kind == "general" else ["c", "U" if name == "plain" else "V"]
    moves = {key: ("all", end[key]) for key in moved}
    x, y = np.round(rng.normal(size=(samples, 2)) * 16) / 16, targets_of(loss, samples, p, rng)
    return Forge(name, 1, start, x, y, [(kind, moves)], question="certify", loss=loss)


def time_of(rng: np.random.Generator) -> Fraction:
    """A time from 0 to 1."""
    below = int(rng.integers(1, 64))
    return Fraction(int(rng.integers(0, below + 1)), below)
