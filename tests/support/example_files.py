"""Tiny files under the names that examples use, in help and README: every example runs on them in a moment."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file

LEMMAS = Path(__file__).parents[1] / "lemmas"


KIND: dict[str, Any] = {"class": "two-layer"}


def write_examples(folder: Path) -> None:
    """`train.npz`, `held-out.npz`, networks `A`, `M`, `B`, `C` of loss 1/64, reference `ref`, a state dict, lemmas."""
    rng = np.random.default_rng(0)
    np.savez(folder / "train.npz", X=rng.normal(size=(5, 2)), Y=np.ones((5, 1)))
    np.savez(folder / "held-out.npz", X=np.arange(4.0).reshape(2, 2), Y=np.ones((2, 1)))
    for name in ("A", "M", "B", "C"):
        W = np.vstack([[0.0, 0.0, 1.0], rng.normal(size=(3, 3))])
        V = np.array([[7 / 8, 0.0, 0.0, 0.0]])
        np.savez(folder / f"{name}.npz", W=W, V=V, bias=1, **KIND)
    one: dict[str, Any] = {"W": np.array([[0.0, 0.0, 1.0]]), "V": np.array([[15 / 16]])}
    np.savez(folder / "ref.npz", bias=1, **one, **KIND)
    sizes = {"0.weight": (3, 2), "0.bias": (3,), "2.weight": (1, 3), "2.bias": (1,)}
    save_file({name: rng.normal(size=size) for name, size in sizes.items()}, folder / "mlp.safetensors")
    for name in ("half_deviation.py", "whole_deviation.py"):
        shutil.copy(LEMMAS / name, folder / name)
    shutil.copy(LEMMAS / "whole_deviation.py", folder / "my_lemma.py")
