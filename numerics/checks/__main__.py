"""`python -m numerics.checks FILE ...`: answers of `verify --json` as the table of proofs_notes/checks.md."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from numerics.checks.engine import EDGES, FACTS
from numerics.checks.writing import shown
from theory.catalogue import STATEMENTS

WORDS = {"informative": "below R0", "active": "ReLU turns", "outputs": "p > 1", "branch": "Lambda > 0"}


def table(results: Iterable[Mapping[str, Any]]) -> str:
    """One row for each statement, in blueprint order; of two answers for one the one with more examples."""
    best: dict[str, Mapping[str, Any]] = {}
    for one in results:
        if one["id"] not in best or one["examples"] > best[one["id"]]["examples"]:
            best[one["id"]] = one
    bins = [f"< {edge:g}" for edge in EDGES] + [f">= {EDGES[-1]:g}"]
    head = ["id", "verdict", "examples", "seed", *bins, "median", "best", "constant", *(WORDS[name] for name in FACTS)]
    rows = [_row(best[id_]) for id_ in STATEMENTS if id_ in best]
    return "\n".join(_line(row) for row in (head, ["---"] * len(head), *rows)) + "\n"


def _row(result: Mapping[str, Any]) -> list[str]:
    counts = result["histogram"]["counts"]
    has = any(counts)
    return [
        result["id"],
        result["verdict"],
        str(result["examples"]),
        str(result["seed"]),
        *(str(count) if has else "-" for count in counts),
        _number(result["median_ratio"]),
        _number(result["best_ratio"]),
        result["sharpness"],
        *(_share(result["shares"][name]) for name in FACTS),
    ]


def _number(value: float | None) -> str:
    return "-" if value is None else shown(value, 3)


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.0%}"


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    sys.stdout.write(table(one for name in sys.argv[1:] for one in json.loads(Path(name).read_text())))
