"""The command that makes a theorem of a certificate, and the second program that reads such a theorem back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from numerics.arithmetic.budget import GIB
from numerics.cli.common import (
    DataOption,
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
from numerics.data import read_data
from numerics.errors import InputError
from numerics.files import require_writable, write_atomically


@app.command(
    epilog=examples(
        "skipscape export path.cert --data train.npz --coq Path.v",
        "skipscape export path.cert --data train.npz --verify Path.v --start A.npz --end B.npz",
    )
)
def export(
    certificate: Annotated[Path, typer.Argument(help="the certificate")],
    data: DataOption,
    coq: Annotated[Path | None, typer.Option("--coq", help="write the theorem: a name for Coq, ending in .v")] = None,
    verify: Annotated[Path | None, typer.Option("--verify", help="read a theorem back, literal by literal")] = None,
    start: Annotated[Path | None, typer.Option(help="--verify: the network that the theorem must call A")] = None,
    end: Annotated[
        Path | None, typer.Option(help="--verify: the one that it must call B (depth: the reference)")
    ] = None,
    memory: MemoryOption = 4.0,
    as_json: JsonOption = False,
    force: ForceOption = False,
) -> None:
    """The certificate as a theorem that Coq closes about these very networks and data, or such a theorem read back.

    A README.txt beside the theorem says what it says and what is left to trust.
    """
    if (coq is None) == (verify is None):
        raise InputError("export takes one of --coq, which writes a theorem, and --verify, which reads one back")
    if verify is not None:
        _read_back(verify, certificate, data, start, end, memory, as_json)
    assert coq is not None
    if start is not None or end is not None:
        raise InputError(
            "--start and --end go with --verify: a theorem is written from the certificate and the data alone"
        )
    _write(coq, certificate, data, memory, as_json, force=force)


def _write(place: Path, certificate: Path, data: str, memory: float, as_json: bool, *, force: bool) -> None:
    """The theorem, and the page about it unless it lies there already."""
    from numerics.export import README, theorem_of

    if place.suffix != ".v" or not (place.stem.isascii() and place.stem.isidentifier()):
        raise InputError(f"{place}: Coq's files have names of letters, digits and _ and end in .v: give e.g. Path.v")
    require_writable(place, force=force, inputs=[certificate, data])
    about = place.with_name("README.txt")
    written = about.is_file() and about.read_bytes() == README.encode()
    if not written:
        require_writable(about, force=force, inputs=[certificate, data])
    with progress(as_json) as report:
        report("the theorem's text", None)
        text = theorem_of(certificate, read_data(data, int(memory * GIB)))
    write_atomically(place, text.encode("ascii"), force=force)
    if not written:
        write_atomically(about, README.encode(), force=force)
    if as_json:
        print(strict_json.dumps({"theorem": str(place), "bytes": len(text), "about": str(about)}))
        return
    out.say(f"theorem {place}, {len(text)} bytes: nothing is proved until Coq has compiled it")
    out.say(f"what it says and what is trusted: {about}")


def _read_back(
    theorem: Path, certificate: Path, data: str, start: Path | None, end: Path | None, memory: float, as_json: bool
) -> None:
    """Compare, and end the command: status 1 where anything differs."""
    from numerics.checker.errors import Refused, Unusable
    from numerics.checker.theorem import verify

    with progress(as_json) as report:
        report(f"reading {theorem} back", None)
        try:
            found = verify(theorem, certificate, data, start, end, int(memory * GIB))
        except Unusable as error:
            raise InputError(str(error)) from None
        except Refused as refusal:
            if as_json:
                print(strict_json.dumps({"theorem": str(theorem), "agrees": False, "refused": str(refusal)}))
            else:
                out.say(f"DIFFERS: {theorem}: {refusal}")
            leave(1)
    if as_json:
        answer = {"theorem": str(theorem), "agrees": True, "entries": found.entries, "corners": found.corners}
        print(strict_json.dumps(answer | {"statement": found.statement, "ends_given": list(found.ends_given)}))
    else:
        for line in found.statement.splitlines():
            out.say(line)
        out.say(f"AGREES: {found.entries} entries of {found.corners} corners and of the data, and the statement above")
        if not any(found.ends_given):
            out.say("note: no network was given: A and B are those of the certificate (--start, --end compare files)")
    leave(0)
