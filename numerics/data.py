"""Data sets: `digits`, `diabetes`, or an `.npz`; finite float64, so exact rationals."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from numerics.arithmetic.budget import DEFAULT
from numerics.arithmetic.given import Number
from numerics.arithmetic.given import budget as bytes_of
from numerics.common.shown import Shown
from numerics.errors import InputError
from numerics.files import write_atomically
from numerics.files.archives import Source, read_npz, source_of
from numerics.networks.arrays import Array, as_array, weights

BUILT_IN = ("digits", "diabetes")
MOST_CLASSES = 100_000


@dataclass(frozen=True, eq=False, init=False)
class Data(Shown):
    """`N` points: inputs `X` (N, n) and targets `Y` (N, p), read-only float64, each number exactly as it was given.

    Given integer labels (N,) >= 0 as `Y`, the targets are one-hot, with as many columns as the largest label plus one
    (`np.eye(p)[labels]` are targets with p). Lists, numpy arrays, torch tensors and data frames are taken, of floats of
    at most 64 bits or of integers; `name` is shown in notes. Raises InputError: an entry that is not finite, shapes
    that do not fit, floats (N,), which may be labels or targets.

    >>> sk.Data([[0.0], [1.0], [2.0]], [0, 1, 1])
    Data(X=float64 (3, 1), Y=float64 (3, 2), name='data')
    """

    X: Array
    Y: Array
    name: str = "data"

    @classmethod
    def load(cls, source: str | Path, *, memory: Number = 4) -> Data:
        """`digits`, `diabetes`, or the `.npz` at that path (`X`, and `Y` or `labels`), within so many GiB.

        Raises InputError.

        >>> sk.Data.load("diabetes")
        Data(X=float64 (442, 10), Y=float64 (442, 1), name='diabetes')
        """
        return read_data(str(source), bytes_of(memory))

    def __init__(self, X: ArrayLike, Y: ArrayLike, name: str = "data") -> None:
        targets = as_array("Y", Y)
        if targets.ndim == 1:
            if targets.size and targets.dtype.kind not in "iu":
                raise InputError(
                    f"Y has shape {targets.shape} and type {targets.dtype}: targets are (N, p), so reshape a single one"
                    " to (N, 1); labels (N,) are integers >= 0"
                )
            targets = one_hot(targets)
        object.__setattr__(self, "X", weights("X", X, 2))
        object.__setattr__(self, "Y", weights("Y", targets, 2))
        object.__setattr__(self, "name", str(name))
        if len(self.X) != len(self.Y):
            raise InputError(f"X has {len(self.X)} rows but Y has {len(self.Y)}: one target per point is needed")

    @property
    def size(self) -> int:
        """`N`."""
        return len(self.X)

    @cached_property
    def labels(self) -> NDArray[np.int64] | None:
        """The classes (N,) if `Y` is one-hot with at least two columns: in every row one 1 and zeros; else None."""
        Y = self.Y
        if Y.shape[1] < 2 or not (((Y == 0.0) | (Y == 1.0)).all() and (Y.sum(axis=1) == 1.0).all()):
            return None
        found: NDArray[np.int64] = Y.argmax(axis=1)
        return found


def read_data(source: str, budget: int = DEFAULT) -> Data:
    """The built-in set of that name, or the `.npz` at that path, within `budget` bytes. Raises InputError."""
    if source == "digits":
        return _digits()
    if source == "diabetes":
        return _diabetes()
    path = Path(source)
    if not path.exists():
        raise InputError(f"{source} is neither a file nor one of {', '.join(BUILT_IN)}: give an .npz with X and Y")
    content = source_of(path, "a data set", budget)
    try:
        loaded = read_npz(content, only=("X", "Y", "labels"))
        arrays = loaded.arrays
        if "X" not in arrays or ("Y" in arrays) == ("labels" in arrays):
            raise InputError(f"has {sorted(arrays)} of X, Y, labels: X and one of Y (N, p), labels (N,) are needed")
        if "Y" in arrays and arrays["Y"].ndim == 1:
            raise InputError(f"Y has shape {arrays['Y'].shape}: Y must be (N, p); reshape a single target to (N, 1)")
        targets = arrays["Y"] if "Y" in arrays else _one_hot_within(arrays["labels"], loaded.source)
        return Data(arrays["X"], targets, path.name)
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
    targets = np.zeros((classes.size, _classes(classes)))
    targets[np.arange(classes.size), classes.astype(np.int64)] = 1.0
    targets.flags.writeable = False  # so that Data shares it: no second copy
    return targets


def _one_hot_within(labels: NDArray[Any], source: Source) -> Array:
    """The same, within the budget under which the labels were read: the targets and what is compared."""
    source.counting(9 * labels.size * _classes(labels), "its labels, one-hot encoded,")
    return one_hot(labels)


def _classes(labels: NDArray[Any]) -> int:
    if labels.ndim != 1 or not labels.size or labels.dtype.kind not in "iu" or int(labels.min()) < 0:
        raise InputError(
            f"labels has shape {labels.shape}, type {labels.dtype}: integers >= 0 of shape (N,) are needed"
        )
    count = int(labels.max()) + 1
    if count > MOST_CLASSES or count * labels.size > 1 << 28:
        raise InputError(
            f"labels go up to {count - 1}: one-hot targets of that size are not built; renumber the classes"
        )
    return count


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
