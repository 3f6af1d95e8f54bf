"""What is written about runs: counterexamples as files that other commands read, and runs as JSON."""

from __future__ import annotations

import io
import math
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from numerics.arithmetic.rationals import decimal, text
from numerics.checks.check import Check, Outcome
from numerics.checks.engine import EDGES, FACTS, Run
from numerics.files import require_writable, write_atomically
from numerics.networks.files import write_network

ROLES = ("network", "end", "there", "reference", "data")
SHARPEST = 1 - 1e-12  # a ratio, a float quotient of exact numbers, from which on the bound is said to be attained


def files_for(check: Check[Any], folder: Path) -> dict[str, Path]:
    """Where a counterexample to this check would go, by role."""
    return {role: folder / f"{check.id}-{role}.npz" for role in ROLES}


def require_room(check: Check[Any], folder: Path, *, force: bool) -> None:
    """Refuse early what could not be written at the end. Raises InputError."""
    if folder.exists():
        for path in files_for(check, folder).values():
            require_writable(path, force=force)
    else:
        require_writable(folder, force=force)


def write_counterexample(check: Check[Any], outcome: Outcome, folder: Path, *, force: bool) -> dict[str, str]:
    """Its networks (weights rounded to float64 where they are no floats) and data; the names by role."""
    places, written = files_for(check, folder), {}
    witness = outcome.witness
    if witness.networks or witness.data is not None:
        folder.mkdir(exist_ok=True)
    for role, network in witness.networks.items():
        write_network(places[role], network, force=force)
        written[role] = str(places[role])
    if witness.data is not None:
        stream = io.BytesIO()
        np.savez(stream, X=witness.data.X, Y=witness.data.Y)
        write_atomically(places["data"], stream.getvalue(), force=force)
        written["data"] = str(places["data"])
    return written


def sharpness(run: Run) -> str:
    """What the search says of the constant."""
    best = run.tally.best
    if best is None:
        return "no ratio: nothing is bounded but by 0"
    if best >= SHARPEST:
        return "attained"
    return "known to be tight" if run.check.tight else "not known sharp"


def shown(ratio: float, digits: int) -> str:
    """So many digits, rounded down: never 1 where the bound was not attained."""
    if SHARPEST <= ratio < 1:
        return "1"
    return decimal(Fraction(ratio), up=False, digits=digits) if math.isfinite(ratio) else str(ratio)


def as_json(run: Run, written: dict[str, str] | None = None) -> dict[str, Any]:
    """The contract's keys, and what else a user would ask for."""
    counts, outcome = run.tally, run.counterexample
    counterexample = None
    if outcome is not None:
        counterexample = {
            "files": written or {},
            "measured": text(outcome.measured),
            "bound": text(outcome.bound),
            "numbers": {name: text(value) for name, value in outcome.witness.numbers.items()},
        }
    return {
        "id": run.check.id,
        "verdict": run.verdict.value,
        "examples": counts.examples,
        "seed": run.seed,
        "counterexample": counterexample,
        "claim": run.check.claim,
        "kind": run.check.kind.value,
        "reason": run.words,
        "tight": run.check.tight,
        "best_ratio": counts.best,
        "median_ratio": counts.median,
        "sharpness": sharpness(run),
        "histogram": {"edges": list(EDGES), "counts": list(counts.histogram)},
        "shares": {name: counts.share(name) for name in FACTS},
        "proofs": [{"claim": one.claim, "scope": one.scope, "verdict": one.verdict.value} for one in run.proofs],
    }
