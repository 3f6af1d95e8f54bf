"""A user's own statements and lemmas: a Python file in the form of a family's, with `STATEMENTS`, `CHECKS` or both."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

from numerics.checks.check import Check
from numerics.errors import InputError


def read_module(path: Path, attribute: str) -> ModuleType:
    """A file as a module, executed and named after the file. Raises InputError: it fails."""
    if not path.is_file():
        raise InputError(f"{path} is not a file: a Python file with {attribute} is expected there")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise InputError(f"{path} is no Python file: its name must end in .py")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        raise InputError(f"{path} cannot be run: {type(error).__name__}: {error}") from None
    return module


def read_lemmas(path: Path) -> tuple[Check[Any], ...]:
    """The checks of a file. Raises InputError: it fails, or its `CHECKS` are none."""
    module = read_module(path, "CHECKS")
    found = getattr(module, "CHECKS", None)
    if not isinstance(found, (tuple, list)) or not found:
        raise InputError(f"{path} has no CHECKS: a tuple of numerics.checks.Check is needed")
    for one in found:
        if not isinstance(one, Check):
            raise InputError(f"{path}: CHECKS has a {type(one).__name__}: every one must be a numerics.checks.Check")
    return tuple(found)
