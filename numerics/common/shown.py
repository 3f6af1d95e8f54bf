"""How objects show themselves: one short line, or one line a field; sizes and key numbers, never whole arrays."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence, Set
from dataclasses import fields, is_dataclass
from enum import Enum
from fractions import Fraction
from pathlib import PurePath
from typing import Any

import numpy as np

LINE = 100  # characters of a field, and of an object that stays on one line
FIELDS = 12  # that are shown; with the first and the last line an object has at most 15
LISTED = 4  # numbers of a tuple, and names of a mapping, that are shown one by one
WHOLE = 64  # bits of a numerator or denominator that are shown exactly


class Shown:
    """A base of dataclasses: their `repr` is short, also that of every dataclass derived from them.

    A frozen one is frozen in copies and after pickling, too: its arrays are read-only again.
    """

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "__repr__" not in cls.__dict__:
            cls.__repr__ = _shown  # type: ignore[method-assign]  # dataclass() keeps what is there already

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        if getattr(self, "__dataclass_params__").frozen:  # noqa: B009  # not known to be a dataclass
            for value in state.values():
                for array in value.values() if isinstance(value, Mapping) else (value,):
                    if isinstance(array, np.ndarray):
                        array.flags.writeable = False


def brief(value: object, *, nested: bool = True) -> str:
    """Any value in at most `LINE` characters; of a dataclass the fields, but of its own fields' fields none."""
    return _cut(_words(value, nested))


def _shown(self: object) -> str:
    parts = _fields(self, nested=True)
    line = f"{type(self).__name__}({', '.join(parts)})"
    if len(line) <= LINE:
        return line
    rest = [f"... {len(parts) - FIELDS} more"] if len(parts) > FIELDS else []
    lines = "".join(f"\n  {_cut(part)}," for part in [*parts[:FIELDS], *rest])
    return f"{type(self).__name__}({lines}\n)"


def _fields(value: object, *, nested: bool) -> list[str]:
    names = [one.name for one in fields(value) if one.repr] if is_dataclass(value) else []
    return [f"{name}={brief(getattr(value, name), nested=nested)}" for name in names]


def _words(value: object, nested: bool) -> str:
    match value:
        case Enum():
            return str(value.value)
        case bool() | None | float() | complex():
            return repr(value)
        case int() | Fraction():
            return _number(Fraction(value))
        case str() | bytes():
            return repr(value if len(value) <= LINE else value[:LINE])
        case PurePath():
            return repr(str(value))
        case np.ndarray():
            return f"{value.dtype} {value.shape}"
        case Mapping():
            names = [str(name)[:LINE] for name in list(value)[: LISTED + 1]]
            return f"{{{', '.join(names)}}}" if len(value) <= LISTED else f"{len(value)} entries"
        case Sequence() | Set():
            return _several(list(value))
    if not is_dataclass(value):
        return type(value).__name__
    return f"{type(value).__name__}({', '.join(_fields(value, nested=False))})" if nested else type(value).__name__


def _several(items: list[object]) -> str:
    """Few numbers or words themselves, of anything else how many there are."""
    if len(items) <= LISTED and all(isinstance(one, int | float | Fraction | str | None) for one in items):
        return f"({', '.join(brief(one) for one in items)})"
    kinds = {type(one).__name__ for one in items}
    return f"{len(items)} x {kinds.pop()}" if len(kinds) == 1 else f"{len(items)} items"


def _number(value: Fraction) -> str:
    """Exactly where that is short, else five digits, marked: Python refuses to print long integers."""
    if max(value.numerator.bit_length(), value.denominator.bit_length()) <= WHOLE:
        return str(value)
    size = math.log10(abs(value.numerator)) - math.log10(value.denominator)  # of integers of any length
    exponent = math.floor(size)
    return f"~{'-' if value < 0 else ''}{10 ** (size - exponent):.5g}e{exponent:+d}"


def _cut(words: str) -> str:
    return words if len(words) <= LINE else f"{words[: LINE - 3]}..."
