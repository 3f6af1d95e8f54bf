"""What a caller gave as what a question takes: objects or the names of files; anything else is refused by name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from numerics.arithmetic.given import number, quoted, whole
from numerics.arithmetic.levels import Level, exact_words
from numerics.arithmetic.rationals import text
from numerics.data import BUILT_IN, Data, read_data
from numerics.errors import InputError
from numerics.networks.base import Network
from numerics.networks.files import read_network

Net: TypeAlias = Network | str | Path
"""A network, or the name of its `.npz` or `.safetensors` file."""
Points: TypeAlias = Data | str | Path
"""Data, the name of an `.npz` with `X` and `Y` or `labels`, or `digits` or `diabetes`."""
Report: TypeAlias = bool | Callable[[str, float | None], None]
"""True draws a bar on standard error, False is silent; a function is told each stage and the share of it done."""


def level(given: object, name: str = "level") -> Level | None:
    """A level, None for none; a text keeps its words, a number is written exactly. Raises InputError."""
    if given is None:
        return None
    if isinstance(given, str):
        return Level.parse(given, name)
    value = number(given, name)
    return Level(value, exact_words(value) or text(value))


def effort(given: object) -> float | None:
    """Billions of word operations, None for the checker's own limit. Raises InputError."""
    if given is None:
        return None
    try:
        allowed = float(number(given, "effort"))
    except OverflowError:
        allowed = 0.0
    if allowed == 0.0:
        raise InputError(f"effort {quoted(given)} is unusable: give a positive number of billions of word operations")
    return allowed


def count(given: object, name: str) -> int | None:
    """An integer from 1 on, None for what the question takes by itself. Raises InputError."""
    return None if given is None else whole(given, name, 1)


def file_name(given: object, what: str) -> Path:
    """A path. Raises InputError, which says `what` is expected."""
    if isinstance(given, str | Path):
        return Path(given)
    raise InputError(f"{what} is expected, not an object of type {type(given).__name__}")


def network(given: object, limit: int, name: str = "network") -> Network:
    """A network, read within `limit` bytes if it is a file's name. Raises InputError."""
    if isinstance(given, Network):
        return given
    return read_network(file_name(given, f"{name}: a network, or the name of its file,"), limit)


def points(given: object, limit: int) -> Data:
    """Data, read within `limit` bytes if they are a name. Raises InputError."""
    return given if isinstance(given, Data) else read_data(source(given), limit)


def source(given: object) -> str:
    """The name of data. Raises InputError."""
    return str(file_name(given, f"data: skipscape.Data(X, y), a file's name or one of {', '.join(BUILT_IN)}"))


def string(given: object, name: str) -> str:
    """A text. Raises InputError."""
    if isinstance(given, str):
        return given
    raise InputError(f"{name} {quoted(given)} is unusable: a text is expected")
