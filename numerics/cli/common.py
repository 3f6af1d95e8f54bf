"""What every command shares: the application, its consoles and options, progress and the exit status."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="""Certified depths and paths in the loss landscape of ReLU networks with a skip connection.

Exit status 0: done or PROVED; 1: REFUTED, UNDECIDED or a certificate refused; 2: unusable input.
""",
)
PIPED = 120  # columns of tables in a file or pipe, whose width nobody tells
if not os.environ.get("COLUMNS", "").isdecimal() or int(os.environ["COLUMNS"]) < 1:
    os.environ.pop("COLUMNS", None)  # 0 columns would print nothing at all
out = Console(highlight=False, markup=False)
if not out.is_terminal and "COLUMNS" not in os.environ:
    out.width = PIPED
err = Console(stderr=True, highlight=False, markup=False)

DataOption = Annotated[str, typer.Option("--data", help="digits, diabetes, or an .npz with X and Y (or labels)")]
JsonOption = Annotated[bool, typer.Option("--json", help="one JSON object on standard output")]
ForceOption = Annotated[bool, typer.Option("--force", help="overwrite existing outputs")]
MemoryOption = Annotated[float, typer.Option("--memory", help="budget of exact arithmetic in GiB", min=0.001, max=1e6)]
EffortOption = Annotated[
    float,
    typer.Option("--effort", help="of the check: billions of word operations, each about a second", min=1e-6, max=1e9),
]
EFFORT = 2000.0  # the checker's own default


@contextmanager
def progress(quiet: bool) -> Iterator[Any]:
    """A `report(stage, share)` that draws a bar on standard error where a person looks at one."""
    if quiet or not err.is_terminal:
        yield lambda stage, share: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task("starting", total=1.0)
        yield lambda stage, share: bar.update(task, description=stage, completed=share)


def finish(result: dict[str, Any], as_json: bool, show: Callable[[], None]) -> None:
    if as_json:
        print(json.dumps(result, indent=2))
    else:
        show()
        if result.get("certificate"):
            seconds = result["check_seconds"]
            out.print(
                f"certificate {result['certificate']}, checked in {seconds} s by a process of its own", soft_wrap=True
            )
        elif "certificate" in result and result["verdict"] != "PROVED":
            out.print("no certificate was written: this claim is not proved")
    raise typer.Exit(0 if result["verdict"] == "PROVED" else 1)
