"""T5: a bottleneck, and the same weights with a skip connection beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from numerics.cli.common import ForceOption, JsonOption, MemoryOption, app, examples, leave, out, progress
from numerics.common import interrupts, strict_json
from numerics.data import read_data
from numerics.errors import InputError
from numerics.files import require_writable
from numerics.plots import canvas

LARGEST_WIDTH = 10**5


@app.command(
    epilog=examples(
        "skipscape separate --data small --widths 4,64",
        "skipscape separate --data small --branch 4,1 --out valleys --plot valleys.png",
    )
)
def separate(
    data: Annotated[
        str | None,
        typer.Option(
            "--data", help="small (four points), diabetes, or an .npz with one target column; default: the first two"
        ),
    ] = None,
    widths: Annotated[str | None, typer.Option(help="widths of the first layer, e.g. 4,64,1024")] = None,
    branch: Annotated[str | None, typer.Option(help="widths of the layers behind it, the last 1; default 1")] = None,
    folder: Annotated[Path | None, typer.Option("--out", help="folder for the networks and certificates")] = None,
    plot: Annotated[Path | None, typer.Option(help=".png: the loss along both paths of the last row")] = None,
    memory: MemoryOption = 4.0,
    as_json: JsonOption = False,
    force: ForceOption = False,
) -> None:
    """A bottleneck and none (T5): a valley behind a last hidden layer of width one, and the same weights with a skip.

    The valley has one depth at every width and depth before that layer. A second unit in it or an output bias takes it
    away as the skip does: V z + u h is itself a plain network with a wider last layer. Every depth comes with a proof.
    """
    from numerics.studies.separation.picture import separation_picture
    from numerics.studies.separation.table import DEFAULT_SHAPES, SMALL, Plan, table
    from numerics.studies.separation.text import print_table

    if plot is not None:
        if plot.suffix.lower() != ".png":
            raise InputError(f"{plot}: a picture's file name ends in .png")
        require_writable(plot, force=force, inputs=[] if data is None else [data])
    if data is None and widths is None and branch is None:
        plans = [Plan(read_data(name) if name != SMALL.name else SMALL, shapes) for name, shapes in DEFAULT_SHAPES]
    else:
        chosen = SMALL if data in (None, SMALL.name) else read_data(str(data))
        behind = _widths("1" if branch is None else branch, "--branch")
        first = _widths("1024" if widths is None else widths, "--widths")
        plans = [Plan(chosen, tuple((width, behind) for width in first))]
    with progress(as_json) as report:
        result, (valley, points) = table(
            plans, out=folder, memory=memory, report=report, force=force, inputs=[] if data is None else [data]
        )
    notes = []
    if plot is not None and not interrupts.received():
        result["notes"] = notes = canvas.written(plot, lambda: separation_picture(valley, points), force=force)
    if as_json:
        print(strict_json.dumps(result))
    else:
        print_table(out, result)
        if folder is not None:
            out.print()
            out.say(f"networks and certificates are in {folder}")
        for note in notes:
            out.say(f"note: {note}")
    leave(0 if result["verdict"] == "PROVED" else 1)


def _widths(given: str, name: str) -> tuple[int, ...]:
    """Positive integers between commas. Raises InputError."""
    words = [word.strip() for word in given.split(",")]
    if not all(word.isdecimal() and 1 <= int(word[:9]) <= LARGEST_WIDTH and len(word) <= 6 for word in words):
        raise InputError(f"{name} {given[:40]!r} is no list of widths up to {LARGEST_WIDTH}: give e.g. 4,64,1024")
    return tuple(int(word) for word in words)
