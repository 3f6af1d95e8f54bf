"""The built-in data sets, read from scikit-learn's data files without importing scikit-learn."""

import gzip
import importlib.util
import math
import zlib
from pathlib import Path

import numpy as np

from .arrays import Array, Integers
from .errors import Unusable

NAMES = ("digits", "diabetes")
_DIGIT_PIXELS = 64
_DIGIT_CLASSES = 10


def load_builtin(name: str) -> tuple[Array, Array]:
    """X and Y of `digits` or `diabetes`. Raises Unusable if scikit-learn's files cannot be read."""
    folder = _data_folder(name)
    try:
        return _digits(folder) if name == "digits" else _diabetes(folder)
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise Unusable(f"{name}: scikit-learn's file cannot be read ({error}): reinstall scikit-learn") from None


def _data_folder(name: str) -> Path:
    spec = importlib.util.find_spec("sklearn")
    if spec is None or not spec.submodule_search_locations:
        raise Unusable(f"{name}: it comes with scikit-learn, which is not installed: pip install scikit-learn")
    return Path(spec.submodule_search_locations[0]) / "datasets" / "data"


def _digits(folder: Path) -> tuple[Array, Array]:
    """Handwritten digits: pixels 0..16 divided by 16, and one-hot targets. X (1797, 64), Y (1797, 10)."""
    table = _table(folder / "digits.csv.gz", ",")
    labels = table[:, _DIGIT_PIXELS].astype(np.int64)
    pixels: Array = table[:, :_DIGIT_PIXELS] / 16.0
    return pixels, one_hot(labels, _DIGIT_CLASSES)


def _diabetes(folder: Path) -> tuple[Array, Array]:
    """Diabetes progression, every column standardised. X (442, 10), Y (442, 1)."""
    x = _table(folder / "diabetes_data_raw.csv.gz", None)
    y = _table(folder / "diabetes_target.csv.gz", None)
    return _standardised(x), _standardised(y)


def one_hot(labels: Integers, classes: int) -> Array:
    """(N, classes) zeros with a one in column labels[k] of row k."""
    targets: Array = (labels[:, None] == np.arange(classes)).astype(np.float64)
    return targets


def _table(path: Path, separator: str | None) -> Array:
    with gzip.open(path, "rt", encoding="ascii") as lines:
        table: Array = np.array([[float(entry) for entry in line.split(separator)] for line in lines])
    return table


def _standardised(table: Array) -> Array:
    """Each column centred, over its standard deviation; `fsum` rounds correctly, so every machine agrees."""
    columns = []
    for column in table.T:
        centred = column - math.fsum(column) / len(column)
        columns.append(centred / math.sqrt(math.fsum(centred * centred) / len(column)))
    return np.ascontiguousarray(np.column_stack(columns))
