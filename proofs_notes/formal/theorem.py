#!/usr/bin/env python3
"""`make theorem`: an exported theorem compiled on the formal development, which is compiled first where it has to be.

    theorem.py FILE.v     what Coq prints of it, its axioms, the seconds and the memory that Coq took

Standard library only. Exit status: 0 closed, 1 not closed (Coq's words are printed), 2 coqc or the file is missing.
"""

import os
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path

import coq
from sources import Refused

HERE = Path(__file__).resolve().parent


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or not Path(arguments[0]).is_file():
        print("theorem: give the .v file that skipscape export has written", file=sys.stderr)
        return 2
    if shutil.which("coqc") is None:
        print("theorem: coqc is missing; install the Debian package coq (8.16 or later)", file=sys.stderr)
        return 2
    theorem = Path(arguments[0]).resolve()
    try:
        coq.compile_all(HERE)
    except Refused as refusal:
        print(f"theorem: {refusal}", file=sys.stderr)
        return 1
    begun = time.perf_counter()
    command = ["coqc", "-q", "-Q", str(HERE), coq.LIBRARY, theorem.name]
    done = subprocess.run(command, cwd=theorem.parent, preexec_fn=_deep, check=False)
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        print(f"theorem: Coq does not close {theorem.name}: nothing is proved", file=sys.stderr)
        return 1
    seconds = time.perf_counter() - begun
    print(f"theorem: Coq has closed {theorem.name} in {seconds:.0f} s, with {spent.ru_maxrss / 2**20:.1f} GiB at most")
    return 0


def _deep() -> None:
    """Long lists need a deep stack, as deep as the system allows."""
    _, most = resource.getrlimit(resource.RLIMIT_STACK)
    resource.setrlimit(resource.RLIMIT_STACK, (most, most))


if __name__ == "__main__":
    os.environ.setdefault("LC_ALL", "C.UTF-8")
    sys.exit(main(sys.argv[1:]))
