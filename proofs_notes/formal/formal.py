#!/usr/bin/env python3
"""`make formal`: compile the Coq sources, refuse holes, compare every statement and axiom with the golden files.

    formal.py                 scan, compile, compare
    formal.py --scan          scan the sources only (no coqc needed)
    formal.py --coqchk        the same as without arguments, then coqchk on the compiled files
    formal.py --update        rewrite the golden files and cases.v instead of comparing
    --source DIR              another folder than this one (the tests check faulty copies with it)

`sources.py` reads one source and refuses holes, `folders.py` knows the folders and which way imports point, `heads.py`
the comment that heads a source, `cases.py` writes cases.v, `coq.py` runs Coq, `goldens.py` compares.

Standard library only. Exit status: 0 all well, 1 a hole, a failed proof or a difference, 2 coqc is missing or
the sources cannot be read.
"""

import argparse
import os
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cases
import coq
import goldens
import heads
import sources
from folders import files

HERE = Path(__file__).resolve().parent
ANSWERS = Path("examples", "known_answers.json")
CONSTANTS = Path("examples", "cases.v")


def scan(source: Path) -> None:
    """Everything that needs no Coq: commands, imports, heads, golden files without a source."""
    for path in files(source):
        sources.check(path)
        heads.check(path)
    goldens.check_stray(source)


def compare(source: Path, update: bool) -> None:
    """What Coq says of the compiled sources against the golden files, or these written anew."""
    with ThreadPoolExecutor() as pool:
        text, lemmas = pool.submit(goldens.printed, source), pool.submit(goldens.check_lemmas, source)
        axioms = goldens.fresh_axioms(source) if update else goldens.written_axioms(source)
        checked = None if update else pool.submit(goldens.check_axioms, source)
    lemmas.result()
    if checked:
        checked.result()
    for path, found in text.result().items():
        goldens.compare(path.with_suffix(".golden"), goldens.whole(path, found, axioms), update)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="formal.py", description="Check the Coq proofs.")
    parser.add_argument("--source", type=Path, default=HERE)
    parser.add_argument("--scan", action="store_true")
    parser.add_argument("--coqchk", action="store_true")
    parser.add_argument("--update", action="store_true")
    options = parser.parse_args(arguments)
    source = options.source.resolve()
    try:
        goldens.compare(source / CONSTANTS, cases.constants(source / ANSWERS), options.update)
        scan(source)
        if options.scan:
            print(f"formal: {len(files(source))} sources without holes (not compiled)")
            return 0
        if shutil.which("coqc") is None:
            print("formal: coqc is missing; install the Debian package coq (8.16 or later)", file=sys.stderr)
            return 2
        compiled = coq.compile_all(source)
        compare(source, options.update)
        if options.coqchk:
            used = {name for line in goldens.written_axioms(source).values() for name in line.split(", ")}
            print(coq.check_again(source, used))
    except sources.Refused as refusal:
        print(f"formal: {refusal}", file=sys.stderr)
        return 1
    except (OSError, ValueError, KeyError) as error:
        print(f"formal: {error}", file=sys.stderr)
        return 2
    print(f"formal: {len(goldens.proved(source))} statements proved without a hole, as in the golden files")
    print(f"compiled now: {len(compiled)} of {len(files(source))} sources")
    return 0


if __name__ == "__main__":
    os.environ.setdefault("LC_ALL", "C.UTF-8")
    sys.exit(main(sys.argv[1:]))
