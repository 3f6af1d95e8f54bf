"""Tables: levels and certified maxima against width and l, deviations against width, dimension and eta."""

from __future__ import annotations

import shlex
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from fractions import Fraction
from pathlib import Path
from typing import Annotated

import typer

from numerics.arithmetic.rationals import parse
from numerics.cli.common import (
    ForceOption,
    JobsOption,
    JournalOption,
    JsonOption,
    LossOption,
    MemoryOption,
    SchedulerOption,
    app,
    examples,
    leave,
    out,
    progress,
    whole_rows,
)
from numerics.common import strict_json
from numerics.errors import InputError
from numerics.files import prepare_folder, require_writable, write_atomically
from numerics.losses.registry import SQUARED, loss_named

NOTHING = "none"
LARGEST = 10**6
BEYOND = Fraction(10**300)  # refused as a kappa, and still a float


@app.command(
    epilog=examples(
        "skipscape sweep --kinds teacher --widths 8,16 --neurons 4 --dimensions none",
        "skipscape sweep --kinds none --dimensions 2 --slope-widths 64,128 --out slopes.md",
    )
)
def sweep(
    data: Annotated[str, typer.Option(help="moons (the plane), digits, diabetes, or an .npz")] = "moons",
    widths: Annotated[str, typer.Option(help="m of the networks")] = "64,128,256",
    neurons: Annotated[str, typer.Option(help="l of the references: every l below every m")] = "8,16",
    kinds: Annotated[str, typer.Option(help="plain, regularised, teacher, or none")] = "plain,regularised,teacher",
    kappas: Annotated[str, typer.Option(help="weights of the path-norm mass in the objective")] = "0.03",
    until: Annotated[float, typer.Option(help="loss at which plain networks are taken")] = 0.06,
    steps: Annotated[int, typer.Option(help="steps of training", min=0, max=10**9)] = 1500,
    seed: Annotated[int, typer.Option(help="seed of the networks", min=0, max=2**63 - 1)] = 0,
    dimensions: Annotated[str, typer.Option(help="d of the deviations, or none")] = "1,2,3",
    etas: Annotated[str, typer.Option(help="l = m^eta in the deviations")] = "1/4,1/2,3/4",
    slope_widths: Annotated[str, typer.Option(help="m of the deviations")] = "64,128,256,512,1024",
    loss: LossOption = SQUARED.name,
    output: Annotated[Path | None, typer.Option("--out", help="where to write the tables: .json, .csv or .md")] = None,
    keep: Annotated[Path | None, typer.Option(help="folder for networks, data and certificates")] = None,
    jobs: JobsOption = 1,
    scheduler: SchedulerOption = "local",
    journal: JournalOption = None,
    memory: MemoryOption = 4.0,
    as_json: JsonOption = False,
    force: ForceOption = False,
) -> None:
    """Tables: every bound beside R0 and what is certified; how deviations fall with width, beside the exponents.

    The tables are the same for any number of jobs, and of a command that was killed and went on from its journal.
    """
    from numerics.studies.runs import Journal, Workers
    from numerics.studies.sweep import tables
    from numerics.studies.sweep.cells import Sweep, asked_of
    from numerics.studies.sweep.problems import Plan, points
    from numerics.studies.sweep.slopes import require_ladder

    workers = Workers(jobs, scheduler)

    if output is not None:
        tables.require_format(output)
        require_writable(output, force=force, inputs=[data])
    if keep is not None and Path(data).exists() and Path(data).resolve().parent == keep.resolve():
        raise InputError(f"{data} lies in {keep}: inputs are never modified; choose another folder with --keep")
    asked = {
        "--data": data,
        "--widths": widths,
        "--neurons": neurons,
        "--kinds": kinds,
        "--kappas": kappas,
        "--until": str(until),
        "--steps": str(steps),
        "--seed": str(seed),
        "--loss": loss,
        "--dimensions": dimensions,
        "--etas": etas,
        "--slope-widths": slope_widths,
    }
    plan = Plan(
        widths=_integers("--widths", widths),
        neurons=_integers("--neurons", neurons),
        kinds=_words(kinds),
        kappas=tuple(dict.fromkeys(float(min(value, BEYOND)) for value in _numbers("--kappas", kappas))),
        until=until,
        steps=steps,
        seed=seed,
        loss=loss_named(loss),
    )
    ladder = (
        _integers("--dimensions", dimensions),
        _numbers("--etas", etas),
        _integers("--slope-widths", slope_widths),
    )
    require_ladder(*ladder)
    source = points(data)
    if plan.kinds:
        plan.loss.require(source)
    options = {**asked, "--keep": "" if keep is None else str(keep), "--memory": str(memory)}
    with (
        progress(as_json) as report,
        nullcontext() if journal is None else Journal(journal, asked_of(options, source)) as done,
        _folder(keep, force or (done is not None and done.resumed)) as folder,
    ):
        table = Sweep(plan, ladder, source, data, seed, folder, keep is not None, memory)
        with whole_rows():
            table.run(workers, done, report)
        notes = [] if done is None else done.notes
    rows, found = table.rows, table.deviations
    sheets = []
    if rows:
        sheets.append(tables.barrier_sheet(rows, f"Levels on {data}, N = {source.size}"))
    if found:
        sheets.append(tables.slope_sheet(found, f"Deviations at m = {slope_widths}"))
    command = shlex.join(["skipscape", "sweep", *(word for name, given in asked.items() for word in (name, given))])
    answer = tables.document(rows, found, command, plan.fixed())
    if output is not None:
        write_atomically(output, tables.written(output, sheets, answer), force=force)
    if as_json:
        print(strict_json.dumps(answer))
    else:
        for sheet in sheets:
            for line in sheet.text():
                out.say(line)
            out.say(sheet.words, indent=0)
            out.say("")
        for note in notes:
            out.say(f"note: {note}")
    leave(0 if all(one["verdict"] == "PROVED" for one in rows if one["claimed"]) else 1)


@contextmanager
def _folder(keep: Path | None, force: bool) -> Iterator[Path]:
    """Where networks, data and certificates lie: kept, or gone at the end."""
    if keep is not None:
        yield prepare_folder(keep, force=force, option="--keep")
        return
    with tempfile.TemporaryDirectory(prefix="skipscape-") as folder:
        yield Path(folder)


def _words(given: str) -> tuple[str, ...]:
    """The words of a list, each once; nothing for `none`."""
    return () if given.strip() == NOTHING else tuple(dict.fromkeys(word.strip() for word in given.split(",")))


def _integers(name: str, given: str) -> tuple[int, ...]:
    words = _words(given)
    if not all(word.isdecimal() and len(word) <= 7 and 1 <= int(word) <= LARGEST for word in words):
        raise InputError(f"{name} {given[:40]!r} is no list of integers from 1 to 10^6: give e.g. 64,128")
    return tuple(dict.fromkeys(int(word) for word in words))


def _numbers(name: str, given: str) -> tuple[Fraction, ...]:
    return tuple(dict.fromkeys(parse(word, name) for word in _words(given)))
