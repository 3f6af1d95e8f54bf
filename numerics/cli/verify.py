"""Property runs of statements, built-in or the user's own, outside pytest."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Any

import typer

from numerics.cli.common import (
    ForceOption,
    JobsOption,
    JournalOption,
    JsonOption,
    SchedulerOption,
    app,
    err,
    examples,
    leave,
    out,
    progress,
    whole_rows,
)
from numerics.common import strict_json

WORDS = {
    "informative": "below R0",
    "active": "a ReLU changes sign",
    "outputs": "p > 1",
    "branch": "Lambda > 0",
}


@app.command(
    epilog=examples(
        "skipscape verify L3 --examples 50",
        "skipscape verify my_lemma.py --examples 20",
    )
)
def verify(
    what: Annotated[
        list[str] | None, typer.Argument(help="ids such as T1 or L3, or Python files with CHECKS; default: every id")
    ] = None,
    examples: Annotated[int, typer.Option(help="problems to try for each statement", min=1, max=1_000_000)] = 200,
    seed: Annotated[int, typer.Option(help="what they are drawn from", min=0, max=2**63)] = 0,
    folder: Annotated[Path, typer.Option("--out", help="folder for counterexamples, made if there is one")] = Path(
        "counterexamples"
    ),
    jobs: JobsOption = 1,
    scheduler: SchedulerOption = "local",
    journal: JournalOption = None,
    as_json: JsonOption = False,
    force: ForceOption = False,
) -> None:
    """Try to refute statements on random networks, in exact arithmetic; exit status 1 if one is refuted.

    REFUTED comes with a shrunk counterexample, written as network and data files. UNDECIDED means that none was found:
    sampling can only refute. PROVED is said only where machine proofs establish the very claim that is printed. The
    first half of the examples is a plain sample, which the histogram and the shares describe; the second half climbs
    towards the bound. More than 1000 are drawn in parts of 1000, each with a seed of its own; the answer is the same
    for any number of jobs.
    """
    from numerics.checks.chosen import chosen as named
    from numerics.checks.writing import as_json as written_as_json
    from numerics.checks.writing import require_room, write_counterexample
    from numerics.studies.runs import Journal, Workers, results
    from numerics.studies.trials import Trial, asked_of
    from theory.proof import Verdict

    workers = Workers(jobs, scheduler)
    chosen = {(check.id, source): check for name in what or [""] for check, source in named(name)}
    trials = [Trial.of(check, source, examples=examples, seed=seed) for (_, source), check in chosen.items()]
    for trial in trials:
        require_room(trial.check, folder, force=force)
    owner = {task.key: trial for trial in trials for task in trial.tasks}
    values: dict[str, Any] = {}
    found: list[dict[str, Any]] = []

    def tell() -> None:
        """Every check that is done, in the order of the question."""
        while len(found) < len(trials) and (run := trials[len(found)].together(values)) is not None:
            files = {}
            if run.counterexample is not None:
                files = write_counterexample(run.check, run.counterexample, folder, force=force)
            found.append(written_as_json(run, files))
            if not as_json:
                _show(found[-1])

    with (
        progress(as_json) as report,
        nullcontext() if journal is None else Journal(journal, asked_of(what or [], examples, seed)) as done,
        whole_rows(),
    ):
        for key, value in results(
            [task for trial in trials for task in trial.tasks],
            workers=workers,
            journal=done,
            progress=report,
            needless=lambda task: task not in owner[task.key].needed(values),
        ):
            values[key] = value
            tell()
        for note in [] if done is None else done.notes:
            err.say(f"note: {note}")
    if as_json:
        print(strict_json.dumps(found))
    leave(1 if any(result["verdict"] == Verdict.REFUTED.value for result in found) else 0)


def _show(result: dict[str, Any]) -> None:
    """A verdict with the claim that it is about."""
    from numerics.checks.writing import shown

    colour = {"PROVED": "green", "REFUTED": "red"}.get(result["verdict"], "yellow")
    out.say(result["claim"], lead=f"{result['id']} {result['verdict']}: ", lead_style=f"bold {colour}")
    out.say(f"   {result['reason']} (seed {result['seed']})", indent=6)
    counterexample = result["counterexample"]
    if counterexample is not None:
        numbers = ", ".join(f"{name} {_short(value)}" for name, value in counterexample["numbers"].items())
        out.say(f"   {numbers}", indent=6)
        if counterexample["files"]:
            out.say(f"   written: {', '.join(counterexample['files'].values())}", indent=6)
        return
    if result["best_ratio"] is not None:
        median = "-" if result["median_ratio"] is None else shown(result["median_ratio"], 2)
        words = f"median {median}, best {shown(result['best_ratio'], 4)}; {result['sharpness']}"
        out.say(f"   measured over bound: {words}", indent=6)
    shares = [f"{WORDS[name]} {share:.0%}" for name, share in result["shares"].items() if share is not None]
    if shares:
        out.say(f"   of the sample: {', '.join(shares)}", indent=6)


def _short(value: str) -> str:
    """`p/q`, whole numbers without the denominator; a long one between two decimals."""
    from numerics.arithmetic.rationals import decimal, read_decimal

    whole = value.removesuffix("/1")
    if len(whole) <= 24:
        return f"= {whole}"
    low, high = (decimal(read_decimal(value), up=up, digits=6) for up in (False, True))
    return f"in [{low}, {high}]"
