"""Data sets: `digits`, `diabetes`, or an `.npz`; finite float64, so exact rationals."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from numerics.archives import read_npz
from numerics.errors import InputError
from numerics.files import write_atomically
from numerics.networks.arrays import Array, weights
from numerics.shown import Shown

BUILT_IN = ("digits", "diabetes")


@dataclass(frozen=True, eq=False)
class Data(Shown):
    """`N` points: `X` (N, n) and targets `Y` (N, p), read-only float64. Raises InputError."""

    X: Array
    Y: Array
    name: str = "data"

    def __post_init__(self) -> None:
        object.__setattr__(self, "X", weights("X", self.X, 2))
        object.__setattr__(self, "Y", weights("Y", self.Y, 2))
        if len(self.X) != len(self.Y):
            raise InputError(f"X has {len(self.X)} rows but Y has {len(self.Y)}: one target per point is needed")

    @property
    def size(self) -> int:
        """`N`."""
        return len(self.X)


def read_data(source: str) -> Data:
    """The built-in set of that name, or the `.npz` at that path. Raises InputError."""
    if source == "digits":
        return _digits()
    if source == "diabetes":
        return _diabetes()
    path = Path(source)
    if not path.exists():
        raise InputError(f"{source} is neither a file nor one of {', '.join(BUILT_IN)}: give an .npz with X and Y")
    arrays = read_npz(path, "a data set")
    try:
        if "X" not in arrays or ("Y" in arrays) == ("labels" in arrays):
            raise InputError(f"has {sorted(arrays)}: X and one of Y (N, p), labels (N,) are needed")
        if "Y" in arrays and arrays["Y"].ndim == 1:
            raise InputError(f"Y has shape {arrays['Y'].shape}: Y must be (N, p); reshape a single target to (N, 1)")
        return Data(arrays["X"], arrays["Y"] if "Y" in arrays else one_hot(arrays["labels"]), path.name)
    except InputError as error:
        raise InputError(f"{source}: {error}") from None


def write_data(path: Path, data: Data, *, force: bool = False) -> None:
    """Write an `.npz` with X and Y in one step. Raises InputError if it exists (without `force`)."""
    stream = io.BytesIO()
    np.savez(stream, X=data.X, Y=data.Y)
    write_atomically(path, stream.getvalue(), force=force)


def one_hot(labels: ArrayLike) -> Array:
    """Integers (N,) >= 0 -> targets (N, max + 1) of zeros and ones. Raises InputError."""
    classes = np.asarray(labels)
    if classes.ndim != 1 or not classes.size or classes.dtype.kind not in "iu" or int(classes.min()) < 0:
        raise InputError(
            f"labels has shape {classes.shape}, type {classes.dtype}: integers >= 0 of shape (N,) are needed"
        )
    count = int(classes.max()) + 1
    if count > 100_000 or count * classes.size > 1 << 28:
        raise InputError(
            f"labels go up to {count - 1}: one-hot targets of that size are not built; renumber the classes"
        )
    targets = np.zeros((classes.size, count))
    targets[np.arange(classes.size), classes.astype(np.int64)] = 1.0
    return targets


def standardised(column: NDArray[np.float64]) -> Array:
    """Mean 0 and standard deviation 1, by operations whose rounding does not depend on any order of summation."""
    centred = column - math.fsum(column) / len(column)
    scale: Array = centred / math.sqrt(math.fsum(centred * centred) / len(column))
    return scale


def _digits() -> Data:
    from sklearn.datasets import load_digits

    raw = load_digits()
    return Data(raw.data / 16.0, one_hot(raw.target), "digits")


def _diabetes() -> Data:
    from sklearn.datasets import load_diabetes

    raw = load_diabetes(scaled=False)
    X = np.stack([standardised(column) for column in np.asarray(raw.data, dtype=np.float64).T], axis=1)
    return Data(X, standardised(np.asarray(raw.target, dtype=np.float64))[:, None], "diabetes")
