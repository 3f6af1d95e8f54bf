"""Commands that show what is certified: the picture of one path, and a page of a whole folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from numerics.cli.common import (
    DataOption,
    EffortOption,
    ForceOption,
    JsonOption,
    MemoryOption,
    app,
    examples,
    leave,
    out,
    progress,
)
from numerics.common import strict_json
from numerics.files import require_writable
from numerics.plots import canvas
from numerics.questions.text import print_result


@app.command(
    epilog=examples(
        "skipscape plot path.cert --data train.npz --out path.png",
        "skipscape plot path.cert --data train.npz --start A.npz --end B.npz --out path.html",
    )
)
def plot(
    certificate: Annotated[Path, typer.Argument(help="the certificate")],
    data: DataOption,
    output: Annotated[Path, typer.Option("--out", help=".png, .svg, or .html: a page with tips, switches and a zoom")],
    start: Annotated[Path | None, typer.Option(help="the network that the path must start at")] = None,
    end: Annotated[Path | None, typer.Option(help="the network that it must end at (depth: the reference)")] = None,
    memory: MemoryOption = 4.0,
    effort: EffortOption = None,
    as_json: JsonOption = False,
    force: ForceOption = False,
) -> None:
    """The picture of a certified path: what the checker proves of the loss, beside what samples see.

    Exit status 1 too where the picture could not be drawn: the verdict is printed all the same.
    """
    from numerics.plots.files import picture_file, require_ending
    from numerics.plots.scenes import put_to_checker

    require_ending(output)
    ends = [one for one in (start, end) if one is not None]
    require_writable(output, force=force, inputs=[certificate, data, *ends])
    with progress(as_json) as report:
        found = put_to_checker(certificate, data, start, end, memory=memory, effort=effort, progress=report)
        report("the picture", None)
        answer = found.answer

        def draw() -> bytes:
            return picture_file(found.scene(certificate.stem), output.suffix, answer.claim)

        notes = canvas.written(output, draw, force=force)
    if as_json:
        print(strict_json.dumps(answer.to_json() | {"picture": None if notes else str(output), "notes": notes}))
    else:
        print_result(out, f"{certificate} on {data}", answer)
        for note in notes or [f"picture {output}"]:
            out.say(note)
    leave(0 if answer.proved and not notes else 1)
