#!/usr/bin/env python3
"""`make extracted`: an exported theorem put to the checker that Coq's extraction makes of `certificates/check.v`.

    extracted.py FILE.v     whether its check is true: in seconds, and without Coq's kernel

The program is built when it is missing or older than what it is made of (`extraction/`, the compiled check). Needs
coqc, ocamlfind and zarith (Debian: coq, libzarith-ocaml-dev). Standard library only. Exit status: 0 true, 1 false,
2 something is missing or the file is no exported theorem.
"""

import os
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import coq
from sources import Refused

HERE = Path(__file__).resolve().parent
SOURCES = HERE / "extraction"
PROGRAM = SOURCES / "build" / "checking"
LINKED = ("uint63.ml", "checking.mli", "checking.ml", "main.ml")


def missing() -> str:
    """What the program cannot be built without and is not there; empty if all is there."""
    for command in ("coqc", "ocamlfind"):
        if shutil.which(command) is None:
            return f"{command} is missing; install the Debian packages coq and libzarith-ocaml-dev"
    asked = subprocess.run(["ocamlfind", "query", "zarith"], capture_output=True, text=True, check=False)
    if asked.returncode or not (Path(asked.stdout.strip()) / "zarith.cmxa").exists():
        return "zarith is missing; install the Debian package libzarith-ocaml-dev"
    return ""


def build() -> Path:
    """The program, made anew if it is older than its sources. Raises Refused with what a compiler says."""
    coq.compile_all(HERE)
    made_of = [*SOURCES.glob("*.v"), *SOURCES.glob("*.ml"), HERE / "certificates" / "check.vo"]
    if PROGRAM.exists() and all(one.stat().st_mtime < PROGRAM.stat().st_mtime for one in made_of):
        return PROGRAM
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for source in (*SOURCES.glob("*.v"), *SOURCES.glob("*.ml")):
            shutil.copy(source, folder)
        coq.run(["coqc", "-q", "-Q", str(HERE), coq.LIBRARY, "extract.v"], folder)
        coq.run(["ocamlfind", "ocamlopt", "-package", "zarith", "-linkpkg", *LINKED, "-o", PROGRAM.name], folder)
        PROGRAM.parent.mkdir(exist_ok=True)
        fresh = PROGRAM.with_suffix(f".{os.getpid()}")
        shutil.copy(folder / PROGRAM.name, fresh)
        fresh.replace(PROGRAM)
    return PROGRAM


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or not Path(arguments[0]).is_file():
        print("extracted: give the .v file that skipscape export has written", file=sys.stderr)
        return 2
    if lacking := missing():
        print(f"extracted: {lacking}", file=sys.stderr)
        return 2
    try:
        program = build()
    except Refused as refusal:
        print(f"extracted: {refusal}", file=sys.stderr)
        return 2
    return subprocess.run([program, arguments[0]], preexec_fn=_deep, check=False).returncode


def _deep() -> None:
    """Long lists need a deep stack, as deep as the system allows."""
    _, most = resource.getrlimit(resource.RLIMIT_STACK)
    resource.setrlimit(resource.RLIMIT_STACK, (most, most))


if __name__ == "__main__":
    os.environ.setdefault("LC_ALL", "C.UTF-8")
    sys.exit(main(sys.argv[1:]))
