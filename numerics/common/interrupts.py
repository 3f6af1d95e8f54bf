"""Ctrl-C and the signals to end: what was proved until then is an answer. A second one stops at once.

The command line installs `handle`. In a `deferred` block, of a search whose state must stay whole, a first signal is
only noted, and the search asks between two steps; everywhere else it is a KeyboardInterrupt, which `first_only` lets
whoever has something to keep catch. Without `handle` (a library's user) nothing here changes anything.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

NOTICE = b"skipscape: interrupted: the step in work is finished, then comes what is proved; once more stops at once\n"


@dataclass
class _Signals:
    """Of this process: signals received so far, and how many deferring blocks are open."""

    received: int = 0
    deferring: int = 0


_signals = _Signals()


def handle(number: int, frame: object) -> None:
    """A signal handler for SIGINT, SIGTERM and SIGHUP. Raises KeyboardInterrupt unless it is the first and deferred."""
    _signals.received += 1
    if _signals.deferring and _signals.received == 1:
        with suppress(OSError):  # not through sys.stderr: a handler may run in the middle of a write to it
            os.write(2, NOTICE)
        return
    raise KeyboardInterrupt


@contextmanager
def deferred() -> Iterator[Callable[[], bool]]:
    """A block in which a first signal is only noted; yields whether one has come since the block began."""
    before, here = _signals.received, threading.current_thread() is threading.main_thread()
    _signals.deferring += here  # handlers run in the main thread, so a block elsewhere only asks
    try:
        yield lambda: _signals.received > before
    finally:
        _signals.deferring -= here


def received() -> bool:
    """Whether a signal has come since the command began."""
    return _signals.received > 0


def check() -> None:
    """Where the next step is not worth it any more: raise KeyboardInterrupt if a signal has come."""
    if received():
        raise KeyboardInterrupt


def first_only() -> None:
    """In `except KeyboardInterrupt`: raise it again unless it is the first that `handle` has had."""
    if _signals.received != 1:
        raise  # what the calling block has caught


def forget() -> None:
    """Begin a command: no signal has come."""
    _signals.received = 0
