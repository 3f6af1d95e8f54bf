"""What every command shares: the application, its consoles and options, progress and the exit status."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from typing import Annotated, Any, NoReturn

import typer
from rich.progress import BarColumn, Progress, TimeElapsedColumn

from numerics.cli.pulse import Pulse, beating
from numerics.cli.speech import Speaker, Stage
from numerics.common import interrupts, strict_json
from numerics.questions.result import Result
from numerics.questions.text import print_result

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="""Certified depths and paths in the loss landscape of ReLU networks with a skip connection.

Exit status 0: done or PROVED; 1: REFUTED, UNDECIDED or a certificate refused; 2: unusable input; 130: interrupted, with
what was established until then.
""",
)
INTERRUPTED = 130
PIPED = 120  # columns of tables in a file or pipe, whose width nobody tells
if not os.environ.get("COLUMNS", "").isdecimal() or int(os.environ["COLUMNS"]) < 1:
    os.environ.pop("COLUMNS", None)  # 0 columns would print nothing at all
out = Speaker()
if not out.is_terminal and "COLUMNS" not in os.environ:
    out.width = PIPED
err = Speaker(stderr=True)

DataOption = Annotated[str, typer.Option("--data", help="digits, diabetes, or an .npz with X and Y (or labels)")]
JsonOption = Annotated[bool, typer.Option("--json", help="one JSON object on standard output")]
ForceOption = Annotated[bool, typer.Option("--force", help="overwrite existing outputs")]
MemoryOption = Annotated[float, typer.Option("--memory", help="budget of exact arithmetic in GiB", min=0.001, max=1e6)]
EffortOption = Annotated[
    float | None,
    typer.Option("--effort", help="of the check: billions of word operations, about 1 s each", min=1e-6, max=1e9),
]


@contextmanager
def progress(plain: bool) -> Iterator[Any]:
    """A `report(stage, share)`, heard on standard error: a bar where a person looks at one, else a line every 10 s.

    `plain`: lines in any case. A share is None where nobody knows it.
    """
    if plain or not err.is_terminal:
        pulse = Pulse(lambda words: err.print(words, soft_wrap=True))
        with beating(pulse):
            yield pulse.report
        return
    columns = (Stage(), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task("starting", total=1.0)
        yield lambda stage, share: bar.update(task, description=stage, completed=share or 0.0)


def finish(result: Result, as_json: bool, title: str, *, level: Fraction | None = None) -> None:
    """Print a result, whose claim is about the level if there is one, and end the command."""
    if as_json:
        print(strict_json.dumps(result.to_json()))
    else:
        print_result(out, title, result, level=level)
        if result.certificate is not None:
            seconds = result.check_seconds
            how = "not checked" if seconds is None else f"checked in {seconds} s by a process of its own"
            out.print(f"certificate {result.certificate}, {how}", soft_wrap=True)
        elif result.found is not None and not result.proved:
            out.print("no certificate was written: this claim is not proved")
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
