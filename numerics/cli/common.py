"""What every command shares: the application, its consoles and options, progress and the exit status."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from fractions import Fraction
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from numerics.common import interrupts, strict_json
from numerics.common.progress import Progress, shown_on
from numerics.common.speech import Speaker
from numerics.common.wrapping import COLUMNS
from numerics.losses.registry import known
from numerics.questions.result import Result
from numerics.questions.text import print_result
from numerics.studies.runs.workers import SCHEDULERS

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
INTERRUPTED = 130
if not os.environ.get("COLUMNS", "").isdecimal() or int(os.environ["COLUMNS"]) < 1:
    os.environ.pop("COLUMNS", None)  # 0 columns would print nothing at all
out = Speaker()
if not out.is_terminal and "COLUMNS" not in os.environ:
    out.width = COLUMNS  # of a file or pipe nobody tells
out.width = min(out.width, COLUMNS)
err = Speaker(stderr=True)

DataOption = Annotated[str, typer.Option("--data", help="digits, diabetes, or an .npz with X and Y (or labels)")]
JsonOption = Annotated[bool, typer.Option("--json", help="one JSON object on standard output")]
ForceOption = Annotated[bool, typer.Option("--force", help="overwrite existing outputs")]
MemoryOption = Annotated[float, typer.Option("--memory", help="budget of exact arithmetic in GiB", min=0.001, max=1e6)]
AllBoundsOption = Annotated[bool, typer.Option("--all-bounds", help="print every bound, not only the best one")]
LossOption = Annotated[str, typer.Option("--loss", help=f"one of {', '.join(known())}; a mean over the samples")]
ErrorRateOption = Annotated[
    str | None, typer.Option("--error-rate", help="claim too: no more than this share of labels is ever wrong")
]
EffortOption = Annotated[
    float | None,
    typer.Option("--effort", help="of the check: billions of word operations, about 1 s each", min=1e-6, max=1e9),
]

JobsOption = Annotated[int, typer.Option("--jobs", help="cells at a time, each in a process of its own")]
SchedulerOption = Annotated[str, typer.Option("--scheduler", help=f"who does them: {', '.join(SCHEDULERS)}")]
JournalOption = Annotated[
    Path | None,
    typer.Option("--journal", help="a line for every cell that is done; the same command goes on from there"),
]


def examples(*lines: str) -> str:
    """The end of a command's help: lines that run as they are printed, where the files that they name are."""
    return "\n".join(["Examples:", "", "\b", *(f"  {line}" for line in lines)])


def _version(wanted: bool) -> None:
    if wanted:
        try:
            out.say(f"skipscape {version('skipscape')}")
        except PackageNotFoundError:
            out.say("skipscape, not installed: this runs from a source tree")
        raise typer.Exit


@app.callback(epilog=examples("skipscape demo --quick --out quick", "skipscape connect --help"))
def skipscape(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="print the version and stop")
    ] = False,
) -> None:
    """Certified depths and paths in the loss landscape of ReLU networks with a skip connection.

    Exit status 0: done or PROVED; 1: REFUTED, UNDECIDED or a certificate refused; 2: unusable input; 130: interrupted,
    with what was established until then.
    """


def progress(plain: bool) -> AbstractContextManager[Progress]:
    """What a command reports to: standard error."""
    return shown_on(err, plain=plain)


def finish(
    result: Result,
    as_json: bool,
    title: str,
    *,
    level: Fraction | None = None,
    all_bounds: bool = False,
    profile: bool = False,
) -> NoReturn:
    """Print a result, whose claim is about the level if there is one, and end the command.

    `all_bounds`: each on a line of its own; `profile`: stair by stair.
    """
    if as_json:
        print(strict_json.dumps(result.to_json()))
    else:
        print_result(out, title, result, level=level, all_bounds=all_bounds, profile=profile)
        if result.certificate is not None:
            seconds = result.check_seconds
            how = "not checked" if seconds is None else f"checked in {seconds} s by a process of its own"
            out.say(f"certificate {result.certificate}, {how}")
        elif result.found is not None and not result.proved:
            out.say("no certificate was written: this claim is not proved")
    leave(0 if result.proved else 1)


@contextmanager
def whole_rows() -> Iterator[None]:
    """Work row by row: a first interrupt ends the block, with the rows that are whole."""
    try:
        yield
    except KeyboardInterrupt:
        interrupts.first_only()


def leave(status: int) -> NoReturn:
    """End the command with this exit status, or with 130 if it was interrupted."""
    raise typer.Exit(INTERRUPTED if interrupts.received() else status)
