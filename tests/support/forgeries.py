"""Forgeries by the hundred thousand: certificates that say something false, every digest right, put to both checkers.

A small honest path is drawn (`honest`), a forger changes it or what is said of it, one to three times (`edits`), every
digest is computed anew, and both checkers are asked, with the networks at the ends given or not. What the certificate
says is compared with fractions (`truth`): a change may leave it true. A forgery counts as accepted if a checker says
PROVED and the oracle finds a false statement. By hand, as long as one likes:

    python tests/support/forgeries.py --question connect --count 100000 --out counts.jsonl
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.random import Generator

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
from numerics.checker.check import check  # noqa: E402
from numerics.checker.errors import Unusable  # noqa: E402
from numerics.checker.report import Report  # noqa: E402
from support import (  # noqa: E402
    falsehoods,
    forgery_edits,
    graph_edits,
    second_checker,
)
from support.certificates import Forge, entries_of, pack, write_network  # noqa: E402
from support.honest_graphs import honest_graph  # noqa: E402
from support.honest_paths import QUESTIONS, honest, zero_loss  # noqa: E402
from support.second_checker import losses as second_losses  # noqa: E402

FROM_ONE = 40
"""Forgeries of one honest path."""
HALVINGS = 12
"""How often the second checker may cut a piece in two here: it accepts less, and answers sooner."""
CHUNK = 500
OF_GRAPHS = ("connect graphs", "certify graphs")
SUBJECTS = (*QUESTIONS, *OF_GRAPHS)
"""What may be asked, of networks of the classes and of graphs."""
SHELF = "/dev/shm" if Path("/dev/shm").is_dir() else None
"""Where files are written, in memory if possible."""
Networks = dict[str, dict[str, Any]]
"""By their class, bias, parameters, and of a graph its nodes."""


@dataclass(frozen=True)
class Forgery:
    """A certificate, and what made it."""

    blob: bytes
    document: dict[str, Any]
    arrays: dict[str, np.ndarray]
    changes: tuple[str, ...]


@dataclass
class Counts:
    """Of one chunk. `accepted`: by checker, of false statements; `stands`: of true ones; `apart`: one alone accepts,
    though the other could tell."""

    question: str
    seed: int
    honest: int = 0
    forgeries: int = 0
    false: int = 0
    accepted: Counter[str] = field(default_factory=Counter)
    stands: Counter[str] = field(default_factory=Counter)
    falsehoods: Counter[str] = field(default_factory=Counter)
    changes: Counter[str] = field(default_factory=Counter)
    apart: list[str] = field(default_factory=list)
    seconds: float = 0.0


UNFIT = graph_edits.UNFIT
PROVES = check
"""The checker as it is, whatever a test puts in its place for forgeries."""


class Room:
    """A folder with one honest path's data and networks, and both checkers."""

    def __init__(self, folder: Path, path: Forge) -> None:
        self.folder, self.path = folder, path
        corners = path.corners()
        ends = {"start": corners[0], "end": corners[-1]}
        self.networks: Networks = {name: path.network(weights) for name, weights in ends.items()}
        self.files = {name: path.write_network(folder / name, weights) for name, weights in ends.items()}
        if path.question == "depth":
            kind, weights = "two-layer", path.reference()
            self.networks["end"] = {"class": kind, "bias": path.bias, "parameters": weights}
            self.files["end"] = write_network(folder / "end.npz", kind, path.bias, weights)
        self.beyond = False
        path.write_data(folder / "own.npz")
        self.bound = Fraction(path.maximum()["upper"])

    def verdicts(
        self, forgery: Forgery, x: np.ndarray, y: np.ndarray, given: list[str], ask: Callable[..., Report] | None = None
    ) -> dict[str, bool]:
        """Who accepts; what cannot be read here is no acceptance. `ask`: the checker, if another."""
        certificate, data = self.folder / "path.cert", self.folder / "own.npz"
        certificate.write_bytes(forgery.blob)
        if x is not self.path.x or y is not self.path.y:
            data = self.folder / "other.npz"
            np.savez(data, X=x, Y=y)
        try:
            start, end = (self.files[name] if name in given else None for name in ("start", "end"))
            said = (ask or check)(certificate, str(data), start=start, end=end).verdict == "PROVED"
        except Unusable:
            said = False
        second = second_checker.check(forgery.blob, x, y, **{name: self.networks[name] for name in given})
        self.beyond = second.reason.startswith(second_checker.CANNOT_TELL)
        return {"checker": said, "second": second.accepted}

    def lowest(self, path: Forge) -> Fraction:
        """To what some path climbs that answers the question: this one, if it is about the same, or that through 0."""
        losses = path.losses()
        through = max(losses[0], losses[-1], zero_loss(path))
        mine = (self.path.kind, self.path.bias, self.path.x.tolist(), self.path.y.tolist(), set(self.path.start))
        theirs = (path.kind, path.bias, path.x.tolist(), path.y.tolist(), set(path.start))
        if mine != theirs or any(np.any(path.start[name] != self.path.start[name]) for name in path.start):
            return through
        ends = self.path.corners()[-1], path.corners()[-1]
        if path.question == "pass" and any(np.any(ends[0][name] != ends[1][name]) for name in ends[0]):
            return through
        return min(through, self.bound)


