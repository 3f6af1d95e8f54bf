"""The main job."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from numerics.cli.common import ForceOption, JsonOption, LossOption, app, err, examples, leave, out, progress
from numerics.losses.registry import SQUARED, loss_named


@app.command(
    epilog=examples(
        "skipscape demo --quick --out quick",
    )
)
def demo(
    folder: Annotated[Path, typer.Option("--out", help="folder for networks, certificates, table and picture")] = Path(
        "out"
    ),
    quick: Annotated[bool, typer.Option("--quick", help="narrower networks, under a minute")] = False,
    loss: LossOption = SQUARED.name,
    as_json: JsonOption = False,
    force: ForceOption = False,
) -> None:
    """The main job on real digits: how deep is this valley, and are these two networks connected? With proofs."""
    from numerics.studies.demo import run

    with progress(True) as report:  # lines: what is done is printed all along
        status = run(
            folder, quick=quick, loss=loss_named(loss), as_json=as_json, force=force, out=out, err=err, report=report
        )
    leave(status)
