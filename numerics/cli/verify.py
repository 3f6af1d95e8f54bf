"""Property runs of statements, built-in or the user's own, outside pytest."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from numerics.cli.common import ForceOption, JsonOption, app, examples, leave, out, progress
from numerics.common import interrupts, strict_json
from numerics.errors import InputError

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
    as_json: JsonOption = False,
    force: ForceOption = False,
) -> None:
    """Try to refute statements on random networks, in exact arithmetic; exit status 1 if one is refuted.

    REFUTED comes with a shrunk counterexample, written as network and data files. UNDECIDED means that none was found:
    sampling can only refute. PROVED is said only where machine proofs establish the very claim that is printed. The
    first half of the examples is a plain sample, which the histogram and the shares describe; the second half climbs
    towards the bound.
    """
    from numerics.checks.chosen import chosen as named
    from numerics.checks.engine import run, without_traces
    from numerics.checks.lemmas import told
    from numerics.checks.writing import as_json as written_as_json
    from numerics.checks.writing import require_room, write_counterexample
    from theory.proof import Verdict

    chosen = [pair for name in what or [""] for pair in named(name)]
    for check, _ in chosen:
        require_room(check, folder, force=force)
    results = []
    with without_traces(), progress(as_json) as report:
        for k, (check, source) in enumerate(chosen):

            def watch(tried: int, k: int = k, name: str = check.id) -> None:
                report(f"{name}: {tried} examples", (k + min(1.0, tried / examples)) / len(chosen))

            try:
                found = run(check, examples=examples, number=seed, watch=watch)
            except KeyboardInterrupt:
                interrupts.first_only()
                break
            except (Exception, SystemExit) as error:
                if source is None:
                    raise
                raise InputError(told(error, Path(source), f"check {check.id} fails")) from None
            files = {}
            if found.counterexample is not None:
                files = write_counterexample(check, found.counterexample, folder, force=force)
            results.append(written_as_json(found, files))
            if not as_json:
                _show(results[-1])
    if as_json:
        print(strict_json.dumps(results))
    leave(1 if any(result["verdict"] == Verdict.REFUTED.value for result in results) else 0)


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
