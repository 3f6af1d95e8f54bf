"""Do two versions of the program answer alike? Twenty commands with `--json`, run by both, compared key by key.

By hand, after a change that should not be seen: the other version is any folder with the sources.

    python tests/support/same_answers.py OTHER [--python PYTHON]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).resolve().parents[2]
KIND: dict[str, Any] = {"class": "two-layer"}
TIMES = {"check_seconds", "seconds"}  # what no two runs have alike

COMMANDS = (
    "train digits --width 24 --branch 6 --steps 30 --seed 0 --out a.npz",
    "train digits --width 24 --branch 6 --steps 30 --seed 1 --out b.npz",
    "train digits --class two-layer --width 12 --steps 60 --seed 2 --out ref.npz",
    "train digits --class residual --width 16 --branch 4 --steps 20 --out r.npz",
    "train digits --class stream --blocks 2 --width 16 --branch 3 --steps 20 --out s.safetensors",
    "train digits --class plain --width 10 --branch 5 --steps 20 --out p.npz",
    "connect a.npz b.npz --data digits --out ab.cert",
    "connect a.npz b.npz --data digits --reference ref.npz --level 0.9",
    "connect a.npz b.npz --data digits --level 1/1000 --out missed.cert",
    "connect a.npz b.npz --data digits --route prune --eta 1/2",
    "connect x.npz y.npz --data tiny.npz --route zero --level 100",
    "depth a.npz --data digits --reference ref.npz --out a.cert",
    "depth ref.npz --data digits --reference ref12.npz",
    "depth x.npz --data tiny.npz --reference t.npz --route refit",
    "certify a.npz b.npz --data digits --tolerance 1/100 --samples --out line.cert",
    "certify x.npz y.npz x.npz --data tiny.npz --level 3",
    "certify p.npz p.npz --data digits",
    "check ab.cert --data digits --start a.npz --end b.npz",
    "check ab.cert --data digits --level 1/100",
    "check a.cert --data digits --start b.npz",
    "path ab.cert --at 2/7 --out mid.npz",
    "audit L3 T1 T6",
    "verify L1b L9 --examples 30",
    "separate --widths 2,3",
)


def main() -> None:
    """Print one line a command; exit status 1 if any answer differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("other", type=Path, help="the folder of the other version's sources")
    parser.add_argument("--python", default=sys.executable, help="of both")
    given = parser.parse_args()
    differing = 0
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        folders = {HERE: Path(one), given.other.resolve(): Path(two)}
        for folder in folders.values():
            _small_files(folder)
        for command in COMMANDS:
            answers = [_answer(source, folder, command.split(), given.python) for source, folder in folders.items()]
            places = list(_differences(answers[0], answers[1]))
            print(f"{'same' if not places else 'DIFFERENT'}  {command}", *places[:12], sep="\n      ", flush=True)
            differing += bool(places)
    print(f"{differing} answers differ")
    sys.exit(1 if differing else 0)


def _small_files(folder: Path) -> None:
    """Networks and data of a few numbers."""
    rng = np.random.default_rng(3)
    np.savez(folder / "tiny.npz", X=rng.integers(-4, 5, (6, 2)) / 4, Y=rng.integers(-4, 5, (6, 1)) / 4)
    for name, width in (("x", 4), ("y", 4), ("t", 2)):
        W, V = rng.integers(-8, 9, (width, 2)) / 8, rng.integers(-8, 9, (1, width)) / 8
        np.savez(folder / f"{name}.npz", W=W, V=V, bias=0, **KIND)
    W, V = rng.integers(-8, 9, (3, 65)) / 64, np.zeros((10, 3))
    np.savez(folder / "ref12.npz", W=W, V=V, c=np.zeros(10), bias=1, **KIND)


def _answer(source: Path, folder: Path, words: list[str], python: str) -> dict[str, Any]:
    environment = {**os.environ, "PYTHONPATH": str(source)}
    command = [python, "-m", "numerics", *words, "--json"]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    return {"status": done.returncode, "json": json.loads(done.stdout) if done.stdout else done.stderr.strip()}


def _differences(left: Any, right: Any, place: str = "") -> Any:
    """Where two answers are not the same."""
    if isinstance(left, dict) and isinstance(right, dict):
        for key in sorted({*left, *right} - TIMES):
            if key in left and key in right:
                yield from _differences(left[key], right[key], f"{place}.{key}")
            else:
                yield f"{place}.{key}: only in {'this' if key in left else 'the other'} version"
    elif isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        for k, pair in enumerate(zip(left, right, strict=True)):
            yield from _differences(*pair, f"{place}[{k}]")
    elif left != right and not _same_number(left, right):
        yield f"{place}: {str(left)[:60]} here, {str(right)[:60]} there"


def _same_number(left: Any, right: Any) -> bool:
    """Decimals and fractions of one value: trailing zeros say nothing."""
    try:
        return Fraction(left) == Fraction(right)
    except (TypeError, ValueError):
        return False


if __name__ == "__main__":
    main()
