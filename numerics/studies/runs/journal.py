"""What a run has done so far, one line a task, appended and on disk before the next: nothing is lost or done twice.

A line is a checksum, a space and JSON. The first says what is run, and every checksum covers it: a line of another run
does not pass. A run that is killed in the middle of a line leaves a torn one, which is cut off.
"""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from numerics.common import strict_json
from numerics.errors import InputError
from numerics.files import read_bounded, require_writable

try:
    import fcntl
except ImportError:  # not everywhere; then nothing keeps two runs apart
    fcntl = None  # type: ignore[assignment]

CHECKSUM = 16  # hexadecimal digits of SHA-256


class Journal:
    """`known`: the values by key; `resumed`: whether there were any; `notes`: lines that could not be used.

    Open it as a context: the file is locked as long.
    """

    def __init__(self, path: Path, run: Any) -> None:
        """`run`: JSON of everything on which a value depends. Raises InputError: no journal, or of another run."""
        self.path, self.run = path, strict_json.canonical(run)
        self.known: dict[str, Any] = {}
        self.notes: list[str] = []
        self._handle: int | None = None

    @property
    def resumed(self) -> bool:
        return bool(self.known)

    def __enter__(self) -> Self:
        require_writable(self.path, force=True)
        try:
            self._handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o666)
            if fcntl is not None:
                fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._close()
            raise InputError(f"{self.path} is in use by another run: wait for it, or give another") from None
        except OSError as error:
            self._close()
            raise InputError(f"{self.path} cannot be written ({error.strerror}): choose another place") from None
        try:
            self._read()
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def append(self, key: str, value: Any) -> None:
        """One line, on disk when this returns."""
        self._append(strict_json.canonical([key, value], sort_keys=False))
        self.known[key] = value

    def _append(self, body: bytes) -> None:
        if self._handle is None:
            raise ValueError("a journal is written while it is open")
        line = self._line(body)
        while line:
            line = line[os.write(self._handle, line) :]
        os.fsync(self._handle)

    def _line(self, body: bytes) -> bytes:
        """The first line's checksum is of itself, every other one of both."""
        content = body if body == self.run else self.run + b"\n" + body
        return hashlib.sha256(content).hexdigest()[:CHECKSUM].encode() + b" " + body + b"\n"

    def _read(self) -> None:
        """What is on disk; a torn last line is cut off."""
        assert self._handle is not None
        content = read_bounded(self.path, "a journal")
        first = self._line(self.run)
        if first.startswith(content):  # new, or killed before its first line was whole
            os.ftruncate(self._handle, 0)
            self._append(self.run)
            return
        if not content.startswith(first):
            raise InputError(
                f"{self.path} is no journal of this run, with these options and versions: give another with --journal"
            )
        whole = content.rfind(b"\n") + 1
        if whole < len(content):
            os.ftruncate(self._handle, whole)
        for number, line in enumerate(content[len(first) : whole].splitlines(), 2):
            body = line[CHECKSUM + 1 :]
            if line + b"\n" != self._line(body):
                self.notes.append(f"{self.path}, line {number}: the checksum is another one, so it is done again")
                continue
            key, value = json.loads(body)
            self.known[key] = value

    def _close(self) -> None:
        if self._handle is not None:
            with suppress(OSError):
                os.close(self._handle)
            self._handle = None
