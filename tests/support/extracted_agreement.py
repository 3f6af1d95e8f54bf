"""The extracted checker beside the two others, on certificates drawn and changed as forgeries are.

A certificate of which there is a theorem is exported, and the program that Coq's extraction makes of `check.v` asked.
What it finds true is compared with fractions, and what the checker proves on silent and readout segments it must find
true. By hand, as many as one likes:

    python tests/support/extracted_agreement.py --count 5000
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.random import Generator

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "proofs_notes" / "formal")]
from numerics.data import read_data  # noqa: E402
from numerics.errors import InputError  # noqa: E402
from numerics.export import theorem_of  # noqa: E402
from support import falsehoods, forgeries  # noqa: E402
from support.certificates import Forge, entries_of, pack  # noqa: E402
from support.honest_paths import honest  # noqa: E402

QUESTIONS = ("connect", "escape")
FROM_ONE = 6
"""Changed certificates of one honest path."""


def is_true(document: falsehoods.Document, path: Forge) -> bool:
    """The theorem's sentence at the corners and at some times between, in fractions."""
    corners = path.corners()
    losses = path.losses()
    highest, start, end = max(losses), losses[0], losses[-1]
    for before, after in pairwise(corners):
        for t in (Fraction(k, 4) for k in range(1, 4)):
            highest = max(highest, path.ends_of(falsehoods.between(before, after, t))[0])
    upper, said = Fraction(document["maximum"]["upper"]), document["start"]["loss"]["upper"]
    if document["question"] not in ("depth", "escape"):
        return highest <= upper
    climb, gain = upper - Fraction(said), Fraction(said) - Fraction(document["end"]["loss"]["upper"])
    return gain > 0 and highest <= start + climb and end + gain <= start


def extracted(program: Path, theorem: Path) -> bool:
    """Raises ValueError where the program cannot read what was exported."""
    done = subprocess.run([program, theorem], capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        raise ValueError(done.stderr)
    return done.returncode == 0


def agreement(program: Path, question: str, rng: Generator, counts: Counter[str]) -> None:
    """One honest path and some changed ones; raises AssertionError with the certificate's text where they differ."""
    path = honest(question, rng)
    if path.kind not in ("two-layer", "parallel", "plain") or path.loss != "squared":
        return
    said = path.document()
    with tempfile.TemporaryDirectory(dir=forgeries.SHELF) as place:
        room = forgeries.Room(Path(place), path)
        drawn = [(path, forgeries.Forgery(pack(entries_of(said, path.arrays())), said, path.arrays(), ()))]
        for _ in range(FROM_ONE):
            try:
                drawn.append(forgeries.forged(path, said, rng))
            except forgeries.UNFIT:
                continue
        for other, forgery in drawn:
            _one(program, room, other, forgery, counts)


def _one(program: Path, room: forgeries.Room, path: Forge, forgery: forgeries.Forgery, counts: Counter[str]) -> None:
    proved = room.verdicts(forgery, path.x, path.y, [])["checker"]
    certificate, data, theorem = room.folder / "path.cert", room.folder / "these.npz", room.folder / "Theorem.v"
    np.savez(data, X=path.x, Y=path.y)
    try:
        theorem.write_text(theorem_of(certificate, read_data(str(data))), encoding="ascii")
    except (InputError, *forgeries.UNFIT):
        counts["no theorem"] += 1
        return
    found = extracted(program, theorem)
    defined = falsehoods.path_of(forgery.document, forgery.arrays, path.x, path.y)
    plainly = {kind for kind, _ in defined.segments} <= {"silent", "readout"}
    text = f"{forgery.changes} {json.dumps(forgery.document)}"
    if found:
        assert is_true(forgery.document, defined), f"found true, and is false: {text}"
    elif plainly:
        assert not proved, f"proved by the checker and not found true: {text}"
    counts["found true" if found else "found false"] += 1
    counts["and proved by the checker"] += int(found and proved)


def main() -> None:
    """Prints the counts."""
    import extracted as program

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=5000, help="honest paths")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    if lacking := program.missing():
        raise SystemExit(lacking)
    counts: Counter[str] = Counter()
    built = program.build()
    for k in range(asked.count):
        rng = np.random.default_rng([asked.seed, k])
        agreement(built, QUESTIONS[k % len(QUESTIONS)], rng, counts)
    print(json.dumps(counts, sort_keys=True))


if __name__ == "__main__":
    main()
