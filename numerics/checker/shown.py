"""How the checker's objects show themselves: one line each, with sizes and short numbers, never whole arrays."""

from collections.abc import Mapping, Sized
from dataclasses import fields, is_dataclass

import numpy as np
from flint import fmpq

_LINE = 100  # characters of one field
_WHOLE = 64  # bits of a number that is shown exactly


def shown(self: object) -> str:
    """A dataclass in one short line; assigned to `__repr__` in its body, where `dataclass` keeps it."""
    assert is_dataclass(self)
    parts = ", ".join(f"{one.name}={_brief(getattr(self, one.name))}" for one in fields(self))
    return f"{type(self).__name__}({parts})"


def _brief(value: object) -> str:
    if value is None or isinstance(value, bool | float):
        return repr(value)
    if isinstance(value, int | fmpq):
        return _number(fmpq(value))
    if isinstance(value, str):
        return repr(value if len(value) <= _LINE else value[: _LINE - 3] + "...")
    if isinstance(value, np.ndarray):
        return f"{value.dtype} {value.shape}"
    if isinstance(value, Mapping):
        return f"{len(value)} entries"
    if isinstance(value, tuple) and len(value) <= 2 and all(isinstance(one, bool | int | fmpq) for one in value):
        return f"({', '.join(_brief(one) for one in value)})"
    return f"{len(value)} items" if isinstance(value, Sized) else type(value).__name__


def _number(value: fmpq) -> str:
    """Exactly where that is short: a fraction may have thousands of digits."""
    if max(value.p.bit_length(), value.q.bit_length()) <= _WHOLE:
        return str(value)
    return f"a fraction of {value.p.bit_length()} over {value.q.bit_length()} bits"
