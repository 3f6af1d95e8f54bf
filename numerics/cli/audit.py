"""The ledger: what exactly is claimed, where it comes from, with which constant, and is it true?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from numerics.cli.common import ForceOption, JsonOption, app, examples, out, progress
from numerics.common import strict_json
from numerics.errors import InputError
from numerics.files import require_writable
from numerics.plots import canvas


@app.command(
    epilog=examples(
        "skipscape audit T1 R4",
        "skipscape audit L1 --graph statements.svg",
    )
)
def audit(
    ids: Annotated[
        list[str] | None,
        typer.Argument(metavar="ID", help="statements in full, e.g. T1 C1 (L1 is L1a-c), or .py files with STATEMENTS"),
    ] = None,
    graph: Annotated[Path | None, typer.Option(help=".svg: the dependency graph, coloured by status")] = None,
    widths: Annotated[bool, typer.Option("--widths", help="C4: the width each bound needs, n = 1..100")] = False,
    claims: Annotated[
        str | None, typer.Option(help="a TOML file of claimed constants and exponents, or: abstract")
    ] = None,
    formal: Annotated[bool, typer.Option("--formal", help="compile the Coq proofs too (a minute; needs coqc)")] = False,
    as_json: JsonOption = False,
    force: ForceOption = False,
) -> None:
    """The ledger: every statement, its provenance, and its status computed just now; constants and rates.

    Exit status 1 if a statement or a claim is refuted.
    """
    from numerics.audit import answer as audits
    from numerics.audit.graph import graph_picture
    from numerics.audit.report import print_audit
    from numerics.checks.engine import without_traces

    if graph is not None:
        if graph.suffix.lower() != ".svg":
            raise InputError(f"{graph}: the graph's file name ends in .svg")
        require_writable(graph, force=force, inputs=[] if claims is None else [claims])
    catalogue = audits.with_files(name for name in ids or () if name.endswith(".py"))
    chosen = audits.chosen_ids(ids or (), catalogue)
    asked = audits.read_claims(claims) if claims is not None else ()
    with without_traces(), progress(as_json) as report:
        result, entries = audits.run_audit(
            chosen, also=audits.rested_on(asked), with_coq=formal, report=report, catalogue=catalogue
        )
        if widths:
            report("C4's widths", 0.95)
            result["widths"] = audits.widths()
    if asked:
        result["claims"] = audits.claimed(asked, entries)
    if graph is not None:
        notes = canvas.written(graph, lambda: graph_picture(result["statements"]), force=force)
        result |= {"graph": None if notes else str(graph), "notes": notes}
    if as_json:
        print(strict_json.dumps(result))
    else:
        print_audit(out, result, details=bool(chosen))
    refuted = [one["id"] for one in result["statements"] if one["status"] == "refuted"]
    refuted += [one["name"] for one in result.get("claims", []) if one["answer"] == "refuted by a witness"]
    raise typer.Exit(1 if refuted else 0)
