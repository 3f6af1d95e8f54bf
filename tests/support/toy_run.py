"""A run of small tasks in a process of its own, to be killed: `python toy_run.py JOURNAL TABLE LOG JOBS SCHEDULER`."""

import hashlib
import json
import os
import sys
import time
from pathlib import Path

from numerics.studies.runs import Journal, Task, Workers, results

COUNT = 24


def cell(k: int, log: str) -> dict[str, object]:
    """Some numbers that depend on k alone; that it was done is told in the log."""
    time.sleep(0.02 + 0.01 * (k % 5))
    with open(log, "ab") as stream:
        os.write(stream.fileno(), f"{k}\n".encode())
    digest = hashlib.sha256(str(k).encode()).hexdigest()
    return {"k": k, "share": int(digest[:13], 16) / 16**13, "words": digest * (k % 7)}


def main(journal: str, table: str, log: str, jobs: str, scheduler: str) -> None:
    """The table is written when all is done."""
    tasks = [Task(f"cell {k}", cell, (k, log)) for k in range(COUNT)]
    with Journal(Path(journal), {"run": "toy", "count": COUNT}) as kept:
        values = dict(results(tasks, workers=Workers(int(jobs), scheduler), journal=kept))
    Path(table).write_text(json.dumps([values[task.key] for task in tasks]))


if __name__ == "__main__":
    main(*sys.argv[1:])
