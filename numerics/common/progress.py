"""What is done of long work, for people: a bar where somebody looks at one, else a line every 10 s."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from numerics.common.pulse import Pulse, beating
from numerics.common.speech import Speaker, Stage

Progress = Callable[[str, float | None], None]
"""Told what is being done, and which share of it is behind us, in [0, 1]; None where nobody knows."""


def no_progress(stage: str, share: float | None) -> None:
    """A progress report to nobody."""


@contextmanager
def shown_on(console: Speaker, *, plain: bool = False) -> Iterator[Progress]:
    """A `report(stage, share)` that this console shows. `plain`: lines in any case."""
    if plain or not console.is_terminal:
        pulse = Pulse(lambda words: console.print(words, soft_wrap=True))
        with beating(pulse):
            yield pulse.report
        return
    columns = (Stage(), BarColumn(), TimeElapsedColumn())
    with Bar(*columns, console=console, transient=True) as bar:
        task = bar.add_task("starting", total=1.0)
        yield lambda stage, share: bar.update(task, description=stage, completed=share or 0.0)
