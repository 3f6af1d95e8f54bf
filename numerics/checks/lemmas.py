"""A user's own statements and lemmas: a Python file in the form of a family's, with `STATEMENTS`, `CHECKS` or both."""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any

from numerics.checks.check import Check
from numerics.errors import InputError

PREFIX = "skipscape_lemma_"  # of the names of modules, which end in a digest of the file's place
BESIDE = "__skipscape_lemma__"  # marks a module that was imported from beside a lemma's file
LONGEST = 300  # characters of a message that are passed on


def read_module(path: Path, attribute: str) -> ModuleType:
    """A file as a module, executed. Raises InputError: it fails.

    It becomes a module of its own in `sys.modules`, so that dataclasses and type hints find their names; read again,
    another module in its place. At the top of the file its folder can be imported from too, after everything that is
    installed. Nothing is written beside it.
    """
    if not path.is_file():
        raise InputError(f"{path} is not a file: a Python file with {attribute} is expected there")
    if path.suffix != ".py":
        raise InputError(f"{path} is no Python file: its name must end in .py")
    return _executed(path)


def read_lemmas(path: Path) -> tuple[Check[Any], ...]:
    """The checks of a file, which is executed. Raises InputError: it fails, or its `CHECKS` are none."""
    module = read_module(path, "CHECKS")
    found = getattr(module, "CHECKS", None)
    if not isinstance(found, (tuple, list)) or not found:
        raise InputError(f"{path} has no CHECKS: a tuple of numerics.checks.Check is needed")
    for one in found:
        if not isinstance(one, Check):
            raise InputError(f"{path}: CHECKS has a {type(one).__name__}: every one must be a numerics.checks.Check")
    return tuple(found)


def told(error: BaseException, path: Path, what: str) -> str:
    """`file, line n: what: type: words` in one line, for an error that the user's file is the cause of."""
    try:
        words = " ".join(str(error).split())[:LONGEST]
    except Exception:  # an exception of the user's own need not have any
        words = ""
    return f"{_place(error, path)}: {what}: {type(error).__name__}{': ' if words else ''}{words}"


def _executed(path: Path) -> ModuleType:
    place = path.resolve()
    name = PREFIX + hashlib.sha256(bytes(place)).hexdigest()[:16]
    loader = SourceFileLoader(name, str(place))
    spec = importlib.util.spec_from_file_location(name, place, loader=loader)
    assert spec is not None  # a loader was given
    module = importlib.util.module_from_spec(spec)
    before = sys.modules.get(name)
    sys.modules[name] = module
    try:
        with _importable(place.parent):
            # Always from the source: a cached one of the same second and size would be an older text.
            exec(loader.source_to_code(place.read_bytes(), str(place)), module.__dict__)
    except (Exception, SystemExit) as error:
        _restore(name, before)
        raise InputError(told(error, path, "cannot be run")) from None
    except BaseException:  # an interrupt
        _restore(name, before)
        raise
    return module


def _restore(name: str, before: ModuleType | None) -> None:
    """What a file that failed has left: the module that was there before, or none."""
    sys.modules.pop(name, None)
    if before is not None:
        sys.modules[name] = before


@contextmanager
def _importable(folder: Path) -> Iterator[None]:
    """Imports from the folder, of its files as they are now, behind all others; without files of bytecode.

    What an earlier lemma imported from beside it is forgotten: another folder's file of the same name is another one.
    """
    for name in [name for name, module in sys.modules.items() if BESIDE in getattr(module, "__dict__", {})]:
        del sys.modules[name]
    known, writes = set(sys.modules), sys.dont_write_bytecode
    place = str(folder)
    if added := place not in sys.path:
        sys.path.append(place)
    sys.dont_write_bytecode = True
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.dont_write_bytecode = writes
        if added:
            sys.path.remove(place)
            for name in set(sys.modules) - known:
                if _is_beside(name.partition(".")[0], folder, known):
                    setattr(sys.modules[name], BESIDE, True)


def _is_beside(package: str, folder: Path, known: set[str]) -> bool:
    """Whether a newly imported module or package is the folder's own."""
    source = getattr(sys.modules.get(package), "__file__", None)
    own = (folder / f"{package}.py", folder / package / "__init__.py")
    return package not in known and source is not None and Path(source) in own


def _place(error: BaseException, path: Path) -> str:
    """`file, line n`: of a syntax error where it is, else the last of the traceback in the file or beside it."""
    file = path.resolve()
    places = []
    if isinstance(error, SyntaxError) and error.filename is not None and error.lineno is not None:
        places.append((Path(error.filename), error.lineno))
    step, passed = error.__traceback__, list[tuple[Path, int]]()
    while step is not None:
        passed.append((Path(step.tb_frame.f_code.co_filename), step.tb_lineno))
        step = step.tb_next
    for source, line in [*places, *reversed(passed)]:
        if source.parent == file.parent:
            return f"{path if source == file else source}, line {line}"
    return str(path)
