"""The checks that a name stands for: of a statement, of a split one's parts, of a user's file, or all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from numerics.checks import CHECKS
from numerics.checks.check import Check
from numerics.checks.lemmas import read_lemmas
from numerics.errors import InputError
from theory.catalogue import CATALOGUE


def chosen(name: str) -> list[tuple[Check[Any], str | None]]:
    """The checks of an id (or of all parts of one), of a file, or all (""); with the file's name. Raises InputError."""
    if not name:
        return [(check, None) for check in CHECKS.values()]
    if name.endswith(".py"):
        return [(check, name) for check in read_lemmas(Path(name))]
    parts = CATALOGUE.parts(name)
    if checks := [CHECKS[id_] for id_ in parts if id_ in CHECKS]:
        return [(check, None) for check in checks]
    if parts:
        raise InputError(f"{name} has no check: it is arithmetic of the bounds, and `theory` proves it or not")
    raise InputError(f"{name!r} is neither a statement nor a .py file: the statements are {', '.join(CHECKS)}")
