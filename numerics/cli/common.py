"""What every command shares: the application, its consoles and options, progress and the exit status."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from fractions import Fraction
from typing import Annotated, NoReturn

import typer

from numerics.common import interrupts, strict_json
from numerics.common.progress import Progress, shown_on
from numerics.common.speech import Speaker
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


def progress(plain: bool) -> AbstractContextManager[Progress]:
    """What a command reports to: standard error."""
    return shown_on(err, plain=plain)


def finish(
    result: Result, as_json: bool, title: str, *, level: Fraction | None = None, profile: bool = False
) -> NoReturn:
    """Print a result, whose claim is about the level if there is one, and end the command.

    `profile`: stair by stair.
    """
    if as_json:
        print(strict_json.dumps(result.to_json()))
    else:
        print_result(out, title, result, level=level, profile=profile)
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