def forged(path: Forge, said: dict[str, Any], rng: Generator) -> tuple[Forge, Forgery]:
    """The changed path and its certificate. Raises what an edit raises that does not apply here."""
    mode = int(rng.integers(0, 7 if path.kind == "graph" else 5))
    changes, other = [], path
    edits, sayings = forgery_edits.PATHS, forgery_edits.SAYINGS
    if path.kind == "graph":
        edits, sayings = graph_edits.PATHS, graph_edits.SAYINGS
    if mode >= 5:  # the numbers of who reads it wrong
        other = graph_edits.misreading(other, rng)
        changes.append("misreading")
    for _ in range(0 if mode == 0 or mode >= 5 else int(rng.integers(1, 3))):
        edit = forgery_edits.one(rng, edits)
        other = edit(other, rng)
        changes.append(edit.__name__)
    # Mode 1: the numbers of the path that it was.
    document = json.loads(json.dumps(said)) if other is path else other.document(said if mode == 1 else None)
    if mode == 2:  # the losses of the ends are right, and the higher of them is said to be the highest
        forgery_edits.the_maximum(document, rng)
    elif mode == 3:  # all numbers right, but the bound that it was
        document["maximum"] |= {"upper": said["maximum"]["upper"], "loss": said["maximum"]["loss"]}
    for _ in range(_sayings(path, mode, rng)):
        saying = forgery_edits.one(rng, sayings)
        saying(document, rng)
        changes.append(saying.__name__)
    arrays = other.arrays()
    return other, Forgery(pack(entries_of(document, arrays)), document, arrays, tuple(changes))


def _sayings(path: Forge, mode: int, rng: Generator) -> int:
    """How many things are said otherwise; of graphs seldom where something is changed, as most are seen at once."""
    if path.kind == "graph" and mode and rng.random() < 0.7:
        return 0
    return int(rng.integers(1 if mode == 0 else 0, 3))


def _rooms(question: str, rng: Generator, folder: Path, counts: Counts) -> Iterator[tuple[Room, dict[str, Any]]]:
    """Honest paths that both checkers accept, for ever."""
    while True:
        path = honest_graph(question.split()[0], rng) if question in OF_GRAPHS else honest(question, rng)
        room, said = Room(folder, path), path.document()
        arrays = path.arrays()
        blob = pack(entries_of(said, arrays))
        heard = room.verdicts(Forgery(blob, said, arrays, ()), path.x, path.y, ["start", "end"], PROVES)
        if all(heard.values()):
            counts.honest += 1
            yield room, said


def chunk(question: str, seed: int, size: int, kept: Path | None = None) -> Counts:
    """The counts of `size` forgeries; an accepted one of a false statement is kept in the folder `kept`."""
    counts, rng, begun = Counts(question, seed), np.random.default_rng([seed, SUBJECTS.index(question)]), time.time()
    halvings, second_losses.MAX_HALVINGS = second_losses.MAX_HALVINGS, HALVINGS
    try:
        with tempfile.TemporaryDirectory(dir=SHELF) as place:
            for room, said in _rooms(question, rng, Path(place), counts):
                for _ in range(FROM_ONE):
                    _try(room, said, rng, counts, kept)
                    if counts.forgeries == size:
                        counts.seconds = round(time.time() - begun, 1)
                        return counts
    finally:
        second_losses.MAX_HALVINGS = halvings
    raise AssertionError("there is always another path")


