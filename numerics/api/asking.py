"""What every question of the Python face shares: its request, its progress bar, and that it is alone in its process."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from numerics.api import given
from numerics.api.given import Net, Points, Report
from numerics.arithmetic.given import Number, budget
from numerics.common import interrupts
from numerics.common.progress import no_progress, shown_on
from numerics.common.speech import Speaker
from numerics.data import Data
from numerics.errors import InputError
from numerics.losses.problem import Problem
from numerics.networks.base import Network
from numerics.questions.request import Files, Request

# FLINT's precision and the number of BLAS's threads belong to the process: two threads at once would change them for
# each other and leave them changed.
_alone = threading.RLock()


@contextmanager
def alone() -> Iterator[None]:
    """One question at a time in a process; a Ctrl-C in it is a KeyboardInterrupt, whatever was interrupted before."""
    with _alone:
        interrupts.forget()
        yield


@contextmanager
def asked(
    data: Points,
    start: Net,
    end: Net | None,
    *,
    loss: str,
    memory: Number,
    effort: Number | None,
    progress: Report,
    names: tuple[str, str] = ("start", "end"),
) -> Iterator[Request]:
    """The request; with `progress` a bar on standard error as long as the block runs. Raises InputError."""
    if loss != "squared":
        raise InputError(f"loss {given.string(loss, 'loss')[:40]!r} is not covered: squared is")
    if not isinstance(progress, bool) and not callable(progress):
        raise InputError("progress is unusable: give True, False or a function of the stage and the share done")
    limit, allowed = budget(memory), given.effort(effort)
    problem = Problem(given.points(data, limit), limit)
    here = given.network(start, limit, names[0])
    there = None if end is None else given.network(end, limit, names[1])
    request = Request(problem, here, there, _files(data, start, end), allowed)
    with alone():
        if progress is True:
            with shown_on(Speaker(stderr=True)) as report:
                yield replace(request, problem=replace(problem, progress=report))
        else:
            report = no_progress if progress is False else progress
            yield replace(request, problem=replace(problem, progress=report))


def _files(data: Points, start: Net, end: Net | None) -> Files:
    """Those that were given, by which errors name them, and which the checker reads itself."""
    return Files(
        data=None if isinstance(data, Data) else str(data),
        start=None if isinstance(start, Network) else given.file_name(start, "a network"),
        end=None if end is None or isinstance(end, Network) else given.file_name(end, "a network"),
    )
