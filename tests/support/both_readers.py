"""What the finder's and the checker's readers make of one file."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from numerics.checker.errors import Unusable
from numerics.checker.inputs import read_data as checkers_data
from numerics.checker.networks import read_network as checkers_network
from numerics.data import read_data as finders_data
from numerics.errors import InputError
from numerics.networks.files import read_network as finders_network
from support.strange_files import File

Read = tuple[Any, ...]


@contextmanager
def written(file: File) -> Iterator[Path]:
    """The file on disk."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"file{file.ending}"
        path.write_bytes(file.content)
        yield path


def outcome(read: Callable[[], Read]) -> Read | str:
    """What is read, or that it is refused; any other exception is a fault."""
    try:
        return read()
    except (InputError, Unusable):
        return "refused"


def finder_network(path: Path, budget: int) -> Read:
    network = finders_network(path, budget)
    arrays = sorted((name, array.shape, array.tobytes()) for name, array in network.parameters().items())
    return network.kind, int(network.bias), arrays


def checker_network(path: Path, budget: int) -> Read:
    network = checkers_network(path, budget)
    assert all(array.dtype == np.dtype("<f8") for array in network.weights.values())
    arrays = sorted((name, array.shape, array.tobytes()) for name, array in network.weights.items())
    return network.space.kind, network.space.bias, arrays


def finder_data(path: Path, budget: int) -> Read:
    data = finders_data(str(path), budget)
    return tuple((array.shape, array.tobytes()) for array in (data.X, data.Y))


def checker_data(path: Path, budget: int) -> Read:
    data = checkers_data(str(path), budget)
    assert (data.x.dtype, data.y.dtype) == (np.dtype("<f8"), np.dtype("<f8"))
    return tuple((array.shape, array.tobytes()) for array in (data.x, data.y))


def require_agreement_on_network(file: File) -> Read | str:
    with written(file) as path:
        mine = outcome(lambda: finder_network(path, file.budget))
        assert mine == outcome(lambda: checker_network(path, file.budget))
    return mine


def require_agreement_on_data(file: File) -> Read | str:
    with written(file) as path:
        mine = outcome(lambda: finder_data(path, file.budget))
        assert mine == outcome(lambda: checker_data(path, file.budget))
    return mine