def _try(room: Room, said: dict[str, Any], rng: Generator, counts: Counts, kept: Path | None) -> None:
    """One forgery, if the edits that are drawn apply."""
    try:
        path, forgery = forged(room.path, said, rng)
    except UNFIT:
        return
    if forgery.document == said and all(np.array_equal(forgery.arrays[k], v) for k, v in room.path.arrays().items()):
        return
    # The data given are the honest path's, or those that the forgery is about.
    here = path if rng.random() < 0.5 else room.path
    given = forgery_edits.one(rng, [[], [], ["start"], ["end"], ["start", "end"]])
    heard = room.verdicts(forgery, here.x, here.y, given)
    networks = {name: room.networks[name] for name in given}
    # Where both refuse a coarse look will do: whatever it says, nothing false was accepted.
    evenly = 24 if any(heard.values()) else 4
    what = falsehoods.falsehood(forgery.document, forgery.arrays, here.x, here.y, networks, room.lowest, evenly)
    counts.forgeries += 1
    counts.changes.update(forgery.changes)
    if what:
        counts.false += 1
        counts.falsehoods[what] += 1
    for name, accepts in heard.items():
        if accepts:
            (counts.accepted if what else counts.stands)[name] += 1
    if any(heard.values()) and what and kept is not None:
        stem = kept / f"{counts.question}-{counts.seed}-{counts.forgeries}"
        stem.with_suffix(".cert").write_bytes(forgery.blob)
        np.savez(stem.with_suffix(".npz"), X=here.x, Y=here.y)
        stem.with_suffix(".txt").write_text(f"{what} {heard} {forgery.changes} {given}\n{forgery.document}\n")
    if len(set(heard.values())) > 1 and not room.beyond:
        counts.apart.append(f"{counts.forgeries}: {forgery.changes} {heard} {what or 'true'}")


def summary(lines: list[dict[str, Any]]) -> str:
    """The rows of the table in `proofs_notes/checks.md`."""
    rows = ["| question | forgeries | false | accepted by the checker | by the second | true all the same, accepted |"]
    rows.append("| --- | --- | --- | --- | --- | --- |")
    for question in SUBJECTS:
        ours = [line for line in lines if line["question"] == question]
        total = {key: sum(line[key] for line in ours) for key in ("forgeries", "false")}
        told = {
            key: [sum(line[key].get(who, 0) for line in ours) for who in ("checker", "second")]
            for key in ("accepted", "stands")
        }
        first, second = told["accepted"]
        stands = " and ".join(map(str, told["stands"]))
        rows.append(f"| {question} | {total['forgeries']} | {total['false']} | {first} | {second} | {stands} |")
    return "\n".join(rows)


def main() -> None:
    """Chunk by chunk, each with its own seed, appended to a file; a file's chunks are not done again."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--question", choices=SUBJECTS, action="append", help="again for another; all if none is given")
    parser.add_argument("--count", type=int, default=100_000, help="of each question")
    parser.add_argument("--out", type=Path, required=True, help="JSON lines, one a chunk")
    parser.add_argument("--show", action="store_true", help="print the table of what is there and stop")
    asked = parser.parse_args()
    lines = [json.loads(line) for line in asked.out.read_text().splitlines()] if asked.out.exists() else []
    if asked.show:
        print(summary(lines))
        return
    done = {(line["question"], line["seed"]) for line in lines}
    for seed in range(1, -(-asked.count // CHUNK) + 1):
        for question in asked.question or SUBJECTS:
            if (question, seed) in done:
                continue
            counts = chunk(question, seed, CHUNK, asked.out.parent)
            with asked.out.open("a") as stream:
                stream.write(json.dumps(vars(counts)) + "\n")
            if counts.accepted:
                print(f"accepted: {question}, chunk {seed}, {dict(counts.accepted)}", flush=True)


if __name__ == "__main__":
    main()
