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
from numerics.errors import InputError
from numerics.files import require_writable, write_atomically
from numerics.plots import canvas
from numerics.questions.text import print_result


@app.command(
    epilog=examples(
        "skipscape plot path.cert --data train.npz --out path.png",
        "skipscape plot path.cert --data train.npz --start A.npz --end B.npz --out path.html",
        "skipscape plot path.cert --data train.npz --landscape --out plane.png",
    )
)
def plot(
    certificate: Annotated[Path, typer.Argument(help="the certificate")],
    data: DataOption,
    output: Annotated[Path, typer.Option("--out", help=".png, .svg, or .html: a page with tips, switches and a zoom")],
    start: Annotated[Path | None, typer.Option(help="the network that the path must start at")] = None,
    end: Annotated[Path | None, typer.Option(help="the network that it must end at (depth: the reference)")] = None,
    slice_: Annotated[
        bool,
        typer.Option("--landscape", help="a plane through the ends and a corner instead: float64, no proof"),
    ] = False,
    memory: MemoryOption = 4.0,
    effort: EffortOption = None,
    as_json: JsonOption = False,
    force: ForceOption = False,
) -> None:
    """The picture of a certified path: what the checker proves of the loss, beside what samples see.

    With --landscape the loss on a plane in parameter space, sampled, with the path's projection drawn through it.
    A picture that cannot be drawn is a note: the exit status is the verdict's.
    """
    from numerics.paths.certificate import read_path
    from numerics.plots.files import picture_file, require_ending
    from numerics.plots.landscape import described, landscape, landscape_file
    from numerics.plots.scenes import put_to_checker

    require_ending(output)
    ends = [one for one in (start, end) if one is not None]
    require_writable(output, force=force, inputs=[certificate, data, *ends])
    with progress(as_json) as report:
        found = put_to_checker(certificate, data, start, end, memory=memory, effort=effort, progress=report)
        report("the picture", None)
        answer = found.answer

        seen: list[str] = []

        def draw() -> bytes:
            if slice_:
                plane = landscape(read_path(certificate), found.problem)
                seen.append(f"landscape: {described(plane)}")
                return landscape_file(plane, output.suffix, certificate.stem, answer.verdict, answer.claim)
            return picture_file(found.scene(certificate.stem), output.suffix, answer.claim)

        notes = canvas.written(output, draw, force=force)
    if as_json:
        picture = {"picture": None if notes else str(output), "notes": [*notes, *seen]}
        print(strict_json.dumps(answer.to_json() | picture))
    else:
        print_result(out, f"{certificate} on {data}", answer)
        for note in notes or [*seen, f"picture {output}"]:
            out.say(note)
    leave(0 if answer.proved else 1)


@app.command(
    epilog=examples(
        "skipscape report . --out report.html",
        "skipscape report . --data train.npz --out report.html --force",
    )
)
def report(
    folder: Annotated[Path, typer.Argument(help="a folder of certificates: a demo's, a sweep's, any")],
    output: Annotated[Path, typer.Option("--out", help=".html: one page that needs no network")],
    data: Annotated[
        list[str] | None, typer.Option("--data", help="a data set that does not lie in the folder; may be repeated")
    ] = None,
    memory: MemoryOption = 4.0,
    effort: EffortOption = None,
    as_json: JsonOption = False,
    force: ForceOption = False,
) -> None:
    """Everything in a folder of certificates on one page: each is put to the checker, with the data and the networks
    that its digests name.
    """
    from numerics.plots.folder import entries
    from numerics.plots.report import report_page

    if output.suffix.lower() != ".html":
        raise InputError(f"{output}: a report's file name ends in .html")
    if not folder.is_dir():
        raise InputError(f"{folder} is no folder: give one that holds certificates")
    require_writable(output, force=force, inputs=data or ())
    with progress(as_json) as told:
        found = entries(folder, data or (), memory=memory, effort=effort, progress=told)
        told("the page", 1.0)
        write_atomically(output, report_page(folder, found).encode("utf-8", "backslashreplace"), force=force)
    if as_json:
        rows = [
            {
                "certificate": one.name,
                "sha256": one.sha256,
                "question": one.question or None,
                "verdict": one.verdict,
                "claim": one.claim,
                "data": one.data,
                **{
                    name: None if file is None else str(file) for name, file in (("start", one.start), ("end", one.end))
                },
            }
            for one in found
        ]
        print(strict_json.dumps({"report": str(output), "certificates": rows}))
    else:
        for one in found:
            out.say(one.claim, lead=f"{one.verdict}: ")
            out.say(f"    {one.name}")
        out.say(f"report {output}")
    leave(0 if all(one.verdict == "PROVED" for one in found) else 1)
