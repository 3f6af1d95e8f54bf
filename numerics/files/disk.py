"""Writing, whole or not at all and never over a file unless told to; reading, only ordinary files of bounded size."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from numerics.errors import InputError

LARGEST = 4 << 30


def write_atomically(path: Path, content: bytes, *, force: bool) -> None:
    """Write `content` to `path` in one step. Raises InputError if it exists (without `force`) or cannot be written."""
    require_writable(path, force=force)
    try:
        name = path.parent / f".skipscape-{secrets.token_hex(8)}"
        handle = os.open(name, os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0), 0o666)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            if not force:
                os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY))  # ours, or FileExistsError
            os.replace(name, path)
        finally:
            if os.path.lexists(name):
                os.unlink(name)
    except FileExistsError:
        raise InputError(f"{path} exists already: choose another name or give --force") from None
    except OSError as error:
        raise InputError(f"{path} cannot be written ({error.strerror}): choose another place") from None


def require_writable(path: Path, *, force: bool, inputs: Iterable[str | Path] = ()) -> None:
    """Refuse early, before long work, an output that could not be written at its end, or that is one of the inputs."""
    try:
        if path.is_dir():
            raise InputError(f"{path} is a folder: give the name of a file")
        if path.exists() and not path.is_file():
            raise InputError(f"{path} is no ordinary file and is never replaced: choose another name")
        if path.exists() and not force:
            raise InputError(f"{path} exists already: choose another name or give --force")
        if path.parent.exists() and not path.parent.is_dir():
            raise InputError(f"{path.parent} is a file, no folder: choose another place")
        if not path.parent.is_dir():
            raise InputError(f"the folder {path.parent} does not exist: create it first")
        for given in inputs:
            if path.exists() and os.path.exists(given) and os.path.samefile(path, given):
                raise InputError(f"{path} is an input of this command: inputs are never modified; choose another name")
    except OSError as error:
        raise InputError(f"{path} cannot be written ({error.strerror}): choose another place") from None


def prepare_folder(folder: Path, *, force: bool, option: str) -> Path:
    """The folder, made if need be. Raises InputError for a file, or for a folder that is not empty without `force`."""
    try:
        if folder.exists() and not folder.is_dir():
            raise InputError(f"{folder} is a file: give a folder with {option}")
        if folder.is_dir() and any(folder.iterdir()) and not force:
            raise InputError(f"{folder} is not empty: choose another folder or give --force")
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{folder} cannot be used ({error.strerror}): give another folder with {option}") from None
    return folder


def read_bounded(path: Path, what: str, *, limit: int | None = None) -> bytes:
    """All bytes of an ordinary file. Raises InputError for anything else, or above `limit` bytes (4 GiB)."""
    most = LARGEST if limit is None else limit
    try:
        if not path.is_file():
            raise InputError(f"{path} is not a file: {what} is expected there")
        size = path.stat().st_size
        if size > most:
            allowed = f"{most} bytes" if most < 1 << 30 else f"{most >> 30} GiB"
            raise InputError(f"{path} is larger than {allowed}: {what} of that size is not read")
        with path.open("rb") as stream:
            content = stream.read(size + 1)
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror})") from None
    if len(content) > size:
        raise InputError(f"{path} grew while it was read: try again")
    return content
