"""The Coq run behind `audit --formal`: `make formal`'s script once, and each declared theorem's answer from it."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numerics
from numerics.common.shown import Shown
from numerics.errors import InputError
from theory.arguments import FORMAL_PREFIX
from theory.proof import Method, ProofResult, Reach, Verdict

SOURCES = Path(numerics.__file__).resolve().parents[1] / "proofs_notes" / "formal"
"""Where a source checkout has them; an installed package has none."""

SCOPE = "compiled now by Coq; statement and axioms as in the golden files"


@dataclass(frozen=True)
class CoqRun(Shown):
    """What the script said: whether everything compiled and agrees, and in one line what it printed."""

    compiled: bool
    words: str
    statements: Mapping[str, str]


def run_coq(sources: Path = SOURCES) -> CoqRun:
    """Compile and compare everything. Raises InputError without sources or without Coq."""
    script = sources / "formal.py"
    if not script.is_file():
        raise InputError(f"--formal needs the Coq sources, and {sources} has none: run it in a source checkout")
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=False)
    if done.returncode == 2:
        raise InputError(f"--formal: {' '.join(done.stderr.split())}")
    words = (done.stdout if done.returncode == 0 else done.stderr).strip().splitlines() or ["formal: no answer"]
    return CoqRun(done.returncode == 0, words[0], coq_statements(sources))


def coq_statements(sources: Path) -> Mapping[str, str]:
    """`file.theorem` to its statement in Coq's words, from the committed golden file beside each source."""
    found: dict[str, str] = {}
    for golden in sorted(sources.glob("*/*.golden")):
        for part in re.split(r"\n(?=\S)", golden.read_text(encoding="utf-8")):
            if theorem := re.match(r"@?([\w']+)\s+: (.*)", part, re.DOTALL):
                found[f"{golden.stem}.{theorem[1]}"] = " ".join(theorem[2].split())
    return found


def formal_runners(declared: Mapping[str, str], run: CoqRun) -> Mapping[str, Callable[[], ProofResult]]:
    """By evidence name; `declared` gives each name's statement. A theorem that the golden file lacks is not run."""
    known = [name for name in declared if name.removeprefix(FORMAL_PREFIX) in run.statements]
    return {name: partial(_answer, declared[name], name.removeprefix(FORMAL_PREFIX), run) for name in known}


def missing(declared: Iterable[str], run: CoqRun) -> list[str]:
    """Declared theorems that the sources do not have."""
    return [name for name in declared if name.removeprefix(FORMAL_PREFIX) not in run.statements]


def _answer(statement: str, theorem: str, run: CoqRun) -> ProofResult:
    claim = f"{theorem}: {run.statements[theorem]}"
    verdict, scope = (Verdict.PROVED, SCOPE) if run.compiled else (Verdict.UNDECIDED, run.words)
    return ProofResult(statement, claim, scope, verdict, method=Method.FORMAL, reach=Reach.ALL)
