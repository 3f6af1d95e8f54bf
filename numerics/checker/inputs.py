"""The data given by the user: a built-in name or an `.npz` file."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .arrays import Array
from .builtin import NAMES, load_builtin, one_hot
from .digests import data_digest
from .errors import Unusable
from .files import Allowance, is_zip
from .losses.loss import is_one_hot
from .npz import Raw, as_float64, read_npz
from .shown import shown

_MAX_CLASSES = 100_000
_MAX_TARGETS = 1 << 28


@dataclass(frozen=True)
class Data:
    """X (N, n) and Y (N, p), finite float64, N, n, p >= 1."""

    x: Array
    y: Array

    __repr__ = shown

    @cached_property
    def labelled(self) -> bool:
        """Whether the samples have labels: y is one-hot, with at least two classes."""
        return is_one_hot(self.y)

    @property
    def digest(self) -> str:
        """SHA-256 as certificates state it."""
        return data_digest(self.x, self.y)

    def seen_by_first_layer(self, bias: int) -> "Data":
        """The same with x replaced by (x, 1) if `bias` is 1."""
        return Data(np.hstack([self.x, np.ones((len(self.x), 1))]), self.y) if bias else self


def read_data(source: str, budget: int) -> Data:
    """The data called `source`. Raises Unusable (the file, the relation violated, what to do)."""
    if source in NAMES:
        return Data(*load_builtin(source))
    allowance = Allowance(source, "the data", budget)
    blob = allowance.read()
    try:
        if not is_zip(source, blob):
            raise ValueError("data are an .npz file, a zip archive, which this is not: write it with numpy.savez")
        arrays = read_npz(blob, allowance, only=("X", "Y", "labels"))
    except ValueError as error:
        raise Unusable(f"{source}: {error}") from None
    if "X" not in arrays or ("Y" in arrays) == ("labels" in arrays):
        found = " and ".join(sorted(arrays)) or "none of the arrays X, Y, labels"
        raise Unusable(f"{source}: holds {found}: data are X with either Y or labels (built-in: {', '.join(NAMES)})")
    x = _matrix(source, "X", arrays["X"])
    y = _matrix(source, "Y", arrays["Y"]) if "Y" in arrays else _labels(source, arrays["labels"], allowance)
    if len(x) != len(y):
        other = "Y" if "Y" in arrays else "labels"
        raise Unusable(f"{source}: X has {len(x)} rows but {other} has {len(y)}: give one target for each sample")
    return Data(x, y)


def _matrix(source: str, name: str, array: Raw) -> Array:
    if array.ndim == 1:
        raise Unusable(f"{source}: {name} has shape {array.shape}: reshape it to ({len(array)}, 1)")
    if array.ndim != 2 or array.size == 0:
        raise Unusable(
            f"{source}: {name} has shape {array.shape}: it must be a matrix with at least one row and column"
        )
    try:
        return as_float64(array)
    except ValueError as error:
        raise Unusable(f"{source}: {name} {error}") from None


def _labels(source: str, array: Raw, allowance: Allowance) -> Array:
    """One-hot targets with max + 1 columns."""
    if array.ndim != 1 or array.size == 0:
        raise Unusable(f"{source}: labels has shape {array.shape}: it must be (N,) with N >= 1")
    if array.dtype.kind not in "iu" or int(array.min()) < 0:
        raise Unusable(f"{source}: labels must be integers >= 0: give class numbers, or targets as Y")
    classes = int(array.max()) + 1
    if classes > _MAX_CLASSES or array.size * classes > _MAX_TARGETS:
        raise Unusable(f"{source}: labels go up to {classes - 1}, too many one-hot columns: number the classes from 0")
    # Eight bytes for each entry of Y, and one while comparing.
    allowance.take(9 * array.size * classes, "takes, one-hot encoded,")
    return one_hot(array.astype(np.int64), classes)
