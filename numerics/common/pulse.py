"""Progress where no bar can be drawn: every 10 s a line with the stage, the share of it and the time so far."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from numerics.common.shown import Shown

PERIOD = 10.0  # seconds; a command that takes less says nothing

Wait = Callable[[float], bool]  # so many seconds, or until it is over: then True


@dataclass
class Pulse(Shown):
    """The last that was heard of a command, for whoever waits for it."""

    write: Callable[[str], None]
    clock: Callable[[], float] = time.monotonic
    stage: str = "starting"
    share: float | None = None
    began: float = field(init=False)

    def __post_init__(self) -> None:
        self.began = self.clock()

    def report(self, stage: str, share: float | None) -> None:
        """What is done now, and how much of it is done (None, or 0 or 1 where nobody knows)."""
        self.stage, self.share = stage, share

    def beat(self) -> None:
        """Write one line."""
        known = self.share is not None and 0.0 < self.share < 1.0
        done = f", {100 * (self.share or 0.0):.0f}% done" if known else ""
        self.write(f"{_lasted(self.clock() - self.began)}: {self.stage}{done}")

    def follow(self, wait: Wait) -> None:
        """A line after every period, until it is over or nobody can be written to."""
        while not wait(PERIOD):
            try:
                self.beat()
            except (OSError, ValueError):  # standard error was closed: not an error to speak of
                return


@contextmanager
def beating(pulse: Pulse) -> Iterator[None]:
    """Lines as long as the block runs, whatever the block is busy with."""
    over = threading.Event()
    thread = threading.Thread(target=pulse.follow, args=(over.wait,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(1.0)  # it may hang in a write that nobody reads


def _lasted(seconds: float) -> str:
    whole = int(seconds)
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60} s"
