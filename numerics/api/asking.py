"""What every question of the Python face shares: its request, its progress bar, and that it is alone in its process."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from numerics.api import given
from numerics.api.given import Net, Points, Report
from numerics.arithmetic.given import Number, budget
from numerics.common import interrupts
from numerics.common.progress import no_progress, shown_on
from numerics.common.shown import Shown
from numerics.common.speech import Speaker
from numerics.data import Data
from numerics.errors import InputError
from numerics.losses.problem import Problem
from numerics.losses.registry import loss_named
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


@dataclass(frozen=True)
class Budgets(Shown):
    """What may be spent on an answer, as the caller gave it, and who is told how far it is."""

    memory: Number
    effort: Number | None
    progress: Report


@contextmanager
def asked(
    data: Points,
    start: Net,
    end: Net | None,
    budgets: Budgets,
    *,
    loss: str,
    error_rate: Number | None,
    names: tuple[str, str] = ("start", "end"),
) -> Iterator[Request]:
    """The request; with `progress` a bar on standard error as long as the block runs. Raises InputError."""
    wanted = loss_named(given.string(loss, "loss"))
    progress = budgets.progress
    if not isinstance(progress, bool) and not callable(progress):
        raise InputError("progress is unusable: give True, False or a function of the stage and the share done")
    limit, allowed = budget(budgets.memory), given.effort(budgets.effort)
    problem = Problem(given.points(data, limit), limit, loss=wanted)
    here = given.network(start, limit, names[0])
    there = None if end is None else given.network(end, limit, names[1])
    share = given.level(error_rate, "error_rate")
    request = Request(problem, here, there, _files(data, start, end), allowed, share)
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
