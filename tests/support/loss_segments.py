"""Paths whose targets fit a loss: random segments drawn by numpy from a seed, and a few by hand."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from support.certificates import Forge
from support.loss_oracles import LABELS, SIGNS

CLASSES = ("two-layer", "parallel", "residual", "stream", "post", "plain")


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
        prefix = "blocks.0." if name in ("stream", "post") else ""
        top = (m, r) if name in ("residual", "stream", "post") else (p, r)
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


def path_for(loss: str) -> Forge:
    """Two readout segments, one silent and one that goes nowhere, whose targets fit the loss."""
    start = {
        "W": np.array([[1.0, 0.5], [-1.0, 0.25], [0.5, 1.0]]),
        "V": np.array([[1.0, -0.5, 0.0], [0.25, 1.0, 0.0]]),
        "A": np.array([[1.0, -1.0, 0.5]]),
        "U": np.array([[1.0], [-0.5]]),
        "c": np.array([0.25, -0.5]),
    }
    segments: list[tuple[str, Any]] = [
        ("readout", {"V": ("all", [[2.0, -1.0, 0.0], [-0.25, 1.5, 0.0]]), "U": ("all", [[0.0], [0.0]])}),
        ("silent", {"W": ([2], [[-2.0, 1.0]]), "A": ("all", [[0.5, 0.5, -1.0]])}),
        ("readout", {"V": ("all", [[1.0, -1.0, 0.5], [-0.5, 2.0, 0.25]])}),
        ("silent", {}),
    ]
    x = np.array([[1.0], [-1.0], [0.25], [-2.0]])
    y = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0], [0.0, 1.0]])
    y = 2 * y - 1 if loss in SIGNS else y
    return Forge("parallel", 1, start, x, y, segments, question="certify", loss=loss)


def dip(loss: str = "cross-entropy", kind: str = "general") -> Forge:
    """Outputs (|1 - 2 t|, 1/4) for a sample of the first class: right at both ends, wrong for t in [3/8, 5/8]."""
    start = {"W": np.array([[1.0], [-1.0]]), "V": np.array([[1.0, 1.0], [0.0, 0.0]]), "c": np.array([0.0, 0.25])}
    moves = {"W": ("all", np.array([[-1.0], [1.0]]))}
    cuts = {0: [Fraction(k, 16) for k in range(1, 16)]} if kind == "general" else {}
    forge = Forge("two-layer", 0, start, np.eye(1), np.array([[1.0, 0.0]]), [(kind, moves)], "certify", loss=loss)
    forge = replace(forge, cuts=cuts, peak=(0, Fraction(1, 2)))
    slack = Fraction(1, 50) if kind == "general" else 0
    return replace(forge, upper=forge.loss_at(0, Fraction(1, 2)) + slack) if slack else forge


def crossed(kind: str = "readout") -> Forge:
    """Two samples of the first class; one is wrong up to t = 3/5, the other from t = 2/5 on: both are at 1/2."""
    start = {"W": np.eye(2), "V": np.array([[-0.75, 0.5], [0.0, 0.0]])}
    moves = {"V": ("all", np.array([[0.5, -0.75], [0.0, 0.0]]))}
    y = np.array([[1.0, 0.0], [1.0, 0.0]])
    return Forge("two-layer", 0, start, np.eye(2), y, [(kind, moves)], "certify", loss="cross-entropy")
