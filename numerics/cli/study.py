"""Studies: what others do beside what is done here, on the same networks."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Annotated

import typer

from numerics.arithmetic.rationals import parse
from numerics.cli.common import ForceOption, JsonOption, app, examples, leave, out, progress, whole_rows
from numerics.common import strict_json
from numerics.errors import InputError
from numerics.files import prepare_folder, write_atomically
from numerics.studies.peers.setting import PIXELS

STUDIES = ("peers",)
SMALL = 64
SHAPES = ("parallel", "plain", "stream")


@app.command(
    epilog=examples(
        "skipscape study peers --width 64 --points 297 --out peers",
    )
)
def study(
    name: Annotated[str, typer.Argument(help="peers: the line, matched units, Bezier arc, polygon, and ours")],
    folder: Annotated[Path, typer.Option("--out", help="folder for networks, data, certificates and the table")],
    width: Annotated[int, typer.Option(help="m of the networks", min=2, max=10**5)] = 64,
    points: Annotated[int, typer.Option(help="digits to train on", min=2, max=1797)] = 297,
    pixels: Annotated[int, typer.Option(help="inputs of the networks: 64, or 784 by enlarged digits")] = 64,
    kinds: Annotated[str, typer.Option(help="classes of the networks")] = ",".join(SHAPES),
    steps: Annotated[int, typer.Option(help="steps of training", min=0, max=10**9)] = 400,
    curve_steps: Annotated[int, typer.Option(help="steps of training a curve", min=0, max=10**9)] = 600,
    tolerance: Annotated[str, typer.Option(help="relative gap of an enclosure")] = "1/100",
    as_json: JsonOption = False,
    force: ForceOption = False,
) -> None:
    """Paths of others beside ours: what 61 samples see of each, what is certified, its seconds and its memory."""
    from numerics.torch_bridge import require_torch

    if name not in STUDIES:
        raise InputError(f"study {name[:40]!r} is unknown: choose one of {', '.join(STUDIES)}")
    gap = parse(tolerance, "--tolerance")
    if not 0 < gap < 1:
        raise InputError(f"--tolerance {tolerance[:40]}: a relative gap above 0 and below 1 is needed")
    classes = tuple(word.strip() for word in kinds.split(","))
    if not set(classes) <= set(SHAPES):
        raise InputError(f"--kinds {kinds[:40]!r}: some of {', '.join(SHAPES)} are needed, e.g. parallel,plain")
    if pixels not in (SMALL, PIXELS):
        raise InputError(f"--pixels {pixels}: digits have {SMALL}, or {PIXELS} where they are enlarged")
    require_torch()
    from numerics.studies.peers.paths import MAKERS
    from numerics.studies.peers.setting import Setting, pairs
    from numerics.studies.peers.table import HEAD, Row, rows, table

    place, found, chosen = prepare_folder(folder, force=force, option="--out"), list[Row](), pairs(width, classes)
    setting, count = Setting(points, pixels, steps, curve_steps, Fraction(gap)), len(chosen) * len(MAKERS)
    with progress(as_json) as report, whole_rows():
        report(f"training, and {count} paths", 0.0)
        for row in rows(place, setting, chosen):
            found.append(row)
            report(f"{row.networks}, {row.loss}: {row.path}", len(found) / count)
            document = {"setting": setting.to_json(), "rows": [one.to_json() for one in found]}
            write_atomically(place / "rows.json", strict_json.dumps(document).encode(), force=True)
            write_atomically(place / "table.md", table(found).encode(), force=True)
    if as_json:
        print(strict_json.dumps(document))
    else:
        for cells in (HEAD, *(one.cells() for one in found)):
            out.say("  ".join(f"{cell:>{size}}" for cell, size in zip(cells, WIDTHS, strict=True)), indent=0)
    leave(0)


WIDTHS = (20, 13, 15, 9, 10, 9, 9, 7, 5, 6, 10, 0)
